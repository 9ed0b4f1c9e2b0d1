"""Changing a survey, one step at a time: every function takes a content and returns a changed one.

Pages, questions, choices and rows get their ids from their first words, and keep them for good: answers,
translations, Easy Read and exports all hang on them. An id that was published once is never given to
anything else; pass those as ``taken``.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel

from engage.surveys.content import MOST_PAGES, MOST_QUESTIONS, Content, Page
from engage.surveys.questions import Question
from engage.surveys.texts import NOTHING, Text
from engage.surveys.wording import map_texts

_LONGEST_ID = 32  # Of 40 characters; the rest is for a number.


class CannotChange(Exception):
    """The change does not fit the survey."""


class NotThere(CannotChange):
    """What should be changed is not there, or not any more."""


class NoPage(CannotChange):
    """There is no page of the sort on which the question can stand: equality monitoring or not."""


class NotTheSame(CannotChange):
    """Another kind of question was published under the same id, and answers hang on it."""


class TooMany(CannotChange):
    """There is no room for another page or question."""


def new_id(words: str, taken: Collection[str], otherwise: str) -> str:
    """An id made from ``words`` that is not in ``taken``; from ``otherwise`` where they have no letters."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not re.match(r"[a-z]", base):
        base = f"{otherwise}_{base}".strip("_")
    base = base[:_LONGEST_ID].strip("_")
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def ids_in(contents: Iterable[Content]) -> frozenset[str]:
    """Every id of a question or page in these contents."""
    found: set[str] = set()
    for content in contents:
        found |= {page.id for page in content.pages} | set(content.by_id)
    return frozenset(found)


def fingerprint(part: BaseModel | Sequence[object]) -> str:
    """Changes when the part does: what a form carries, to see whether somebody else changed it meanwhile."""
    written = part.model_dump(mode="json") if isinstance(part, BaseModel) else [str(one) for one in part]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:16]


def english_fingerprint(question: Question) -> str:
    """The same for what the English form of a question shows alone.

    Whoever translates a question, writes its Easy Read twin or adds a film meanwhile is in nobody's way.
    """
    alone = Content(
        pages=(Page(id="page", questions=(question.model_copy(update={"clips": (), "easy": None}),)),)
    )
    return fingerprint(map_texts(alone, _english))


def _english(key: str, text: Text) -> Text:
    return NOTHING if ".easy" in key else Text(text.in_language("en"))


# --- Questions --------------------------------------------------------------------------------------------


def add_question(
    content: Content, question: Question, *, page_id: str, after: str = "", taken: Collection[str] = ()
) -> tuple[Content, Question]:
    """Add a question behind ``after``, else at the end of its page. Its id is made from its words."""
    page = page_in(content, page_id)
    if len(content.questions) >= MOST_QUESTIONS:
        raise TooMany
    used = ids_in([content]) | set(taken)
    added = question.model_copy(update={"id": new_id(str(question.text), used, "question")})
    return _inserted(content, page, added, after), added


def bring_back(
    content: Content,
    question: Question,
    *,
    page_id: str,
    after: str,
    equality: bool = False,
    published: Iterable[Content] = (),
) -> Content:
    """Put a question that was removed where it was, under its own id.

    Where its page is gone, it goes to the last page of the same sort: ``equality`` says whether it was of
    equality monitoring. Raises NoPage where there is none, NotTheSame where its id was ``published`` with
    another kind of question, TooMany, and CannotChange where it is there already.
    """
    if question.id in ids_in([content]):
        raise CannotChange
    if not is_same_as_published(question, published, equality=equality):
        raise NotTheSame
    if len(content.questions) >= MOST_QUESTIONS:
        raise TooMany
    fitting = [page for page in content.pages if page.equality == equality]
    if not fitting:
        raise NoPage
    goal = next((page for page in fitting if page.id == page_id), fitting[-1])
    return _inserted(content, goal, question, after)


def is_same_as_published(question: Question, published: Iterable[Content], *, equality: bool) -> bool:
    """Whether every version that has the id has it for a question of this kind and sort, not for a page."""
    for content in published:
        known = content.by_id.get(question.id)
        if known and (known.kind, known.id in content.equality_ids) != (question.kind, equality):
            return False
        if any(page.id == question.id for page in content.pages):
            return False
    return True


def put_question(content: Content, question: Question) -> Content:
    """Put a question in place of the one with its id."""
    page = page_of(content, question.id)
    return _with_questions(content, page, [question if q.id == question.id else q for q in page.questions])


def copy_question(
    content: Content, question_id: str, *, words: Text, taken: Collection[str] = ()
) -> tuple[Content, Question]:
    """Add the same question again, right behind, with other ``words`` and an id of its own.

    Films and recordings stay with the first: they say its words.
    """
    page = page_of(content, question_id)
    again = content.by_id[question_id].model_copy(update={"text": words, "clips": (), "about": None})
    return add_question(content, again, page_id=page.id, after=question_id, taken=taken)


def remove_question(content: Content, question_id: str) -> Content:
    """Take a question out. Conditions that look at it stay, as problems: nobody is asked more unawares."""
    page = page_of(content, question_id)
    return _with_questions(content, page, [q for q in page.questions if q.id != question_id])


