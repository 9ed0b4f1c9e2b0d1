"""When a question is asked: a condition on answers that were given earlier.

A condition is typed data, not a formula: every one, or any one, of a few tests. It is kept with the question
that it concerns and read in its place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
MOST_TESTS = 10


class Test(BaseModel):
    """One test of an earlier answer: it ``equals`` a choice, ``includes`` it, or was ``answered`` at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    __test__ = False  # Not for the collector of tests.

    question: Id
    is_: Literal["equals", "includes", "answered"] = Field("equals", alias="is")
    value: str = Field("", max_length=80)


class Condition(BaseModel):
    """The question is asked where ``all`` (or ``any``) of the tests hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: Literal["all", "any"] = "all"
    tests: tuple[Test, ...] = Field(min_length=1, max_length=MOST_TESTS)

    @model_validator(mode="before")
    @classmethod
    def _one_test_is_all(cls, written: Any) -> Any:
        """With a single test both ways mean the same, and are written the same."""
        if isinstance(written, dict) and isinstance(written.get("tests"), list | tuple):
            return written | {"match": "all"} if _is_single(written) else written
        return written


def _is_single(written: dict[str, Any]) -> bool:
    """Whether a condition has one test. One that is wrong in another way is left as it is, to be refused."""
    return len(written["tests"]) == 1 and written.get("match") in ("all", "any")
