"""The sample conversation is data: these tests keep it varied, balanced and free of real people."""

import json
import re
import statistics
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import engage

FOLDER = Path(engage.__file__).parent / "demo"
REQUIRED = {
    "text",
    "channel",
    "prompt",
    "speaker",
    "district",
    "themes",
    "language",
    "voices",
    "verbatim",
    "days_ago",
}
OPTIONAL = {"notes", "personal_data", "safeguarding", "event", "respondent"}
SPEAKERS = {"draws_on_care", "unpaid_carer", "family_or_friend", "staff", "provider", "not_said"}
DISTRICTS = {
    "Ashfield",
    "Bassetlaw",
    "Broxtowe",
    "Gedling",
    "Mansfield",
    "Newark and Sherwood",
    "Rushcliffe",
}
THEMES = {"wellbeing", "information", "communities", "flexible", "change", "workforce"}
ROLES = {"recorder", "moderator", "member", "facilitator", "safeguarding_lead", "admin"}
SURVEY_PROMPTS = {
    "What is good about your care and support, or the support you give?",
    "What would make it better?",
    "How easy is it to find out what you need to know?",
    "Is there anything else you want to tell us?",
}
EVENT_PROMPTS = {"What matters most to you?", "What should change first?"}
PROMPTS = {
    "online": SURVEY_PROMPTS,
    "paper": SURVEY_PROMPTS,
    "event": EVENT_PROMPTS,
    "phone": {None},
    "letter": {None},
    "import": {None},
}
# The ranges that the regulator keeps free for drama.
DRAMA_NUMBER = re.compile(r"(01632 ?960 ?\d{3}|07700 ?900 ?\d{3}|0808 ?157 ?0\d{3})")
ANY_NUMBER = re.compile(r"(?<!\d)(?:\+44|0)[\d ]{8,12}\d(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
CAMPAIGN_NOTE = "Same wording as other letters that came that week."


def load(name: str) -> list[dict[str, Any]]:
    """One of the sample files, as a list of plain dicts."""
    rows: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return rows


VOICES = load("voices.json")
EVENTS = load("events.json")


def words(text: str) -> list[str]:
    """Lower-case words without the punctuation round them, in any script."""
    return [word for raw in text.lower().split() if (word := raw.strip(".,;:!?()\"'“”„…"))]


def is_campaign(voice: dict[str, Any]) -> bool:
    """Whether the voice is one of the letters that people copied from each other on purpose."""
    return voice.get("notes") == CAMPAIGN_NOTE


def jaccard(one: set[str], other: set[str]) -> float:
    """Shared words as a part of all words, 0 to 1."""
    return len(one & other) / len(one | other)


def test_every_voice_has_the_right_keys_and_types() -> None:
    for voice in VOICES:
        assert set(voice) >= REQUIRED, voice
        assert set(voice) <= REQUIRED | OPTIONAL, voice
        assert voice["text"].strip() == voice["text"] != ""
        assert voice["speaker"] in SPEAKERS
        assert voice["prompt"] in PROMPTS[voice["channel"]]
        assert set(voice["themes"]) <= THEMES
        assert len(set(voice["themes"])) == len(voice["themes"])
        assert 1 <= voice["days_ago"] <= 60


def test_the_mix_of_channels() -> None:
    assert Counter(voice["channel"] for voice in VOICES) == {
        "online": 214,
        "event": 90,
        "phone": 40,
        "paper": 35,
        "import": 25,
        "letter": 20,
    }


def test_every_district_and_speaker_is_heard() -> None:
    districts = Counter(voice["district"] for voice in VOICES)
    assert set(districts) == DISTRICTS | {None}
    assert min(districts[name] for name in DISTRICTS) >= 30
    assert {voice["speaker"] for voice in VOICES} == SPEAKERS


def test_every_theme_has_voices_in_most_channels_and_some_voices_fit_none() -> None:
    themes = Counter(theme for voice in VOICES for theme in voice["themes"])
    assert set(themes) == THEMES
    assert min(themes.values()) >= 50
    for theme in THEMES:
        assert len({voice["channel"] for voice in VOICES if theme in voice["themes"]}) >= 5
    assert 8 <= sum(not voice["themes"] for voice in VOICES) <= 25


def test_languages() -> None:
    languages = Counter(voice["language"] for voice in VOICES)
    assert languages.pop("en") == len(VOICES) - 20
    assert languages == {"pl": 6, "ro": 3, "uk": 3, "ur": 3, "ar": 3, "pa": 2}


def test_lengths_vary_about_a_short_median() -> None:
    lengths = [len(voice["text"].split()) for voice in VOICES]
    assert min(lengths) == 1
    assert 120 <= max(lengths) <= 200
    assert 18 <= statistics.median(lengths) <= 30


def test_no_two_voices_are_alike_but_the_campaign() -> None:
    own = [voice["text"] for voice in VOICES if not is_campaign(voice)]
    assert len(set(own)) == len(own)
    bags = [set(words(text)) for text in own]
    assert max(jaccard(one, other) for one, other in combinations(bags, 2)) < 0.4


def test_campaign_letters_are_near_but_not_exact_duplicates() -> None:
    letters = [voice for voice in VOICES if is_campaign(voice)]
    texts = [voice["text"] for voice in letters]
    assert len(set(texts)) == len(texts) == 5
    assert {voice["channel"] for voice in letters} == {"letter"}
    assert min(jaccard(set(words(a)), set(words(b))) for a, b in combinations(texts, 2)) >= 0.5


def test_openings_vary() -> None:
    openings = Counter(tuple(words(voice["text"])[:3]) for voice in VOICES if not is_campaign(voice))
    assert max(openings.values()) <= 4


def test_phone_numbers_and_addresses_are_invented_and_marked() -> None:
    marked = [voice for voice in VOICES if voice.get("personal_data")]
    assert len(marked) == 12
    for voice in VOICES:
        numbers = ANY_NUMBER.findall(voice["text"])
        emails = EMAIL.findall(voice["text"])
        assert all(DRAMA_NUMBER.fullmatch(number) for number in numbers), numbers
        assert all(email.endswith("@example.org") for email in emails), emails
        assert voice.get("personal_data") or not (numbers or emails)
    assert {ANY_NUMBER.search(voice["text"]) is None for voice in marked} == {True, False}


def test_exactly_two_safeguarding_voices_from_different_channels() -> None:
    concerns = [voice for voice in VOICES if voice.get("safeguarding")]
    assert len(concerns) == 2
    assert {voice["channel"] for voice in concerns} == {"online", "phone"}


def test_only_events_and_calls_are_summarised_and_only_events_count_several_voices() -> None:
    summaries = {voice["channel"] for voice in VOICES if not voice["verbatim"]}
    assert summaries == {"event", "phone"}
    several = [voice for voice in VOICES if voice["voices"] != 1]
    assert {voice["channel"] for voice in several} == {"event"}
    assert all(2 <= voice["voices"] <= 14 for voice in several)


def test_survey_responses_hold_together() -> None:
    responses: dict[int, list[dict[str, Any]]] = {}
    for voice in VOICES:
        assert ("respondent" in voice) == (voice["channel"] in {"online", "paper"})
        if "respondent" in voice:
            responses.setdefault(voice["respondent"], []).append(voice)
    for answers in responses.values():
        assert len({answer["prompt"] for answer in answers}) == len(answers) <= 3
        for key in ("channel", "speaker", "district", "days_ago"):
            assert len({answer[key] for answer in answers}) == 1, (key, answers)
    assert sum(answers[0]["channel"] == "online" for answers in responses.values()) == 155


def test_event_points_belong_to_one_of_two_events_on_its_day() -> None:
    held_on = {event["event"]: event for event in EVENTS}
    assert set(held_on) == {1, 2}
    for voice in VOICES:
        assert ("event" in voice) == (voice["channel"] == "event")
        if "event" in voice:
            event = held_on[voice["event"]]
            assert voice["days_ago"] == event["held_on_days_ago"]
            assert voice["district"] == event["district"]
            assert voice["voices"] <= event["people_count"]


def test_events_are_whole() -> None:
    for event in EVENTS:
        assert event["title"]
        assert event["venue"]
        assert event["summary"]
        assert event["district"] in DISTRICTS
        assert re.fullmatch(r"\d\d:\d\d", event["started_at"])
        assert event["started_at"] < event["ended_at"]


def test_one_person_signs_in_for_each_role() -> None:
    people = load("people.json")
    assert sorted(role for person in people for role in person["roles"]) == sorted(ROLES)
    assert len({person["email"] for person in people}) == len(people) == len(ROLES)
    assert all(person["email"].endswith("@example.org") for person in people)
    assert {person["standpoint"] for person in people} == {"lived_experience", "staff"}
