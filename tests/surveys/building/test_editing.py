"""Changing a survey step by step: ids that stay, order, and nothing that could not be read again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from engage import close, create_app
from engage.surveys import routing
from engage.surveys.building import editing, lists
from engage.surveys.building.builder_fields import Line
from engage.surveys.building.starting_points import BY_KEY, begun, equality_questions
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page, read_content
from engage.surveys.questions import Agreement, Choice, FreeText, Question, Row, ShortText
from engage.surveys.templates import empty
from engage.surveys.texts import Text
from tests.conftest import settings_for
from tests.surveys.factories import choices, document, one_choice

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
WORDS = st.text(max_size=60) | st.sampled_from(["Why?", "why", "ليش؟", "", "1 2 3", "x" * 90, "Ä Ö", "other"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, for sentences in its languages; nothing here touches a database."""
    app = create_app(settings_for(tmp_path_factory.mktemp("editing")), testing=True)
    yield app
    close(app)


def on_pages(**questions: str) -> Content:
    """Pages by id, each with the questions whose ids are given, separated by spaces; ``e…`` is equality."""
    return Content(
        pages=tuple(
            Page(
                id=page,
                equality=page.startswith("e"),
                questions=tuple(one_choice(one) for one in ids.split()),
            )
            for page, ids in questions.items()
        )
    )


def order(content: Content) -> dict[str, str]:
    return {page.id: " ".join(question.id for question in page.questions) for page in content.pages}


# --- Ids --------------------------------------------------------------------------------------------------


@given(words=WORDS, taken=st.sets(st.sampled_from(["why", "why_2", "question", "x" * 32, "other", "a"])))
def test_an_id_is_always_new_and_always_fits(words: str, taken: set[str]) -> None:
    made = editing.new_id(words, taken, "question")
    assert ID.fullmatch(made)
    assert made not in taken


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("Where do you live?", "where_do_you_live"),
        ("Où habitez-vous?", "ou_habitez_vous"),
        ("18 to 24", "answer_18_to_24"),
        ("أين تسكن؟", "answer"),
        ("?", "answer"),
        ("What would make care at home better for you?", "what_would_make_care_at_home_bet"),
    ],
)
def test_ids_are_made_of_words(words: str, made: str) -> None:
    assert editing.new_id(words, (), "answer") == made


def test_an_id_that_was_published_is_not_given_again() -> None:
    content, first = editing.add_question(empty("A"), begun_free("Why?"), page_id="page_1")
    published = editing.ids_in([content])
    without = editing.remove_question(content, first.id)
    _content, again = editing.add_question(without, begun_free("Why?"), page_id="page_1", taken=published)
    assert (first.id, again.id) == ("why", "why_2")


def begun_free(words: str) -> FreeText:
    return FreeText(id="new", text=Text(words))


# --- Questions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "by", "then"),
    [
        ("a", -1, {"p1": "a b", "p2": "c", "e": "d", "p3": ""}),
        ("a", 1, {"p1": "b a", "p2": "c", "e": "d", "p3": ""}),
        ("b", 1, {"p1": "a", "p2": "b c", "e": "d", "p3": ""}),
        ("c", -1, {"p1": "a b c", "p2": "", "e": "d", "p3": ""}),
        ("c", 1, {"p1": "a b", "p2": "c", "e": "d", "p3": ""}),
        ("d", -1, {"p1": "a b", "p2": "c", "e": "d", "p3": ""}),
    ],
)
def test_questions_move_over_pages_but_never_into_equality_monitoring(
    question: str, by: int, then: dict[str, str]
) -> None:
    before = on_pages(p1="a b", p2="c", e="d", p3="")
    after = editing.move_question(before, question, by)
    assert order(after) == then
    assert editing.can_move(before, question, by) == (order(after) != order(before))