def move_question(content: Content, question_id: str, by: int) -> Content:
    """Move a question one place up (-1) or down (1), at the edge of its page onto the next such page."""
    page = page_of(content, question_id)
    ids = [question.id for question in page.questions]
    place = ids.index(question_id)
    if 0 <= place + by < len(ids):
        questions = list(page.questions)
        questions.insert(place + by, questions.pop(place))
        return _with_questions(content, page, questions)
    goal = _page_beside(content, page, by)
    return content if goal is None else move_to_page(content, question_id, goal.id, at_start=by > 0)


def can_move(content: Content, question_id: str, by: int) -> bool:
    """Whether ``move_question`` would find a place further up or down."""
    page = page_of(content, question_id)
    place = [question.id for question in page.questions].index(question_id) + by
    return 0 <= place < len(page.questions) or _page_beside(content, page, by) is not None


def move_to_page(content: Content, question_id: str, page_id: str, *, at_start: bool = False) -> Content:
    """Move a question to the end (or the start) of another page.

    Raises CannotChange between equality monitoring and other pages: their answers are kept apart.
    """
    page, goal = page_of(content, question_id), page_in(content, page_id)
    if page.equality != goal.equality:
        raise CannotChange
    question = content.by_id[question_id]
    without = remove_question(content, question_id)
    goal = page_in(without, page_id)
    moved = [question, *goal.questions] if at_start else [*goal.questions, question]
    return _with_questions(without, goal, moved)


def looked_at_by(content: Content, question_id: str) -> list[Question]:
    """The questions whose conditions look at this one."""
    return [
        question
        for question in content.questions
        if question.shown_if and any(test.question == question_id for test in question.shown_if.tests)
    ]


def page_of(content: Content, question_id: str) -> Page:
    """The page that a question is on. Raises NotThere."""
    try:
        return content.page_of(question_id)
    except KeyError:
        raise NotThere from None


# --- Pages ------------------------------------------------------------------------------------------------


def page_in(content: Content, page_id: str) -> Page:
    """The page with this id. Raises NotThere."""
    for page in content.pages:
        if page.id == page_id:
            return page
    raise NotThere


def add_page(
    content: Content,
    title: Text,
    *,
    explanation: Text = NOTHING,
    equality: bool = False,
    questions: Sequence[Question] = (),
    taken: Collection[str] = (),
) -> tuple[Content, Page]:
    """Add a page at the end, with questions that get ids of their own."""
    if len(content.pages) >= MOST_PAGES:
        raise TooMany
    used = ids_in([content]) | set(taken)
    page = Page(id=new_id(str(title), used, "page"), title=title, explanation=explanation, equality=equality)
    content = content.model_copy(update={"pages": (*content.pages, page)})
    for question in questions:
        content, _added = add_question(content, question, page_id=page.id, taken=taken)
    return content, page_in(content, page.id)


def put_page(content: Content, page: Page) -> Content:
    """Put a page in place of the one with its id."""
    page_in(content, page.id)
    return content.model_copy(
        update={"pages": tuple(page if one.id == page.id else one for one in content.pages)}
    )


def move_page(content: Content, page_id: str, by: int) -> Content:
    """Move a page with its questions one place up (-1) or down (1)."""
    pages = list(content.pages)
    place = pages.index(page_in(content, page_id))
    if not 0 <= place + by < len(pages):
        return content
    pages.insert(place + by, pages.pop(place))
    return content.model_copy(update={"pages": tuple(pages)})


def remove_page(content: Content, page_id: str, *, keep_questions: bool) -> Content:
    """Take a page out. Its questions go with it, or onto the page before it (else behind it).

    Raises CannotChange for the last page, and where no page can take the questions.
    """
    page = page_in(content, page_id)
    if len(content.pages) == 1:
        raise CannotChange
    rest = content.model_copy(update={"pages": tuple(one for one in content.pages if one.id != page_id)})
    if not (keep_questions and page.questions):
        return rest
    goal = page_for_the_rest(content, page_id)
    if goal is None:
        raise CannotChange
    is_before = content.pages.index(goal) < content.pages.index(page)
    both = [*goal.questions, *page.questions] if is_before else [*page.questions, *goal.questions]
    return _with_questions(rest, goal, both)


def page_for_the_rest(content: Content, page_id: str) -> Page | None:
    """Where the questions of a page would go if it is removed; None where they cannot be kept."""
    page = page_in(content, page_id)
    return _page_beside(content, page, -1) or _page_beside(content, page, 1)


def _page_beside(content: Content, page: Page, by: int) -> Page | None:
    """The next page in this direction, if it is of the same sort."""
    place = content.pages.index(page) + by
    if not 0 <= place < len(content.pages):
        return None
    beside = content.pages[place]
    return beside if beside.equality == page.equality else None


def _inserted(content: Content, page: Page, question: Question, after: str) -> Content:
    ids = [one.id for one in page.questions]
    place = ids.index(after) + 1 if after in ids else len(ids)
    questions = [*page.questions[:place], question, *page.questions[place:]]
    return _with_questions(content, page, questions)


def _with_questions(content: Content, page: Page, questions: Sequence[Question]) -> Content:
    return put_page(content, page.model_copy(update={"questions": tuple(questions)}))
