"""A switch, and all that a run of test calls needs: up while the block runs, gone afterwards."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.config import Settings
from ivr.desk.keys import KeyReader
from ivr.desk.link import Login
from ivr.desk.watch import Watch
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.line import keeping
from ivr.line.channel import ChannelLine
from ivr.line.stay import Switch
from ivr.line.world import World, drive
from ivr.phone import Phone
from ivr.project.sounds import speakers
from ivr.running import planning, run, secrets
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.switch import process
from ivr.testcalls.ground import beside, build, voice
from ivr.testcalls.line import TestLine
from ivr.testcalls.place import Place
from ivr.testcalls.presser import Presser
from ivr.trial import transcript, verdict
from ivr.trial.acts import Act
from ivr.trial.calls import Trial
from ivr.trial.real_time import GivenBackEnds, around
from ivr.trial.transcript import Transcript
from ivr.trial.verdict import Fault

# Calls side by side: two processors have time for each of three.
AT_ONCE = 3
ANSWERED_WITHIN, ON_DUTY_WITHIN, OVER_WITHIN = 10.0, 15.0, 300.0
# The board tells nobody when it changes.
_LOOK = 0.05


@dataclass(frozen=True)
class Outcome:
    """A test as a real call, beside the simulated one; it passed if nothing is wrong."""

    trial: Trial
    simulated: Transcript
    real: Transcript | None
    faults: tuple[Fault, ...]
    trouble: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the two calls had everything in common."""
        return self.real is not None and not transcript.differences(self.simulated, self.real)

    @property
    def passed(self) -> bool:
        """Whether the real call was as expected and as simulated."""
        return not self.trouble and not self.faults and self.agrees

    def __str__(self) -> str:
        """The test and where it stands, what is wrong, and both calls: simulated │ real."""
        lines = [f"{self.trial.where}: {self.trial.name}", *filter(None, [self.trouble])]
        lines += [f">>> {fault.message}" for fault in self.faults]
        if self.real is not None:
            lines.append(transcript.side_by_side(self.simulated, self.real))
        return "\n".join(lines)


class Stage:
    """Takes every test's call and places it."""

    def __init__(
        self,
        settings: Settings,
        project: Project,
        speaker: Speaker,
        watch: Watch,
        places: Sequence[Place],
    ) -> None:
        self._settings = settings
        self._project = project
        self._speaker = speaker
        self._watch = watch
        self._places = {place.script: place for place in places}
        ask = watch.ami.action
        self._switch = Switch(settings.state / "spool", KeyReader(ask), ask)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def serve(self, connection: Connection) -> None:
        """Lead the call of one test, by the same session, line and driver as any call."""
        place = self._places[connection.preamble.script]
        given = place.trial.given
        channel = ChannelLine(
            connection, self._speaker, self._settings.recordings, place.script, (), self._switch
        )
        _, spoken = keeping.told(connection.preamble.variables)
        await channel.open(spoken)
        line = TestLine(channel, self._speaker, await place.presser, given, _Desk(self, place))
        session = given.session(self._project, place.trial.flow)
        began = time.monotonic()

        def now() -> datetime:
            return given.now + timedelta(seconds=time.monotonic() - began)

        try:
            ends = GivenBackEnds(given, self._project.services)
            await drive(session, World(line, ends, around=around(given)), now)
        finally:
            channel.close()
            session.hang_up(now())
            place.record.set_result(session.record)

    async def place(self, place: Place, voice: Path) -> Outcome:
        """Place the call of a test and return what became of it."""
        trial = place.trial
        simulated = verdict.run(trial, self._project).transcript
        async with self._turns:
            try:
                record, left = await self._call(place, voice)
            except (IvrError, TimeoutError) as fault:
                why = str(fault) or f"the call was not over after {OVER_WITHIN:g} s"
                return Outcome(trial, simulated, None, (), why)
        real = transcript.of(record, self._project)
        faults = verdict.judge(trial.expected, real, self._project, left)
        return Outcome(trial, simulated, real, tuple(faults))

    async def _call(self, place: Place, voice: Path) -> tuple[CallRecord, tuple[Act, ...]]:
        given = place.trial.given
        at = f"127.0.0.1:{self._settings.sip_port}"
        async with Phone(given.caller or "anonymous") as phone:
            play = voice if given.recording else None
            call = await phone.call(place.dialled, at, play=play)
            await call.answered(within=ANSWERED_WITHIN)
            presser = Presser(call, place.trial.expected.does)
            place.presser.set_result(presser)
            record = await asyncio.wait_for(place.record, OVER_WITHIN)
            await call.hang_up()
        return record, presser.left

    @asynccontextmanager
    async def on_duty(self, number: str) -> AsyncIterator[Phone]:
        """Give an agent's phone that callers can be put through to, while the block runs."""
        known = secrets.load(self._settings.state, ())
        async with Phone(
            number,
            registrar=f"127.0.0.1:{self._settings.sip_port}",
            password=secrets.agent_secrets(known)[number],
        ) as phone:
            await phone.registered(within=ON_DUTY_WITHIN)
            await self._is_free(number)
            yield phone

    async def _is_free(self, number: str) -> None:
        """Wait until the switch would ring an agent."""
        for _ in range(round(ON_DUTY_WITHIN / _LOOK)):
            agents = self._watch.board().agents
            if any(agent.number == number and agent.state == "free" for agent in agents):
                return
            await asyncio.sleep(_LOOK)
        raise IvrError(f"the switch does not see agent {number} after {ON_DUTY_WITHIN:g} s")


class _Desk:
    def __init__(self, stage: Stage, place: Place) -> None:
        self.number = place.number
        self.queue = place.queue
        self.on_duty = lambda: stage.on_duty(place.number)


async def outcomes(
    settings: Settings, project: Project, trials: Sequence[Trial]
) -> AsyncIterator[Outcome]:
    """Place the calls of all tests, a few at once; yield each as it is over.

    The sounds of the project must be built. Raises IvrError where the switch does not start.
    """
    places = [Place(index, trial) for index, trial in enumerate(trials)]
    with tempfile.TemporaryDirectory(prefix="ivr-test-") as folder:
        own = beside(settings, Path(folder), project, places)
        spoken = voice(Path(folder))
        async with _up(own, project, places) as stage:
            for done in asyncio.as_completed([stage.place(place, spoken) for place in places]):
                yield await done


@asynccontextmanager
async def _up(
    settings: Settings, project: Project, places: Sequence[Place]
) -> AsyncIterator[Stage]:
    plan = planning.write(settings, planning.softswitch(settings, run.print_line))
    settings.recordings.mkdir(mode=0o700)
    async with AsyncExitStack() as stack:
        takes = Takes.load(settings.takes, settings.root)
        shelf = Shelf()
        stack.callback(shelf.close)
        clips = stack.enter_context(speakers(settings, takes))
        await build(settings, project, clips, places)
        speaker = Speaker(clips, shelf)
        switch = await process.start(plan)
        stack.push_async_callback(switch.stop)
        watch = await stack.enter_async_context(
            Watch(Login("127.0.0.1", settings.ami_port, "controller", plan.ami_secret))
        )
        stage = Stage(settings, project, speaker, watch, places)
        server = Server(stage.serve, secret=plan.agi_secret)
        await server.start("127.0.0.1", settings.agi_port)
        stack.push_async_callback(server.close)
        yield stage
