"""Conversations: which there are, starting one, and choosing the one to work in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import EVERYBODY_SIGNED_IN, local_path, signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations import frameworks, queries, services
from engage.conversations.choice import conversation_in_hand, take_in_hand
from engage.conversations.forms import ChangeConversationForm, StartConversationForm
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.forms import load_or_404

staff = staff_blueprint("staff_conversations", __name__, {Role.FACILITATOR, Role.ADMIN})
choice = staff_blueprint("staff_conversation_choice", __name__, EVERYBODY_SIGNED_IN)
CONVERSATION = "<int(max=2147483647):conversation_id>"


@staff.get("/conversations")
def conversations() -> ResponseReturnValue:
    return render_template(
        "conversations/conversations.html",
        conversations=queries.conversations(),
        in_hand=conversation_in_hand(),
        today=utcnow().date(),
    )


@staff.route("/conversations/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    form = StartConversationForm(data={"districts": "\n".join(services.usual_districts())})
    if form.validate_on_submit():
        now = utcnow()
        try:
            made = services.start_conversation(
                **_words(form),
                framework_id=frameworks.chosen(form.framework.data, now=now),
                by=signed_in_user(),
                now=now,
            )
        except services.NameTaken:
            _refuse_name(form)
        else:
            db.session.commit()
            take_in_hand(made)
            flash(_("%(name)s is started, and you work in it now.", name=made.name), "success")
            return redirect(url_for(".conversations"), 303)
    page = render_template("conversations/start.html", form=form, form_errors=form.errors)
    return page, 422 if form.errors else 200


@staff.route(f"/conversations/{CONVERSATION}", methods=["GET", "POST"])
def change(conversation_id: int) -> ResponseReturnValue:
    conversation: Conversation = load_or_404(queries.conversation(conversation_id))
    form = ChangeConversationForm(
        data={
            "name": conversation.name,
            "purpose": conversation.purpose,
            "opens_on": conversation.opens_on,
            "closes_on": conversation.closes_on,
            "districts": "\n".join(conversation.districts),
        }
    )
    if form.validate_on_submit():
        try:
            services.change_conversation(conversation, **_words(form), by=signed_in_user(), now=utcnow())
        except services.NameTaken:
            _refuse_name(form)
        else:
            db.session.commit()
            flash(_("%(name)s is changed.", name=conversation.name), "success")
            return redirect(url_for(".conversations"), 303)
    page = render_template(
        "conversations/change.html",
        form=form,
        form_errors=form.errors,
        conversation=conversation,
        framework=frameworks.name_of(conversation.framework_id),
    )
    return page, 422 if form.errors else 200


def _words(form: ChangeConversationForm) -> services.Words:
    """What the form says, as the services take it."""
    assert form.opens_on.data  # noqa: S101 - the form has been validated
    assert form.closes_on.data  # noqa: S101
    return {
        "name": form.name.data or "",
        "purpose": form.purpose.data or "",
        "opens_on": form.opens_on.data,
        "closes_on": form.closes_on.data,
        "districts": form.districts.names,
    }


def _refuse_name(form: ChangeConversationForm) -> None:
    db.session.rollback()
    form.name.errors = [_("There is a conversation of this name already. Choose another name.")]


@choice.get("/conversations/choose")
def choose() -> ResponseReturnValue:
    """For everybody: which conversation do you want to work in?"""
    return render_template(
        "conversations/choose.html",
        conversations=queries.conversations(),
        in_hand=conversation_in_hand(),
        today=utcnow().date(),
    )


@choice.post(f"/conversations/{CONVERSATION}/take-in-hand", endpoint="take_in_hand")
def take_in_hand_now(conversation_id: int) -> ResponseReturnValue:
    conversation: Conversation = load_or_404(queries.conversation(conversation_id))
    take_in_hand(conversation)
    flash(_("You work in %(name)s now.", name=conversation.name), "success")
    return redirect(local_path(request.form.get("next")) or url_for("staff_today.today"), 303)
