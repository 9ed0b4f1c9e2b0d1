"""The pictures for Easy Read: each there, harmless, small, with its licence; and found by a sentence."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage.paths import STATIC
from engage.surveys.words import pictures
from engage.surveys.words.pictures import GROUP_LABELS, PICTURES, Group, in_groups, suggested

FOLDER = STATIC / "img" / "pictures"
FILES = sorted(FOLDER.glob("*.svg"))
SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}


def names(text: str, most: int = 6) -> list[str]:
    return [picture.name for picture in suggested(text, most)]


def test_catalogue_and_folder_are_the_same() -> None:
    assert {file.stem for file in FILES} == set(PICTURES)
    assert {file.name for file in FOLDER.iterdir() if file.suffix != ".svg"} == {"LICENSE.txt", "CREDITS.txt"}
    assert all((STATIC / picture.path).is_file() for picture in PICTURES.values())
    assert all(key == picture.name for key, picture in PICTURES.items())


def test_catalogue_and_search_words_name_the_same_pictures() -> None:
    listed = [line.split(":")[0] for line in _word_lines()]
    assert sorted(listed) == sorted(PICTURES)
    assert all(picture.words for picture in PICTURES.values())


def _word_lines() -> list[str]:
    text = (Path(pictures.__file__).parent / "picture_words.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_there_are_enough_and_each_group_has_some() -> None:
    assert 90 <= len(PICTURES) <= 140
    assert set(GROUP_LABELS) == set(Group)
    grouped = in_groups()
    assert list(grouped) == list(Group)
    assert min(len(members) for members in grouped.values()) >= 5
    assert sum(len(members) for members in grouped.values()) == len(PICTURES)


def test_labels_differ_and_say_what_is_drawn(app: Flask) -> None:
    with app.test_request_context():
        labels = [str(picture.label) for picture in PICTURES.values()]
    assert len(set(labels)) == len(labels)
    assert all(label[0].isupper() and not label.endswith(".") for label in labels)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_picture_holds_shapes_alone(file: Path) -> None:
    root = ET.fromstring(file.read_text(encoding="utf-8"))
    assert root.get("viewBox") == "0 0 72 72"
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in SHAPES
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert name not in ("id", "class", "style") and "href" not in name
            assert not re.search(r"url\(|javascript:|//", value)


def test_the_set_is_small() -> None:
    assert sum(file.stat().st_size for file in FILES) < 600_000
    assert max(file.stat().st_size for file in FILES) < 12_000


def test_licence_and_credits_are_there() -> None:
    assert (FOLDER / "LICENSE.txt").read_text(encoding="utf-8").startswith("Attribution-ShareAlike 4.0")
    credit = (FOLDER / "CREDITS.txt").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in credit.splitlines() if " | " in line][1:]
    assert sorted(row[0] for row in rows) == sorted(PICTURES)
    assert all(len(row) == 4 and all(row) for row in rows)


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("Do you feel safe at home?", "safe"),
        ("Do carers listen to you?", "carer"),
        ("Can you get the bus to the shops?", "bus"),
        ("Do you wait too long?", "waiting"),
        ("How old are you?", "older-person"),
        ("Do you use British Sign Language?", "sign-language"),
        ("What matters most to you?", "star"),
        ("Did the NURSES visit?", "nurse"),
        ("Does your neighbour\u2019s car have a blue badge?", "car"),
    ],
)
def test_a_sentence_finds_its_picture(sentence: str, first: str) -> None:
    assert names(sentence)[0] == first


def test_care_is_no_car() -> None:
    assert "car" not in names("Who is caring for you? Do you like the care?", most=130)
    assert "carer" not in names("Do you have a car?", most=130)


def test_forms_of_a_word_find_the_same() -> None:
    assert names("shops") == names("shopping") == names("shop") != []
    assert names("worry") == names("worries") == names("worried") != []


@pytest.mark.parametrize("text", ["", "the of and", "qwertz", "\0", "\U0001f3e0", "مرحبا", "?" * 1_000_000])
def test_text_without_a_match_finds_nothing(text: str) -> None:
    assert suggested(text) == []


def test_no_more_than_asked_for_and_the_same_each_time() -> None:
    text = "help with food, money, home, health, friends, work, the bus and the telephone"
    assert len(suggested(text)) == 6
    assert len(suggested(text, most=2)) == 2
    assert names(text, 20) == names(text, 20)


def test_the_macro_is_silent_unless_told(app: Flask) -> None:
    with app.test_request_context():
        module = app.jinja_env.get_template("components/picture.html").module
        silent = module.picture("house")  # type: ignore[attr-defined]
        spoken = module.picture("house", alt='A "house"', size=72)  # type: ignore[attr-defined]
    assert 'alt="" width="176" height="176"' in silent
    assert "/static/img/pictures/house.svg" in silent
    assert 'alt="A &#34;house&#34;" width="72" height="72"' in spoken


def test_every_picture_is_served_and_credited(client: FlaskClient) -> None:
    with client.get("/static/img/pictures/carer.svg") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    page = client.get("/accessibility").get_data(as_text=True)
    assert "OpenMoji" in page and "CC BY-SA 4.0" in page
    with client.get("/static/img/pictures/CREDITS.txt") as answer:
        assert answer.status_code == 200
