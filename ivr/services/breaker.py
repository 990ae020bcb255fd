"""A circuit breaker for each service: one that fails again and again is left alone for a while.

While it is, a caller meets the words her flow has for a failure at once, instead of after the
patience that a dead back end would cost her; and a back end that drowns is not asked by everybody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from ivr.flow.services import Failed

_log = logging.getLogger(__name__)

# Failures running after which a service is not asked.
FAILS = 5
# Seconds until one caller tries it for all: longer with each try that fails.
PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0)
# Seconds for which it has to be well, or the next pause goes on from the last: it flaps.
CALM = 60.0
# Seconds after which nobody is told any more of a service that nobody asks: other flows lead.
FORGOTTEN = 600.0

Answer = TypeVar("Answer")


class Question:
    """One that may go out."""


class Breaker:
    """Whether one service may be asked. Whoever `asks` tells what `came`, or that she has `left`.

    `clock` counts seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._fails = 0
        self._again: float | None = None
        self._trial: Question | None = None
        self._step = -1
        self._mended = clock() - CALM

    @property
    def is_open(self) -> bool:
        """Whether it is left alone, but for the one who tries it."""
        return self._again is not None

    def asks(self) -> Question | None:
        """Return a question that may go out now; None where none may."""
        question = Question()
        if self._again is not None:
            if self._trial or self._clock() < self._again:
                return None
            self._trial = question
        return question

    def came(self, question: Question, is_well: bool) -> bool:
        """A question was answered well or not; tell whether the service is another now."""
        now, was_open = self._clock(), self.is_open
        if is_well:
            self._fails, self._again, self._trial = 0, None, None
            if was_open:
                self._mended = now
            return was_open
        self._fails += 1
        # The failure of what was asked before it opened says nothing new, however late it comes.
        if self._trial is question if was_open else self._fails >= FAILS:
            flaps = was_open or now - self._mended < CALM
            self._step = min(self._step + 1, len(PAUSES) - 1) if flaps else 0
            self._again, self._trial = now + PAUSES[self._step], None
        return self.is_open and not was_open

    def left(self, question: Question) -> None:
        """Whoever asked did not wait for the answer; if she tried it, another may at once."""
        if self._trial is question:
            self._trial = None


@dataclass
class _Service:
    breaker: Breaker
    asked: float
    since: float = 0.0
    reason: str = ""


class Breakers:
    """The breakers of all services, each by its name and address. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._services: dict[tuple[str, str], _Service] = {}

    async def through(
        self,
        name: str,
        url: str,
        ask: Callable[[], Awaitable[tuple[Answer | Failed, bool]]],
    ) -> Answer | Failed:
        """Return the answer, of which `ask` also tells whether the service is well.

        A service that is left alone is not asked: this is `Failed`, too.
        """
        now = self._clock()
        service = self._services.setdefault((name, url), _Service(Breaker(self._clock), now))
        service.asked = now
        question = service.breaker.asks()
        if question is None:
            return Failed(f"'{name}' fails and is not asked just now", is_asked=False)
        try:
            answer, is_well = await ask()
        except BaseException:
            service.breaker.left(question)
            raise
        if isinstance(answer, Failed) and not is_well:
            service.reason = answer.reason
        if service.breaker.came(question, is_well):
            self._tell(name, service)
        return answer

    def well(self) -> dict[str, bool]:
        """Return the services that were asked lately, and whether each is asked."""
        known: dict[str, bool] = {}
        for (name, _), service in self._lately():
            known[name] = known.get(name, True) and not service.breaker.is_open
        return known

    def unwell(self) -> dict[str, str]:
        """Return what is wrong with each service that is left alone."""
        return {name: _words(one) for (name, _), one in self._lately() if one.breaker.is_open}

    def _lately(self) -> list[tuple[tuple[str, str], _Service]]:
        now = self._clock()
        return [each for each in self._services.items() if now - each[1].asked < FORGOTTEN]

    def _tell(self, name: str, service: _Service) -> None:
        now = self._clock()
        if service.breaker.is_open:
            service.since = now
            _log.error("service '%s' is left alone: %s", name, _words(service))
        else:
            _log.warning("service '%s' is well again, after %.0f s", name, now - service.since)


def _words(service: _Service) -> str:
    return f"it failed {FAILS} times running ({service.reason}); one caller at a time tries it"
