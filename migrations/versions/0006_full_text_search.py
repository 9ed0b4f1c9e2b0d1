"""Find contributions by their words."""

from alembic import op

revision = "0006"
down_revision = "0005"

TAKE_OUT = (
    "INSERT INTO contribution_text (contribution_text, rowid, text) VALUES ('delete', OLD.id, OLD.text)"
)
PUT_IN = "INSERT INTO contribution_text (rowid, text) VALUES (NEW.id, NEW.text)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE contribution_text USING fts5("
            "text, content='contribution', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute(f"CREATE TRIGGER contribution_text_in AFTER INSERT ON contribution BEGIN {PUT_IN}; END")
        op.execute(f"CREATE TRIGGER contribution_text_out AFTER DELETE ON contribution BEGIN {TAKE_OUT}; END")
        op.execute(
            "CREATE TRIGGER contribution_text_new AFTER UPDATE OF text ON contribution "
            f"BEGIN {TAKE_OUT}; {PUT_IN}; END"
        )
    else:
        # A tsvector holds at most a megabyte; nobody searches for what stands after 100,000 characters.
        op.execute(
            "ALTER TABLE contribution ADD COLUMN words tsvector "
            "GENERATED ALWAYS AS (to_tsvector('simple', left(text, 100000))) STORED"
        )
        op.execute("CREATE INDEX ix_contribution_words ON contribution USING gin (words)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("in", "out", "new"):
            op.execute(f"DROP TRIGGER contribution_text_{name}")
        op.execute("DROP TABLE contribution_text")
    else:
        op.execute("DROP INDEX ix_contribution_words")
        op.execute("ALTER TABLE contribution DROP COLUMN words")
