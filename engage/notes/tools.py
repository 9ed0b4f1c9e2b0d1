"""What the headings of other survey tools' exports say: which tool it is, and what its own columns are.

What each layout rests on:

- Qualtrics: the three heading rows, the names of its columns and the numbers of its Status column stand so in
  many public exports and in the labels of an SPSS export (0 IP Address, 1 Survey Preview, 2 Survey Test,
  8 Spam, 9 Survey Preview Spam, 17 Offline Survey Preview). The JSON row names the time zone of its dates.
  What Qualtrics takes for spam is taken in: a moderator reads it and decides.
- LimeSurvey: its own source text, which writes headings as codes, as full text or as "code. text", the names
  of its own columns, "1980-01-01 00:00:00" as the day where a survey keeps no days, an empty submit date
  where somebody did not get to the end, and ``;`` or ``,`` between cells.
- Microsoft Forms: headings and rows of several public exports. Its moments read "7/27/26 19:06:23" once its
  workbook is saved as CSV, several answers of one question end in ``;``, a quiz adds points to each question.
- Citizen Space: no public export was found. It rests on what its help pages say of the standard questions
  (name, e-mail address, organisation), of answer parts and of permission to publish, so it asks for more
  signs than the others before it is believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

_NUMBERED = re.compile(r"^(?:q(?:uestion)?\s*)?\d{1,3}[a-z]?[.:)]?\s+(?=\S)", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{1,200}>")
_BRACKETS = re.compile(r"^(.*\S)\s*\[([^\[\]]{1,200})\]$", re.DOTALL)


class Tool(StrEnum):
    """Where a file comes from."""

    QUALTRICS = "qualtrics"
    LIMESURVEY = "limesurvey"
    MICROSOFT_FORMS = "microsoft_forms"
    CITIZEN_SPACE = "citizen_space"


# Proper names, the same in every language.
NAMES: dict[str, str] = {
    Tool.QUALTRICS: "Qualtrics",
    Tool.LIMESURVEY: "LimeSurvey",
    Tool.MICROSOFT_FORMS: "Microsoft Forms",
    Tool.CITIZEN_SPACE: "Citizen Space",
}


class Role(StrEnum):
    """What one of a tool's own columns is."""

    REFERENCE = "reference"
    DAY = "date"
    LANGUAGE = "language"
    STATUS = "status"
    FINISHED = "finished"
    PERSONAL = "personal"
    WORKINGS = "workings"


@dataclass(frozen=True)
class Signs:
    """How a tool's export is known. ``needed`` has groups of plain headings; one of each must stand there.

    ``days`` are the columns for the day, the best first. ``numbers_per_survey`` says that another survey in
    the same tool counts its answers from 1 as well.
    """

    tool: Tool
    needed: tuple[frozenset[str], ...]
    days: tuple[str, ...]
    roles: Mapping[str, Role]
    patterns: tuple[tuple[str, Role], ...] = ()
    numbers_per_survey: bool = True
    trials: frozenset[str] = field(default_factory=frozenset)


def _all(role: Role, *names: str) -> dict[str, Role]:
    return dict.fromkeys(names, role)


