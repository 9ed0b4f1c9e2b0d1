"""How often one address may try something that could be guessed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from flask import Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import MemoryStorage

from engage import config
from engage.config import Settings


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
                # A copy, taken in one step (unlike a list of the items): the library itself takes counts
                # away without this lock.
                for ended in [one for one, ends in self.expirations.copy().items() if ends <= now]:
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


def limit_wrong_codes(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let one address try only so many codes that are wrong; a code that is right is never counted.

    At an event everybody comes from one address, and each with a code of their own.
    """
    limit = limiter.limit(
        code_limit, methods=["POST"], deduct_when=_was_wrong, exempt_when=_comes_from_a_trusted_place
    )
    limited: Callable[..., Any] = limit(view)
    return limited


def _was_wrong(response: Response) -> bool:
    return response.status_code == 422


def _comes_from_a_trusted_place() -> bool:
    return is_trusted(request.remote_addr or "", config.of(current_app))


def is_trusted(address: str, settings: Settings) -> bool:
    """Whether the council trusts everybody at this address."""
    networks = settings.trusted_networks
    found = read_address(address) if networks else None
    return found is not None and any(found in network for network in networks)


def read_address(address: str) -> IPv4Address | IPv6Address | None:
    """An address as a number, without the zone; an IPv4 address that is written as IPv6 is IPv4."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
