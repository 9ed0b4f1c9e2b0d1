"""Candidate priorities, for everybody who reads them. What changes groups is in ``grouping_views.py``."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels
from engage.contributions.models import Channel
from engage.contributions.queries import Cursor
from engage.conversations.choice import the_conversation
from engage.forms import load_or_404
from engage.priorities import inbox as inboxes
from engage.priorities import queries
from engage.priorities.evidence import GroupSize
from engage.priorities.forms import EmptyForm, TitleForm
from engage.priorities.inbox import Why
from engage.priorities.models import Grouping, GroupingState
from engage.priorities.queries import Place
from engage.themes.queries import themes_of_conversation

LARGEST_ID = 2**31 - 1
MAY_GROUP = frozenset({Role.FACILITATOR, Role.MEMBER})
CARDS = 4
"""So many groups a theme are shown with their voices when all themes are; the rest by title alone."""

REASONS: dict[Why, Any] = {
    Why.NO_GROUP: _l("In no group yet"),
    Why.NONE_FITS: _l("None of the themes fits"),
    Why.NO_THEME: _l("No theme yet"),
}

staff = staff_blueprint("staff_priorities", __name__, {Role.MODERATOR, Role.MEMBER, Role.FACILITATOR})


@staff.get("/priorities")
def candidates() -> ResponseReturnValue:
    """Groups by theme, or those of one theme: what the conversation may come to decide on."""
    conversation = the_conversation()
    themes = themes_of_conversation(conversation.id)
    only = next((theme for theme in themes if theme.key == request.args.get("theme")), None)
    parts = queries.candidates(conversation.id, only=only, most=None if only else CARDS)
    run = queries.latest_grouping(conversation.id)
    return render_template(
        "priorities/candidates.html",
        themes=themes,
        only=only,
        parts=[part for part in parts if part.groups],
        cards=None if only else CARDS,
        unplaced=inboxes.inbox_count(conversation.id),
        readiness=queries.readiness(conversation.id),
        run=run,
        under_way=progress(run) if run and queries.is_under_way(run) else None,
        failed=bool(run and run.state is GroupingState.FAILED),
        may_group=may_group(),
        form=EmptyForm(formdata=None),
        labels=labels,
        bars=bars,
    )


@staff.get(f"/priorities/runs/<int(max={LARGEST_ID}):grouping_id>.json")
def grouping_state(grouping_id: int) -> ResponseReturnValue:
    """How far a grouping is, for the page that waits for it."""
    run: Grouping = load_or_404(queries.grouping(grouping_id))
    load_or_404(run if run.conversation_id == the_conversation().id else None)
    return jsonify(progress(run))


@staff.get(f"/priorities/groups/<int(max={LARGEST_ID}):group_id>")
def group(group_id: int) -> ResponseReturnValue:
    """Every voice in a group."""
    card = load_or_404(queries.group(group_id, the_conversation().id))
    after = Place.read(request.args.get("after"))
    page = queries.members(card.id, after=after)
    return render_template(
        "priorities/group.html",
        card=card,
        page=page,
        form=TitleForm(formdata=None, data={"title": card.title}),
        may_group=may_group(),
        labels=labels,
        bars=bars,
        first_url=url_for(".group", group_id=card.id) if after else None,
        next_url=url_for(".group", group_id=card.id, after=str(page.next)) if page.next else None,
    )


@staff.get("/priorities/inbox")
def inbox() -> ResponseReturnValue:
    """Approved voices that are in no group yet: nothing is left out."""
    conversation = the_conversation()
    before = cursor()
    why = next((why for why in Why if why.value == request.args.get("why")), None)
    page = inboxes.inbox(conversation.id, why=why, before=before)
    counts = inboxes.inbox_counts(conversation.id)
    return render_template(
        "priorities/inbox.html",
        page=page,
        counts=counts,
        count=sum(counts.values()),
        why=why,
        reasons=REASONS,
        may_group=may_group(),
        labels=labels,
        newest_url=url_for(".inbox", why=why) if before else None,
        older_url=url_for(".inbox", before=str(page.older), why=why) if page.older else None,
    )


def may_group() -> bool:
    return bool(signed_in_user().roles & MAY_GROUP)


def cursor() -> Cursor | None:
    """The place in the list that the address names; None where it is missing or makes no sense."""
    found = Cursor.read(request.args.get("before"))
    return found if found and 0 < found.contribution_id <= LARGEST_ID else None


def bars(size: GroupSize) -> list[tuple[str, int, int]]:
    """How the voices of a group reached us, for a list of bars: (channel, voices, the most of any)."""
    most = max(size.by_channel.values(), default=0)
    ordered = sorted(size.by_channel.items(), key=lambda item: (-item[1], list(Channel).index(item[0])))
    return [(str(labels.CHANNELS[channel]), count, most) for channel, count in ordered]


def progress(run: Grouping) -> dict[str, Any]:
    """How far a run is, in numbers and in words."""
    return {
        "done": run.steps_done,
        "total": run.steps_total or None,
        "text": _progress_words(run),
        "finished": not queries.is_under_way(run),
        "url": None,
    }


def _progress_words(run: Grouping) -> str:
    if run.state is GroupingState.QUEUED:
        return _("Waits for its turn. It starts within a minute.")
    if run.state is GroupingState.FAILED:
        return _("It stopped before the end. Nothing was changed.")
    if run.state is GroupingState.DONE:
        return _("Done.")
    if run.message:
        return _("Putting together what was said about “%(theme)s”", theme=run.message)
    if run.steps_total:
        return ngettext(
            "Reading: %(done)s of %(num)d step done",
            "Reading: %(done)s of %(num)d steps done",
            run.steps_total,
            done=run.steps_done,
        )
    return _("Reading the voices")
