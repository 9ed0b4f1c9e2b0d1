"""Keep groupings and groups."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "grouping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                name="groupingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("steps_total", sa.Integer(), nullable=False),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("model", sa.String(length=120), nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_grouping_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["started_by_id"], ["user.id"], name=op.f("fk_grouping_started_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grouping")),
    )
    op.create_index(op.f("ix_grouping_conversation_id"), "grouping", ["conversation_id"], unique=False)
    op.create_table(
        "group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("grouping_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("suggested_title", sa.String(length=200), nullable=False),
        sa.Column("titled_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_group_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["grouping_id"], ["grouping.id"], name=op.f("fk_group_grouping_id_grouping")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_group_theme_id_theme")),
        sa.ForeignKeyConstraint(["titled_by_id"], ["user.id"], name=op.f("fk_group_titled_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
    )
    op.create_index("ix_group_conversation_theme", "group", ["conversation_id", "theme_id"], unique=False)
    op.create_table(
        "group_member",
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("centrality", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_group_member_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group.id"], name=op.f("fk_group_member_group_id_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_group_member_theme_id_theme")),
        sa.PrimaryKeyConstraint("theme_id", "contribution_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_group_id"), "group_member", ["group_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_group_member_group_id"), table_name="group_member")
    op.drop_table("group_member")
    op.drop_index("ix_group_conversation_theme", table_name="group")
    op.drop_table("group")
    op.drop_index(op.f("ix_grouping_conversation_id"), table_name="grouping")
    op.drop_table("grouping")
