"""Keep event notes and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "comment_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "queued",
                "running",
                "done",
                "failed",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_comment_import_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["user.id"], name=op.f("fk_comment_import_started_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_import")),
    )
    op.create_index(
        op.f("ix_comment_import_conversation_id"), "comment_import", ["conversation_id"], unique=False
    )
    op.create_table(
        "event_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people_count >= 0", name=op.f("ck_event_note_people_counted")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_event_note_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_event_note_recorded_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_note")),
    )
    op.create_index(op.f("ix_event_note_conversation_id"), "event_note", ["conversation_id"], unique=False)
    op.create_table(
        "note_point",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("event_note_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_note_point_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["event_note_id"], ["event_note.id"], name=op.f("fk_note_point_event_note_id_event_note")
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_note_point")),
    )
    op.create_index(op.f("ix_note_point_event_note_id"), "note_point", ["event_note_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_note_point_event_note_id"), table_name="note_point")
    op.drop_table("note_point")
    op.drop_index(op.f("ix_event_note_conversation_id"), table_name="event_note")
    op.drop_table("event_note")
    op.drop_index(op.f("ix_comment_import_conversation_id"), table_name="comment_import")
    op.drop_table("comment_import")
