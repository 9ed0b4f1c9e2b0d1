"""Keep a file that is being imported in a row of its own, and who wrote each point of an event note.

SQLite writes a whole row again whenever one column of it changes. With the file in the same row as the
progress, every step of an import of 32 megabytes would write 32 megabytes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("comment_import_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_import_id"],
            ["comment_import.id"],
            name=op.f("fk_import_file_comment_import_id_comment_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_import_id", name=op.f("pk_import_file")),
    )
    op.execute(
        "INSERT INTO import_file (comment_import_id, content) "
        "SELECT id, content FROM comment_import WHERE content IS NOT NULL"
    )
    op.drop_column("comment_import", "content")
    with op.batch_alter_table("note_point") as table:
        table.add_column(sa.Column("written_by_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE note_point SET written_by_id = "
        "(SELECT recorded_by_id FROM event_note WHERE event_note.id = note_point.event_note_id)"
    )
    with op.batch_alter_table("note_point") as table:
        table.alter_column("written_by_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key(op.f("fk_note_point_written_by_id_user"), "user", ["written_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("note_point") as table:
        table.drop_constraint(op.f("fk_note_point_written_by_id_user"), type_="foreignkey")
        table.drop_column("written_by_id")
    op.add_column("comment_import", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE comment_import SET content = "
        "(SELECT content FROM import_file WHERE import_file.comment_import_id = comment_import.id)"
    )
    op.drop_table("import_file")
