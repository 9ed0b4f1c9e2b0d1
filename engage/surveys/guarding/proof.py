"""Proof of work: under attack, a browser shows with a second of work that it is worth somebody's while.

The method is ALTCHA's (https://altcha.org), checked by its library: the browser looks for a number with
which a derived key begins with given digits. There is no puzzle for people. A proof holds for one set of
answers and for some minutes, so that it cannot be used twice.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import altcha
from flask import current_app

from engage.surveys.drafts import Draft

FIELD = "proof"
ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 5_000  # Of key derivation for each number that is tried: about 2 ms.
BEGINS_WITH = "00"  # One key in 256 does, so half a second of work, or a few on an old telephone.
SECONDS = 20 * 60
LONGEST = 4_000  # Characters of a proof; longer ones are not even read.


def challenge(draft: Draft) -> dict[str, Any]:
    """What a browser has to solve before it sends these answers."""
    made = altcha.create_challenge(
        ALGORITHM,
        ROUNDS,
        key_prefix=BEGINS_WITH,
        expires_at=int(time.time()) + SECONDS,
        data={"for": _purpose(draft)},
        hmac_secret=_key(),
    )
    written: dict[str, Any] = made.to_dict()
    return written


def is_solved(proof: str, draft: Draft) -> bool:
    """Whether this is a proof for these answers, made in time."""
    if not proof or len(proof) > LONGEST or not altcha.verify_solution(proof, _key()).verified:
        return False
    parameters = json.loads(base64.b64decode(proof))["challenge"]["parameters"]
    found = (parameters.get("data") or {}).get("for", "")
    return hmac.compare_digest(str(found), _purpose(draft))


def _purpose(draft: Draft) -> str:
    return hmac.digest(_key(), draft.code.encode(), "sha256").hex()


def _key() -> bytes:
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), b"proof of work", "sha256")
