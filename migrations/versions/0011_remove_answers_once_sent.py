"""Remove answers that were on the way as soon as they are sent."""

from alembic import op

revision = "0011"
down_revision = "0010"

REMOVE = "DELETE FROM unsent_response WHERE nonce_hash = NEW.nonce_hash"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER receipt_ends_unsent AFTER INSERT ON receipt BEGIN {REMOVE}; END")
    else:
        op.execute(
            "CREATE FUNCTION end_unsent_response() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {REMOVE}; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER receipt_ends_unsent AFTER INSERT ON receipt "
            "FOR EACH ROW EXECUTE FUNCTION end_unsent_response()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER receipt_ends_unsent")
    else:
        op.execute("DROP TRIGGER receipt_ends_unsent ON receipt")
        op.execute("DROP FUNCTION end_unsent_response()")
