"""How often each closed answer was given: counts that the database keeps itself, for quick results."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engage.db import Base


class AnswerCount(Base):
    """How many people gave an answer to a version. Kept by triggers; nothing writes it from Python.

    Each answered question counts once with ``part`` empty; its ``value`` is then the answer, or empty where
    the answer has parts. Beside it stands a line for each of those: ``part`` is the place in a list (from 1,
    "1" also for one choice with words of one's own) or the row of an agreement, ``value`` what was chosen.
    Numbers and days count without speaker, channel and district (all empty), and so does equality monitoring,
    which is never crossed with anything. An empty district is one that was not said.
    """

    __tablename__ = "answer_count"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"), primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    speaker: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    district: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    people: Mapped[int]
