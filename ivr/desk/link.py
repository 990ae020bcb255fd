"""Keep one AMI link: log in, ping, and come back after a loss, without hammering."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.desk.faults import AmiDenied, AmiError, AmiLost, AmiRefused, AmiTimeout, check
from ivr.desk.protocol import AmiProtocol, Asked, Listener

log = logging.getLogger(__name__)

# A link that lived this long was a good one: the next attempt comes as soon as the first.
GOOD_LINK = timedelta(seconds=1)
LONGEST_DENIAL = 8
# In a flood of events an answer waits its turn: a switch that still talks is not gone.
LATE_PONGS = 3


@dataclass(frozen=True)
class Pace:
    """How long to wait for what.

    A link is given up when a ping, sent `ping` after the last, has no answer in `pong`, and
    nothing else was heard; or when four in a row have none though events still come.
    Between attempts pass `first_wait`, doubled each time up to `longest_wait`; after a refused
    login `denied_wait`, doubled up to eight times that. Each is shortened by chance to between
    half and all of it, so that many clients do not come at once. As given here, no ten minutes
    see five wrong logins, at which fail2ban shuts the door.
    """

    answer: timedelta = timedelta(seconds=5)
    ping: timedelta = timedelta(seconds=1)
    pong: timedelta = timedelta(seconds=4)
    first_wait: timedelta = timedelta(seconds=0.2)
    longest_wait: timedelta = timedelta(seconds=1)
    denied_wait: timedelta = timedelta(minutes=4)


@dataclass(frozen=True)
class Login:
    """Where AMI is, and as whom we come there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


class Link:
    """A connection that is made again whenever it is lost, while `keep` runs.

    `trouble` tells why there is no link; `tried` is set once the first attempt has ended, and
    `denied` is the refusal when a login was refused and none accepted since.
    """

    def __init__(self, listener: Listener, login: Login, events: str, pace: Pace) -> None:
        self.trouble = "not started"
        self.tried = asyncio.Event()
        self.denied: AmiDenied | None = None
        known = {"Username": login.user, "Secret": login.secret}
        self._login = {"Action": "Login", **known, "Events": "off"}
        self._mask = {"Action": "Events", "EventMask": events}
        check(self._login)
        check(self._mask)
        self._listener = listener
        self._host, self._port = login.host, login.port
        self._pace = pace
        self._up = False
        self._ups = 0
        self._protocol: AmiProtocol | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a link, logged in and not known to be lost."""
        return self._up and self._protocol is not None and not self._protocol.closed

    @property
    def heard(self) -> datetime:
        """When the switch was last heard; long ago where it never was."""
        return self._protocol.heard if self._protocol else datetime.min.replace(tzinfo=UTC)

    def send(self, action: Mapping[str, Any], as_list: bool | None = None) -> asyncio.Future[Any]:
        """Send an action over the link. Raises AmiLost, AmiRefused; so does the future."""
        if self._protocol is None or not self.connected:
            raise AmiLost(f"there is no link to the switch: {self.trouble}")
        return self._protocol.ask(Asked(action, as_list=as_list), self._pace.answer)

    def drop(self, why: str) -> None:
        """Give this connection up; the next is made as after any loss."""
        if self._protocol is not None:
            self._protocol.close(why)

    async def keep(self) -> None:
        """Make the link, and make it again, until cancelled."""
        failures = denials = 0
        pace = self._pace
        loop = asyncio.get_running_loop()
        try:
            while True:
                began, ups = loop.time(), self._ups
                try:
                    await self._live()
                except AmiDenied as denied:
                    denials += 1
                    wait = pace.denied_wait * min(2 ** (denials - 1), LONGEST_DENIAL)
                    self.denied = denied
                    self._fail(f"login refused: {denied}", wait, first=denials == 1)
                except (AmiError, OSError) as lost:
                    good = loop.time() - began > GOOD_LINK.total_seconds()
                    failures, denials = 1 if good else failures + 1, 0
                    wait = min(pace.first_wait * 2 ** min(failures - 1, 16), pace.longest_wait)
                    first = failures == 1 or self._ups > ups
                    self._fail(str(lost) or type(lost).__name__, wait, first=first)
                self.tried.set()
                await asyncio.sleep(wait.total_seconds() * random.uniform(0.5, 1))
        finally:
            self.trouble = "closed"
            self.tried.set()

    def _fail(self, why: str, wait: timedelta, *, first: bool) -> None:
        self.trouble = why
        # A switch that is not there yet is no cause for alarm; one that was there is.
        news = logging.WARNING if self._ups or self.denied else logging.INFO
        level = news if first else logging.DEBUG
        log.log(level, "= AMI link: %s; next attempt within %g s", why, wait.total_seconds())

    async def _live(self) -> None:
        """Make a link and stay until it is lost, which is raised."""
        limit = self._pace.answer.total_seconds()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(limit):
            _, link = await loop.create_connection(
                lambda: AmiProtocol(self._listener), self._host, self._port
            )
        self._protocol = link
        try:
            async with asyncio.timeout(limit):
                await link.greeted.wait()
            answer: Any = await link.ask(Asked(self._login), self._pace.answer)
            if not answer.success:
                raise AmiDenied(answer.message or "no reason given")
            self._change(link, up=True)
            # Only now are events asked for, so that none comes before the link is told up.
            answer = await link.ask(Asked(self._mask), self._pace.answer)
            if not answer.success:
                raise AmiRefused(answer.message)
            self.tried.set()
            await self._ping(link)
        finally:
            link.close()
            await link.gone.wait()
            if self._up:
                self._change(link, up=False)

    def _change(self, link: AmiProtocol, *, up: bool) -> None:
        self._up = up
        if up:
            self._ups += 1
            self.trouble = ""
            self.denied = None
            log.info("= AMI link is up, protocol %s", link.frames.version)
        self._listener.change(up, link.heard)

    async def _ping(self, link: AmiProtocol) -> None:
        late = 0
        while not link.gone.is_set():
            try:
                async with asyncio.timeout(self._pace.ping.total_seconds()):
                    await link.gone.wait()
            except TimeoutError:
                last = link.heard
                try:
                    await link.ask(Asked({"Action": "Ping"}), self._pace.pong)
                    late = 0
                except AmiTimeout as silent:
                    late += 1
                    if link.heard == last or late > LATE_PONGS:
                        raise AmiLost(f"the switch has stopped answering: {silent}") from silent
        raise AmiLost(link.why)
