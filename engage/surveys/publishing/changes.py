"""What changed from one version of a survey to the next, in words, for people who look after it."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from engage.surveys.content import Content, Page
from engage.surveys.questions import Agreement, Choosing, Question
from engage.surveys.texts import Text
from engage.surveys.words.translating import english_name, what_it_is

_OTHER_TEXTS = ("title", "introduction", "reason", "still_open", "who_decides", "considered", "privacy")


def changes(before: Content, after: Content) -> list[str]:
    """Sentences about what is new, gone or different; questions are known by their ids."""
    found = [*_texts(before, after), *_settings(before, after), *_pages(before, after)]
    for question in after.questions:
        earlier = before.by_id.get(question.id)
        if earlier is None:
            found.append(_("New question: “%(text)s”", text=question.text))
        else:
            found += _question(earlier, question)
    found += [
        _("Gone: “%(text)s”", text=question.text)
        for question in before.questions
        if question.id not in after.by_id
    ]
    return found + _order(before, after)


def _texts(before: Content, after: Content) -> Iterator[str]:
    for name in _OTHER_TEXTS:
        earlier, now = getattr(before, name), getattr(after, name)
        if earlier != now:
            yield _same_words(earlier, now, what_it_is(name))


def _same_words(earlier: Text, now: Text, what: str) -> str:
    """What to say of a text: other English words, or only other translations."""
    if str(earlier) == str(now):
        return _("%(what)s: other words in another language", what=what)
    return _("%(what)s: other words", what=what)


def _settings(before: Content, after: Content) -> Iterator[str]:
    for language in after.languages:
        if language not in before.languages:
            yield _("Now offered in %(language)s too", language=english_name(language))
    for language in before.languages:
        if language not in after.languages:
            yield _("No longer offered in %(language)s", language=english_name(language))
    if before.easy_read != after.easy_read:
        yield _("Easy Read is now offered") if after.easy_read else _("Easy Read is no longer offered")
    if before.decides_on != after.decides_on:
        yield _("Another day for the decision")


def _pages(before: Content, after: Content) -> Iterator[str]:
    earlier = {page.id: page for page in before.pages}
    for page in after.pages:
        one = earlier.pop(page.id, None)
        if one is None:
            yield _("New page: “%(title)s”", title=_title(after, page))
        elif _about(one) != _about(page):
            yield _("Page “%(title)s”: another heading or explanation", title=_title(after, page))
    for page in earlier.values():
        yield _("Page gone: “%(title)s”", title=_title(before, page))


def _about(page: Page) -> tuple[Text, Text, bool]:
    return page.title, page.explanation, page.equality


def _title(content: Content, page: Page) -> str:
    return str(page.title) or _("Page %(number)s", number=content.pages.index(page) + 1)


def _question(before: Question, after: Question) -> list[str]:
    """What is different about one question, in one sentence; empty where nothing is."""
    if before == after:
        return []
    parts = list(_parts(before, after)) or [_("something small")]
    return [_("“%(text)s”: %(parts)s", text=after.text, parts=", ".join(parts))]


def _parts(before: Question, after: Question) -> Iterator[str]:
    if before.kind != after.kind:
        yield _("another kind of question")
        return
    if str(before.text) != str(after.text):
        yield _("other words (before: “%(text)s”)", text=before.text)
    elif before.text != after.text:
        yield _("other words in another language")
    if (before.help, before.panel) != (after.help, after.panel):
        yield _("other help")
    if before.required != after.required:
        yield _("now has to be answered") if after.required else _("can now be left out")
    if before.shown_if != after.shown_if:
        yield _("asked under another condition")
    if (before.easy, before.clips) != (after.easy, after.clips):
        yield _("another Easy Read form, film or recording")
    yield from _answers(before, after)


def _answers(before: Question, after: Question) -> Iterator[str]:
    if isinstance(before, Choosing) and isinstance(after, Choosing):
        earlier = {choice.value: choice for choice in before.all_choices()}
        for choice in after.all_choices():
            old = earlier.pop(choice.value, None)
            if old is None:
                yield _("new answer “%(label)s”", label=choice.label)
            elif old != choice:
                yield _("other words or pictures for the answer “%(label)s”", label=choice.label)
        for choice in earlier.values():
            yield _("without the answer “%(label)s”", label=choice.label)
    if isinstance(before, Agreement) and isinstance(after, Agreement) and before.rows != after.rows:
        yield _("other sentences to agree with")


def _order(before: Content, after: Content) -> list[str]:
    """One sentence where questions that both have come in another order."""
    kept = [question.id for question in after.questions if question.id in before.by_id]
    earlier = [question.id for question in before.questions if question.id in after.by_id]
    return [_("The questions come in another order.")] if kept != earlier else []
