"""Deciding what each voice is about. The sets of themes have their pages in ``framework_views.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, Status
from engage.contributions.queries import Cursor
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.themes import (
    queries,
    services,
    suggestions,  # noqa: F401 - the queue must know its jobs
)
from engage.themes.forms import ThemeDecisionForm
from engage.themes.models import Theme, ThemeDecision
from engage.themes.queries import Suggestion

APPROVED = frozenset({Status.APPROVED})
LARGEST_ID = 2**31 - 1
NONE_FITS = "none"

staff = staff_blueprint("staff_themes", __name__, {Role.MODERATOR, Role.MEMBER, Role.FACILITATOR})


@dataclass(frozen=True)
class Answer:
    """A theme as the page offers it: ticked or not, and why it is suggested if it is."""

    theme: Theme
    is_ticked: bool
    suggestion: Suggestion | None
    words: Sequence[str] = ()
    like: str | None = None


@staff.get("/themes")
def undecided() -> ResponseReturnValue:
    """Approved voices that nobody has themed yet."""
    conversation = the_conversation()
    page = queries.undecided(conversation.id, before=_cursor())
    return render_template(
        "themes/undecided.html",
        page=page,
        waiting=queries.undecided_count(conversation.id),
        approved=contributions.counts(conversation.id).by_status[Status.APPROVED],
        agreement=queries.agreement(conversation.id),
        labels=labels,
        may_define=Role.FACILITATOR in signed_in_user().roles,
        newest_url=url_for(".undecided") if request.args.get("before") else None,
        older_url=url_for(".undecided", before=str(page.older)) if page.older else None,
    )


@staff.get("/themes/decided")
def decided() -> ResponseReturnValue:
    """Voices that somebody has themed, the latest decision first."""
    conversation = the_conversation()
    themes = queries.themes_of_conversation(conversation.id)
    chosen = request.args.get("theme", "")
    theme = next((theme for theme in themes if theme.key == chosen), None)
    none_fits = chosen == NONE_FITS and theme is None
    page = queries.decided(conversation.id, theme=theme, none_fits=none_fits, before=_number("before"))
    narrowed = (theme.key if theme else NONE_FITS) if theme or none_fits else None
    return render_template(
        "themes/decided.html",
        page=page,
        themes=themes,
        chosen=theme,
        none_fits=none_fits,
        agreement=queries.agreement(conversation.id),
        labels=labels,
        newest_url=url_for(".decided", theme=narrowed) if request.args.get("before") else None,
        older_url=url_for(".decided", before=page.older, theme=narrowed) if page.older else None,
    )


@staff.get("/themes/next")
def next_voice() -> ResponseReturnValue:
    """The next voice that waits for its themes, after the one that was skipped."""
    conversation = the_conversation()
    seen = _number("after")
    after = contributions.contribution(seen, APPROVED) if seen else None
    if after and after.conversation_id != conversation.id:
        after = None
    found = queries.next_undecided(conversation.id, after)
    if not found:
        return redirect(url_for(".undecided"), 303)
    return redirect(url_for(".decide", contribution_id=found.id), 303)


@staff.route(f"/themes/voices/<int(max={LARGEST_ID}):contribution_id>", methods=["GET", "POST"])
def decide(contribution_id: int) -> ResponseReturnValue:
    """One voice, read whole, and what it is about."""
    voice = _voice_or_404(contribution_id)
    themes = queries.themes_of_conversation(voice.conversation_id)
    past = queries.history(voice.id)
    form = ThemeDecisionForm()
    form.themes.choices = [SelectChoice(theme.key, theme.name) for theme in themes]
    if not form.is_submitted():
        _fill(form, past)
    if form.validate_on_submit() and _has_seen_all(form, len(past)):
        return _save(voice, form, themes, is_first=not past)
    page = render_template(
        "themes/decide.html",
        voice=voice,
        form=form,
        form_errors=bool(form.errors),
        answers=_answers(voice, themes, form),
        past=past,
        themes_by_key={theme.key: theme for theme in themes},
        waiting=queries.undecided_count(voice.conversation_id),
        labels=labels,
    )
    return page, 422 if form.errors else 200


def _fill(form: ThemeDecisionForm, past: Sequence[tuple[ThemeDecision, object]]) -> None:
    """Show what was decided last."""
    form.seen.data = str(len(past))
    if past:
        form.themes.data = past[-1][0].theme_keys
        form.none_fits.data = not past[-1][0].theme_keys


def _has_seen_all(form: ThemeDecisionForm, decisions: int) -> bool:
    """Whether nobody else decided while this page was open; if somebody did, say so and ask again."""
    if form.seen.data == str(decisions):
        return True
    form.seen.data = str(decisions)
    form.themes.errors = [
        _("Somebody else decided while you read. Look below at what they chose, then save again.")
    ]
    return False


def _save(
    voice: Contribution, form: ThemeDecisionForm, themes: Sequence[Theme], *, is_first: bool
) -> ResponseReturnValue:
    chosen = [theme for theme in themes if theme.key in (form.themes.data or ())]
    try:
        services.decide_themes(
            voice, chosen, by=signed_in_user(), now=utcnow(), reason=form.reason.data or ""
        )
    except services.NotApproved:
        db.session.rollback()
        flash(
            _("A moderator took that voice back a moment ago, so it needs no themes. Here is the next."),
            "warning",
        )
        return redirect(url_for(".next_voice"), 303)
    db.session.commit()
    names = ", ".join(theme.name for theme in chosen)
    flash(_("Saved: %(themes)s.", themes=names) if names else _("Saved: none of them fits."), "success")
    return redirect(url_for(".next_voice", after=voice.id) if is_first else url_for(".decided"), 303)


def _answers(voice: Contribution, themes: Sequence[Theme], form: ThemeDecisionForm) -> list[Answer]:
    """The themes as the page offers them: those suggested first, the likeliest on top, then the rest."""
    suggested = [one for one in queries.suggestions([voice.id])[voice.id] if one.is_shown]
    near = queries.words_of_approved([one.because["voice"] for one in suggested if "voice" in one.because])
    ticked = form.themes.data or ()
    first = [
        Answer(
            theme=one.theme,
            is_ticked=one.theme.key in ticked,
            suggestion=one,
            words=queries.words_that_stand(one, voice.text),
            like=one.because.get("phrase") or near.get(one.because.get("voice", 0)),
        )
        for one in suggested
    ]
    named = {answer.theme.id for answer in first}
    return first + [Answer(theme, theme.key in ticked, None) for theme in themes if theme.id not in named]


def _voice_or_404(contribution_id: int) -> Contribution:
    found: Contribution = load_or_404(contributions.contribution(contribution_id, APPROVED))
    if found.conversation_id != the_conversation().id:
        abort(404)
    return found


def _cursor() -> Cursor | None:
    """The place in the list that the address names; None where it is missing or makes no sense."""
    cursor = Cursor.read(request.args.get("before"))
    return cursor if cursor and 0 < cursor.contribution_id <= LARGEST_ID else None


def _number(name: str) -> int | None:
    """A row's number that came in the address; None where it cannot be one."""
    number = request.args.get(name, type=int)
    return number if number and 0 < number <= LARGEST_ID else None
