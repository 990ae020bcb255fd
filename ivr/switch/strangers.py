"""Who may not talk to the SIP port any more: pure, told what the switch writes of logins.

Whoever gives wrong answers to a challenge, or asks again and again without ever answering one, is
banned: for ten minutes, then for twice as long each time, for a day at most. Only what a sender
cannot make up counts at once: a wrong answer is one to a challenge that has reached its address.
Questions can be sent in another's name, so many are needed, and they never ban an address from
which somebody has proved who she is.
"""

from __future__ import annotations

import ipaddress
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import TypeAdapter

Kind = Literal["asked", "wrong", "proved"]

WRONG_ANSWERS = 5
QUESTIONS = 30
WINDOW_SECONDS = 600.0
FIRST_BAN_SECONDS = 600.0
LONGEST_BAN_SECONDS = 86_400.0
# An address from which somebody has logged in; phones do so every few minutes.
KNOWN_SECONDS = 86_400.0
# What the kernel's filter has room for (gate.py), and how many are counted at once.
MOST = 1000
MOST_COUNTED = 10_000

_KINDS: dict[str, Kind] = {
    "ChallengeSent": "asked",
    "ChallengeResponseFailed": "wrong",
    "SuccessfulAuth": "proved",
}
# res_security_log.c escapes nothing. What a sender chose stands before the addresses (SessionID is
# her Call-ID) and behind them, where pjsip lets no bare quote through: the last pair is true.
_KIND = re.compile(r'res_security_log\.c: SecurityEvent="(\w+)",')
_WHERE = re.compile(
    r'(?<=",)LocalAddress="IPV4/[A-Z]+/[0-9.]+/[0-9]+",RemoteAddress="IPV4/[A-Z]+/([0-9.]{7,15})/[0-9]+"'
)


@dataclass(frozen=True)
class Event:
    """An address was `asked` who it is, gave a `wrong` answer, or `proved` it."""

    kind: Kind
    address: str


def read(line: str) -> Event | None:
    """Return what one line of security.log tells of a login by SIP, None where it is another."""
    told = _KIND.search(line)
    where = _WHERE.findall(line)
    if told is None or not where or 'Service="PJSIP"' not in line or told[1] not in _KINDS:
        return None
    try:
        return Event(_KINDS[told[1]], str(ipaddress.IPv4Address(where[-1])))
    except ValueError:
        return None


@dataclass
class Ban:
    """Nothing of an address is heard until a moment; it is the `times`-th time."""

    until: float
    times: int = 1


@dataclass
class Kept:
    """What outlives a start: who is banned, and when each known address proved itself last."""

    bans: dict[str, Ban] = field(default_factory=dict)
    known: dict[str, float] = field(default_factory=dict)


KEPT = TypeAdapter(Kept)


class Strangers:
    """Every address that is not in one of the networks `free`, from which callers come."""

    def __init__(
        self, free: Iterable[ipaddress.IPv4Network], kept: Kept, now: Callable[[], float]
    ) -> None:
        self._free = tuple(free)
        self._now = now
        self._counts: dict[str, tuple[deque[float], deque[float]]] = {}
        self.kept = kept

    def hear(self, event: Event) -> bool:
        """Take in one event; return whether somebody is known or banned who was not."""
        if self._is_free(event.address):
            return False
        if event.kind == "proved":
            return self._prove(event.address)
        return self._count(event.address, event.kind)

    def banned(self) -> Sequence[str]:
        """Return who is banned now, at most `MOST`, those for longest first."""
        now = self._now()
        held = {address: ban for address, ban in self.kept.bans.items() if ban.until > now}
        return sorted(held, key=lambda address: -held[address].until)[:MOST]

    def known(self) -> Sequence[str]:
        """Return who has proved herself of late, at most `MOST`, the latest first."""
        since = self._now() - KNOWN_SECONDS
        held = {address: at for address, at in self.kept.known.items() if at > since}
        return sorted(held, key=lambda address: -held[address])[:MOST]

    def next_end(self) -> float | None:
        """Return when the next ban ends, None where there is none."""
        ends = [ban.until for ban in self.kept.bans.values() if ban.until > self._now()]
        return min(ends, default=None)

    def _is_free(self, address: str) -> bool:
        where = ipaddress.IPv4Address(address)
        return any(where in network for network in self._free)

    def _prove(self, address: str) -> bool:
        self._counts.pop(address, None)
        is_new = address not in self.known()
        self.kept.known[address] = self._now()
        if len(self.kept.known) > MOST_COUNTED:
            del self.kept.known[min(self.kept.known, key=self.kept.known.__getitem__)]
        return is_new

    def _count(self, address: str, kind: Kind) -> bool:
        if address not in self._counts and len(self._counts) >= MOST_COUNTED:
            del self._counts[next(iter(self._counts))]
        fresh = (deque[float](maxlen=QUESTIONS), deque[float](maxlen=WRONG_ANSWERS))
        asked, wrong = self._counts.setdefault(address, fresh)
        if kind == "asked" and address in self.kept.known:
            return False
        moments, most = (wrong, WRONG_ANSWERS) if kind == "wrong" else (asked, QUESTIONS)
        now = self._now()
        moments.append(now)
        while moments[0] < now - WINDOW_SECONDS:
            moments.popleft()
        return len(moments) >= most and self._ban(address)

    def _ban(self, address: str) -> bool:
        now = self._now()
        before = self.kept.bans.get(address)
        if before and before.until > now:
            return False  # what had come in before the ban
        again = before and before.until > now - LONGEST_BAN_SECONDS
        times = before.times + 1 if before and again else 1
        lasts = min(FIRST_BAN_SECONDS * 2 ** min(times - 1, 10), LONGEST_BAN_SECONDS)
        self.kept.bans[address] = Ban(now + lasts, times)
        self.kept.known.pop(address, None)
        self._counts.pop(address, None)
        old = [a for a, ban in self.kept.bans.items() if ban.until < now - LONGEST_BAN_SECONDS]
        for forgotten in old:
            del self.kept.bans[forgotten]
        if len(self.kept.bans) > MOST_COUNTED:
            del self.kept.bans[min(self.kept.bans, key=lambda a: self.kept.bans[a].until)]
        return True
