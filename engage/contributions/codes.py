"""Tracking codes: 60 bits in twelve symbols that can be read over the phone.

Ten symbols are random and two are worked out from them with the secret key, so that a slip in writing a code
down is noticed where staff key it in. Without the key all twelve look random: a guess has one chance in 2^60.

The symbols are Crockford's base 32, which leaves out I, L, O and U. Each has one word of its own, so that
nothing depends on telling B from P by ear. A person has one code for the whole way: with it they come back to
answers that they have not sent, and afterwards they see what became of them. It is made before the first
answer, so the same answers sent twice get the same receipt; the database keeps only a keyed hash of it.
"""

from __future__ import annotations

import hmac
import secrets

from flask import current_app

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
CHECKS = 2
WORDS = dict(
    zip(
        SYMBOLS,
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "apple",
            "butter",
            "coffee",
            "daisy",
            "elephant",
            "football",
            "garden",
            "holiday",
            "jacket",
            "kettle",
            "marmalade",
            "newspaper",
            "piano",
            "queen",
            "rabbit",
            "sunshine",
            "teapot",
            "violin",
            "window",
            "x-ray",
            "yellow",
            "zebra",
        ],
        strict=True,
    )
)
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A new code: twelve symbols, no spaces."""
    body = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH - CHECKS))
    return body + _checks(current_app.config["SECRET_KEY"], body)


def is_ours(code: str) -> bool:
    """Whether we made this code; a slip in a sign of it passes once in 1,024 times."""
    body, checks = code[:-CHECKS], code[-CHECKS:]
    return any(hmac.compare_digest(_checks(key, body), checks) for key in _keys())


def code_hash(code: str) -> str:
    """What the database keeps of a code."""
    return _keyed(current_app.config["SECRET_KEY"], "tracking", code).hex()


def possible_hashes(code: str) -> list[str]:
    """Hashes of a code under the present key and earlier ones."""
    return [_keyed(key, "tracking", code).hex() for key in _keys()]


def tidy(typed: str) -> str:
    """What somebody typed as a code: upper case, no spaces or dashes, O read as 0, I and L as 1.

    Returns an empty string where it cannot be a code.
    """
    kept = "".join(c for c in typed.upper() if c.isalnum()).translate(_HEARD_AS)
    return kept if len(kept) == LENGTH and all(c in SYMBOLS for c in kept) else ""


def in_groups(code: str) -> list[list[tuple[str, str]]]:
    """Three groups of four (symbol, word), to show and to read aloud."""
    return [[(c, WORDS[c]) for c in code[i : i + 4]] for i in range(0, LENGTH, 4)]


def spaced(code: str) -> str:
    """A code as it is written: ``K7MP 4TWX 9RHC``."""
    return " ".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def _checks(key: str, body: str) -> str:
    return "".join(SYMBOLS[byte & 31] for byte in _keyed(key, "check", body)[:CHECKS])


def _keys() -> list[str]:
    return [current_app.config["SECRET_KEY"], *current_app.config.get("SECRET_KEY_FALLBACKS", [])]


def _keyed(key: str, purpose: str, message: str) -> bytes:
    return hmac.digest(key.encode(), f"{purpose}:{message}".encode(), "sha256")
