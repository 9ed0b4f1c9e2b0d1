"""How Alembic meets the database: through a connection that the caller opened."""

from alembic import context
from sqlalchemy.engine import Connection

from engage import models  # noqa: F401 - fills the metadata
from engage.db import Base


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what the models do not know: full-text tables and the queue's own tables."""
    return not (kind == "table" and name and name.startswith(("contribution_text", "huey_")))


def include_object(obj: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave out the columns and indexes that only the database uses (full-text search)."""
    return not (reflected and kind in {"column", "index"} and name and "words" in name)


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_name=include_name,
    include_object=include_object,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
