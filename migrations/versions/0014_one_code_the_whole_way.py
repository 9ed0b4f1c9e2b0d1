"""One code from the first answer to the last news: it takes the place of the nonce.

Answers that were on the way under a nonce cannot be found by a code, so they go; everything that was sent
stays.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _drop_trigger()
    op.drop_table("unsent_response")
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_constraint("uq_receipt_nonce_hash", type_="unique")
        receipt.drop_column("nonce_hash")
    op.create_table(
        "unsent_response",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("last_question", sa.String(length=40), nullable=True),
        sa.Column("is_saved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("easy_read", sa.Boolean(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["survey_version.id"], name=op.f("fk_unsent_response_version_id_survey_version")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_unsent_response")),
    )
    op.create_index(op.f("ix_unsent_response_kept_until"), "unsent_response", ["kept_until"])
    _create_trigger("code_hash")


def downgrade() -> None:
    _drop_trigger()
    op.drop_table("unsent_response")
    op.add_column("receipt", sa.Column("nonce_hash", sa.String(length=64), nullable=True))
    op.execute("UPDATE receipt SET nonce_hash = code_hash")
    with op.batch_alter_table("receipt") as receipt:
        receipt.alter_column("nonce_hash", existing_type=sa.String(length=64), nullable=False)
        receipt.create_unique_constraint("uq_receipt_nonce_hash", ["nonce_hash"])
    op.create_table(
        "unsent_response",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["survey_version.id"], name=op.f("fk_unsent_response_version_id_survey_version")
        ),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("pk_unsent_response")),
    )
    op.create_index(op.f("ix_unsent_response_updated_at"), "unsent_response", ["updated_at"])
    _create_trigger("nonce_hash")


def _create_trigger(by: str) -> None:
    """What is on the way goes as soon as it is sent."""
    remove = f"DELETE FROM unsent_response WHERE {by} = NEW.{by}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER receipt_ends_unsent AFTER INSERT ON receipt BEGIN {remove}; END")
        return
    op.execute(
        "CREATE FUNCTION end_unsent_response() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {remove}; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER receipt_ends_unsent AFTER INSERT ON receipt "
        "FOR EACH ROW EXECUTE FUNCTION end_unsent_response()"
    )


def _drop_trigger() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER receipt_ends_unsent")
    else:
        op.execute("DROP TRIGGER receipt_ends_unsent ON receipt")
        op.execute("DROP FUNCTION end_unsent_response()")