def test_a_question_goes_to_another_page_of_its_sort() -> None:
    content = on_pages(p1="a b", e="d", p2="c")
    assert order(editing.move_to_page(content, "a", "p2")) == {"p1": "b", "e": "d", "p2": "c a"}
    assert order(editing.move_to_page(content, "a", "p1")) == {"p1": "b a", "e": "d", "p2": "c"}
    with pytest.raises(editing.CannotChange):
        editing.move_to_page(content, "a", "e")
    with pytest.raises(editing.NotThere):
        editing.move_to_page(content, "a", "nowhere")
    with pytest.raises(editing.NotThere):
        editing.move_to_page(content, "nothing", "p1")


def test_a_question_is_added_where_it_belongs_and_brought_back_where_it_was() -> None:
    content = on_pages(p1="a b", p2="c")
    added, made = editing.add_question(content, begun_free("New"), page_id="p1", after="a")
    assert order(added)["p1"] == "a new b"
    removed = editing.remove_question(added, "new")
    assert order(removed)["p1"] == "a b"
    assert editing.bring_back(removed, made, page_id="p1", after="a") == added
    with pytest.raises(editing.CannotChange):
        editing.bring_back(added, made, page_id="p1", after="a")
    last = editing.bring_back(removed, made, page_id="gone", after="gone")
    assert order(last) == {"p1": "a b", "p2": "c new"}


def test_a_question_comes_back_only_to_a_page_of_its_sort() -> None:
    content = on_pages(p1="a", e1="b")
    made, monitored = begun_free("Why?").model_copy(update={"id": "why"}), one_choice("age")
    back = editing.bring_back(content, made, page_id="gone", after="")
    assert order(back) == {"p1": "a why", "e1": "b"}
    back = editing.bring_back(on_pages(e1="b", p1="a"), monitored, page_id="p1", after="", equality=True)
    assert order(back) == {"e1": "b age", "p1": "a"}
    with pytest.raises(editing.NoPage):
        editing.bring_back(on_pages(e1="b"), made, page_id="e1", after="")
    with pytest.raises(editing.NoPage):
        editing.bring_back(on_pages(p1="a"), monitored, page_id="p1", after="", equality=True)


def test_an_id_keeps_the_kind_that_was_published() -> None:
    content, published = on_pages(p1="a"), [on_pages(p1="a b", p2="")]
    again = one_choice("b")
    assert order(editing.bring_back(content, again, page_id="p1", after="", published=published)) == {
        "p1": "a b"
    }
    for other in (begun_free("B").model_copy(update={"id": "b"}), one_choice("p2")):
        with pytest.raises(editing.NotTheSame):
            editing.bring_back(content, other, page_id="p1", after="", published=published)


def test_a_copy_has_its_own_id_and_stands_behind() -> None:
    content = document(one_choice("a", about="helped", required=True), one_choice("b"))
    copied, again = editing.copy_question(content, "a", words=Text("Copy of a"))
    assert order(copied) == {"page_1": "a copy_of_a b"}
    assert (again.required, again.about) == (True, None)


def test_conditions_on_a_removed_question_stay_to_be_put_right() -> None:
    test = Test(question="a", value="yes", **{"is": "equals"})
    content = document(one_choice("a"), one_choice("b", shown_if=Condition(tests=(test,))))
    assert [question.id for question in editing.looked_at_by(content, "a")] == ["b"]
    assert editing.remove_question(content, "a").by_id["b"].shown_if == Condition(tests=(test,))


def test_there_is_an_end_to_questions_and_pages() -> None:
    full = document(*(one_choice(f"q{number}") for number in range(60)))
    with pytest.raises(editing.TooMany):
        editing.add_question(full, begun_free("One more"), page_id="page_1")
    pages = on_pages(**{f"p{number}": "" for number in range(30)})
    with pytest.raises(editing.TooMany):
        editing.add_page(pages, Text("One more"))


# --- Pages ------------------------------------------------------------------------------------------------


