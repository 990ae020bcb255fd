"""A floor of agents, and the crowd that calls them.

Agents log in with their passwords, and answer as soon as a phone rings. So that they take next to
nothing of the processors nobody says much, and what they hear is not read.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.load.ends import ALLOW, HOST, Ends, Leg
from bench.load.sip import Message, credentials, reply, request
from ivr.errors import IvrError

# RFC 3261, T1: what nobody has replied to is sent again.
AGAIN = 0.5
TRIES = 6
LOG_IN_AT_ONCE = 50


@dataclass
class Caller:
    """Somebody who called, and when, by the monotonic clock; 0 is what has not come."""

    number: str
    came: float
    answered: float = 0.0
    rang: float = 0.0
    over: float = 0.0
    status: int = 0


class Floor(Ends):
    """Agents and callers. Made by `opened`."""

    def __init__(self, port: int, sound: socket.socket) -> None:
        super().__init__(port, sound)
        self.callers: dict[str, Caller] = {}
        self.again = 0
        # Agents' ends, the oldest talk first.
        self._talks: deque[Leg] = deque()

    @property
    def talks(self) -> int:
        """How many agents are in a talk."""
        return sum(leg.call_id in self.legs for leg in self._talks)

    @property
    def waiting(self) -> int:
        """How many callers are in the switch, and no phone has rung for them yet."""
        return sum(bool(c.answered) and not c.rang and not c.over for c in self.callers.values())

    @property
    def lost(self) -> int:
        """How many were refused, or gone before a phone rang."""
        return sum(bool(c.over) and not c.rang for c in self.callers.values())

    async def log_in(self, passwords: Mapping[str, str]) -> None:
        """Register agents. Raises IvrError where one is not let in."""
        room = asyncio.Semaphore(LOG_IN_AT_ONCE)

        async def one(agent: str, password: str) -> None:
            async with room:
                await self._register(agent, password)

        async with asyncio.TaskGroup() as group:
            for agent, password in passwords.items():
                group.create_task(one(agent, password))

    async def _register(self, agent: str, password: str) -> None:
        uri, more = f"sip:{HOST}", [f"Contact: <{self.at(agent)}>", "Expires: 600"]
        said = await self._registered(agent, uri, 1, more)
        if said.status == 401:
            challenge = said["www-authenticate"]
            proof = credentials(challenge, agent, password, "REGISTER", uri)
            said = await self._registered(agent, uri, 2, [*more, f"Authorization: {proof}"])
        if said.status != 200:
            raise IvrError(f"agent {agent} cannot log in: {said.first or 'no reply'}")

    async def _registered(self, agent: str, uri: str, cseq: int, more: list[str]) -> Message:
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        call_id, who = f"in{agent}", f"<sip:{agent}@{HOST}>"
        self.asked[call_id] = lambda said: None if answer.done() else answer.set_result(said)
        register = request(
            "REGISTER",
            uri,
            self.via,
            ours=f"{who};tag=floor",
            theirs=who,
            call_id=call_id,
            cseq=cseq,
            more=more,
        )
        for _ in range(TRIES):
            self.send(register)
            if (await asyncio.wait([answer], timeout=AGAIN))[0]:
                return answer.result()
        return Message("", {}, "")

    async def crowd(self, called: str, numbers: Iterable[str], rate: float) -> None:
        """Let them call, so many a second."""
        began = time.monotonic()
        for count, number in enumerate(numbers):
            await asyncio.sleep(max(0.0, began + count / rate - time.monotonic()))
            self._call(called, number)

    def _call(self, called: str, number: str) -> None:
        call_id, to = f"from{number}", f"sip:{called}@{HOST}"
        caller = self.callers[number] = Caller(number, time.monotonic())
        invite = request(
            "INVITE",
            to,
            self.via,
            ours=f"<sip:{number}@{HOST}>;tag=floor",
            theirs=f"<{to}>",
            call_id=call_id,
            more=[f"Contact: <{self.at(number)}>", ALLOW],
            body=self.sdp,
        )
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle

        def once_more(tries: int) -> None:
            nonlocal timer
            if tries:
                self.again += 1
                self.send(invite)
                timer = loop.call_later(2 * AGAIN, once_more, tries - 1)
            else:
                caller.over = time.monotonic()

        timer = loop.call_later(AGAIN, once_more, TRIES)

        def take(said: Message) -> None:
            timer.cancel()
            if said.status < 200 or said.method != "INVITE":
                return
            self.acknowledge(said, said.contact if said.status == 200 else to)
            if caller.status:  # an ACK was lost
                return
            caller.status = said.status
            if said.status == 200:
                caller.answered = time.monotonic()
                ours, theirs = said["from"], said["to"]
                self.legs[call_id] = Leg(call_id, ours, theirs, said.contact)
            else:
                caller.over = time.monotonic()

        self.asked[call_id] = take
        self.send(invite)

    def invited(self, said: Message) -> None:
        """An agent's phone rings: she answers."""
        call_id = said["call-id"]
        if call_id not in self.legs:
            if (caller := self.callers.get(said.caller)) and not caller.rang:
                caller.rang = time.monotonic()
            ours, theirs = f"{said['to']};tag=floor", said["from"]
            self.legs[call_id] = leg = Leg(call_id, ours, theirs, said.contact)
            self._talks.append(leg)
        contact = [f"Contact: <{self.at(said.asked)}>", ALLOW]
        self.send(reply(said, "180 Ringing", tag="floor", more=contact))
        self.send(reply(said, "200 OK", tag="floor", more=contact, body=self.sdp))

    def ended(self, call_id: str) -> None:
        """A call is over."""
        self.asked.pop(call_id, None)
        if caller := self.callers.get(call_id.removeprefix("from")):
            caller.over = time.monotonic()

    async def ending(self, rate: float) -> None:
        """Let so many talks a second end, the oldest first, until cancelled."""
        began = time.monotonic()
        for count in range(1_000_000):
            await asyncio.sleep(max(0.0, began + count / rate - time.monotonic()))
            while self._talks and not self.hang_up(self._talks.popleft()):
                pass

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        """Wait until something holds. Raises IvrError where it does not in time."""
        deadline = time.monotonic() + within
        while not holds():
            if time.monotonic() > deadline:
                stand = f"{self.talks} talk, {self.waiting} wait, {self.lost} are lost"
                raise IvrError(f"after {within:g} s {stand} of {len(self.callers)} callers")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def opened(port: int) -> AsyncIterator[Floor]:
    """Open a floor, and close it: calls that go on then are left to the switch."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sound:
        sound.bind((HOST, 0))
        transport, floor = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Floor(port, sound), local_addr=(HOST, 0)
        )
        try:
            yield floor
        finally:
            transport.close()
