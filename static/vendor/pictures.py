"""Fetch the pictures for Easy Read once, and make them small and safe.

Run from anywhere: python3 static/vendor/pictures.py
Needs python3 and npm. Nothing here runs when the product is installed or started.

The drawings are OpenMoji's, in colour (CC BY-SA 4.0). What we change: comments, names inside the drawing,
empty groups and white space go. A drawing that holds anything but shapes is refused. People are shown in the
set's neutral yellow, so that no drawing says what a person's skin looks like.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

PACKAGE = "openmoji"
VERSION = "17.0.0"
SHA512 = "EBnYrNGdcdw+OSXmENeNE1yBNRu6tOraTmoOyUbJkTmvT/+XETp8RZLSJFzD3lrPc5N9CzsyPnRTk0Vp4UaI9w=="

# Our name, and the drawing in the set.
PICTURES = {
    # people
    "person": "1F9D1",
    "man": "1F468",
    "woman": "1F469",
    "older-person": "1F9D3",
    "child": "1F9D2",
    "family": "1F46A",
    "friends": "1F9D1-200D-1F91D-200D-1F9D1",
    "hug": "1FAC2",
    "group-of-people": "1F9D1-200D-1F9D1-200D-1F9D2",
    "carer": "E083",
    "wheelchair-user": "1F9D1-200D-1F9BD",
    "person-with-white-cane": "1F9D1-200D-1F9AF",
    "deaf-person": "1F9CF",
    "guide-dog": "1F9AE",
    # home
    "house": "1F3E0",
    "house-with-garden": "1F3E1",
    "neighbourhood": "1F3D8",
    "block-of-flats": "1F3E2",
    "key": "1F511",
    "bed": "1F6CF",
    "shower": "1F6BF",
    "toilet": "1F6BD",
    "meal": "1F37D",
    "cooking": "1F373",
    "hot-drink": "2615",
    "washing-machine": "E1CF",
    "cleaning": "1F9F9",
    "clothes": "1F455",
    "heating": "1F321",
    "stairs": "E202",
    "repairs": "1F6E0",
    # health
    "hospital": "1F3E5",
    "health-worker": "1F9D1-200D-2695-FE0F",
    "nurse": "E303",
    "ambulance": "1F691",
    "medicine": "E307",
    "eye": "1F441",
    "hearing-aid": "1F9BB",
    "crutch": "1FA7C",
    "wheelchair": "E327",
    "brain": "1F9E0",
    "heart": "2764",
    "pain": "E31D",
    "ill": "1F912",
    "strong": "1F4AA",
    # getting about
    "bus": "1F68C",
    "car": "1F697",
    "taxi": "1F695",
    "walking": "1F6B6",
    "parking": "1F17F",
    "place-on-a-map": "E242",
    "signpost": "E094",
    "step-free": "267F",
    # money
    "banknotes": "1F4B7",
    "purse": "1F45B",
    "bank-card": "1F4B3",
    "bill": "1F9FE",
    "scales": "2696",
    "shopping": "1F6D2",
    # feelings
    "very-happy": "1F600",
    "happy": "1F642",
    "neither-happy-nor-sad": "1F610",
    "sad": "1F641",
    "very-sad": "1F622",
    "worried": "1F61F",
    "frightened": "1F628",
    "angry": "1F620",
    "tired": "1F62B",
    "confused": "1F615",
    "thinking": "1F914",
    "calm-face": "1F60C",
    "broken-heart": "1F494",
    # talking
    "speech-bubble": "1F4AC",
    "speaking": "1F5E3",
    "people-talking": "E246",
    "listening": "1F442",
    "sign-language": "1F450",
    "raised-hand": "1F64B",
    "telephone": "1F4DE",
    "mobile-phone": "1F4F1",
    "computer": "1F4BB",
    "email": "1F4E7",
    "letter": "2709",
    "postbox": "1F4EE",
    "leaflet": "1F4C4",
    "reading": "1F4D6",
    "writing": "270D",
    "form": "1F4DD",
    "languages": "1F310",
    "video": "1F4F9",
    # time
    "calendar": "1F4C5",
    "clock": "23F0",
    "waiting": "231B",
    "morning": "1F305",
    "night": "1F319",
    "growing": "1F331",
    # choices
    "yes": "2705",
    "no": "274C",
    "tick-box": "2611",
    "vote": "1F5F3",
    "good": "1F44D",
    "bad": "1F44E",
    "not-sure": "1F937",
    "this-way-or-that": "2194",
    "target": "1F3AF",
    "star": "2B50",
    "question": "2753",
    "private": "1F512",
    # work and learning
    "work": "1F4BC",
    "office-worker": "1F9D1-200D-1F4BC",
    "volunteer": "1F9D1-200D-1F33E",
    "teacher": "1F9D1-200D-1F3EB",
    "student": "1F9D1-200D-1F393",
    "art": "1F3A8",
    "music": "1F3B5",
    "dog": "1F415",
    "worship": "1F6D0",
    "celebration": "1F389",
    "birthday-cake": "1F382",
    # help
    "helping-hands": "1F91D",
    "heart-hands": "1FAF6",
    "holding-out-a-hand": "1FAF4",
    "safe": "E247",
    "alarm": "1F6A8",
    "warning": "26A0",
    "bell": "1F514",
    "information": "2139",
    "looking-closely": "1F50D",
    "checklist": "1F4CB",
    "police-officer": "1F46E",
}

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
ATTRIBUTES = {
    "viewBox", "d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height",
    "transform", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "opacity", "fill-opacity", "fill-rule", "clip-rule",
}
DROPPED = {"id", "class", "version"}


def fetch(folder: Path) -> Path:
    """Download the pinned package and unpack it; stop where it is not the one that we looked at."""
    subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != SHA512:
        raise SystemExit(f"{archive.name} has another checksum: {found}")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def tidy(element: ET.Element) -> None:
    """Drop what draws nothing, in place; refuse what is no plain shape."""
    tag = element.tag.removeprefix(SVG)
    if tag not in SHAPES:
        raise SystemExit(f"<{tag}> may not stand in a picture")
    element.text = element.tail = None
    for name in list(element.attrib):
        if name in DROPPED:
            del element.attrib[name]
        elif name not in ATTRIBUTES or "url(" in element.attrib[name]:
            raise SystemExit(f"{tag} {name}={element.attrib[name]} may not stand in a picture")
    if element.get("stroke") == "none":
        for name in ("stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit"):
            element.attrib.pop(name, None)
    for child in list(element):
        tidy(child)
        if child.tag == f"{SVG}g" and not len(child):
            element.remove(child)


def drawing(source: Path) -> str:
    """One tidied drawing as text."""
    root = ET.fromstring(source.read_text(encoding="utf-8"))
    tidy(root)
    return ET.tostring(root, encoding="unicode").replace(" />", "/>") + "\n"


def credits(package: Path) -> str:
    """Who drew what, as the licence asks."""
    known = {e["hexcode"]: e for e in json.loads((package / "data" / "openmoji.json").read_text(encoding="utf-8"))}
    lines = [
        f"All pictures in this folder are from OpenMoji {VERSION}, https://openmoji.org",
        "Licence: Creative Commons Attribution-ShareAlike 4.0 International (CC BY-SA 4.0), see LICENSE.txt",
        "Changes: comments, names inside the drawings, empty groups and white space were removed.",
        "",
        "Name | OpenMoji | What OpenMoji calls it | Drawn by",
    ]
    lines += [
        f"{name} | {code} | {known[code]['annotation']} | {known[code]['openmoji_author']}"
        for name, code in sorted(PICTURES.items())
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all drawings, their licence and their credits into static/img/pictures."""
    ET.register_namespace("", SVG.strip("{}"))
    folder = Path(__file__).resolve().parent.parent / "img" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        package = fetch(Path(work))
        for old in folder.glob("*.svg"):
            old.unlink()
        for name, code in PICTURES.items():
            source = package / "color" / "svg" / f"{code}.svg"
            (folder / f"{name}.svg").write_text(drawing(source), encoding="utf-8")
        licence = (package / "LICENSE.txt").read_text(encoding="utf-8")
        (folder / "LICENSE.txt").write_text(licence, encoding="utf-8")
        (folder / "CREDITS.txt").write_text(credits(package), encoding="utf-8")


if __name__ == "__main__":
    main()
