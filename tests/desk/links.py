"""A link to a fake switch, and who listens on it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr.desk.ami import Ami, Pace
from ivr.desk.link import Login
from tests.desk.fake_switch import FakeSwitch

QUICK = Pace(
    answer=timedelta(seconds=0.3),
    ping=timedelta(seconds=0.1),
    pong=timedelta(seconds=0.2),
    first_wait=timedelta(seconds=0.02),
    longest_wait=timedelta(seconds=0.1),
    denied_wait=timedelta(seconds=30),
)

PATIENT = Pace(first_wait=timedelta(seconds=0.02))


class Heard:
    """A listener that keeps what it hears, and can be waited for."""

    def __init__(self) -> None:
        self.news: list[str] = []
        self._more = asyncio.Event()

    def event(self, event: dict[str, str]) -> None:
        self._note(event["Event"] + event.get("Number", ""))

    def link(self, up: bool, heard: datetime) -> None:
        assert heard.tzinfo is not None
        self._note("up" if up else "down")

    def _note(self, news: str) -> None:
        self.news.append(news)
        self._more.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.news) < count:
                self._more.clear()
                await self._more.wait()
        return self.news


def client(switch: FakeSwitch, heard: Heard | None = None, pace: Pace = PATIENT) -> Ami:
    heard = heard or Heard()
    return Ami(
        Login("127.0.0.1", switch.port, "ivr", "right"),
        on_event=heard.event,
        on_link=heard.link,
        pace=pace,
    )


def silence(_: Mapping[str, str]) -> bytes:
    return b""
