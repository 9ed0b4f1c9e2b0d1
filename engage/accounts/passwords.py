"""Hashing passwords, and what makes one too easy to guess.

Length counts most, so there are no rules about capitals or digits. Refused are passwords that are on every
list of common ones once their trimmings are off, that hardly vary, or that are made of the person's own
name or e-mail address.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
FEWEST_DIFFERENT = 5
SHORTEST_PART = 4  # Letters of a name or address that are looked for; "Jo" is in too many words.
_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_LOOKALIKES = str.maketrans("4@831!05$7", "aabeliosst")
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """An Argon2id hash, with the library's present parameters."""
    return _hasher.hash(_same_on_every_keyboard(password))


def password_fits(stored: str | None, password: str) -> bool:
    """Whether a password belongs to a stored hash. Takes as long when there is no hash."""
    try:
        return _hasher.verify(stored or _nobodys_hash(), _same_on_every_keyboard(password)) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than we use now."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _same_on_every_keyboard(password: str) -> str:
    """The same accented letter can be typed as one character or as two."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *, email: str, name: str) -> str | None:
    """What to do about a password that is too easy to guess; None where it will do."""
    if len(password) < SHORTEST_PASSWORD:
        return _(
            "Choose a password with at least %(count)s characters. Three or four words that do not belong "
            "together are easy to remember.",
            count=SHORTEST_PASSWORD,
        )
    if len(password) > LONGEST_PASSWORD:
        return _("Choose a password with at most %(count)s characters.", count=f"{LONGEST_PASSWORD:,}")
    if _is_common(password.lower()):
        return _("Many people use this password, so it is guessed first. Choose one that is only yours.")
    if _names_its_owner(password.lower(), email.lower(), name.lower()):
        return _("Choose a password without your name or e-mail address in it.")
    return None


def _is_common(password: str) -> bool:
    bare = re.sub(r"[^a-z]", "", password)
    turned = re.sub(r"[^a-z]", "", password.translate(_LOOKALIKES))
    stem = re.sub(r"[^a-z]+$|^[^a-z]+", "", password).translate(_LOOKALIKES)
    repeated = re.fullmatch(r"(.{1,8}?)\1+", password)
    return (
        bool({bare, turned, stem} & _COMMON)
        or len(set(password)) < FEWEST_DIFFERENT
        or bool(repeated)
        or any(password in run or password[::-1] in run for run in _RUNS)
    )


def _names_its_owner(password: str, email: str, name: str) -> bool:
    parts = {email, *re.split(r"[^\w]+|_", email.partition("@")[0]), *name.split()}
    return any(len(part) >= SHORTEST_PART and part in password for part in parts)
