"""Changing groups: starting a grouping, naming a group, and saying where a voice belongs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.contributions import labels
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, Status
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.priorities import grouping, inbox, queries, services
from engage.priorities.forms import EmptyForm, PlaceForm, TitleForm
from engage.priorities.models import Group
from engage.priorities.queries import GroupCard
from engage.priorities.staff_views import LARGEST_ID, MAY_GROUP
from engage.themes.models import Theme
from engage.themes.queries import themes_of

NUMBER = f"<int(max={LARGEST_ID})"
GROUP = f"{NUMBER}:group_id>"
VOICE = f"{NUMBER}:contribution_id>"

staff = staff_blueprint("staff_grouping", __name__, MAY_GROUP)


@staff.post("/priorities/start")
def start() -> ResponseReturnValue:
    """Ask for a grouping of all approved and themed voices."""
    conversation = the_conversation()
    if not EmptyForm().validate_on_submit():
        abort(400)
    try:
        run = grouping.start_grouping(conversation, by=signed_in_user(), now=utcnow())
    except grouping.AlreadyGrouping:
        db.session.rollback()
        flash(_("The voices are being grouped already. Wait until that is done."), "warning")
    else:
        db.session.commit()
        grouping.run_grouping.enqueue(run.id)
    return redirect(url_for("staff_priorities.candidates"), 303)


@staff.route(f"/priorities/groups/{GROUP}/title", methods=["GET", "POST"])
def rename(group_id: int) -> ResponseReturnValue:
    """Give a group its title."""
    card = _card_or_404(group_id)
    form = TitleForm(data={"title": card.title})
    if form.validate_on_submit():
        try:
            services.rename_group(_row(card), form.title.data, by=signed_in_user(), now=utcnow())
        except services.GroupGone:
            return _gone()
        db.session.commit()
        flash(_("Saved. From now on this group stays as it is when voices are grouped again."), "success")
        return redirect(url_for("staff_priorities.group", group_id=group_id), 303)
    page = render_template("priorities/rename.html", card=card, form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff.route(f"/priorities/inbox/{VOICE}", methods=["GET", "POST"])
def place(contribution_id: int) -> ResponseReturnValue:
    """Say where a voice belongs."""
    voice = _voice_or_404(contribution_id)
    themes = themes_of([voice.id])[voice.id]
    groups = queries.groups_in_themes(voice.conversation_id, [theme.id for theme in themes])
    form = PlaceForm()
    form.where.choices = _places(groups, themes)
    if form.validate_on_submit():
        try:
            title = _put(voice, form, groups, themes)
        except services.GroupGone:
            return _gone()
        except services.NotForThisGroup:
            db.session.rollback()
            flash(_("That voice was moved or taken back a moment ago. Here is what waits now."), "warning")
            return redirect(url_for("staff_priorities.inbox"), 303)
        db.session.commit()
        flash(_("Placed: %(title)s", title=title), "success")
        return redirect(url_for("staff_priorities.inbox"), 303)
    page = render_template(
        "priorities/place.html",
        voice=voice,
        unplaced=inbox.unplaced([voice])[0],
        themes=themes,
        form=form,
        form_errors=bool(form.errors),
        labels=labels,
    )
    return page, 422 if form.errors else 200


@staff.post(f"/priorities/groups/{GROUP}/voices/{VOICE}/out")
def take_out(group_id: int, contribution_id: int) -> ResponseReturnValue:
    """Take a voice out of a group, into the inbox."""
    card, voice = _card_or_404(group_id), _voice_or_404(contribution_id)
    if not EmptyForm().validate_on_submit():
        abort(400)
    try:
        services.take_out(voice, _row(card), by=signed_in_user(), now=utcnow())
    except services.GroupGone:
        return _gone()
    db.session.commit()
    flash(_("Taken out. The voice waits in the inbox for its place."), "success")
    return redirect(url_for(".place", contribution_id=voice.id), 303)


def _places(groups: Sequence[GroupCard], themes: Sequence[Theme]) -> list[SelectChoice]:
    return [SelectChoice(f"group-{card.id}", card.title) for card in groups] + [
        SelectChoice(f"new-{theme.id}", _("A new group about “%(theme)s”", theme=theme.name))
        for theme in themes
    ]


def _put(voice: Contribution, form: PlaceForm, groups: Sequence[GroupCard], themes: Sequence[Theme]) -> str:
    """Put the voice where the form says, and return the group's title."""
    kind, _dash, number = form.where.data.partition("-")
    by, now = signed_in_user(), utcnow()
    if kind == "new":
        theme = next(theme for theme in themes if theme.id == int(number))
        return services.start_group(voice, theme, form.title.data, by=by, now=now).title
    card = next(card for card in groups if card.id == int(number))
    services.put_in_group(voice, _row(card), by=by, now=now)
    return card.title


def _gone() -> ResponseReturnValue:
    db.session.rollback()
    flash(
        _("Voices were grouped again meanwhile, and that group is no more. Here are the new ones."), "warning"
    )
    return redirect(url_for("staff_priorities.candidates"), 303)


def _card_or_404(group_id: int) -> GroupCard:
    card: GroupCard = load_or_404(queries.group(group_id, the_conversation().id))
    return card


def _row(card: GroupCard) -> Group:
    row: Group = load_or_404(db.session.get(Group, card.id))
    return row


def _voice_or_404(contribution_id: int) -> Contribution:
    voice: Contribution = load_or_404(
        contributions.contribution(contribution_id, frozenset({Status.APPROVED}))
    )
    if voice.conversation_id != the_conversation().id:
        abort(404)
    return voice
