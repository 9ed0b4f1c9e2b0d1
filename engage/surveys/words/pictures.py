"""The pictures that may stand beside an Easy Read sentence, and which of them suit a sentence.

The drawings lie in ``static/img/pictures``, made by ``static/vendor/pictures.py``; a test keeps folder and
catalogue the same. Everything is read once, when the module is imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from engage.paths import PACKAGE

_LONGEST_TEXT = 2_000  # Characters of a sentence that are looked at; an Easy Read sentence has about 80.
_COMMON = frozenset(
    """
    a about all am an and any are as at be been but by can could did do does for from get had has have
    how i if in into is it its many may me more much my of on or our out please should so some than that
    the their them then there these they thing things this to us was we were what when which who will
    with would you your
    """.split()  # noqa: SIM905 - as a list it would fill a page
)


class Group(StrEnum):
    """What a picture is about; the order is that of the picture chooser."""

    PEOPLE = "people"
    HOME = "home"
    HEALTH = "health"
    GETTING_ABOUT = "getting-about"
    MONEY = "money"
    FEELINGS = "feelings"
    TALKING = "talking"
    TIME = "time"
    CHOICES = "choices"
    WORK_AND_LEARNING = "work-and-learning"
    HELP = "help"


GROUP_LABELS: Mapping[Group, Any] = MappingProxyType(
    {
        Group.PEOPLE: _l("People"),
        Group.HOME: _l("Home"),
        Group.HEALTH: _l("Health"),
        Group.GETTING_ABOUT: _l("Getting about"),
        Group.MONEY: _l("Money"),
        Group.FEELINGS: _l("Feelings"),
        Group.TALKING: _l("Talking"),
        Group.TIME: _l("Time"),
        Group.CHOICES: _l("Choices"),
        Group.WORK_AND_LEARNING: _l("Work and learning"),
        Group.HELP: _l("Help"),
    }
)


@dataclass(frozen=True)
class Picture:
    """One drawing. ``label`` says what it shows, lazily translated; ``words`` are English search words."""

    name: str
    label: Any
    words: tuple[str, ...]
    group: Group

    @property
    def path(self) -> str:
        """Where it lies under the static folder, for ``url_for("static", filename=…)``."""
        return f"img/pictures/{self.name}.svg"


_LABELS: Mapping[Group, Mapping[str, Any]] = {
    Group.PEOPLE: {
        "person": _l("A person"),
        "man": _l("A man"),
        "woman": _l("A woman"),
        "older-person": _l("An older person"),
        "child": _l("A child"),
        "family": _l("A family"),
        "friends": _l("Two people holding hands"),
        "hug": _l("Two people hugging"),
        "group-of-people": _l("A group of people"),
        "carer": _l("A carer with a person in a wheelchair"),
        "wheelchair-user": _l("A person in a wheelchair"),
        "person-with-white-cane": _l("A person with a white cane"),
        "deaf-person": _l("A Deaf person"),
        "guide-dog": _l("A guide dog"),
    },
    Group.HOME: {
        "house": _l("A house"),
        "house-with-garden": _l("A house with a garden"),
        "neighbourhood": _l("Houses in a street"),
        "block-of-flats": _l("A large building"),
        "key": _l("A key"),
        "bed": _l("A bed"),
        "shower": _l("A shower"),
        "toilet": _l("A toilet"),
        "meal": _l("A meal"),
        "cooking": _l("Cooking"),
        "hot-drink": _l("A hot drink"),
        "washing-machine": _l("A washing machine"),
        "cleaning": _l("A broom"),
        "clothes": _l("A shirt"),
        "heating": _l("A thermometer"),
        "stairs": _l("Stairs"),
        "repairs": _l("Tools"),
    },
    Group.HEALTH: {
        "hospital": _l("A hospital"),
        "health-worker": _l("A health worker"),
        "nurse": _l("A nurse"),
        "ambulance": _l("An ambulance"),
        "medicine": _l("Medicine"),
        "eye": _l("An eye"),
        "hearing-aid": _l("An ear with a hearing aid"),
        "crutch": _l("A crutch"),
        "wheelchair": _l("A wheelchair"),
        "brain": _l("A brain"),
        "heart": _l("A heart"),
        "pain": _l("A person with a headache"),
        "ill": _l("A face with a thermometer"),
        "strong": _l("A strong arm"),
    },
    Group.GETTING_ABOUT: {
        "bus": _l("A bus"),
        "car": _l("A car"),
        "taxi": _l("A taxi"),
        "walking": _l("A person walking"),
        "parking": _l("A parking sign"),
        "place-on-a-map": _l("A place on a map"),
        "signpost": _l("A signpost"),
        "step-free": _l("A sign for wheelchair access"),
    },
    Group.MONEY: {
        "banknotes": _l("Banknotes"),
        "purse": _l("A purse"),
        "bank-card": _l("A bank card"),
        "bill": _l("A bill"),
        "scales": _l("Scales"),
        "shopping": _l("A shopping trolley"),
    },
    Group.FEELINGS: {
        "very-happy": _l("A very happy face"),
        "happy": _l("A happy face"),
        "neither-happy-nor-sad": _l("A face that is neither happy nor sad"),
        "sad": _l("A sad face"),
        "very-sad": _l("A crying face"),
        "worried": _l("A worried face"),
        "frightened": _l("A frightened face"),
        "angry": _l("An angry face"),
        "tired": _l("A tired face"),
        "confused": _l("A confused face"),
        "thinking": _l("A thinking face"),
        "calm-face": _l("A calm face"),
        "broken-heart": _l("A broken heart"),
    },
    Group.TALKING: {
        "speech-bubble": _l("A speech bubble"),
        "speaking": _l("A person speaking"),
        "people-talking": _l("Two people talking"),
        "listening": _l("An ear"),
        "sign-language": _l("Hands that sign"),
        "raised-hand": _l("A person raising a hand"),
        "telephone": _l("A telephone"),
        "mobile-phone": _l("A mobile phone"),
        "computer": _l("A computer"),
        "email": _l("An email"),
        "letter": _l("A letter"),
        "postbox": _l("A postbox"),
        "leaflet": _l("A sheet of paper"),
        "reading": _l("An open book"),
        "writing": _l("A hand that writes"),
        "form": _l("A form and a pencil"),
        "languages": _l("A globe"),
        "video": _l("A video camera"),
    },
    Group.TIME: {
        "calendar": _l("A calendar"),
        "clock": _l("A clock"),
        "waiting": _l("An hourglass"),
        "morning": _l("A sunrise"),
        "night": _l("The moon"),
        "growing": _l("A young plant"),
    },
    Group.CHOICES: {
        "yes": _l("A tick"),
        "no": _l("A cross"),
        "tick-box": _l("A box with a tick"),
        "vote": _l("A ballot box"),
        "good": _l("Thumbs up"),
        "bad": _l("Thumbs down"),
        "not-sure": _l("A person who is not sure"),
        "this-way-or-that": _l("Two arrows"),
        "target": _l("A target"),
        "star": _l("A star"),
        "question": _l("A question mark"),
        "private": _l("A closed lock"),
    },
    Group.WORK_AND_LEARNING: {
        "work": _l("A briefcase"),
        "office-worker": _l("An office worker"),
        "volunteer": _l("A person who works outdoors"),
        "teacher": _l("A teacher"),
        "student": _l("A student"),
        "art": _l("Paint and a palette"),
        "music": _l("A musical note"),
        "dog": _l("A dog"),
        "worship": _l("A person who prays"),
        "celebration": _l("A party popper"),
        "birthday-cake": _l("A birthday cake"),
    },
    Group.HELP: {
        "helping-hands": _l("A handshake"),
        "heart-hands": _l("Hands that make a heart"),
        "holding-out-a-hand": _l("A hand held out"),
        "safe": _l("A shield with a tick"),
        "alarm": _l("A flashing alarm light"),
        "warning": _l("A warning sign"),
        "bell": _l("A bell"),
        "information": _l("The information sign"),
        "looking-closely": _l("A magnifying glass"),
        "checklist": _l("A clipboard"),
        "police-officer": _l("A police officer"),
    },
}


def _words() -> dict[str, tuple[str, ...]]:
    """The search words of each picture, from the list beside this module."""
    lines = (PACKAGE / "surveys" / "words" / "picture_words.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name: tuple(words.split()) for name, words in pairs}


def _catalogue() -> Mapping[str, Picture]:
    words = _words()
    return MappingProxyType(
        {
            name: Picture(name, label, words[name], group)
            for group, labels in _LABELS.items()
            for name, label in labels.items()
        }
    )


PICTURES: Mapping[str, Picture] = _catalogue()


def in_groups() -> dict[Group, list[Picture]]:
    """All pictures under their groups, in the order of the picture chooser."""
    return {group: [p for p in PICTURES.values() if p.group == group] for group in Group}


# --- Which pictures suit a sentence -------------------------------------------------------------------------


def _stem(word: str) -> str:
    """The part of a word that its forms share: "shops", "shopping" and "shop" become one.

    Short words keep their endings, or "caring" would become "car".
    """
    for ending, instead in (
        ("\u2019s", ""),
        ("'s", ""),
        ("ies", "y"),
        ("ing", ""),
        ("ed", ""),
        ("es", "e"),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            if ending in ("ing", "ed") and len(word) - len(ending) < 4:
                continue
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+(?:['\u2019]s\b)?", text[:_LONGEST_TEXT].lower())
    return {_stem(word) for word in words if word not in _COMMON}


_OWN = {name: _stems(name.replace("-", " ")) for name in PICTURES}
_STEMS = {p.name: _OWN[p.name] | _stems(" ".join(p.words)) for p in PICTURES.values()}
_SHARED_BY = Counter(stem for stems in _STEMS.values() for stem in stems)


def suggested(text: str, most: int = 6) -> list[Picture]:
    """The pictures that suit an English sentence, best first; an empty list where none does.

    A word that few pictures share says more than one that many share (inverse document frequency, as
    Sparck Jones has it, 1972), and a word of the picture's own name counts twice.
    """
    wanted = _stems(text)
    scores = {
        name: sum((2 if stem in _OWN[name] else 1) / _SHARED_BY[stem] for stem in sorted(wanted & stems))
        for name, stems in _STEMS.items()
        if wanted & stems
    }
    best = sorted(scores, key=lambda name: -scores[name])
    return [PICTURES[name] for name in best[:most]]
