"""The sample's surveys: one that people answer in seven languages and in Easy Read, and one being made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engage import i18n
from engage.accounts.models import User
from engage.contributions import codes
from engage.contributions.models import Channel
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import services
from engage.surveys.keying.entry import Aloud, key_in
from engage.surveys.models import SurveyVersion
from engage.surveys.queries import content_of
from engage.surveys.questions import Answer, OneOf
from engage.surveys.responses import Way, submit_response
from engage.surveys.templates import template
from engage.surveys.texts import Text
from engage.surveys.words import text_checks

Voice = dict[str, Any]
TITLE = Text(
    {
        "en": "What would make care and support better for you?",
        "pl": "Co poprawiłoby opiekę i wsparcie dla Ciebie?",
        "ro": "Ce ar face îngrijirea și sprijinul mai bune pentru dumneavoastră?",
        "uk": "Що зробило б догляд і підтримку кращими для вас?",
        "ur": "آپ کے لیے دیکھ بھال اور مدد کیسے بہتر ہو سکتی ہے؟",
        "ar": "ما الذي يجعل الرعاية والدعم أفضل لك؟",
        "pa": "ਤੁਹਾਡੇ ਲਈ ਦੇਖਭਾਲ ਅਤੇ ਮਦਦ ਕਿਵੇਂ ਬਿਹਤਰ ਹੋ ਸਕਦੀ ਹੈ?",
    }
)
TESTERS = "Four members of the reading group at the day centre in Mansfield"
EASY_SHARE = 0.08  # Of those who answer online, how many do so in Easy Read.
HELPERS = ("A daughter", "A support worker", "A neighbour", "")


def publish(conversation: Conversation, *, by: User, now: datetime) -> SurveyVersion:
    """The survey of the conversation, open between its days."""
    content = template("big_conversation").model_copy(
        update={"title": TITLE, "languages": i18n.languages(), "easy_read": True}
    )
    dates = {"opens_on": conversation.opens_on, "closes_on": conversation.closes_on}
    survey = services.start_survey(conversation, content, **dates, by=by, now=now)
    text_checks.record_easy_read_test(survey, content, tested_by=TESTERS, tested_at=now, by=by, now=now)
    checks = {"unchecked": [code for code in i18n.languages() if code != i18n.DEFAULT], "tested_by": TESTERS}
    return services.publish_version(survey, conversation, by=by, now=now, checks=checks)


def draft(conversation: Conversation, *, by: User, now: datetime) -> None:
    """A second survey, on technology that helps at home, which nobody has published yet."""
    services.start_survey(
        conversation,
        template("service_feedback"),
        opens_on=conversation.opens_on,
        closes_on=conversation.closes_on,
        by=by,
        now=now,
    )


def respond(
    conversation: Conversation,
    version: SurveyVersion,
    said: Sequence[Voice],
    *,
    recorder: User,
    now: datetime,
) -> int:
    """Take in what one person said to the survey, online, on paper or aloud. Returns the receipt's id."""
    first = said[0]
    chance = random.Random(first["text"])
    asked = {str(question.text): question.id for question in content_of(version).questions}
    answers: dict[str, Answer] = {asked[voice["prompt"]]: voice["text"] for voice in said}
    answers |= _closed(version, first, chance)
    channel = Channel(first["channel"])
    language = first["language"] if first["language"] in i18n.languages() else i18n.DEFAULT
    easy = channel is Channel.ONLINE and chance.random() < EASY_SHARE
    way = Way(channel=channel, language=language, easy_read=easy)
    if channel is Channel.ONLINE:
        code = codes.new_code()
        return submit_response(conversation, version, answers, code=code, now=now, way=way).id
    keyed = key_in(
        conversation,
        version,
        answers,
        code=codes.new_code(),
        received_on=now.date(),
        way=way,
        aloud=Aloud(consent_read_out=True, helped_by=chance.choice(HELPERS)),
        by=recorder,
        now=now,
    )
    db.session.flush()
    return keyed.receipt_id


def _closed(version: SurveyVersion, voice: Voice, chance: random.Random) -> dict[str, Answer]:
    """What the person chose. Earlier answers of a scale are a little less likely than later ones."""
    answers: dict[str, Answer] = {}
    for question in content_of(version).questions:
        if isinstance(question, OneOf):
            offered = question.offered()
            answers[question.id] = chance.choices(offered, weights=range(2, len(offered) + 2))[0]
    helps = content_of(version).by_id["helps"].offered()
    answers["helps"] = sorted(chance.sample(helps[:-1], chance.randint(1, 3)), key=helps.index)
    if chance.random() < 0.7:
        answers["permission"] = ["publish"]
    return answers | {"connection": voice["speaker"], "district": voice["district"] or "not_said"}
