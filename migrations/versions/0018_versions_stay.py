"""Let nobody change or remove a published version: answers are read by the words that people met."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER survey_version_no_{change.lower()} BEFORE {change} ON survey_version "
                "BEGIN SELECT RAISE(ABORT, 'a published version stays as it is'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published version stays as it is'; END $$"
    )
    op.execute(
        "CREATE TRIGGER survey_version_no_change BEFORE UPDATE OR DELETE ON survey_version "
        "FOR EACH ROW EXECUTE FUNCTION refuse_version_change()"
    )
    op.execute(
        "CREATE TRIGGER survey_version_no_truncate BEFORE TRUNCATE ON survey_version "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_version_change()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER survey_version_no_{change}")
        return
    for what in ("change", "truncate"):
        op.execute(f"DROP TRIGGER survey_version_no_{what} ON survey_version")
    op.execute("DROP FUNCTION refuse_version_change()")
