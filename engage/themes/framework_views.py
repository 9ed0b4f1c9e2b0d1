"""A council's own sets of themes."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.themes import frameworks as sets
from engage.themes.forms import NewFrameworkForm, ThemeForm
from engage.themes.frameworks import ThemeWords
from engage.themes.models import Theme, ThemeFramework

LARGEST_ID = 2**31 - 1
FRAMEWORK = f"<int(max={LARGEST_ID}):framework_id>"
THEME = f"<int(max={LARGEST_ID}):theme_id>"
NOTHING = "0"

staff = staff_blueprint("staff_frameworks", __name__, {Role.FACILITATOR})


@staff.get("/theme-sets")
def frameworks() -> ResponseReturnValue:
    """Every set of themes that a conversation can use."""
    return render_template("themes/frameworks.html", frameworks=sets.frameworks())


@staff.route("/theme-sets/new", methods=["GET", "POST"])
def new_framework() -> ResponseReturnValue:
    """Start a set, empty or as a copy of another."""
    form = NewFrameworkForm()
    existing = {str(one.id): one for one in sets.frameworks()}
    form.copy_of.choices = [SelectChoice(key, one.name) for key, one in existing.items()] + [
        SelectChoice(NOTHING, _("An empty set"))
    ]
    if request.method == "GET":
        form.copy_of.data = request.args.get("from", NOTHING)
    if form.validate_on_submit():
        try:
            made = sets.define_framework(
                form.name.data,
                copy_of=existing.get(form.copy_of.data or NOTHING),
                by=signed_in_user(),
                now=utcnow(),
            )
        except sets.NameTaken:
            form.name.errors = [_("There is a set of that name already. Choose another name.")]
        else:
            db.session.commit()
            return redirect(url_for(".framework", framework_id=made.id), 303)
    page = render_template("themes/new_framework.html", form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff.get(f"/theme-sets/{FRAMEWORK}")
def framework(framework_id: int) -> ResponseReturnValue:
    """One set: its themes, what they mean, and what people might say about them."""
    found = _framework_or_404(framework_id)
    return render_template(
        "themes/framework.html", framework=found, full=len(found.themes) >= sets.MOST_THEMES
    )


@staff.route(f"/theme-sets/{FRAMEWORK}/themes/new", methods=["GET", "POST"])
def new_theme(framework_id: int) -> ResponseReturnValue:
    found = _framework_or_404(framework_id)
    form = ThemeForm()
    if form.validate_on_submit():
        try:
            sets.add_theme(found, _words(form), by=signed_in_user(), now=utcnow())
        except sets.NameTaken:
            form.name.errors = [_("This set has a theme of that name already. Choose another name.")]
        except sets.TooManyThemes:
            form.name.errors = [
                _("A set can have %(most)s themes. Remove one before you add another.", most=sets.MOST_THEMES)
            ]
        else:
            db.session.commit()
            flash(_("Added: %(name)s.", name=form.name.data), "success")
            return redirect(url_for(".framework", framework_id=found.id), 303)
    return _theme_page(form, found, None)


@staff.route(f"/theme-sets/themes/{THEME}", methods=["GET", "POST"])
def theme(theme_id: int) -> ResponseReturnValue:
    """Change what a theme is called, what it means, and its phrases."""
    found = _theme_or_404(theme_id)
    form = ThemeForm(
        data={
            "name": found.name,
            "description": found.description,
            "phrases": "\n".join(found.seed_phrases),
        }
    )
    if form.validate_on_submit():
        try:
            sets.change_theme(found, _words(form), by=signed_in_user(), now=utcnow())
        except sets.NameTaken:
            form.name.errors = [_("This set has a theme of that name already. Choose another name.")]
        else:
            db.session.commit()
            flash(_("Saved. Suggestions follow the new words within a few minutes."), "success")
            return redirect(url_for(".framework", framework_id=found.framework_id), 303)
    return _theme_page(form, found.framework, found)


@staff.post(f"/theme-sets/themes/{THEME}/remove")
def remove_theme(theme_id: int) -> ResponseReturnValue:
    found = _theme_or_404(theme_id)
    framework_id, name = found.framework_id, found.name
    try:
        sets.remove_theme(found, by=signed_in_user(), now=utcnow())
    except sets.ThemeInUse:
        db.session.rollback()
        flash(
            _("Voices have the theme “%(name)s”, so it stays. Change its words instead.", name=name), "error"
        )
    else:
        db.session.commit()
        flash(_("Removed: %(name)s.", name=name), "success")
    return redirect(url_for(".framework", framework_id=framework_id), 303)


def _theme_page(form: ThemeForm, framework: ThemeFramework, theme: Theme | None) -> ResponseReturnValue:
    page = render_template(
        "themes/theme.html",
        form=form,
        form_errors=bool(form.errors),
        framework=framework,
        theme=theme,
        in_use=bool(theme and sets.is_in_use(theme)),
        most_phrases=sets.MOST_PHRASES,
    )
    return page, 422 if form.errors else 200


def _words(form: ThemeForm) -> ThemeWords:
    return ThemeWords(form.name.data, form.description.data, form.seed_phrases)


def _framework_or_404(framework_id: int) -> ThemeFramework:
    found: ThemeFramework = load_or_404(sets.framework(framework_id))
    return found


def _theme_or_404(theme_id: int) -> Theme:
    found = sets.theme(theme_id)
    if found is None:
        abort(404)
    return found