QUALTRICS = Signs(
    Tool.QUALTRICS,
    needed=(
        frozenset({"responseid", "recordid"}),
        frozenset({"startdate", "enddate", "recordeddate"}),
        frozenset({"finished", "distributionchannel", "userlanguage", "durationinseconds", "duration"}),
    ),
    days=("recordeddate", "enddate", "startdate"),
    roles=_all(Role.REFERENCE, "responseid", "recordid")
    | _all(Role.LANGUAGE, "userlanguage")
    | _all(Role.STATUS, "status", "responsetype")
    | _all(Role.FINISHED, "finished")
    | _all(
        Role.PERSONAL,
        *("ipaddress", "recipientlastname", "recipientfirstname", "recipientemail", "externalreference"),
        *("externaldatareference", "locationlatitude", "locationlongitude"),
    )
    | _all(Role.WORKINGS, "progress", "duration", "durationinseconds", "distributionchannel"),
    patterns=(
        (r".*_DO(_.*)?", Role.WORKINGS),
        (r"Q_.*", Role.WORKINGS),
        (r".*_(First Click|Last Click|Page Submit|Click Count)", Role.WORKINGS),
        (r".*_(Browser|Version|Operating System|Resolution)", Role.WORKINGS),
    ),
    numbers_per_survey=False,
    trials=frozenset(
        {"1", "2", "9", "17"}
        | {"survey preview", "survey test", "survey preview spam", "offline survey preview"}
    ),
)
LIMESURVEY = Signs(
    Tool.LIMESURVEY,
    needed=(
        frozenset({"id", "responseid"}),
        frozenset({"lastpage"}),
        frozenset({"submitdate", "datesubmitted", "startlanguage"}),
    ),
    days=("submitdate", "datesubmitted", "datestamp", "datelastaction", "startdate", "datestarted"),
    roles=_all(Role.REFERENCE, "id", "responseid")
    | _all(Role.LANGUAGE, "startlanguage")
    | _all(Role.PERSONAL, "token", "accesscode", "ipaddr", "ipaddress", "firstname", "lastname", "email")
    | _all(
        Role.WORKINGS,
        *("lastpage", "seed", "refurl", "referrerurl", "referringurl", "interviewtime", "totaltime"),
    ),
    patterns=(
        (r"attribute_\d+(<.*)?", Role.PERSONAL),
        (r"(group|question)[ _]?[Tt]ime.*", Role.WORKINGS),
    ),
)
MICROSOFT_FORMS = Signs(
    Tool.MICROSOFT_FORMS,
    needed=(frozenset({"id"}), frozenset({"starttime"}), frozenset({"completiontime"})),
    days=("completiontime", "starttime"),
    roles=_all(Role.REFERENCE, "id")
    | _all(Role.LANGUAGE, "language")
    | _all(Role.PERSONAL, "email", "name")
    | _all(Role.WORKINGS, "lastmodifiedtime", "totalpoints", "quizfeedback", "gradepostedtime"),
    patterns=((r"(Points|Feedback) - .*", Role.WORKINGS),),
)
CITIZEN_SPACE = Signs(
    Tool.CITIZEN_SPACE,
    needed=(
        frozenset({"responseid"}),
        frozenset({"datesubmitted", "submitted", "submitteddate", "submittedon", "submissiondate"}),
    ),
    days=("datesubmitted", "submitted", "submitteddate", "submittedon", "submissiondate"),
    roles=_all(Role.REFERENCE, "responseid")
    | _all(Role.LANGUAGE, "language")
    | _all(Role.PERSONAL, "userid", "username", "respondentid", "submittedby")
    | _all(Role.WORKINGS, "status", "department", "activity", "consultation", "analystnotes", "tags"),
)
_ALL = (QUALTRICS, LIMESURVEY, MICROSOFT_FORMS, CITIZEN_SPACE)


def plain(heading: str) -> str:
    """A heading's letters and figures: "Start Date", "StartDate" and "Start_date" are all ``startdate``."""
    return re.sub(r"[^a-z0-9]+", "", heading.lower())


def signs_among(names: Sequence[str]) -> Signs | None:
    """The tool whose own columns stand among these headings."""
    there = {plain(name) for name in names}
    for signs in _ALL:
        if all(group & there for group in signs.needed) and (
            signs is not CITIZEN_SPACE or _has_questions_in_full(names)
        ):
            return signs
    return None


def _has_questions_in_full(names: Sequence[str]) -> bool:
    """Whether headings are whole questions, numbered ones or ones with their parts after a dash."""
    return any(name.endswith("?") or "? - " in name or _NUMBERED.match(name) for name in names)


def role(signs: Signs, name: str) -> Role | None:
    """What one of the tool's own columns is; None for a question. Which day is the day is for the caller."""
    if plain(name) in signs.days:
        return Role.DAY
    if found := signs.roles.get(plain(name)):
        return found
    return next((r for pattern, r in signs.patterns if re.fullmatch(pattern, name)), None)


def without_code(heading: str) -> str:
    """The code of a LimeSurvey heading such as "G01Q02. What helps?", "id. Response ID"; else the heading."""
    match = re.match(r"([A-Za-z][A-Za-z0-9_]*(?:\[[^\]]*\])*)\. (?=\S)", heading)
    return match[1] if match else heading


def question(tool: Tool, text: str) -> str | None:
    """The question that a heading or a row of questions holds, as people read it; None where it is a code."""
    words = " ".join(_TAGS.sub(" ", text).split())
    if tool is Tool.LIMESURVEY:
        code = without_code(words)
        words = words[len(code) + 2 :] if code != words else words
        if match := _BRACKETS.match(words):
            words = match[1] if " " not in match[1] else f"{match[1]} ({match[2]})"
    elif tool is Tool.CITIZEN_SPACE:
        words = _NUMBERED.sub("", words)
        head, dash, _part = words.partition("? - ")
        words = f"{head}?" if dash else words
    elif tool is Tool.MICROSOFT_FORMS:
        words = _NUMBERED.sub("", words)
    return words if " " in words or words.endswith("?") else None
