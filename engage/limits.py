"""How often one address may try something that could be guessed."""

from __future__ import annotations

import threading
import time

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import MemoryStorage


class CountedHere(MemoryStorage):
    """Counts in this process. What has ended is swept away now and then, in passing.

    The library's own way starts a thread for nearly every count, which then looks through all of them; with
    many addresses at once that takes longer than all the rest of an answer.
    """

    STORAGE_SCHEME = ["counted-here"]
    SWEEP = 60.0  # Seconds.

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        self._all = threading.Lock()
        self._sweep_at = 0.0
        super().__init__(uri, wrap_exceptions, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to what is counted under a key, which ends ``expiry`` seconds after its first count."""
        now = time.time()
        with self._all:
            if now >= self._sweep_at:
                self._sweep_at = now + self.SWEEP
                for ended in [one for one, ends in self.expirations.items() if ends <= now]:
                    self.clear(ended)
            if self.expirations.get(key, 0.0) <= now:
                self.storage[key], self.expirations[key] = 0, now + expiry
            self.storage[key] += amount
            return self.storage[key]


limiter = Limiter(key_func=get_remote_address, headers_enabled=False)


def sign_in_limit() -> str:
    return str(current_app.config["SIGN_IN_LIMIT"])


def code_limit() -> str:
    return str(current_app.config["CODE_LIMIT"])
