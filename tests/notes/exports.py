"""Exports as other survey tools write them, in words of our own.

Everybody in them has the name, the e-mail address, the telephone number, the postcode and the network
address of ``SECRETS``: none of these may turn up anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

Cells = Sequence[object]
SECRETS = (
    "Zebedee",
    "Quillfeather",
    "zebedee@",
    "203.0.113.77",
    "07700 900461",
    "NG99 7ZQ",
    "53.14159",
    "TOK3NXY",
)
FIRST, LAST, EMAIL, IP, PHONE, POSTCODE, LATITUDE, TOKEN = (
    *("Zebedee", "Quillfeather", "zebedee@example.org", "203.0.113.77", "07700 900461", "NG99 7ZQ"),
    *("53.14159", "TOK3NXY"),
)
GOOD = (
    "The day centre gives me a break every week.",
    "My neighbours look in on me each morning.",
    "Sąsiedzi pomagają mi robić zakupy 🛒",
    "The same carer comes, so I need not explain.",
)
CHANGE = (
    "Buses after six in the evening.",
    "",
    "Letters in plain words, please.",
    "A number where somebody picks up.",
)
WHO = ("I am an unpaid carer", "I draw on care and support", "I am a family member", "I am an unpaid carer")
WHERE = ("Mansfield", "Bassetlaw", "Mansfield", "Mansfield")
ASKED_GOOD = "What works well for you?"
ASKED_CHANGE = "What would you change first?"

# --- Qualtrics ----------------------------------------------------------------------------------------------

_OWN = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
    ("Q1", "Which of these are you?", "QID1"),
    ("Q2", f"<b>{ASKED_GOOD}</b>", "QID2_TEXT"),
    ("Q3", f"{ASKED_CHANGE}\n", "QID3_TEXT"),
    ("Q4", "Where do you live?", "QID4"),
    ("Q5", "If we may ring you, what is your phone number?", "QID5_TEXT"),
)


def _qualtrics_import_row(zone: str) -> list[str]:
    dates = ("startDate", "endDate", "recordedDate")
    return [
        json.dumps({"ImportId": own, "timeZone": zone} if own in dates else {"ImportId": own})
        for _name, _label, own in _OWN
    ]


def _qualtrics_answer(at: int, status: str, finished: str, number: str) -> list[str]:
    day = f"2026-06-0{at + 1}"
    return [
        *(
            f"{day} 09:00:00",
            f"{day} 09:05:00",
            status,
            IP,
            "100",
            "300",
            finished,
            f"{day} 09:05:01",
            number,
        ),
        *(LAST, FIRST, EMAIL, "", LATITUDE, "-1.19", "anonymous", ("EN-GB", "EN", "PL", "ZH-S")[at]),
        *(WHO[at], GOOD[at], CHANGE[at], WHERE[at], PHONE),
    ]


def qualtrics(*, numeric: bool = False, zone: str = "Europe/London") -> list[Cells]:
    """Three heading rows; four people, then one trial and one answer that was not finished."""
    normal, trial = ("0", "1") if numeric else ("IP Address", "Survey Preview")
    yes, no = ("1", "0") if numeric else ("True", "False")
    return [
        [name for name, _label, _own in _OWN],
        [label for _name, label, _own in _OWN],
        _qualtrics_import_row(zone),
        *(_qualtrics_answer(at, normal, yes, f"R_{at}") for at in range(4)),
        _qualtrics_answer(0, trial, yes, "R_trial"),
        _qualtrics_answer(1, normal, no, "R_half"),
    ]


# --- LimeSurvey ---------------------------------------------------------------------------------------------

_LIME = (
    ("id", "Response ID"),
    ("submitdate", "Date submitted"),
    ("lastpage", "Last page"),
    ("startlanguage", "Start language"),
    ("seed", "Seed"),
    ("token", "Access code"),
    ("startdate", "Date started"),
    ("datestamp", "Date last action"),
    ("ipaddr", "IP address"),
    ("refurl", "Referrer URL"),
    ("G01Q01", "Which of these are you?"),
    ("G01Q02", ASKED_GOOD),
    ("G01Q03[SQ001]", "What helps you get about? [Bus]"),
    ("G01Q03[SQ002]", "What helps you get about? [Lift from a friend]"),
    ("G01Q03[other]", "What helps you get about? [Other]"),
    ("G02Q04", ASKED_CHANGE),
    ("G02Q05", "Your district"),
    ("G02Q06", "What is your e-mail address?"),
)


def limesurvey(headings: str = "code", *, dated: bool = True) -> list[Cells]:
    """Four people and one who did not get to the end. ``headings`` is ``code``, ``full`` or ``codetext``."""
    names = {
        "code": [code for code, _text in _LIME],
        "full": [text for _code, text in _LIME],
        "codetext": [f"{code}. {text}" for code, text in _LIME],
    }[headings]
    yes, no = ("Y", "") if headings == "code" else ("Yes", "No")
    rows: list[Cells] = [names]
    for at in range(5):
        day = f"2026-06-0{at + 1} 09:05:01" if dated else "1980-01-01 00:00:00"
        said = at % 4
        rows.append(
            [
                *(at + 1, day if at < 4 else "", 3, ("en", "en", "pl", "de-informal")[said], 99, TOKEN),
                *("" if not dated else day, "" if not dated else day, IP, "https://example.org/x"),
                *(WHO[said], GOOD[said], yes, no, "", CHANGE[said], WHERE[said], EMAIL),
            ]
        )
    return rows


# --- Microsoft Forms ----------------------------------------------------------------------------------------

_FORMS = (
    *("Start time", "Completion time", "Email", "Name", "Last modified time", "Which of these are you?"),
    *(
        ASKED_GOOD + "\xa0",
        "What helps you get about?",
        f"2. {ASKED_CHANGE}",
        "District",
        "Name2",
        "Your postcode",
    ),
)


def microsoft_forms(dates: str = "cells", *, first: str = "ID") -> list[Cells]:
    """Four people. ``dates`` are cells of a workbook, or text as it is written in the US or the UK."""
    rows: list[Cells] = [[first, *_FORMS]]
    for at in range(4):
        day = f"2026-06-0{at + 1}"  # A workbook knows no time zones.
        begun, ended = datetime.fromisoformat(f"{day} 09:00"), datetime.fromisoformat(f"{day} 14:05:01")
        written = {
            "cells": lambda day: day,
            "us": lambda day: f"{day.month}/{day.day}/{day:%y} {day.hour}:{day:%M:%S}",
            "uk": lambda day: f"{day:%d/%m/%Y %H:%M}",
        }[dates]
        choices = ("Bus;", "Bus;Taxi;", "A lift from a friend;Bus;", "Taxi;")[at]
        rows.append(
            [
                *(
                    at + 1,
                    written(begun),
                    written(ended),
                    EMAIL,
                    f"{FIRST} {LAST}",
                    "",
                    WHO[at],
                    GOOD[at],
                    choices,
                ),
                *(CHANGE[at], WHERE[at], f"{FIRST} {LAST}", POSTCODE),
            ]
        )
    return rows


# --- Citizen Space ------------------------------------------------------------------------------------------


def citizen_space(*, parts: bool = True) -> list[Cells]:
    """Four people. With ``parts`` questions are numbered and their parts stand after a dash."""
    headings = (
        "Response ID",
        "Date submitted",
        "1 What is your name? - Name" if parts else "Name",
        "2 What is your email address? - Email" if parts else "Email address",
        "3 What is your organisation? - Organisation" if parts else "Organisation",
        "4 Which of these are you? - Please choose one" if parts else "Which of these are you?",
        f"5 {ASKED_GOOD} - Please tell us" if parts else ASKED_GOOD,
        f"6 {ASKED_CHANGE}" if parts else ASKED_CHANGE,
        "7 Which district do you live in?" if parts else "Which district do you live in?",
        "Publish response" if parts else "I consent to my answers being kept",
    )
    rows: list[Cells] = [headings]
    for at in range(4):
        rows.append(
            [
                *(
                    f"ANON-ABCD-000{at}-X",
                    f"0{at + 1}/06/2026 14:05",
                    f"{FIRST} {LAST}",
                    EMAIL,
                    "Quillfeather Ltd",
                ),
                *(WHO[at], GOOD[at], CHANGE[at], WHERE[at], "Yes"),
            ]
        )
    return rows
