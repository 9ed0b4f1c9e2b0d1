"""What people answered: right counts, small numbers hidden, pages for the right people."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions import moderation
from engage.contributions.models import Channel, Contribution, DecisionKind
from engage.db import db
from engage.insight import reach as reaching
from engage.insight.answer_counts import Tally, answer_counts, base_of, by_value, last_counted
from engage.insight.asked import asked_questions
from engage.insight.exact import by_area, by_time, spread
from engage.insight.protect import chosen_to_show, cross, groups_to_show
from engage.insight.results import Result, _points, results
from engage.surveys import queries, services
from engage.surveys.models import Abandoned, Survey, UnsentResponse
from engage.surveys.questions import OneChoice, SeveralChoices
from engage.surveys.texts import Text
from tests import factories
from tests.conftest import StatementCounter
from tests.factories import NOW
from tests.insight import answered
from tests.surveys import factories as surveys

SignIn = Callable[..., int]


def shown(survey: Survey, by: str = "", **changes: Any) -> dict[str, Result]:
    """The results as the page has them, by question."""
    newest_first = survey.versions[::-1]
    ids = [version.id for version in newest_first]
    reached = reaching.reach(ids)
    whole = frozenset(name for name in ("speaker", "channel", "district") if reached.is_whole(name))
    asked = asked_questions([queries.content_of(version) for version in newest_first])
    groups = list(reached.groups[by]) if by else []
    found = results(asked, answer_counts(ids, **changes), whole=whole, by=by, groups=groups)
    return {one.asked.question.id: one for one in found}


def people(result: Result, chart: int = 0) -> dict[str, int | None]:
    return {bar.label: bar.people for bar in result.charts[chart].bars}


def answer_often(survey: Survey, times: int, answers: Mapping[str, Any], **way: Any) -> None:
    for _ in range(times):
        answered.answer(survey, answers, **way)


# --- Putting together and hiding ----------------------------------------------------------------------------


def test_small_groups_stand_together() -> None:
    assert groups_to_show({"a": 20, "b": 3, "c": 6, "d": 0}) == {("a",): 20, ("c", "b"): 9}
    assert groups_to_show({"a": 2, "b": 2, "c": 1}) == {("b", "c", "a"): 5}
    assert groups_to_show({"a": 2, "b": 2}) == {}


@pytest.mark.parametrize(
    ("chosen", "base", "said"), [(3, 20, None), (17, 20, None), (0, 20, 0), (20, 20, 20), (8, 20, 8)]
)
def test_few_who_chose_or_did_not_are_hidden(chosen: int, base: int, said: int | None) -> None:
    assert chosen_to_show(chosen, base) == said


def test_a_table_shows_all_its_totals() -> None:
    """Whatever the numbers: no small count is shown, and rows and columns add up to what was counted."""
    chance = np.random.default_rng(3)
    seen = 0
    for _ in range(150):
        table = chance.poisson(chance.choice([1, 4, 15]), (chance.integers(1, 6), chance.integers(1, 6)))
        crossed = cross(
            table, [(f"r{n}",) for n in range(len(table))], [(f"c{n}",) for n in range(table.shape[1])]
        )
        if crossed is None:
            continue
        seen += 1
        assert all(cell is None or cell == 0 or cell >= 5 for row in crossed.rows for cell in row.cells)
        for row in crossed.rows:
            assert row.people == sum(table[int(name[1:])].sum() for name in row.names) >= 5
            for (names, total), cell in zip(crossed.columns, row.cells, strict=True):
                columns = [int(name[1:]) for name in names]
                counted = sum(table[int(name[1:]), column] for name in row.names for column in columns)
                assert cell in (None, counted)
                assert total == table[:, columns].sum() and not 0 < total < 5
    assert seen > 50


def test_numbers_days_and_areas() -> None:
    found = spread({"1": 3, "2.5": 3, "10": 4, "99": 0})
    assert (found.lower, found.median, found.upper) == (1, 2.5, 10)
    assert by_area({"NG22": 2, "NG22 8AB": 3, "S80": 1}) == {"NG22": 5, "S80": 1}


def test_days_stand_by_month_or_by_year(ctx: Flask) -> None:
    assert by_time({"2025-11-03": 2, "2026-01-09": 1, "2026-01-30": 1}) == {
        "November 2025": 2,
        "December 2025": 0,
        "January 2026": 2,
    }
    assert by_time({"2020-11-03": 2, "2022-12-09": 1}) == {"2020": 2, "2021": 0, "2022": 1}


# --- Counting -----------------------------------------------------------------------------------------------


def test_every_kind_of_question_is_counted(ctx: Flask) -> None:
    survey = answered.survey()
    mine = {
        "rest": "yes",
        "helps": ["family", "friends"],
        "agree": {"heard": "agree"},
        "easy": "hard",
        "hours": 12,
        "since": "2025-03-27",
        "area": "NG22",
        "order": ["money", "bus"],
        "more": "Words",
        "faith": "sikh",
    }
    answer_often(survey, 12, mine)
    answer_often(survey, 8, mine | {"rest": {"chosen": "other", "other": "In the car"}, "helps": ["none"]})
    found = shown(survey)
    assert people(found["rest"]) == {"Yes": 12, "No": 0, "Something else": 8}
    assert found["rest"].own_words == 8
    assert people(found["helps"]) == {"Family": 12, "Friends": 12, "Something else": 0, "None": 8}
    assert found["helps"].charts[0].many and found["helps"].base == 20
    assert [chart.title for chart in found["agree"].charts] == ["I am heard"]
    assert people(found["agree"]) == {"Agree": 20, "Neither": 0, "Disagree": 0}
    assert people(found["easy"]) == {"Easy": 0, "So so": 0, "Hard": 20}
    assert found["hours"].spread == spread({"12": 20})
    assert people(found["since"]) == {"March 2025": 20}
    assert people(found["area"]) == {"NG22": 20}
    assert [(p.label, p.points, p.placed, p.first) for p in found["order"].places] == [
        ("Money", 3.0, 20, 20),
        ("Bus", 2.0, 20, 0),
        ("Time", 0.0, 0, 0),
    ]
    assert found["more"].own_words == 20
    assert people(found["faith"]) == {"None": 0, "Sikh": 20} and found["faith"].asked.is_equality
    assert found["why"].base == 0


def test_small_numbers_are_hidden_with_a_second_one(ctx: Flask) -> None:
    survey = answered.survey(content=surveys.document(surveys.one_choice("a", "Yes", "No", "Maybe")))
    answer_often(survey, 20, {"a": "yes"})
    answer_often(survey, 7, {"a": "no"})
    answer_often(survey, 2, {"a": "maybe"})
    assert people(shown(survey)["a"]) == {"Yes": 20, "No": None, "Maybe": None}


def several(*labels: str) -> SeveralChoices:
    return SeveralChoices(id="s", text=Text("Which?"), choices=surveys.choices(*labels))


def test_of_several_answers_the_last_cannot_be_worked_out(ctx: Flask) -> None:
    """Everybody chose something: 20 less 11 less 5 would say that 4 chose the third answer."""
    survey = answered.survey(content=surveys.document(several("A", "B", "C")))
    for letter, times in (("a", 11), ("b", 5), ("c", 4)):
        answer_often(survey, times, {"s": [letter]})
    assert people(shown(survey)["s"]) == {"A": 11, "B": None, "C": None}


def test_nor_can_it_in_a_group(ctx: Flask) -> None:
    """20 unpaid carers: 11, 5 and 4. The 4 are few, and 11 and 5 of 20 would give them away."""
    content = answered.every_kind().pages[0].questions[0]
    survey = answered.survey(content=surveys.document(content, several("A", "B", "C")))
    for speaker, numbers in (("unpaid_carer", (11, 5, 4)), ("staff", (12, 10, 14))):
        for letter, times in zip("abc", numbers, strict=True):
            answer_often(survey, times, {"who": speaker, "s": [letter]})
    crossed = shown(survey, by="speaker")["s"].charts[0].crossed
    assert crossed is not None
    assert [(row.people, row.cells) for row in crossed.rows] == [
        (36, (12, None, None)),
        (20, (11, None, None)),
    ]


def ranked(survey: Survey, *orders: tuple[int, list[str]]) -> Result:
    for times, order in orders:
        answer_often(survey, times, {"order": order})
    return shown(survey)["order"]


def test_first_places_are_hidden_together(ctx: Flask) -> None:
    """Of 30, 17 and 10 put a thing first: the third one would be 3."""
    found = ranked(answered.survey(), (17, ["bus", "money"]), (10, ["money"]), (3, ["time", "bus"]))
    firsts = {place.label: (place.first, place.placed) for place in found.places}
    assert firsts == {"Bus": (17, None), "Money": (None, None), "Time": (None, None)}


def test_places_stand_where_no_first_is_hidden(ctx: Flask) -> None:
    found = ranked(answered.survey(), (17, ["bus", "money"]), (13, ["money", "time"]))
    firsts = {place.label: (place.first, place.placed) for place in found.places}
    assert firsts == {"Bus": (17, 17), "Money": (13, 30), "Time": (0, 13)}


@pytest.mark.parametrize("people_in_all", [10, 20, 50, 100, 230])
def test_points_do_not_say_their_sum(people_in_all: int) -> None:
    """Whatever is shown, as small as it gets: the sum could be any of five numbers of points."""
    seen: dict[float, set[int]] = {}
    for total in range(1, 3 * people_in_all):
        parts = {
            "1": {"a": Tally(total // 3)},
            "2": {"a": Tally(int(total % 3 == 2))},
            "3": {"a": Tally(int(total % 3 == 1))},
        }
        seen.setdefault(_points(parts, "a", 3, people_in_all), set()).add(total)
    assert all(len(totals) >= 5 for totals in seen.values()), seen


def test_too_few_answers_are_not_shown_at_all(ctx: Flask) -> None:
    survey = answered.survey(content=surveys.document(surveys.one_choice("a"), surveys.one_choice("b")))
    answer_often(survey, 4, {"a": "yes"})
    found = shown(survey)
    assert (found["a"].base, found["a"].charts) == (None, ())
    assert found["b"].base == 0


def test_groups_stand_beside_one_another(ctx: Flask) -> None:
    survey = answered.survey()
    answer_often(survey, 9, {"who": "unpaid_carer", "rest": "no"})
    answer_often(survey, 6, {"who": "unpaid_carer", "rest": "yes"})
    answer_often(survey, 8, {"who": "staff", "rest": "yes"})
    answer_often(survey, 2, {"who": "draws_on_care", "rest": "yes"})
    found = shown(survey, by="speaker")
    crossed = found["rest"].charts[0].crossed
    assert crossed is not None
    assert crossed.columns == ((("Yes",), 16), (("No",), 9), (("Something else",), 0))
    assert [(row.names, row.people, row.cells) for row in crossed.rows] == [
        (("unpaid_carer",), 15, (6, 9, 0)),
        (("staff", "draws_on_care"), 10, (10, 0, 0)),
    ]
    assert found["who"].charts == ()


def test_what_follows_a_hidden_answer_is_not_shown(ctx: Flask) -> None:
    """How many were asked "Why not?" says how many answered "No", so it is hidden with it."""
    survey = answered.survey()
    answer_often(survey, 20, {"rest": "yes"})
    answer_often(survey, 3, {"rest": {"chosen": "other", "other": "At night"}})
    answer_often(survey, 6, {"rest": "no", "why": "The bus"})
    found = shown(survey)
    assert people(found["rest"]) == {"Yes": 20, "No": None, "Something else": None}
    assert found["rest"].own_words is None
    assert (found["why"].base, found["why"].depends_on_hidden) == (None, True)
    answer_often(survey, 5, {"rest": {"chosen": "other", "other": "At night"}})
    found = shown(survey)
    assert (found["why"].own_words, found["why"].depends_on_hidden) == (6, False)


def test_equality_monitoring_is_never_crossed(ctx: Flask) -> None:
    survey = answered.survey()
    for speaker in ("staff", "unpaid_carer"):
        answer_often(survey, 10, {"who": speaker, "faith": "sikh", "rest": "yes"})
    found = shown(survey, by="speaker")
    assert found["faith"].charts[0].crossed is None
    assert {c.speaker for c in answer_rows("faith")} == {""}


def answer_rows(question: str) -> list[Any]:
    from engage.insight.models import AnswerCount

    return list(db.session.scalars(sa.select(AnswerCount).where(AnswerCount.question == question)))


def test_versions_pool_by_question(ctx: Flask) -> None:
    conversation = factories.conversation()
    old = surveys.document(surveys.one_choice("a", "Yes", "No"), surveys.one_choice("b"))
    survey = answered.survey(conversation, content=old)
    answer_often(survey, 6, {"a": "no", "b": "yes"})
    new = OneChoice(id="a", text=Text("Newer words?"), choices=surveys.choices("Yes", "Perhaps"))
    by = factories.user(Role.FACILITATOR)
    services.save_draft(survey, surveys.document(new), by=by, now=NOW)
    services.publish_version(survey, conversation, by=by, now=NOW)
    answer_often(survey, 9, {"a": "perhaps"})
    found = shown(survey)
    assert people(found["a"]) == {"Yes": 0, "Perhaps": 9, "No": 6}
    assert str(found["a"].asked.question.text) == "Newer words?" and found["a"].asked.still_asked
    assert (found["b"].base, found["b"].asked.still_asked) == (6, False)


def test_counts_in_tens_are_those_of_the_first_ones(ctx: Flask) -> None:
    """What came after the last ten is in no count, whatever its day."""
    chance = random.Random(5)
    survey = answered.survey()
    content = queries.content_of(survey.versions[-1])
    ids = [survey.versions[-1].id]
    for _ in range(9):
        answered.answer(survey, answered.random_answers(content, chance) | {"rest": "yes"}, at=NOW)
        assert last_counted(ids) == 0
    nothing = answer_counts(ids, cut=0, equality_cut=0)
    assert not any(base_of(parts).people for parts in nothing.values())
    tenth = answered.answer(survey, answered.random_answers(content, chance) | {"rest": "yes"}, at=NOW)
    earlier = answer_counts(ids)
    for n in range(9):
        answers = answered.random_answers(content, chance) | {"rest": "no"}
        answered.answer(survey, answers, at=NOW - timedelta(days=n))
        assert last_counted(ids) == tenth.id
    then = answer_counts(ids, cut=tenth.id, equality_cut=tenth.id)
    assert earlier.keys() >= {"rest", "faith"}
    for question, parts in earlier.items():
        assert base_of(then[question]).people == base_of(parts).people
        for value, tally in by_value(parts).items():
            assert by_value(then[question])[value].people == tally.people
            assert +by_value(then[question])[value].by["speaker"] == tally.by["speaker"]
    assert by_value(then["rest"])["no"].people == 0
    last = answered.answer(survey, {"rest": "no"}, at=NOW - timedelta(days=30))
    assert last_counted(ids) == last.id


def test_reach_moments_and_the_way(ctx: Flask) -> None:
    survey = answered.survey()
    version = survey.versions[-1]
    for day in range(3):
        answer_often(survey, 5 + day, {"rest": "yes"}, at=NOW + timedelta(days=day))
    answer_often(survey, 6, {"rest": "yes"}, channel=Channel.PAPER, language="pl", easy_read=True)
    db.session.add_all(
        [
            Abandoned(version_id=version.id, question="", people=8),
            Abandoned(version_id=version.id, question="rest", people=5),
            Abandoned(version_id=version.id, question="hours", people=4),
        ]
    )
    db.session.flush()
    reached = reaching.reach([version.id])
    assert reached.responses == 24
    assert reached.groups["channel"] == {("online",): 18, ("paper",): 6}
    assert reached.groups["language"] == {("en",): 18, ("pl",): 6}
    assert reached.groups["easy_read"] == {("no",): 18, ("yes",): 6}
    moments = reaching.moments([version.id])
    assert (moments.step, moments.columns) == (
        "day",
        (("15 June 2026", 11), ("16 June 2026", 6), ("17 June 2026", 7)),
    )
    way = reaching.way([version.id], [queries.content_of(version)], reached.responses)
    assert (way.sent, way.left, way.on_the_way) == (24, 17, 0)
    assert way.stops == (("Before the first answer", 8), ("About you", 9), ("Equality", 0))


def test_days_with_few_answers_stand_by_week(ctx: Flask) -> None:
    survey = answered.survey()
    for day in range(14):
        answer_often(survey, 2, {"rest": "yes"}, at=NOW + timedelta(days=day))
    moments = reaching.moments([survey.versions[-1].id])
    assert (moments.step, moments.columns) == ("week", (("15 June 2026", 14), ("22 June 2026", 14)))


# --- Pages --------------------------------------------------------------------------------------------------


def page(client: FlaskClient, survey_id: int, query: str = "") -> str:
    answer = client.get(f"/staff/surveys/{survey_id}/results{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def a_survey(app: Flask, times: int = 12) -> int:
    with app.app_context():
        survey = answered.survey()
        for speaker in ("staff", "unpaid_carer"):
            answer_often(
                survey, times // 2, {"who": speaker, "rest": "yes", "more": "My words", "faith": "sikh"}
            )
        db.session.commit()
        return survey.id


def test_the_page_says_what_people_answered(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey_id = a_survey(app)
    sign_in(client, Role.FACILITATOR)
    text = page(client, survey_id)
    assert "12 people have answered." in text
    assert "Yes 12 (100%)" in text and "Equality monitoring" in text and "Sikh 10 (100%)" in text
    grouped = page(client, survey_id, "?by=speaker")
    assert "Somebody who works in care 6 people" in grouped
    assert page(client, survey_id, "?by=nonsense") == text


def test_members_see_answers_in_tens(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    """Nine more change nothing, though they are keyed in for an earlier day; the tenth lets all ten show."""
    survey_id = a_survey(app, 10)
    sign_in(client, Role.MEMBER)
    before = page(client, survey_id)
    assert "10 people have answered. Counted in tens" in before and "the first 10 of the answers" in before
    assert "Yes 10 (100%) No 0 (0%)" in before
    assert "Equality monitoring" not in before and "Sikh" not in before
    assert "Take the answers with you" not in before
    for _ in range(9):
        one_more(app, survey_id)
        assert page(client, survey_id) == before
    one_more(app, survey_id)
    after = page(client, survey_id)
    assert "20 people have answered." in after and "Yes 10 (50%) No 10 (50%)" in after
    assert client.get(f"/staff/surveys/{survey_id}/answers").status_code == 403
    assert "Results of surveys" in client.get("/staff/results").get_data(as_text=True)


def one_more(app: Flask, survey_id: int) -> None:
    """Somebody's paper of two days before all others, keyed in; and somebody who leaves."""
    with app.app_context():
        survey = db.session.get(Survey, survey_id)
        assert survey
        day = NOW - timedelta(days=2)
        answered.answer(
            survey, {"rest": "no", "area": "NG99", "faith": "none"}, at=day, channel=Channel.PAPER
        )
        left = Abandoned(version_id=survey.versions[-1].id, question="rest", people=1)
        db.session.merge(left)
        db.session.commit()


