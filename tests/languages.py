"""The words that a resident can meet, and the languages that they are in.

``python -m tests.languages`` (part of ``make translations``) brings every ``messages.po`` up to date: new
strings come in empty, strings that are gone are set aside at the end of the file with their translation, and
come back with it when the string comes back. ``python -m tests.languages pa`` does so for one language, and
begins it where it is new.

Signed-in pages are always in English, so their strings are in no ``messages.po``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
TRANSLATIONS = ROOT / "translations"

STAFF_FOLDERS = ("accounts/",)
"""Pages in the public layout that only people who sign in meet."""

PUBLIC_MODULES = (
    "engage/conversations/stages.py",
    "engage/errors.py",
    "engage/forms.py",
    "engage/pages.py",
    "engage/reading.py",
    "engage/surveys/answering.py",
    "engage/surveys/comforts/copies.py",
    "engage/surveys/comforts/copy_views.py",
    "engage/surveys/comforts/saving.py",
    "engage/surveys/comforts/saving_views.py",
    "engage/surveys/guarding/proof_views.py",
    "engage/surveys/printing/paper.py",
    "engage/surveys/printing/paper_questions.py",
    "engage/surveys/printing/paper_views.py",
    "engage/surveys/questions",
    "engage/surveys/sending.py",
    "engage/surveys/spoken.py",
    "engage/surveys/start.py",
    "engage/surveys/views.py",
    "engage/surveys/words/clip_views.py",
    "engage/take_back_views.py",
    "engage/tracking.py",
    "engage/contributions/labels.py",
)
STAFF_MODULES = (
    "engage/surveys/content.py",
    "engage/surveys/forms.py",
    "engage/surveys/keying/entry_forms.py",
    "engage/surveys/routing.py",
    "engage/surveys/services.py",
    "engage/surveys/staff_views.py",
    "engage/surveys/words/pictures.py",
    "engage/surveys/words/translating.py",
    "engage/surveys/words/translation_forms.py",
    "engage/surveys/words/clips.py",
)
"""Modules and folders of them. What public pages of the surveys use, if it has strings, must be in one of
the two lists: in this one if only staff meet its words."""

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
    **dict.fromkeys(("ngettext", "lazy_ngettext", "_n", "_ln"), (1, 2)),
}
USED = re.compile(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""")
Message = str | tuple[str, ...]


def public_templates() -> list[Path]:
    """Every page in the public layout, and every component that such a page takes in, at any depth."""
    pages = [path for path in sorted(TEMPLATES.rglob("*.html")) if _is_public_page(path)]
    found: list[Path] = []
    while pages:
        path = pages.pop()
        if path not in found:
            found.append(path)
            pages += [TEMPLATES / name for name in USED.findall(path.read_text(encoding="utf-8"))]
    return sorted(found)


def _is_public_page(path: Path) -> bool:
    name = path.relative_to(TEMPLATES).as_posix()
    return "base.html" in USED.findall(path.read_text(encoding="utf-8")) and not name.startswith(
        STAFF_FOLDERS
    )


def public_sources() -> list[Path]:
    return [*public_templates(), *modules(PUBLIC_MODULES)]


def modules(names: tuple[str, ...]) -> list[Path]:
    """The files behind names of modules, and of folders with modules."""
    found: list[Path] = []
    for name in names:
        path = ROOT / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return found


def strings_in(path: Path) -> Iterator[Message]:
    """The strings of one file, as they stand in gettext's calls: a text, or singular and plural."""
    method = "python" if path.suffix == ".py" else "jinja2"
    options = {} if method == "python" else {"extensions": "jinja2.ext.do", "silent": "false"}
    for _line, message, _comments, _context in extract_from_file(
        method, path, keywords=KEYWORDS, options=options
    ):
        yield message


def public_strings() -> Catalog:
    """Everything that a resident can meet, without translations."""
    catalog = Catalog(
        project="Engage", version="", copyright_holder="The Engage contributors", charset="utf-8"
    )
    for path in public_sources():
        for message in strings_in(path):
            catalog.add(message)
    return catalog


def catalogs() -> dict[str, Catalog]:
    """What there is of every language, by its code."""
    return {path.parent.parent.name: read(path) for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def bring_up_to_date(code: str, template: Catalog) -> None:
    """Give a language every string of ``template``; lose none of its translations."""
    path = TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    if path.exists():
        catalog = read(path)
        _take_back(catalog, template)
    else:
        path.parent.mkdir(parents=True)
        catalog = Catalog(locale=code, project="Engage", fuzzy=False)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False, keep_user_comments=True)
    catalog.header_comment = (
        f"# {catalog.locale.english_name if catalog.locale else code} words of Engage's public pages."
    )
    catalog.last_translator = "The Engage contributors"
    catalog.msgid_bugs_address = ""
    with path.open("wb") as file:
        write_po(file, catalog, width=0, no_location=True, sort_output=True)


def _take_back(catalog: Catalog, template: Catalog) -> None:
    for key, message in list(catalog.obsolete.items()):
        if message.id in template and message.id not in catalog:
            catalog.add(message.id, message.string, user_comments=message.user_comments)
            del catalog.obsolete[key]


def gaps(catalog: Catalog) -> list[str]:
    """The strings that have no translation, or not in every plural form."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and not all(forms(message.string))
    ]


def forms(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    strings = public_strings()
    for language in sys.argv[1:] or sorted(catalogs()):
        bring_up_to_date(language, strings)
        print(f"{language}: {len(strings)} strings, {len(gaps(catalogs()[language]))} without a translation")