def test_pages_move_and_are_removed_with_their_questions_or_without() -> None:
    content = on_pages(p1="a", p2="b c", e="d")
    assert list(order(editing.move_page(content, "p2", -1))) == ["p2", "p1", "e"]
    assert editing.move_page(content, "p1", -1) == content
    assert order(editing.remove_page(content, "p2", keep_questions=True)) == {"p1": "a b c", "e": "d"}
    assert order(editing.remove_page(content, "p1", keep_questions=True)) == {"p2": "a b c", "e": "d"}
    assert order(editing.remove_page(content, "p2", keep_questions=False)) == {"p1": "a", "e": "d"}
    with pytest.raises(editing.CannotChange):
        editing.remove_page(content, "e", keep_questions=True)
    with pytest.raises(editing.CannotChange):
        editing.remove_page(on_pages(p1="a"), "p1", keep_questions=False)


def test_equality_monitoring_comes_as_a_page_that_can_be_declined(built: Flask) -> None:
    with built.test_request_context():
        content, page = editing.add_page(
            empty("A"), Text("About you"), equality=True, questions=equality_questions()
        )
        assert content.equality_ids == {question.id for question in page.questions}
        assert all("not_said" in question.offered() and not question.required for question in page.questions)
        assert routing.problems(content) == []
        assert "something_else" in page.questions[3].offered()


# --- Lists ------------------------------------------------------------------------------------------------


def test_new_words_keep_the_value_and_the_other_languages() -> None:
    before = (
        Choice(value="yes", label=Text({"en": "Yes", "pl": "Tak"})),
        Choice(value="no", label=Text("No")),
    )
    after = lists.choices_from([Line("no", "Not really", True), Line("yes", "Yes, always")], before)
    assert [(one.value, str(one.label), one.alone) for one in after] == [
        ("no", "Not really", True),
        ("yes", "Yes, always", False),
    ]
    assert after[1].label.in_language("pl") == "Tak"


def test_a_new_line_gets_a_value_of_its_own() -> None:
    before = choices("Yes", "No")
    after = lists.choices_from(
        [
            Line("yes", "Often"),
            Line("", "Yes"),
            Line("", "Other"),
            Line("yes", "Twice"),
            Line("x", "Made up"),
        ],
        before,
    )
    assert [one.value for one in after] == ["yes", "yes_2", "other_2", "twice", "made_up"]


def test_words_that_were_taken_out_come_back_as_the_same_answer() -> None:
    after = lists.choices_from([Line("no", "No"), Line("", "Yes")], choices("Yes", "No"))
    assert [one.value for one in after] == ["no", "yes"]


def test_a_value_that_was_published_is_never_given_to_other_words() -> None:
    less = lists.choices_from([Line("", "< 5 hours"), Line("", "Never")], ())
    asked = one_choice("a").model_copy(update={"choices": less})
    given = lists.choices_ever("a", [document(asked), document(one_choice("b"))])
    assert given == {"answer_5_hours": {"< 5 hours"}, "never": {"Never"}}
    more = lists.choices_from([Line("never", "Never"), Line("", "> 5 hours")], less[1:], given=given)
    assert [one.value for one in more] == ["never", "answer_5_hours_2"]
    again = lists.choices_from([Line("never", "Not once"), Line("", "< 5 hours")], less[1:], given=given)
    assert [one.value for one in again] == ["never", "answer_5_hours"]
    long = "I can see the people I want to see " + "when I want"
    first = lists.choices_from([Line("", long)], ())
    other = lists.choices_from([Line("", f"{long} not")], (), given={first[0].value: {long}})
    assert other[0].value != first[0].value


def test_rows_that_were_published_are_never_given_to_other_words() -> None:
    agreed = Agreement(id="g", rows=(Row(id="i_feel_safe", text=Text("I feel safe!")),))
    given = lists.rows_ever("g", [document(agreed)])
    made = lists.rows_from([Line("", "I feel safe?"), Line("", "I feel safe!")], (), given=given)
    assert [row.id for row in made] == ["i_feel_safe_2", "i_feel_safe"]


