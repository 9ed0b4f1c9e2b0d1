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
CLOSED = (
    "'one_choice', 'several_choices', 'agreement', 'rating', 'number', 'date', 'district', 'postcode', "
    "'ranking', 'permission'"
)
ROWS = "'agreement'"
LONGEST, LONGEST_KEY = 80, 40


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


def _of_kind(version: str, question: str, kinds: str, is_sqlite: bool) -> str:
    """Whether the question of an answer is of one of these kinds, by the version that it was given to."""
    if is_sqlite:
        pages = "json_each(v.content, '$.pages') p, json_each(p.value, '$.questions') q"
        found, kind = "json_extract(q.value, '$.id')", "json_extract(q.value, '$.kind')"
    else:
        pages = "jsonb_array_elements(v.content -> 'pages') p, jsonb_array_elements(p -> 'questions') q"
        found, kind = "q ->> 'id'", "q ->> 'kind'"
    only = f"v.id = {version} AND " if version.startswith(("NEW.", "OLD.", "(")) else ""
    return (
        f"({version}, {question}) IN (SELECT v.id, {found} FROM survey_version v, {pages} "
        f"WHERE {only}{kind} IN ({kinds}))"
    )


def _given_sqlite(row: str, source: str = "", version: str = "") -> str:
    """One line for each answer (part '') and one for each thing chosen, agreed to or placed in it.

    Only of closed questions is it said what was answered, and of what somebody chose and explained ("chosen"
    beside "other") only what they chose: nobody's own words come into the counts, whatever they are kept as.
    """
    each = f"FROM {source}json_each({row}.answers) AS a"
    version = version or f"{row}.version_id"
    closed = _of_kind(version, "a.key", CLOSED, True)
    has_rows = _of_kind(version, "a.key", ROWS, True)
    inner = f"CASE WHEN a.type = 'array' OR {has_rows} THEN '$' ELSE '$.chosen' END"
    value = "CAST(a.value AS TEXT)"
    return (
        f"SELECT {row}.*, a.key AS question, '' AS part, CASE WHEN a.type IN ('text', 'integer', 'real') "
        f"AND length({value}) <= {LONGEST} AND {closed} THEN {value} ELSE '' END AS value, "
        "a.type IN ('integer', 'real') "
        f"OR (a.type = 'text' AND a.value GLOB '{DAY}') AS is_exact {each} "
        f"WHERE a.type <> 'null' AND length(a.key) <= {LONGEST_KEY} "
        f"UNION ALL SELECT {row}.*, a.key, CASE WHEN typeof(p.key) = 'integer' THEN CAST(p.key + 1 AS TEXT) "
        f"WHEN {has_rows} THEN p.key ELSE '1' END, CAST(p.value AS TEXT), 0 "
        f"{each}, json_each(a.value, {inner}) AS p WHERE a.type IN ('array', 'object') AND p.type = 'text' "
        f"AND length(p.value) <= {LONGEST} AND COALESCE(length(p.key), 0) <= {LONGEST_KEY} "
        f"AND length(a.key) <= {LONGEST_KEY} AND {closed}"
    )


def _given_postgresql(row: str, source: str = "", version: str = "") -> str:
    """The same in the words of PostgreSQL."""
    each = f"FROM {source}jsonb_each({row}.answers) AS a(question, answer)"
    version = version or f"{row}.version_id"
    closed = _of_kind(version, "a.question", CLOSED, False)
    has_rows = _of_kind(version, "a.question", ROWS, False)
    is_object = "jsonb_typeof(a.answer) = 'object'"
    inner = f"CASE WHEN {is_object} THEN a.answer -> 'chosen' ELSE a.answer END"
    as_list = (
        f"CASE WHEN {is_object} AND {has_rows} THEN '[]' WHEN jsonb_typeof({inner}) = 'array' THEN {inner} "
        f"WHEN jsonb_typeof({inner}) = 'string' THEN jsonb_build_array({inner}) ELSE '[]' END"
    )
    as_rows = f"CASE WHEN {is_object} AND {has_rows} THEN a.answer ELSE '{{}}' END"
    exact = "jsonb_typeof(a.answer) = 'number' OR (jsonb_typeof(a.answer) = 'string' AND a.answer #>> '{}' ~ "
    return (
        f"SELECT {row}.*, a.question, '' AS part, CASE WHEN jsonb_typeof(a.answer) IN ('string', 'number') "
        f"AND length(a.answer #>> '{{}}') <= {LONGEST} AND {closed} "
        f"THEN a.answer #>> '{{}}' ELSE '' END AS value, {exact} '^{DAY}$') AS is_exact {each} "
        f"WHERE jsonb_typeof(a.answer) <> 'null' AND length(a.question) <= {LONGEST_KEY} "
        f"UNION ALL SELECT {row}.*, a.question, p.part, p.said #>> '{{}}', false {each}, LATERAL ("
        "SELECT n::text AS part, said "
        f"FROM jsonb_array_elements({as_list}) WITH ORDINALITY x(said, n) "
        f"UNION ALL SELECT key, value FROM jsonb_each({as_rows})) p "
        "WHERE jsonb_typeof(a.answer) IN ('array', 'object') AND jsonb_typeof(p.said) = 'string' "
        f"AND length(p.said #>> '{{}}') <= {LONGEST} AND length(p.part) <= {LONGEST_KEY} "
        f"AND length(a.question) <= {LONGEST_KEY} AND {closed}"
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
    if table == "response":
        each = given(row).replace(f"{row}.*, ", "")
        return f"SELECT {_crossed(f'{row}.')} FROM ({each}) g"
    version = f"(SELECT version_id FROM response WHERE id = {row}.response_id)"
    each = given(row, version=version).replace(f"{row}.*, ", "")
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
    among_theirs = "(SELECT answers FROM equality_response WHERE response_id = OLD.id) AS e, "
    each = given("e", among_theirs, version="OLD.version_id").replace("e.*, ", "")
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
