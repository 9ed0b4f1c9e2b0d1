"""Keep conversations and theme frameworks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "theme_framework",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_framework")),
        sa.UniqueConstraint("name", name=op.f("uq_theme_framework_name")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("districts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_conversation_closes_after_it_opens")),
        sa.ForeignKeyConstraint(
            ["framework_id"],
            ["theme_framework.id"],
            name=op.f("fk_conversation_framework_id_theme_framework"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("name", name=op.f("uq_conversation_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_conversation_slug")),
    )
    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("seed_phrases", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["theme_framework.id"], name=op.f("fk_theme_framework_id_theme_framework")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("framework_id", "key", name=op.f("uq_theme_framework_id_key")),
        sa.UniqueConstraint("framework_id", "name", name=op.f("uq_theme_framework_id_name")),
        sa.UniqueConstraint("framework_id", "position", name=op.f("uq_theme_framework_id_position")),
    )


def downgrade() -> None:
    op.drop_table("theme")
    op.drop_table("conversation")
    op.drop_table("theme_framework")
