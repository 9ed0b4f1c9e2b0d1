"""Count contributions by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


LOCK = 0x656E67616765
ADD = (
    "INSERT INTO contribution_count (conversation_id, status, channel, contributions, voices) "
    "VALUES (NEW.conversation_id, NEW.status, NEW.channel, 1, NEW.voices) "
    "ON CONFLICT (conversation_id, status, channel) DO UPDATE SET "
    "contributions = contribution_count.contributions + 1, "
    "voices = contribution_count.voices + excluded.voices"
)
TAKE = (
    "UPDATE contribution_count SET contributions = contributions - 1, voices = voices - OLD.voices "
    "WHERE conversation_id = OLD.conversation_id AND status = OLD.status AND channel = OLD.channel"
)


def upgrade() -> None:
    op.create_table(
        "contribution_count",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "approved",
                "withheld",
                "safeguarding",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "online",
                "phone",
                "paper",
                "event",
                "letter",
                "import",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("contributions", sa.Integer(), nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_contribution_count_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "status", "channel", name=op.f("pk_contribution_count")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER contribution_counted_in AFTER INSERT ON contribution BEGIN {ADD}; END")
        op.execute(f"CREATE TRIGGER contribution_counted_out AFTER DELETE ON contribution BEGIN {TAKE}; END")
        op.execute(
            "CREATE TRIGGER contribution_recounted AFTER UPDATE OF conversation_id, status, channel, voices "
            f"ON contribution BEGIN {TAKE}; {ADD}; END"
        )
    else:
        op.execute(
            "CREATE FUNCTION count_contribution() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            # The same lock as the audit's, taken first: two writers can never wait for each other.
            f"PERFORM pg_advisory_xact_lock({LOCK}); "
            f"IF TG_OP <> 'INSERT' THEN {TAKE}; END IF; IF TG_OP <> 'DELETE' THEN {ADD}; END IF; "
            "RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER contribution_counted AFTER INSERT OR DELETE OR "
            "UPDATE OF conversation_id, status, channel, voices ON contribution "
            "FOR EACH ROW EXECUTE FUNCTION count_contribution()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("counted_in", "counted_out", "recounted"):
            op.execute(f"DROP TRIGGER contribution_{name}")
    else:
        op.execute("DROP TRIGGER contribution_counted ON contribution")
        op.execute("DROP FUNCTION count_contribution()")
    op.drop_table("contribution_count")
