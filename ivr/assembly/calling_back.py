"""Calling back put together: who is promised a call is called, where there is a trunk."""

from __future__ import annotations

import hashlib
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager

from ivr.assembly.bookkeeping import Books
from ivr.assembly.made_ready import Ready
from ivr.callbacks.dialler import Dialler
from ivr.callbacks.dialler_errands import DiallerErrands
from ivr.callbacks.diary import rules
from ivr.config import Settings
from ivr.desk.agenda import Rule
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.desk.spool import Spool
from ivr.desk.watch import Watch
from ivr.desk.witness import Witness
from ivr.errors import IvrError
from ivr.flow.story import channel_of
from ivr.serving.controller import Errand
from ivr.store.attempts import Attempts

# Of each agent's, one waits for her and one for when she is free again; each line costs a channel.
FOR_EACH_AGENT = 2
# Seconds to press a key in.
TO_PRESS = 4.0
_NOT_THERE = (AgentState.LOGGED_OUT, AgentState.PAUSED)


@asynccontextmanager
async def calling_back(
    settings: Settings,
    ready: Ready,
    books: Books,
    watch: Watch,
    errands: MutableMapping[str, Errand],
) -> AsyncIterator[None]:
    """Call back who is due while the block runs; what the dialplan asks goes among the errands.

    Who is still in a call is not dialled meanwhile.

    Without a trunk nothing is dialled, and the errands stay as they are.
    """
    served = ready.served
    if settings.trunk is None:
        yield
        return

    def sound(prompt: str, language: str) -> str | None:
        edition = served.take("")
        try:
            said = edition.project.catalogue.utterance(prompt, language)
            return edition.speaker.sound(said, 100, 0, settings.codecs[0])[1]
        except (KeyError, IvrError):  # flows of one's own may have no such prompt
            return None

    def now_rules() -> dict[str, Rule]:
        return rules(ready.desks(), served.take("").project.hours)

    def silence() -> str:
        return served.take("").speaker.silence(TO_PRESS, settings.codecs[0])

    dialler = Dialler(
        books.bookings,
        Attempts(ready.database),
        Spool(settings.spool),
        Witness(watch.ami),
        now_rules,
        lambda: room(watch.board(), now_rules()),
        _ours(settings),
        is_talking=lambda call: books.calls.live(channel_of(call)) is not None,
    )
    errands.update(DiallerErrands(dialler, sound, silence).errands())
    async with dialler.dialling():
        yield


def room(board: Snapshot, by_desk: Mapping[str, Rule]) -> Counter[str]:
    """Return how many calls back may be under way at each desk: by the agents who are there.

    Who is rung first finds somebody free: of those who are, each who waits already will have one.
    """
    found = Counter[str]()
    if board.stale_since is not None:
        return found
    for agent in board.agents:
        for desk in {*map(desk_of, agent.queues)}:
            rule = by_desk.get(desk)
            if rule and rule.first == "caller":
                found[desk] += agent.state is AgentState.FREE
            elif agent.state not in _NOT_THERE:
                found[desk] += FOR_EACH_AGENT
    for queue in board.queues:
        rule = by_desk.get(desk_of(queue.name))
        if rule and rule.first == "caller":
            found[desk_of(queue.name)] -= len(queue.callers)
    return found


def _ours(settings: Settings) -> str:
    """Return what the tokens of this switch begin with, which is that of the state directory."""
    place = f"{socket.gethostname()}:{settings.state}"
    return hashlib.sha256(place.encode()).hexdigest()[:8]
