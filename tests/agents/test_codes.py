"""What agents dial: over a real socket, with a roster, a board, and the shipped words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from ivr.agents.codes import Codes, said_of, said_of_desk
from ivr.agents.roster import Roster
from ivr.agi.connection import Connection
from ivr.desk.duty import NO_ANSWER, REASONS, Duty, Standing
from ivr.desk.snapshot import Agent, AgentState, Caller, Queue, Snapshot
from ivr.flow.project import Project
from ivr.flow.speech import text_of
from ivr.services.http import Services
from ivr.store.audit import Entry
from ivr.switch.desks import Desks
from ivr.versions.edition import Edition
from tests import stage
from tests.agents.test_roster import Store, Switch
from tests.fake_asterisk import FakeAsterisk
from tests.line.switch import SILENCE, Channel, serving, speaking

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DESKS = Desks.model_validate(
    {
        "desks": {"front": {"members": ["1001", "1002"]}, "other": {"members": ["1002"]}},
        "agents": {
            "1001": {"name": "Ann", "skills": {"yue": 5}},
            "1002": {"name": "Bo", "skills": {"en": 5}},
        },
    }
)
shipped = cache(stage.shipped)


def waits(seconds: float) -> Caller:
    return Caller("1.1", "13800138000", "", 1, NOON - timedelta(seconds=seconds))


def agent(number: str, state: AgentState, *queues: str) -> Agent:
    return Agent(number, f"PJSIP/{number}", number, queues, state)


def board(*callers: Caller) -> Snapshot:
    queues = (
        Queue("front", callers[:1], (), 0, 0),
        Queue("front+yue", callers[1:], (), 0, 0),
        Queue("other", (waits(999),), (), 0, 0),
    )
    agents = (
        agent("1001", AgentState.FREE, "front", "front+yue"),
        agent("1002", AgentState.FREE, "other"),
        agent("1003", AgentState.TALKING, "front"),
    )
    return Snapshot(None, queues, agents)


def test_every_standing_has_words_in_every_language() -> None:
    reasons = [*REASONS.values(), NO_ANSWER]
    standings = [Standing(), Standing(Duty.OFF)]
    standings += [Standing(Duty.PAUSED, reason) for reason in reasons]
    for standing in standings:
        assert set(shipped().catalogue.texts[said_of(standing)[0]]) == {"cmn", "yue", "en"}


def test_her_desks_are_told_together_and_no_others() -> None:
    told = said_of_desk(board(waits(5), waits(70)), DESKS, "1001", NOON)
    assert told == [
        ("desk_now", {"waiting": 2, "free": 1}),
        ("longest_wait", {"longest": "70s"}),
    ]
    assert said_of_desk(board(), DESKS, "1001", NOON) == [("desk_now", {"waiting": 0, "free": 1})]
    (said, _) = said_of_desk(board(), DESKS, "1002", NOON)
    assert said == ("desk_now", {"waiting": 1, "free": 2})


class Phones:
    """A roster and its codes on a free port; `told` is what screens show, `written` the audit."""

    def __init__(
        self, port: int, roster: Roster, told: list[tuple[str, str]], written: list[Entry]
    ) -> None:
        self.port, self.roster, self.told, self.written = port, roster, told, written

    async def dial(self, code: str, name: str, channel: str = "PJSIP/1001-00000001") -> Channel:
        """Dial a code from a phone, and hear it to the end."""
        line = Channel(SILENCE)
        said = {"extension": code, "channel": channel}
        async with FakeAsterisk(
            self.port, script=f"agent/{name}", variables=said, answer=line
        ) as switch:
            await switch.finished()
        return line


@asynccontextmanager
async def phones(folder: Path, project: Project) -> AsyncIterator[Phones]:
    told: list[tuple[str, str]] = []

    async def tell(agent: str, text: str) -> bool:
        told.append((agent, text))
        return True

    written: list[Entry] = []

    async def write(entry: Entry) -> int:
        written.append(entry)
        return len(written)

    roster = Roster(Store(), write, Switch(), tell, lambda: DESKS, lambda: NOON)
    async with speaking(folder) as speaker, Services(project.services) as services:
        edition = Edition(project, speaker, services)
        codes = Codes(
            roster, board, lambda: DESKS, lambda call: edition, tell, folder, lambda: NOON
        )

        async def serve(connection: Connection) -> None:
            await codes.errands[connection.preamble.script.removeprefix("agent/")](connection)

        async with serving(serve) as port:
            yield Phones(port, roster, told, written)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Phones]:
    async with phones(tmp_path, shipped()) as it:
        yield it


async def test_one_code_leads_off_duty_and_back(here: Phones) -> None:
    line = await here.dial("*45", "duty")
    assert here.roster.of("1001") == Standing(Duty.OFF, "", "1001", NOON)
    assert (len(line.played), line.variables["IVR_DONE"]) == (1, "1")
    await here.dial("*45", "duty")
    assert here.roster.of("1001") == Standing(Duty.ON, "", "1001", NOON)
    assert here.written == [
        Entry(NOON, "1001", "duty", "1001", "done", why=to) for to in ("off", "on")
    ]


async def test_who_did_not_answer_is_told_so_as_she_comes_back(here: Phones) -> None:
    await here.dial("*45", "duty")
    await here.dial("*45", "duty")
    usual = (await here.dial("*45", "duty")).played
    away = Standing(Duty.PAUSED, NO_ANSWER, "hotline", NOON)
    await here.roster.change("1001", away)
    longer = (await here.dial("*45", "duty")).played
    assert here.roster.of("1001").duty is Duty.ON
    assert (
        longer[0].with_suffix(".alaw").stat().st_size > usual[0].with_suffix(".alaw").stat().st_size
    )


async def test_a_digit_pauses_nought_ends_it_and_any_other_changes_nothing(here: Phones) -> None:
    for digit, reason in REASONS.items():
        await here.dial(f"*46{digit}", "pause")
        assert here.roster.of("1001") == Standing(Duty.PAUSED, reason, "1001", NOON)
    for code in ("*46", "*469"):
        await here.dial(code, "pause")
        assert here.roster.of("1001").reason == "after-call work"
    await here.dial("*460", "pause")
    assert here.roster.of("1001").duty is Duty.ON
    changes = [*(f"paused, {reason}" for reason in REASONS.values()), "on"]
    assert [entry.why for entry in here.written] == changes


async def test_how_it_is_at_the_desk_changes_nothing(here: Phones) -> None:
    await here.dial("*47", "desk")
    assert here.roster.of("1001") == Standing()


async def test_only_an_agents_phone_changes_where_she_stands(
    here: Phones, caplog: pytest.LogCaptureFixture
) -> None:
    line = await here.dial("*45", "duty", "PJSIP/callers-00000001")
    assert "only an agent's phone dials a code" in caplog.text
    assert "IVR_DONE" not in line.variables
    assert here.roster.of("callers") == Standing()


async def test_a_project_without_words_tells_it_on_the_screen(tmp_path: Path) -> None:
    flow = "flow: f\nlanguages: [en]\nstart: bye\nnodes: {bye: hangup}"
    async with phones(tmp_path, stage.load(flow)) as here:
        line = await here.dial("*462", "pause")
        assert here.told == [("1001", "paused (meal)")]
        assert (line.played, line.variables["IVR_DONE"]) == ([], "1")


def test_who_serves_is_said_with_her_number() -> None:
    said = shipped().catalogue.utterance("serves_you", "cmn", {"agent": "8001"})
    assert text_of(said) == "八零零幺号为您服务。"
