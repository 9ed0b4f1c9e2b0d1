"""One row of every kind, made through the services that the product uses, with words of one's choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from engage.accounts import services as accounts
from engage.accounts.models import Role, Standpoint, User
from engage.contributions import codes, moderation, taking_back
from engage.contributions.models import Channel, Contribution, DecisionKind
from engage.contributions.moderation import Passage
from engage.contributions.services import receive
from engage.conversations import services as conversations
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes import imports
from engage.notes import services as notes
from engage.priorities import services as priorities
from engage.surveys import services as surveys
from engage.surveys.content import Content, Page, read_content
from engage.surveys.keying import entry, second_keying
from engage.surveys.models import SurveyVersion
from engage.surveys.questions import Choice, FreeText, OneChoice, SeveralChoices
from engage.surveys.responses import Way, submit_response
from engage.surveys.texts import Text
from engage.themes import frameworks
from engage.themes import services as theming
from engage.themes.frameworks import ThemeWords
from engage.themes.models import Theme
from tests import factories

Say = Callable[[str], str]


def plain(field: str) -> str:
    return f"Something for the {field}."


def build(say: Say = plain) -> tuple[dict[Role, User], str]:
    """Fill an empty database; ``say`` is asked for the words of each field. Commits.

    Returns a user for each role and the tracking code of the person who answered the survey.
    """
    _bystander()
    people = {role: factories.user(role, name=say("user name")) for role in Role}
    facilitator = people[Role.FACILITATOR]
    conversation, theme = _conversation(say, facilitator)
    code = _survey(say, conversation, facilitator)
    _voices(say, conversation, theme, people)
    _note(say, conversation, people[Role.RECORDER])
    _imports(say, conversation, people[Role.RECORDER])
    taking_back.ask(factories.receipt(conversation)[0], now=utcnow())
    accounts.invite(
        email="new@example.org",
        name=say("invited name"),
        roles=[Role.MEMBER],
        standpoint=Standpoint.LIVED_EXPERIENCE,
        by=people[Role.ADMIN],
        now=utcnow(),
    )
    db.session.commit()
    return people, code


def _bystander() -> None:
    """Somebody with a sign-in of their own, whom nothing else depends on; the first user of all."""
    user = factories.user(Role.RECORDER, Role.ADMIN)
    accounts.start_sign_in(user, device="A phone", hours=1, now=utcnow())


def _conversation(say: Say, by: User) -> tuple[Conversation, Theme]:
    now = utcnow()
    framework = frameworks.define_framework(say("framework name"), by=by, now=now)
    words = ThemeWords(
        say("theme name"), say("theme description"), (say("seed phrase"), say("seed phrase 2"))
    )
    theme = frameworks.add_theme(framework, words, by=by, now=now)
    frameworks.add_theme(framework, ThemeWords("Another theme", "Rest.", ("the rest",)), by=by, now=now)
    conversation = conversations.start_conversation(
        name=say("conversation name"),
        purpose=say("purpose"),
        opens_on=(now - timedelta(days=5)).date(),
        closes_on=(now + timedelta(days=5)).date(),
        framework_id=framework.id,
        districts=[say("district"), "Mansfield"],
        by=by,
        now=now,
    )
    return conversation, theme


def _survey(say: Say, conversation: Conversation, by: User) -> str:
    now = utcnow()
    choices = tuple(Choice(value=value, label=Text(say(f"choice {value}"))) for value in ("one", "two"))
    questions = (
        OneChoice(id="a", text=Text(say("question")), help=Text(say("question help")), choices=choices),
        SeveralChoices(id="b", text=Text(say("second question")), choices=choices, other=True),
        FreeText(id="c", text=Text(say("third question")), help=Text(say("third help"))),
    )
    content = Content(
        title=Text(say("survey title")),
        introduction=Text(say("survey introduction")),
        reason=Text(say("reason")),
        pages=(Page(id="page_1", title=Text(say("page title")), questions=questions),),
    )
    survey = surveys.start_survey(
        conversation,
        content,
        opens_on=(now - timedelta(days=5)).date(),
        closes_on=(now + timedelta(days=5)).date(),
        by=by,
        now=now,
    )
    version = surveys.publish_version(survey, conversation, by=by, now=now)
    code = codes.new_code()
    answers = {
        "a": "one",
        "b": {"chosen": ["two", "other"], "other": say("other words")},
        "c": say("survey answer"),
    }
    submit_response(conversation, version, answers, code=code, now=now)
    held = {"c": say("held answer")}
    submit_response(conversation, version, held, code=codes.new_code(), now=now, signs=("honeypot",))
    _papers(conversation, version, by=by)
    return code


def _papers(conversation: Conversation, version: SurveyVersion, *, by: User) -> None:
    """Two papers of the sample that is keyed twice: one still waits, of the other the keyings differ."""
    now, found = utcnow(), []
    while len(found) < 2:
        response = entry.key_in(
            conversation,
            version,
            {"a": "one"},
            code=codes.new_code(),
            received_on=now.date(),
            way=Way(Channel.PAPER),
            aloud=entry.Aloud(),
            by=by,
            now=now,
        )
        if second_keying.is_sampled(response):
            found.append(second_keying.paper(version.survey_id, response.id))
    content = read_content(version.content)
    other = factories.user(Role.RECORDER)
    second_keying.key_again(found[1], content, {"a": "two"}, by=other, now=now)


def _voices(say: Say, conversation: Conversation, theme: Theme, people: dict[Role, User]) -> None:
    moderator, member = people[Role.MODERATOR], people[Role.MEMBER]
    now = utcnow()

    def voice(name: str) -> Contribution:
        made = receive(
            conversation,
            f"{say(name)} Ring 01632 960123.",
            channel=Channel.PHONE,
            received_at=now,
            district=conversation.districts[0],
            prompt=say("prompt"),
        )
        db.session.flush()
        return made

    def decide(made: Contribution, kind: DecisionKind, reason: str = "") -> None:
        moderation.decide(made, kind, by=moderator, now=now, reason=reason)

    voice("waiting voice")
    hidden = voice("hidden voice")
    passages = [Passage("01632 960123", "phone number")]
    moderation.redact(hidden, passages, by=moderator, now=now, reason=say("reason to hide"))
    decide(voice("withheld voice"), DecisionKind.WITHHOLD, say("reason to withhold"))
    decide(voice("worrying voice"), DecisionKind.RAISE_CONCERN, say("reason for concern"))
    undecided, themed, inbox = voice("approved voice"), voice("themed voice"), voice("voice in the inbox")
    for one in (undecided, themed, inbox):
        decide(one, DecisionKind.APPROVE)
    for one in (themed, inbox):
        theming.decide_themes(one, [theme], by=member, now=now, reason=say("reason for themes"))
    priorities.start_group(themed, theme, say("group title"), by=member, now=now)


def _note(say: Say, conversation: Conversation, recorder: User) -> None:
    now = utcnow()
    note = notes.write_note(
        conversation,
        title=say("note title"),
        venue=say("venue"),
        district=conversation.districts[0],
        held_on=now.date(),
        people_count=12,
        summary=say("note summary"),
        by=recorder,
        now=now,
    )
    notes.add_point(note, say("point"), by=recorder, now=now, prompt=say("point prompt"))


def _imports(say: Say, conversation: Conversation, recorder: User) -> None:
    now = utcnow()
    heading = say("heading").replace('"', '""')
    words = say("imported words").replace('"', '""')
    table = f'"{heading}","{heading} 2"\r\n"{words}","x"\r\n"","left out"\r\n'.encode()
    imports.upload(conversation, f"{say('file name')}.csv", table, by=recorder, now=now)
    imports.import_file(
        conversation,
        f"{say('file name')} done.csv",
        table,
        {"text_column": say("heading"), "speaker_column": f"{say('heading')} 2"},
        by=recorder,
        now=now,
    )