def test_members_do_not_see_the_first_nine(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey_id = a_survey(app, 8)
    sign_in(client, Role.MEMBER)
    text = page(client, survey_id)
    assert "Once ten people have answered" in text and "8" not in text.partition("Not enough answers")[2]
    assert "0 people" not in text


def test_equality_monitoring_is_counted_in_tens_for_everybody(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    survey_id = a_survey(app, 10)
    for _ in range(9):
        one_more(app, survey_id)
    sign_in(client, Role.FACILITATOR)
    text = page(client, survey_id)
    assert "19 people have answered." in text and "Yes 10 (53%) No 9 (47%)" in text
    monitored = text.partition("Equality monitoring")[2]
    assert "the first 10 of the answers" in monitored and "None 0 (0%) Sikh 10 (100%)" in monitored
    one_more(app, survey_id)
    assert "None 10 (50%) Sikh 10 (50%)" in page(client, survey_id)


def test_members_read_words_of_whole_tens(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey_id = a_survey(app, 12)
    with app.app_context():
        moderator = factories.user(Role.MODERATOR)
        voices = db.session.scalars(sa.select(Contribution).order_by(Contribution.id)).all()
        for n, voice in enumerate(voices, 1):
            voice.text = f"Voice {n}."
            db.session.flush()
            moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)
        db.session.commit()
    sign_in(client, Role.MEMBER)
    text = client.get(f"/staff/surveys/{survey_id}/results/more").get_data(as_text=True)
    assert "Voice 10." in text and "Voice 11." not in text
    sign_in(client, Role.FACILITATOR)
    assert "Voice 11." in client.get(f"/staff/surveys/{survey_id}/results/more").get_data(as_text=True)


def test_one_answer_is_not_shown(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        survey = answered.survey()
        answered.answer(survey, {"rest": "no", "why": "My words", "area": "NG22"})
        db.session.commit()
        survey_id = survey.id
    sign_in(client, Role.FACILITATOR)
    text = page(client, survey_id)
    assert "from 5 people on, numbers stand here" in text
    assert "NG22" not in text and "Do you get a rest?" not in text


@pytest.mark.parametrize(
    ("published", "said"), [(True, "Nobody has answered yet"), (False, "This survey is not published")]
)
def test_nothing_to_show(
    app: Flask, client: FlaskClient, sign_in: SignIn, published: bool, said: str
) -> None:
    with app.app_context():
        survey = surveys.survey(published=published)
        db.session.commit()
        survey_id = survey.id
    sign_in(client, Role.FACILITATOR)
    assert said in page(client, survey_id)
    assert client.get(f"/staff/surveys/{survey_id + 1000}/results").status_code == 404


def test_own_words_lead_to_the_ledger(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey_id = a_survey(app)
    with app.app_context():
        voices = db.session.scalars(sa.select(Contribution).order_by(Contribution.id)).all()
        voices[0].text = "Approved words"
        moderator = factories.user(Role.MODERATOR)
        moderation.decide(voices[0], DecisionKind.APPROVE, by=moderator, now=NOW)
        moderation.decide(voices[1], DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="Afraid")
        other = db.session.get(Survey, survey_id).conversation_id
        assert voices[0].conversation_id == other
        db.session.commit()
    sign_in(client, Role.MEMBER)
    assert f"/staff/surveys/{survey_id}/results/more" in client.get(
        f"/staff/surveys/{survey_id}/results"
    ).get_data(as_text=True)
    text = client.get(f"/staff/surveys/{survey_id}/results/more").get_data(as_text=True)
    assert "Approved words" in text and "My words" not in text
    assert "Nothing to read yet" in client.get(f"/staff/surveys/{survey_id}/results/why").get_data(
        as_text=True
    )
    for question in ("faith", "hours", "nothing"):
        assert client.get(f"/staff/surveys/{survey_id}/results/{question}").status_code == 404


def test_the_page_asks_as_often_for_one_as_for_many(
    app: Flask, client: FlaskClient, sign_in: SignIn, statements: StatementCounter
) -> None:
    survey_id = a_survey(app, 6)
    sign_in(client, Role.FACILITATOR)
    page(client, survey_id)
    with statements:
        page(client, survey_id)
    few = statements.count
    with app.app_context():
        survey = db.session.get(Survey, survey_id)
        answer_often(survey, 44, {"rest": "no", "helps": ["family"], "order": ["bus"]})
        db.session.add(
            UnsentResponse(
                code_hash="x" * 64,
                version_id=survey.versions[-1].id,
                answers={},
                begun_at=NOW,
                updated_at=NOW,
                kept_until=NOW,
            )
        )
        db.session.commit()
    with statements:
        page(client, survey_id)
    assert statements.count == few