def test_rows_keep_their_ids() -> None:
    before = (Row(id="safe", text=Text("I feel safe.")),)
    after = lists.rows_from([Line("", "I see people."), Line("safe", "I feel safe at home.")], before)
    assert [(row.id, str(row.text)) for row in after] == [
        ("i_see_people", "I see people."),
        ("safe", "I feel safe at home."),
    ]


LINES = st.lists(
    st.builds(
        Line, key=st.sampled_from(["", "yes", "no", "a", "Bad!", "other"]), words=WORDS, alone=st.booleans()
    )
)


@given(lines=LINES, trust=st.booleans())
def test_values_of_choices_are_always_single(lines: list[Line], trust: bool) -> None:
    safe = [line if ID.fullmatch(line.key) else Line("", line.words) for line in lines]
    after = lists.choices_from(safe, choices("Yes", "No"), trust=trust)
    values = [one.value for one in after]
    assert len(set(values)) == len(values) == len(lines)
    assert all(ID.fullmatch(value) for value in values)


# --- Any way of editing -----------------------------------------------------------------------------------

Step = Callable[[Content, st.DataObject], Content]


def _some_question(content: Content, data: st.DataObject) -> str:
    return data.draw(st.sampled_from([question.id for question in content.questions] or ["nothing"]))


def _some_page(content: Content, data: st.DataObject) -> str:
    return data.draw(st.sampled_from([page.id for page in content.pages] or ["nowhere"]))


def _add(content: Content, data: st.DataObject) -> Content:
    key, words = data.draw(st.sampled_from(sorted(BY_KEY))), data.draw(WORDS)
    return editing.add_question(
        content,
        begun(key, Text(words)),
        page_id=_some_page(content, data),
        after=_some_question(content, data),
    )[0]


def _put(content: Content, data: st.DataObject) -> Content:
    question_id = _some_question(content, data)
    editing.page_of(content, question_id)
    question: Question = content.by_id[question_id]
    earlier = data.draw(st.sampled_from([*content.by_id, "gone"]))
    condition = Condition(tests=(Test(question=earlier, **{"is": "answered"}),))
    return editing.put_question(
        content,
        question.model_copy(update={"text": Text(data.draw(WORDS)), "shown_if": condition}),
    )


def _bring_back(content: Content, data: st.DataObject) -> Content:
    again = ShortText(id=data.draw(st.sampled_from(["back", "why", "page_1"])), text=Text("Back"))
    return editing.bring_back(content, again, page_id=_some_page(content, data), after="")


STEPS: list[Step] = [
    _add,
    _put,
    _bring_back,
    lambda content, data: editing.copy_question(
        content, _some_question(content, data), words=Text(data.draw(WORDS))
    )[0],
    lambda content, data: editing.remove_question(content, _some_question(content, data)),
    lambda content, data: editing.move_question(
        content, _some_question(content, data), data.draw(st.sampled_from([-1, 1]))
    ),
    lambda content, data: editing.move_to_page(
        content, _some_question(content, data), _some_page(content, data)
    ),
    lambda content, data: editing.add_page(
        content,
        Text(data.draw(WORDS)),
        equality=data.draw(st.booleans()),
        questions=equality_questions() if data.draw(st.booleans()) else (),
    )[0],
    lambda content, data: editing.move_page(
        content, _some_page(content, data), data.draw(st.sampled_from([-1, 1]))
    ),
    lambda content, data: editing.remove_page(
        content, _some_page(content, data), keep_questions=data.draw(st.booleans())
    ),
]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_way_of_editing_leaves_a_survey_that_can_be_read(built: Flask, data: st.DataObject) -> None:
    with built.test_request_context():
        content = empty("A survey")
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=12)):
            before = content
            try:
                content = step(content, data)
            except editing.CannotChange:
                assert content == before
            ids = [*(page.id for page in content.pages), *(question.id for question in content.questions)]
            assert len(set(ids)) == len(ids)
            assert all(ID.fullmatch(one) for one in ids)
            assert content.pages
        assert read_content(content.as_json()) == content
