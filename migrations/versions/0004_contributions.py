"""Keep contributions and what was decided about them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
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
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_receipt_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_receipt_code_hash")),
        sa.UniqueConstraint("nonce_hash", name=op.f("uq_receipt_nonce_hash")),
    )
    op.create_index(op.f("ix_receipt_conversation_id"), "receipt", ["conversation_id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
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
            "speaker",
            sa.Enum(
                "draws_on_care",
                "unpaid_carer",
                "family_or_friend",
                "staff",
                "provider",
                "not_said",
                name="speaker",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("district", sa.String(length=80), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("is_verbatim", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("voices >= 1", name=op.f("ck_contribution_at_least_one_voice")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_contribution_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_contribution_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint(
            "conversation_id", "import_key", name=op.f("uq_contribution_conversation_id_import_key")
        ),
    )
    op.create_index(
        "ix_contribution_list", "contribution", ["conversation_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_contribution_queue",
        "contribution",
        ["conversation_id", "status", "received_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_contribution_receipt_id"), "contribution", ["receipt_id"], unique=False)
    op.create_table(
        "embedding",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_embedding_contribution_id_contribution"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contribution_id", "model", name=op.f("pk_embedding")),
    )
    op.create_table(
        "moderation_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "approve",
                "withhold",
                "redact",
                "reopen",
                "raise_concern",
                "acknowledge_concern",
                "release_concern",
                name="decisionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status_before",
            sa.Enum(
                "waiting",
                "approved",
                "withheld",
                "safeguarding",
                name="status_before",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_after",
            sa.Enum(
                "waiting",
                "approved",
                "withheld",
                "safeguarding",
                name="status_after",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_moderation_decision_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_moderation_decision_made_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_decision")),
    )
    op.create_index(
        op.f("ix_moderation_decision_contribution_id"),
        "moderation_decision",
        ["contribution_id"],
        unique=False,
    )
    op.create_table(
        "sealed_original",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_sealed_original_contribution_id_contribution"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_sealed_original")),
    )
    op.create_table(
        "redaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.CheckConstraint("ends_at > starts_at AND starts_at >= 0", name=op.f("ck_redaction_has_a_length")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_redaction_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["moderation_decision.id"],
            name=op.f("fk_redaction_decision_id_moderation_decision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
    )
    op.create_index(op.f("ix_redaction_contribution_id"), "redaction", ["contribution_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER moderation_decision_no_{change.lower()} BEFORE {change} "
                "ON moderation_decision "
                "BEGIN SELECT RAISE(ABORT, 'this record can only be added to'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER moderation_decision_no_change BEFORE UPDATE OR DELETE ON moderation_decision "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER moderation_decision_no_truncate BEFORE TRUNCATE ON moderation_decision "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_redaction_contribution_id"), table_name="redaction")
    op.drop_table("redaction")
    op.drop_table("sealed_original")
    op.drop_index(op.f("ix_moderation_decision_contribution_id"), table_name="moderation_decision")
    op.drop_table("moderation_decision")
    op.drop_table("embedding")
    op.drop_index(op.f("ix_contribution_receipt_id"), table_name="contribution")
    op.drop_index("ix_contribution_queue", table_name="contribution")
    op.drop_index("ix_contribution_list", table_name="contribution")
    op.drop_table("contribution")
    op.drop_index(op.f("ix_receipt_conversation_id"), table_name="receipt")
    op.drop_table("receipt")
