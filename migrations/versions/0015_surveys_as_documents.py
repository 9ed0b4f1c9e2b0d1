"""Keep a survey as a document of pages in several languages: as a draft, and in each version."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
survey = sa.table(
    "survey",
    sa.column("id", sa.Integer),
    sa.column("title", sa.String),
    sa.column("introduction", sa.Text),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
version = sa.table(
    "survey_version",
    sa.column("id", sa.Integer),
    sa.column("survey_id", sa.Integer),
    sa.column("number", sa.Integer),
    sa.column("questions", JSON),
    sa.column("content", JSON),
    sa.column("checks", JSON),
)
draft = sa.table(
    "survey_draft",
    sa.column("survey_id", sa.Integer),
    sa.column("content", JSON),
    sa.column("revision", sa.Integer),
    sa.column("changed_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("survey_version", sa.Column("content", JSON, nullable=True))
    op.add_column("survey_version", sa.Column("checks", JSON, nullable=True))
    op.create_table(
        "survey_draft",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_survey_draft_changed_by_id_user")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_draft_survey_id_survey")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("pk_survey_draft")),
    )
    _make_documents()
    with op.batch_alter_table("survey_version") as table:
        table.alter_column("content", existing_type=JSON, nullable=False)
        table.alter_column("checks", existing_type=JSON, nullable=False)
        table.drop_column("questions")
    op.drop_column("survey", "introduction")
    op.create_table(
        "text_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("checked_by", sa.String(length=200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_text_check_recorded_by_id_user")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_text_check_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_check")),
        sa.UniqueConstraint(
            "survey_id", "language", "key", name=op.f("uq_text_check_survey_id_language_key")
        ),
    )


def _make_documents() -> None:
    """Each version, and a draft that equals the latest one, as a document with one page."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(survey)).all():
        content = {"format": 1, "title": {"en": row.title}, "introduction": {"en": row.introduction}}
        versions = connection.execute(
            sa.select(version.c.id, version.c.questions)
            .where(version.c.survey_id == row.id)
            .order_by(version.c.number)
        ).all()
        for number, questions in versions:
            content = {**content, "pages": [{"id": "page_1", "questions": _questions(questions)}]}
            connection.execute(
                sa.update(version).where(version.c.id == number).values(content=content, checks={})
            )
        connection.execute(
            sa.insert(draft).values(survey_id=row.id, content=content, revision=1, changed_at=row.created_at)
        )


def _questions(kept: list[dict] | str) -> list[dict]:
    """The questions without what is empty; what they had is said in the same words by the new form."""
    questions = json.loads(kept) if isinstance(kept, str) else kept
    return [{name: value for name, value in question.items() if value} for question in questions]


def downgrade() -> None:
    op.drop_table("text_check")
    op.add_column("survey", sa.Column("introduction", sa.Text(), server_default="", nullable=False))
    op.add_column("survey_version", sa.Column("questions", JSON, nullable=True))
    connection = op.get_bind()
    for number, content in connection.execute(sa.select(version.c.id, version.c.content)).all():
        questions = [question for page in content.get("pages", []) for question in page.get("questions", [])]
        connection.execute(sa.update(version).where(version.c.id == number).values(questions=questions))
    with op.batch_alter_table("survey_version") as table:
        table.alter_column("questions", existing_type=JSON, nullable=False)
        table.drop_column("content")
        table.drop_column("checks")
    op.drop_table("survey_draft")
    with op.batch_alter_table("survey") as table:
        table.alter_column("introduction", existing_type=sa.Text(), server_default=None)
