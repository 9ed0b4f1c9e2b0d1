"""Keep apart what does not belong beside answers: permission, contact details, equality, staff's entries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
PERMISSIONS = ("may_publish", "may_contact", "wants_to_join")


def _belongs(table: str, column: str, to: str, *, gone_with_it: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.id"],
        name=op.f(f"fk_{table}_{column}_{to}"),
        ondelete="CASCADE" if gone_with_it else None,
    )


def upgrade() -> None:
    op.execute("ALTER TABLE contribution ADD COLUMN answer_key VARCHAR(130)")
    op.add_column("contribution", sa.Column("taken_back_at", MOMENT, nullable=True))
    op.add_column(
        "response", sa.Column("language", sa.String(length=12), server_default="en", nullable=False)
    )
    op.add_column("response", sa.Column("easy_read", sa.Boolean(), server_default=sa.false(), nullable=False))
    _of_receipts()
    _of_responses()
    op.create_table(
        "abandoned",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        _belongs("abandoned", "version_id", "survey_version"),
        sa.PrimaryKeyConstraint("version_id", "question", name=op.f("pk_abandoned")),
    )


def _of_receipts() -> None:
    for permission in PERMISSIONS:
        op.add_column("receipt", sa.Column(permission, sa.Boolean(), nullable=True))
    op.create_table(
        "contact_details",
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("uses", JSON, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        _belongs("contact_details", "receipt_id", "receipt"),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_contact_details")),
    )
    op.create_table(
        "take_back_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        _belongs("take_back_request", "receipt_id", "receipt"),
        _belongs("take_back_request", "answered_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_back_request")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_take_back_request_receipt_id")),
    )
    op.create_index(op.f("ix_take_back_request_asked_at"), "take_back_request", ["asked_at"])


def _of_responses() -> None:
    op.create_table(
        "equality_response",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        _belongs("equality_response", "response_id", "response", gone_with_it=True),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_equality_response")),
    )
    op.create_table(
        "staff_entry",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("consent_read_out", sa.Boolean(), nullable=False),
        sa.Column("helped_by", sa.String(length=200), nullable=True),
        _belongs("staff_entry", "response_id", "response", gone_with_it=True),
        _belongs("staff_entry", "entered_by_id", "user"),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_staff_entry")),
    )
    op.create_table(
        "second_keying",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, nullable=True),
        sa.Column("differences", JSON, nullable=False),
        sa.Column("keyed_by_id", sa.Integer(), nullable=False),
        sa.Column("keyed_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        _belongs("second_keying", "response_id", "response", gone_with_it=True),
        _belongs("second_keying", "keyed_by_id", "user"),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_second_keying")),
    )
    op.create_table(
        "quarantined_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("easy_read", sa.Boolean(), nullable=False),
        sa.Column("answers", JSON, nullable=True),
        sa.Column("signs", JSON, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "released",
                "spam",
                name="quarantinestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        _belongs("quarantined_response", "version_id", "survey_version"),
        _belongs("quarantined_response", "receipt_id", "receipt"),
        _belongs("quarantined_response", "decided_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_response")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_quarantined_response_receipt_id")),
    )
    op.create_index("ix_quarantined_response_queue", "quarantined_response", ["state", "received_at", "id"])


def downgrade() -> None:
    for table in (
        "abandoned",
        "quarantined_response",
        "second_keying",
        "staff_entry",
        "equality_response",
        "take_back_request",
        "contact_details",
    ):
        op.drop_table(table)
    for permission in PERMISSIONS:
        op.drop_column("receipt", permission)
    op.drop_column("response", "easy_read")
    op.drop_column("response", "language")
    op.drop_column("contribution", "taken_back_at")
    op.drop_column("contribution", "answer_key")
