"""Count closed answers by triggers, so that results need no look at the answers themselves.

A response with ten answers adds one to some fifteen counts. Taking answers apart when somebody asks takes
seconds over 100,000 responses; adding to a few counts when they come takes a fraction of a millisecond.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

LOCK = 0x656E67616765
KEY = "version_id, question, part, value, speaker, channel, district"
DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
TABLES = {"response": "response", "equality_response": "equality"}


def upgrade() -> None:
    op.create_table(
        "answer_count",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("speaker", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["survey_version.id"], name=op.f("fk_answer_count_version_id_survey_version")
        ),
        sa.PrimaryKeyConstraint(*KEY.split(", "), name=op.f("pk_answer_count")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    given = _given_sqlite if is_sqlite else _given_postgresql
    _count_what_is_there(given)
    (_create_sqlite if is_sqlite else _create_postgresql)()


def _given_sqlite(row: str, source: str = "") -> str:
    """One line for each answer (part '') and one for each thing chosen, agreed to or placed in it."""
    each = f"FROM {source}json_each({row}.answers) AS a"
    inner = "CASE WHEN json_type(a.value, '$.other') = 'true' THEN '$.chosen' ELSE '$' END"
    return (
        f"SELECT {row}.*, a.key AS question, '' AS part, CASE WHEN a.type IN ('text', 'integer', 'real') "
        "THEN CAST(a.value AS TEXT) ELSE '' END AS value, a.type IN ('integer', 'real') "
        f"OR (a.type = 'text' AND a.value GLOB '{DAY}') AS is_exact {each} WHERE a.type <> 'null' "
        f"UNION ALL SELECT {row}.*, a.key, CASE WHEN typeof(p.key) = 'integer' THEN CAST(p.key + 1 AS TEXT) "
        "WHEN json_type(a.value, '$.other') = 'true' THEN '1' ELSE p.key END, CAST(p.value AS TEXT), 0 "
        f"{each}, json_each(a.value, {inner}) AS p WHERE a.type IN ('array', 'object') AND p.type = 'text'"
    )


def _given_postgresql(row: str, source: str = "") -> str:
    """The same in the words of PostgreSQL."""
    each = f"FROM {source}jsonb_each({row}.answers) AS a(question, answer)"
    inner = "CASE WHEN a.answer -> 'other' = 'true' THEN a.answer -> 'chosen' ELSE a.answer END"
    as_list = (
        f"CASE jsonb_typeof({inner}) WHEN 'array' THEN {inner} WHEN 'string' THEN jsonb_build_array({inner}) "
        "ELSE '[]' END"
    )
    as_rows = f"CASE jsonb_typeof({inner}) WHEN 'object' THEN {inner} ELSE '{{}}' END"
    exact = "jsonb_typeof(a.answer) = 'number' OR (jsonb_typeof(a.answer) = 'string' AND a.answer #>> '{}' ~ "
    return (
        f"SELECT {row}.*, a.question, '' AS part, CASE WHEN jsonb_typeof(a.answer) IN ('string', 'number') "
        f"THEN a.answer #>> '{{}}' ELSE '' END AS value, {exact} '^{DAY}$') AS is_exact {each} "
        "WHERE jsonb_typeof(a.answer) <> 'null' "
        f"UNION ALL SELECT {row}.*, a.question, p.part, p.value, false {each}, LATERAL ("
        "SELECT n::text AS part, value "
        f"FROM jsonb_array_elements_text({as_list}) WITH ORDINALITY x(value, n) "
        f"UNION ALL SELECT key, value FROM jsonb_each_text({as_rows})) p "
        "WHERE jsonb_typeof(a.answer) IN ('array', 'object')"
    )


def _count_what_is_there(given) -> None:
    answers = "(SELECT version_id, speaker, channel, district, answers FROM response)"
    op.execute(
        f"INSERT INTO answer_count ({KEY}, people) SELECT {_crossed('g.')}, COUNT(*) FROM ("
        f"{given('r', f'{answers} AS r, ')}) g GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    answers = (
        "(SELECT r.version_id, e.answers FROM response r JOIN equality_response e ON e.response_id = r.id)"
    )
    op.execute(
        f"INSERT INTO answer_count ({KEY}, people) SELECT version_id, question, part, value, '', '', '', "
        f"COUNT(*) FROM ({given('r', f'{answers} AS r, ')}) g GROUP BY 1, 2, 3, 4"
    )


def _crossed(row: str) -> str:
    """A key of a count. Numbers and days are counted for everybody together: they are too many to cross."""
    people = (f"{row}speaker", f"{row}channel", f"COALESCE({row}district, '')")
    uncrossed = ", ".join(f"CASE WHEN g.is_exact THEN '' ELSE {column} END" for column in people)
    return f"{row}version_id, g.question, g.part, g.value, {uncrossed}"


def _keys(table: str, row: str, given) -> str:
    """What one row counts as, as a select of the key."""
    each = given(row).replace(f"{row}.*, ", "")
    if table == "response":
        return f"SELECT {_crossed(f'{row}.')} FROM ({each}) g"
    version = f"(SELECT version_id FROM response WHERE id = {row}.response_id)"
    return f"SELECT {version}, g.question, g.part, g.value, '', '', '' FROM ({each}) g"


def _add(table: str, given, row: str = "NEW") -> str:
    keys = _keys(table, row, given)
    people = f"INSERT INTO answer_count ({KEY}, people) SELECT k.*, 1 FROM ({keys}) k WHERE true"
    return f"{people} ON CONFLICT ({KEY}) DO UPDATE SET people = answer_count.people + 1"


def _take(table: str, given, row: str = "OLD") -> str:
    among = f"({KEY}) IN ({_keys(table, row, given)})"
    return (
        f"UPDATE answer_count SET people = people - 1 WHERE {among}; "
        f"DELETE FROM answer_count WHERE people = 0 AND {among}"
    )


def _take_equality_of_response(given) -> str:
    """Before a response goes, and its equality monitoring with it."""
    each = given("e", "equality_response e, ").replace("e.*, ", "")
    each = each.replace(" WHERE ", " WHERE e.response_id = OLD.id AND ")
    among = f"({KEY}) IN (SELECT OLD.version_id, g.question, g.part, g.value, '', '', '' FROM ({each}) g)"
    return (
        f"UPDATE answer_count SET people = people - 1 WHERE {among}; "
        f"DELETE FROM answer_count WHERE people = 0 AND {among}"
    )


COLUMNS = {"response": "version_id, speaker, channel, district, answers", "equality_response": "answers"}


def _create_sqlite() -> None:
    given = _given_sqlite
    for table, name in TABLES.items():
        add, take = _add(table, given), _take(table, given)
        still = (
            "" if table == "response" else "WHEN EXISTS (SELECT 1 FROM response WHERE id = OLD.response_id)"
        )
        op.execute(f"CREATE TRIGGER {name}_counted_in AFTER INSERT ON {table} BEGIN {add}; END")
        op.execute(f"CREATE TRIGGER {name}_counted_out AFTER DELETE ON {table} {still} BEGIN {take}; END")
        op.execute(
            f"CREATE TRIGGER {name}_recounted AFTER UPDATE OF {COLUMNS[table]} ON {table} "
            f"BEGIN {take}; {add}; END"
        )
    take = _take_equality_of_response(given)
    op.execute(f"CREATE TRIGGER response_takes_equality BEFORE DELETE ON response BEGIN {take}; END")


def _create_postgresql() -> None:
    given = _given_postgresql
    # The same lock as the audit's, taken first: two writers can never wait for each other.
    lock = f"PERFORM pg_advisory_xact_lock({LOCK});"
    for table, name in TABLES.items():
        add, take = _add(table, given), _take(table, given)
        gone = "TG_OP <> 'INSERT'"
        if table == "equality_response":
            gone += " AND EXISTS (SELECT 1 FROM response WHERE id = OLD.response_id)"
        op.execute(
            f"CREATE FUNCTION count_{name}_answers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock} "
            f"IF {gone} THEN {take}; END IF; IF TG_OP <> 'DELETE' THEN {add}; END IF; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name}_counted AFTER INSERT OR DELETE OR UPDATE OF {COLUMNS[table]} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION count_{name}_answers()"
        )
    op.execute(
        f"CREATE FUNCTION take_equality_answers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock} "
        f"{_take_equality_of_response(given)}; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER response_takes_equality BEFORE DELETE ON response "
        "FOR EACH ROW EXECUTE FUNCTION take_equality_answers()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER response_takes_equality")
        for name in TABLES.values():
            for what in ("counted_in", "counted_out", "recounted"):
                op.execute(f"DROP TRIGGER {name}_{what}")
    else:
        op.execute("DROP TRIGGER response_takes_equality ON response")
        op.execute("DROP FUNCTION take_equality_answers()")
        for table, name in TABLES.items():
            op.execute(f"DROP TRIGGER {name}_counted ON {table}")
            op.execute(f"DROP FUNCTION count_{name}_answers()")
    op.drop_table("answer_count")
