"""Questions answered in one's own words, contact details, and words that are only read."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from pydantic import Field

from engage.forms import LONGEST_LINE, LONGEST_TEXT, clean_line, clean_text
from engage.surveys.questions.base import Answer, AnswerRefused, Column, Question, Typed, first


class Writing(Question):
    """What questions answered in own words have in common. The words become a contribution each."""

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {"": [answer]} if isinstance(answer, str) else {}

    def words(self, answer: Answer) -> str:
        return answer if isinstance(answer, str) else ""

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        return [(self.id, answer)] if isinstance(answer, str) else []

    def kept(self, answer: Answer) -> Answer:
        return True if answer else None

    def columns(self) -> list[Column]:
        return [Column(self.id, str(self.text), holds="words")]

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {}


class ShortText(Writing):
    """A line in one's own words."""

    kind: Literal["short_text"] = "short_text"
    longest: int = Field(LONGEST_LINE, ge=10, le=LONGEST_LINE)

    def read(self, typed: Typed) -> Answer:
        words = clean_line(first(typed))
        over = len(words) - self.longest
        if over > 0:
            raise AnswerRefused(
                ngettext(
                    "This is one character too long. It is all still here: shorten it a little.",
                    "This is %(num)d characters too long. It is all still here: shorten it a little.",
                    over,
                )
            )
        return self.needs(words, _l("Write something in the box."))


class FreeText(Writing):
    """As much as somebody wants to say, up to 10,000 characters.

    ``asks_for`` says what the words are about: what is good, what should change, ideas, or anything;
    ``theme`` may name a theme's position in the conversation's framework, as a first suggestion.
    """

    kind: Literal["free_text"] = "free_text"
    longest: int = Field(LONGEST_TEXT, ge=100, le=LONGEST_TEXT)
    asks_for: Literal["good", "change", "ideas", "anything"] = "anything"
    theme: int | None = Field(None, ge=1, le=50)

    def read(self, typed: Typed) -> Answer:
        words = clean_text(first(typed))
        over = len(words) - self.longest
        if over > 0:
            raise AnswerRefused(
                ngettext(
                    "This is one character longer than we can take. It is all still here: shorten it to "
                    "%(longest)s characters, or put the rest into another answer.",
                    "This is %(over)s characters longer than we can take. It is all still here: shorten it "
                    "to %(longest)s characters, or put the rest into another answer.",
                    over,
                    over=f"{over:,}",
                    longest=f"{self.longest:,}",
                )
            )
        return self.needs(words, _l("Write something in the box."))


USES = ("ask_more", "tell_result", "invite")


class Contact(Question):
    """How to reach a person, kept apart from all they said, with their agreement to each use.

    An answer is ``{"name": …, "email": …, "phone": …, "address": …, "uses": ["ask_more", …]}``, with what
    was left out missing. Whoever gives a way to reach them says for what; whoever does not, gives no use.
    """

    kind: Literal["contact"] = "contact"
    parts: ClassVar[tuple[str, ...]] = ("name", "email", "phone", "address")

    def read(self, typed: Typed) -> Answer:
        given: dict[str, Any] = {part: clean_line(first(typed, part)) for part in ("name", "email", "phone")}
        given["address"] = clean_text(first(typed, "address"))
        given = {part: words for part, words in given.items() if words}
        self._fits(given)
        uses = [use for use in USES if use in typed.get("uses", ())]
        ways = given.keys() - {"name"}
        if uses and not ways:
            raise AnswerRefused(_("Give an e-mail address, a telephone number or an address."), "email")
        if ways and not uses:
            raise AnswerRefused(
                _("Say what we may use these for, or leave the boxes empty. Choose at least one."), "uses"
            )
        answer = {**given, "uses": uses} if given and uses else None
        return self.needs(answer, _l("Say how we can reach you."), "email")

    def _fits(self, given: dict[str, Any]) -> None:
        for part, longest in (("name", 120), ("email", 254), ("phone", 40), ("address", 400)):
            if len(given.get(part, "")) > longest:
                raise AnswerRefused(
                    _("Shorten this to %(longest)s characters or fewer.", longest=longest), part
                )
        if "email" in given:
            try:
                given["email"] = validate_email(given["email"], check_deliverability=False).normalized
            except EmailNotValidError:
                raise AnswerRefused(
                    _("Enter an e-mail address with an @, like name@example.org."), "email"
                ) from None
        if "phone" in given and sum(letter.isdigit() for letter in given["phone"]) < 6:
            raise AnswerRefused(_("Enter a telephone number, like 0115 496 0123."), "phone")

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        if not isinstance(answer, dict):
            return {}
        return {part: list(said) if part == "uses" else [said] for part, said in answer.items()}

    def words(self, answer: Answer) -> str:
        if not isinstance(answer, dict):
            return ""
        uses = {
            "ask_more": _("You may ask me more about what I said"),
            "tell_result": _("You may tell me what came of it"),
            "invite": _("You may invite me to take part again"),
        }
        lines = [answer[part] for part in self.parts if part in answer]
        return "\n".join([*lines, *(uses[use] for use in answer.get("uses", ()))])

    def kept(self, answer: Answer) -> Answer:
        return True if answer else None

    def columns(self) -> list[Column]:
        return []

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {}


class Statement(Question):
    """Words to read; there is nothing to answer."""

    kind: Literal["statement"] = "statement"
    is_asked: ClassVar[bool] = False

    def read(self, typed: Typed) -> Answer:
        return None

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {}

    def words(self, answer: Answer) -> str:
        return ""

    def columns(self) -> list[Column]:
        return []

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {}
