"""Every public string is in every language and reaches the page; signed-in pages stay in English."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Callable
from gettext import c2py
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import write_po
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from engage import create_app, i18n, paths
from engage.accounts.guard import StaffBlueprint
from engage.accounts.models import Role
from engage.config import SettingsError
from engage.rooms import VIEWS
from tests import factories, languages
from tests.conftest import settings_for

CODES = ("ar", "pa", "pl", "ro", "uk", "ur")
PLURALS = {"ar": 6, "pa": 2, "pl": 3, "ro": 3, "uk": 3, "ur": 2}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%\{\w+\}")
HEADING = "دیکھ بھال اور مدد کیسے بہتر ہو"  # "What would make care and support better"
CATALOGS = languages.catalogs()
PUBLIC = languages.public_strings()


def _wrong(code: str, check: Callable[[Message, str], bool]) -> list[str]:
    """The forms of a language's strings that do not pass, each with the English that it stands for."""
    return [
        f"{message.id}: {form}"
        for message in CATALOGS[code]
        if message.id
        for form in languages.forms(message.string)
        if form and not check(message, form)
    ]


def _found(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def test_these_languages_are_there() -> None:
    assert tuple(CATALOGS) == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_public_string_is_in_the_file(code: str) -> None:
    """To bring the files up to date: make translations"""
    assert {m.id for m in CATALOGS[code]} == {m.id for m in PUBLIC}


@pytest.mark.parametrize("code", CODES)
def test_every_public_string_is_translated(code: str) -> None:
    assert languages.gaps(CATALOGS[code]) == []
    assert [m.id for m in CATALOGS[code] if m.id and m.fuzzy] == []


@pytest.mark.parametrize("code", CODES)
def test_placeholders_stay(code: str) -> None:
    """A form for one number alone may say it in words; every other must have all that the English has."""
    catalog = CATALOGS[code]
    form_of = c2py(str(catalog.plural_expr))
    serves = Counter(form_of(n) for n in range(201))
    wrong = []
    for message in catalog:
        source = languages.forms(message.id)
        wanted = _found(source[-1])
        for index, form in enumerate(languages.forms(message.string)):
            allowed = [wanted]
            if len(source) > 1 and serves[index] == 1:
                allowed += [_found(source[0]), [name for name in wanted if name != "%(num)d"]]
            if form and _found(form) not in allowed:
                wrong.append(f"{source[-1]}: {form}")
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_plural_forms_are_as_many_as_the_language_has(code: str) -> None:
    assert CATALOGS[code].num_plurals == PLURALS[code]
    plurals = [m for m in CATALOGS[code] if isinstance(m.id, tuple | list)]
    assert len(plurals) > 4
    assert {len(m.string) for m in plurals} == {PLURALS[code]}


@pytest.mark.parametrize("code", CODES)
def test_spaces_and_line_ends_at_the_edges_are_the_same(code: str) -> None:
    def edges_match(message: Message, form: str) -> bool:
        source = message.id if isinstance(message.id, str) else message.id[0]
        after = source[len(source.rstrip()) :] == form[len(form.rstrip()) :]
        # A word such as Arabic's "and" is written together with the word that it stands before.
        return (after or source == " and ") and form[:1].isspace() == source[:1].isspace()

    assert _wrong(code, edges_match) == []


@pytest.mark.parametrize("code", ["ar", "ur"])
def test_numbers_in_groups_are_kept_from_turning_round(code: str) -> None:
    """Among letters that run from the right "27 3 2026" would read "2026 3 27": an isolate helps."""
    groups = re.compile(r"(?<![\u2066\d ])\d+ \d+ \d+|(?<!\u2066)%\((?:phone|address)\)s")
    assert _wrong(code, lambda _message, form: not groups.search(form)) == []


def _used_by(path: Path, room: str) -> set[Path]:
    """A module and everything of the same room that it imports, at any depth."""
    found, open_ends = set(), [path]
    while open_ends:
        here = open_ends.pop()
        if here in found:
            continue
        found.add(here)
        for node in ast.walk(ast.parse(here.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(room):
                names = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
                ends = [languages.ROOT / name.replace(".", "/") for name in names]
                open_ends += [end.with_suffix(".py") for end in ends if end.with_suffix(".py").exists()]
                open_ends += [end / "__init__.py" for end in ends if (end / "__init__.py").exists()]
    return found


def test_every_module_behind_a_public_page_is_named() -> None:
    """To name it: PUBLIC_MODULES or STAFF_MODULES in tests/languages.py"""
    public = {*languages.modules(languages.PUBLIC_MODULES)}
    named = public | {*languages.modules(languages.STAFF_MODULES)}
    used = {found for path in public for found in _used_by(path, "engage.surveys")}
    assert {path for path in used if any(languages.strings_in(path))} - named == set()
    assert all(path.exists() for path in named)


def test_every_module_with_public_pages_is_named() -> None:
    named = languages.modules(languages.PUBLIC_MODULES)
    for name in VIEWS:
        blueprints = [b for b in vars(import_module(f"engage.{name}")).values() if isinstance(b, Blueprint)]
        path = languages.ROOT / f"engage/{name.replace('.', '/')}.py"
        if name != "accounts.views" and not all(isinstance(b, StaffBlueprint) for b in blueprints):
            assert path in named


def test_the_pages_that_residents_meet_are_among_the_sources() -> None:
    found = {path.relative_to(languages.TEMPLATES).as_posix() for path in languages.public_templates()}
    assert {"base.html", "pages/home.html", "errors/error.html", "components/field.html"} <= found
    assert not any(name.startswith(("accounts/", "voices/")) or name == "staff.html" for name in found)


def test_a_string_that_comes_back_brings_its_translation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "TRANSLATIONS", tmp_path)
    both, one = languages.Catalog(), languages.Catalog()
    both.add("Yes")
    both.add("No")
    one.add("Yes")
    languages.bring_up_to_date("pl", both)
    path = tmp_path / "pl" / "LC_MESSAGES" / "messages.po"
    translated = languages.read(path)
    translated["No"].string = "Nie"
    with path.open("wb") as file:
        write_po(file, translated)
    languages.bring_up_to_date("pl", one)
    assert "No" not in languages.read(path)
    languages.bring_up_to_date("pl", both)
    assert languages.read(path)["No"].string == "Nie"


# --- On the page --------------------------------------------------------------------------------------------


def _page(client: FlaskClient, address: str = "/", **request: Any) -> str:
    return unescape(client.get(address, **request).get_data(as_text=True))


def test_a_person_chooses_a_language_and_keeps_it_for_a_year(client: FlaskClient) -> None:
    page = _page(client, "/?language=ur")
    assert '<html lang="ur" dir="rtl"' in page
    assert HEADING in page
    cookie = client.get_cookie("language")
    assert cookie is not None
    assert (cookie.value, cookie.max_age, cookie.http_only) == ("ur", i18n.YEAR, True)
    assert '<html lang="ur" dir="rtl"' in _page(client, "/privacy")
    assert '<html lang="en" dir="ltr"' in _page(client, "/privacy?language=en")
    assert '<html lang="en" dir="ltr"' in _page(client)


def test_the_menu_keeps_the_person_on_the_page(client: FlaskClient) -> None:
    page = _page(client, "/privacy?from=letter&language=pl")
    assert 'href="?from=letter&language=ur" lang="ur" hreflang="ur"><bdi>اردو</bdi>' in page
    assert (
        'href="?from=letter&language=pl" lang="pl" hreflang="pl" aria-current="true"><bdi>Polski</bdi>'
        in page
    )


def test_the_menu_never_leads_to_another_site(client: FlaskClient) -> None:
    page = _page(client, "//evil.example/")
    links = re.findall(r'href="([^"]*)" lang="', page)
    assert len(links) == len(CODES) + 1
    assert {link.partition("language=")[0] for link in links} == {"?"}


def test_a_language_that_is_not_there_changes_nothing(client: FlaskClient) -> None:
    for wrong in ("xx", "../../etc", "", "\x00", "pl" * 100_000):
        reply = client.get("/", query_string={"language": wrong})
        assert reply.status_code == 200
        assert '<html lang="en"' in reply.get_data(as_text=True)
    assert client.get_cookie("language") is None


def test_without_a_choice_the_browser_decides(client: FlaskClient) -> None:
    headers = {"Accept-Language": "pa-IN,pa;q=0.9,en;q=0.5"}
    reply = client.get("/", headers=headers)
    assert '<html lang="pa" dir="ltr"' in reply.get_data(as_text=True)
    assert {"accept-language", "cookie"} <= {name.lower() for name in reply.vary}
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert client.get_cookie("language") is None


def test_an_error_page_speaks_the_language_too(client: FlaskClient) -> None:
    reply = client.get("/nowhere?language=ur")
    assert reply.status_code == 404
    assert "ہمیں یہ صفحہ نہیں مل رہا" in reply.get_data(as_text=True)


def test_a_language_says_that_nobody_checked_it_until_somebody_did(tmp_path: Path) -> None:
    says_so = "یہ ترجمہ ابھی تک کسی انسان نے نہیں جانچا۔"
    checked = create_app(settings_for(tmp_path, checked_languages="pl, ur"), testing=True)
    unchecked = create_app(settings_for(tmp_path), testing=True)
    assert says_so in _page(unchecked.test_client(), "/privacy?language=ur")
    assert 'href="mailto:talk@council.example"' in _page(unchecked.test_client(), "/privacy?language=ur")
    assert says_so not in _page(checked.test_client(), "/privacy?language=ur")
    assert "app-unchecked" in _page(checked.test_client(), "/privacy?language=ar")
    assert "app-unchecked" not in _page(unchecked.test_client(), "/privacy")


def test_a_checked_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ENGAGE_CHECKED_LANGUAGES names polish"):
        create_app(settings_for(tmp_path, checked_languages="polish,ur"))


def test_what_the_council_wrote_is_marked_as_english(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        conversation = factories.conversation()
        name = conversation.name
        factories.db.session.commit()
    page = _page(client, "/?language=ar")
    assert f'<span class="app-wordmark__name" lang="en" dir="auto">{name}</span>' in page
    assert '<span lang="en" dir="auto">Monday to Friday, 9am to 6pm</span>' in page
    assert f'<span class="app-wordmark__name">{name}</span>' in _page(client, "/?language=en")


# --- Signed-in pages ----------------------------------------------------------------------------------------


def test_signed_in_pages_and_signing_in_are_in_english(app: Flask) -> None:
    with app.test_request_context("/staff/nowhere?language=ur"):
        assert not i18n.is_public_page()
    for name, blueprint in app.blueprints.items():
        if isinstance(blueprint, StaffBlueprint):
            rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{name}.")]
            assert all(rule.rule.startswith("/staff") for rule in rules)
    with app.test_request_context("/staff"):
        assert i18n.chosen_language() == "en_GB"


def test_a_member_of_staff_keeps_their_language_on_public_pages(
    client: FlaskClient, sign_in: Callable[..., int]
) -> None:
    client.get("/?language=ur")
    assert '<html lang="en" dir="ltr"' in _page(client, "/sign-in")
    sign_in(client, Role.ADMIN)
    page = _page(client, "/staff/account?language=ar")
    assert '<html lang="en" dir="ltr"' in page
    assert "hreflang" not in page
    assert '<html lang="ur" dir="rtl"' in _page(client, "/privacy")


# --- From .po to .mo ----------------------------------------------------------------------------------------


def _write(folder: Path, word: str) -> Path:
    path = folder / "pl" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = languages.Catalog(locale="pl", fuzzy=False)
    catalog.add("Yes", word)
    with path.open("wb") as file:
        write_po(file, catalog)
    return path


def test_a_newer_translation_is_compiled_at_the_start(tmp_path: Path) -> None:
    source = _write(tmp_path, "Tak")
    compiled = source.with_suffix(".mo")
    i18n.compile_translations(tmp_path)
    assert b"Tak" in compiled.read_bytes()
    assert compiled.stat().st_mode & 0o777 == 0o644
    _write(tmp_path, "Owszem")
    os.utime(source, (compiled.stat().st_mtime + 1,) * 2)
    i18n.compile_translations(tmp_path)
    assert b"Owszem" in compiled.read_bytes()
    assert sorted(p.name for p in compiled.parent.iterdir()) == ["messages.mo", "messages.po"]


def test_what_is_compiled_already_is_left_alone(tmp_path: Path) -> None:
    source = _write(tmp_path, "Tak")
    i18n.compile_translations(tmp_path)
    compiled = source.with_suffix(".mo")
    os.utime(source, (1, 1))
    compiled.write_bytes(b"as it was")
    i18n.compile_translations(tmp_path)
    assert compiled.read_bytes() == b"as it was"


def test_a_folder_that_cannot_be_written_to_stops_nothing(tmp_path: Path) -> None:
    source = _write(tmp_path, "Tak")
    source.with_suffix(".mo").mkdir()
    os.utime(source.with_suffix(".mo"), (1, 1))
    i18n.compile_translations(tmp_path)
    assert source.with_suffix(".mo").is_dir()


def test_every_language_is_compiled_once_the_application_has_started(app: Flask) -> None:
    assert i18n.languages() == ("en", *CODES)
    for code in CODES:
        assert (paths.TRANSLATIONS / code / "LC_MESSAGES" / "messages.mo").is_file()
