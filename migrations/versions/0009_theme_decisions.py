"""Keep theme suggestions and decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "theme_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("theme_keys", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("suggested", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_theme_decision_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_theme_decision_decided_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_decision")),
    )
    op.create_index(
        op.f("ix_theme_decision_contribution_id"), "theme_decision", ["contribution_id"], unique=False
    )
    op.create_table(
        "theme_suggestion",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("is_likely", sa.Boolean(), nullable=False),
        sa.Column("because", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_theme_suggestion_contribution_id_contribution"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_theme_suggestion_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contribution_id", "theme_id", name=op.f("pk_theme_suggestion")),
    )
    op.create_table(
        "contribution_theme",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_contribution_theme_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["theme_decision.id"],
            name=op.f("fk_contribution_theme_decision_id_theme_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_contribution_theme_theme_id_theme")
        ),
        sa.PrimaryKeyConstraint("contribution_id", "theme_id", name=op.f("pk_contribution_theme")),
    )
    op.create_index(op.f("ix_contribution_theme_theme_id"), "contribution_theme", ["theme_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER theme_decision_no_{change.lower()} BEFORE {change} ON theme_decision "
                "BEGIN SELECT RAISE(ABORT, 'this record can only be added to'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER theme_decision_no_change BEFORE UPDATE OR DELETE ON theme_decision "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER theme_decision_no_truncate BEFORE TRUNCATE ON theme_decision "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_contribution_theme_theme_id"), table_name="contribution_theme")
    op.drop_table("contribution_theme")
    op.drop_table("theme_suggestion")
    op.drop_index(op.f("ix_theme_decision_contribution_id"), table_name="theme_decision")
    op.drop_table("theme_decision")
