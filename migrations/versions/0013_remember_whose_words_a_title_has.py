"""Remember whose words a group's suggested title has, so that it goes from sight with the voice."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # As a plain statement: the batch way would drop the table, and with it every group's members.
    op.execute(
        'ALTER TABLE "group" ADD COLUMN title_from_id INTEGER '
        "CONSTRAINT fk_group_title_from_id_contribution REFERENCES contribution (id)"
    )


def downgrade() -> None:
    op.execute('ALTER TABLE "group" DROP COLUMN title_from_id')
