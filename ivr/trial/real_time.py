"""What is given, where time is real: what is around a line, and back ends that take their time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.effects import Book, Booked, Impossible, Offered
from ivr.flow.services import Declared, Failed, Found, Missing
from ivr.line.ports import Around
from ivr.trial.given import Given


@dataclass(frozen=True)
class GivenDiary:
    """Promises calls back as given; nobody is called."""

    given: Given

    async def book(self, book: Book) -> Offered | Booked | Impossible:
        """Promise a call back where one is given."""
        return self.given.booked(book)


def around(given: Given) -> Around:
    """Return what is around the line of a call as given."""
    return Around(given.announcements, GivenDiary(given), ahead=lambda queue: given.ahead)


class GivenBackEnds:
    """Back ends of which each answer takes as long as is given."""

    def __init__(self, given: Given, declared: Declared) -> None:
        self._given = given
        self._declared = declared

    async def look_up(
        self, name: str, arguments: Mapping[str, str], key: str
    ) -> Found | Missing | Failed:
        """Answer a look-up when its time has passed."""
        reply = self._given.reply(self._declared, name, arguments)
        await asyncio.sleep(reply.after)
        return reply.answer

    async def send(self, to: str, text: str, language: str, key: str) -> Failed | None:
        """Take a message, or fail to."""
        return None if self._given.messages == "sent" else Failed("as the test says")
