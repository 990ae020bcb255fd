"""`ivr doctor`: what is amiss is found, and told with what mends it."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from ivr import config
from ivr.config import Settings
from ivr.desk.agenda import Booking
from ivr.doctor import CHECKS, examine, instance, keeping, machine, service, written
from ivr.doctor.finding import Finding, State, is_well
from ivr.doctor.patient import Kept, Patient, visit
from ivr.errors import IvrError
from ivr.past.tapes import Tape
from ivr.running import claim, planning, secrets
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.talks import Talks
from ivr.switch import applied
from tests.ports import free_port
from tests.records.given import a_record
from tests.stage import ROOT, furnish

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Settings:
    """The shipped project, with desks of its own, a private state and free ports."""
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    furnish(tmp_path)
    (tmp_path / "state").mkdir(mode=0o700)
    ports = {f"{name}_port": free_port() for name in ("sip", "http", "agi", "ami", "backend")}
    desks, agents = tmp_path / "desks.yaml", tmp_path / "agents.yaml"
    return config.settings(state_dir=tmp_path / "state", desks=desks, agents=agents, **ports)


def seen(settings: Settings, here: str = "") -> Patient:
    return asyncio.run(visit(settings, here))


def bad(findings: Iterator[Finding]) -> list[tuple[State, str, str]]:
    """Return what is not well: how bad, in which words, and what mends it."""
    return [(x.state, x.words, x.mend) for x in findings if x.state is not State.WELL]


def test_every_check_tells_something_of_a_hotline_that_never_ran(settings: Settings) -> None:
    patient = seen(settings, " --state-dir s")
    assert patient.live is None and patient.kept is None
    found = examine(patient)
    # Of these there is nothing to tell.
    assert set(CHECKS) - {each.check for each in found} == {
        "datagrams",
        "version",
        "desks",
        "agents",
        "talks",
    }
    assert all(each.mend for each in found if each.state is not State.WELL)
    assert [each.words for each in found if each.check == "state"] == [
        f"{settings.state} is private"
    ]
    (hotline,) = [each for each in found if each.check == "hotline"]
    assert (hotline.state, hotline.mend) == (State.WRONG, "ivr up --detach --state-dir s")
    assert not is_well(found)
    assert list(settings.state.iterdir()) == []


def test_a_check_that_cannot_look_stops_no_other(settings: Settings) -> None:
    (settings.state / secrets.FILE).symlink_to("nowhere")
    found = {each.check: each for each in examine(seen(settings))}
    assert found["secrets"].state is State.WRONG and "nowhere" not in found["secrets"].mend
    assert {"logs", "promises"} <= set(found)


def test_mistakes_are_counted_and_the_first_is_shown(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "f.yaml").write_text("flow: f\nlanguages: [cmn]\nstart: a\nnodes: {}\n")
    patient = seen(settings.model_copy(update={"flows": tmp_path / "flows"}))
    ((state, words, mend),) = bad(written.project(patient))
    assert state is State.WRONG and "mistakes: " in words and mend == "ivr check"
    ((state, _, mend),) = bad(written.built(patient))
    assert (state, mend) == (State.WARNING, "ivr check")


def test_a_folder_that_is_no_project_is_told(settings: Settings, tmp_path: Path) -> None:
    ((_, words, _),) = bad(written.project(seen(settings.model_copy(update={"root": tmp_path}))))
    assert "go to the folder of the project" in words


def test_sounds_and_takes_that_are_missing_are_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    for page in (ROOT / "prompts").glob("*.yaml"):
        (tmp_path / "prompts" / page.name).write_text(page.read_text())
    patient = seen(settings.model_copy(update={"prompts": tmp_path / "prompts"}))
    ((state, words, mend),) = bad(written.built(patient))
    assert (state, mend) == (
        State.WRONG,
        "ivr prompts build",
    ) and " are not built, such as" in words
    takes = tmp_path / "prompts" / "takes"
    takes.mkdir()
    line = (ROOT / "prompts" / "takes" / "en.jsonl").read_text().splitlines()[0]
    (takes / "en.jsonl").write_text(line + "\n")
    ((state, words, _),) = bad(written.takes(patient))
    assert state is State.WRONG and words.startswith("1 damaged: ") and "is not there" in words


def test_a_port_that_is_taken_is_told_with_its_option(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.agi_port))
        taken.listen()
        ((state, words, mend),) = bad(machine.ports(seen(settings)))
    assert state is State.WRONG and f"port {settings.agi_port} of 127.0.0.1 is taken" in words
    assert mend == "ivr up --agi-port PORT"


def test_limits_under_what_the_most_calls_need_are_told(settings: Settings) -> None:
    wide = replace(seen(settings), settings=settings.model_copy(update={"most_calls": 100_000}))
    ((_, words, _),) = bad(machine.ports(wide))
    assert words.startswith("rtp_ports are enough for 1000 calls with agents, so no more callers")
    assert bad(machine.ports(replace(wide, settings=settings))) == []


def test_a_prefix_that_is_not_whole_is_to_be_made_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ivr.switch.softswitch._on_path", lambda: None)
    patient = seen(settings.model_copy(update={"switch_prefix": tmp_path / "prefix"}))
    assert bad(machine.asterisk(patient)) == [(State.WRONG, "there is no Asterisk", "ivr prepare")]
    (tmp_path / "prefix" / "root").mkdir(parents=True)
    ((_, words, mend),) = bad(machine.asterisk(patient))
    assert "is not whole" in words and mend == f"rm -r {tmp_path / 'prefix'}; ivr prepare"


def test_a_clock_behind_the_records_is_told(settings: Settings) -> None:
    patient = replace(seen(settings), kept=Kept(0, 0, 0, NOW + timedelta(hours=1)))
    ((state, words, mend),) = bad(machine.clock(patient))
    assert state is State.WRONG and "behind" in words and mend == "timedatectl set-ntp true"


def test_what_others_may_enter_or_read_is_told_and_mended(settings: Settings) -> None:
    patient = seen(settings)
    secrets.load(settings.state, ["1001"])
    assert bad(instance.state(patient)) == bad(instance.secrets(patient)) == []
    settings.state.chmod(0o755)
    file = settings.state / secrets.FILE
    file.chmod(0o644)
    for check in (instance.state, instance.secrets):
        ((state, _, mend),) = bad(check(patient))
        assert state is State.WRONG
        command, mode, path = mend.split()
        assert command == "chmod"
        Path(path).chmod(int(mode, 8))
        assert bad(check(patient)) == []
    file.write_text("{")
    ((_, words, _),) = bad(instance.secrets(patient))
    assert "cannot be read" in words


def test_a_log_that_grew_is_told(settings: Settings) -> None:
    log = settings.state / "log"
    log.mkdir()
    (log / "queue_log").touch()
    assert bad(instance.logs(seen(settings))) == []
    os.truncate(log / "queue_log", instance.LARGEST_LOG + 1)
    ((state, words, _),) = bad(instance.logs(seen(settings)))
    assert state is State.WARNING and words.endswith("queue_log has 100 MB")


def test_what_was_left_is_late_or_should_be_gone_is_counted(settings: Settings) -> None:
    async def keep() -> None:
        database = await Database.open(settings.records_url)
        await Calls(database).begin(
            a_record("1.1", LONG_AGO, caller="138", version="v", language="en")
        )
        booking = Booking("1.1", "138", "roaming", "en", LONG_AGO, LONG_AGO, 0)
        await Bookings(database).keep(booking)
        tape = Tape("1.1_1", "1.1", "138", "roaming", "Li Na", LONG_AGO, 61, LONG_AGO)
        await Talks(database).keep(tape)
        await database.close()

    asyncio.run(keep())
    patient = seen(settings)
    assert patient.kept == Kept(1, 1, 1, LONG_AGO)
    left = "1 record of calls without an end"
    assert bad(keeping.database(patient)) == [(State.WARNING, left, "ivr up --detach")]
    late, untold = bad(keeping.promises(patient))
    assert late[0] is State.WRONG and late[2] == "ivr callbacks"
    assert untold[0] is State.WARNING and untold[2] == "trunk: HOST:PORT in ivr.yaml"
    ((state, words, _),) = bad(keeping.talks(patient))
    assert (state, words) == (State.WRONG, "1 kept beyond their time")


def test_a_database_that_is_none_is_told(settings: Settings) -> None:
    (settings.state / "calls.db").write_text("no database " * 100)
    patient = seen(settings)
    assert isinstance(patient.kept, IvrError)
    ((state, words, mend),) = bad(keeping.database(patient))
    assert state is State.WRONG and "not a database" in words and ".broken; restore it" in mend


@pytest.fixture
def running(settings: Settings) -> Iterator[Settings]:
    """Hold the state directory as a hotline does that is ready."""
    with ExitStack() as stack:
        stack.enter_context(claim.held(settings.state))
        note = {"pid": os.getpid(), "web": settings.web_url, "backend": ""}
        (settings.state / claim.RUNNING).write_text(json.dumps(note))
        (settings.state / "etc").mkdir()
        yield settings


async def visited(settings: Settings, answers: dict[str, object]) -> Patient:
    """Visit a hotline that answers so."""
    app = web.Application()

    def answering(said: object) -> object:
        async def view(_request: web.Request) -> web.Response:
            return web.json_response(said)

        return view

    for path, said in answers.items():
        app.router.add_get(path, answering(said))  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", settings.http_port).start()
        return await visit(settings)
    finally:
        await runner.cleanup()


def test_of_a_hotline_that_runs_parts_version_desks_and_agents_are_told(running: Settings) -> None:
    agents = [{"number": str(n), "state": "logged out"} for n in range(1001, 1007)]
    agents[0]["state"] = "paused"
    backend = {"ok": False, "pid": None, "detail": "no answer"}
    answers: dict[str, object] = {
        "/healthz": {
            "ok": False,
            "parts": {
                "controller": {"ok": True, "pid": 7},
                "backend": backend,
                "service billing": {"ok": False, "pid": None, "detail": "it failed"},
            },
        },
        "/api/versions": {"serves": "aa", "origin": "published", "files": "bb", "trouble": ""},
        "/api/agents": agents,
    }
    first = seen(running)
    assert not isinstance(first.checked, IvrError) and first.checked.desks
    desks = first.checked.desks
    before = desks.model_copy(
        update={"agents": {n: a for n, a in desks.agents.items() if n != "1006"}}
    )
    applied.keep(running.state / "etc", before, [])
    patient = asyncio.run(visited(running, answers))
    assert bad(machine.ports(patient)) == []
    (state, words, mend), (_, service_words, look) = bad(service.parts(patient))
    assert (state, words) == (State.WRONG, "the backend is not well: no answer")
    assert mend == f"tail {running.state / 'log' / 'backend.log'}"
    assert service_words == "the service billing is not well: it failed"
    assert look == f"tail {running.state / 'log' / 'controller.log'}"
    ((state, words, mend),) = bad(service.version(patient))
    assert words == (
        "calls are led by aa (published); the files on disk are another version, bb"
    ) and mend.startswith("ivr publish")
    assert bad(service.desks(patient)) == [
        (State.WARNING, "not applied: 1 agent new: 1006", "ivr desks apply")
    ]
    told = [words for _, words, _ in bad(service.agents(patient))]
    assert "every agent is paused at front_desk, open now" in told


def test_what_the_kernel_dropped_for_sip_is_told(running: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as switch:
        switch.bind((running.sip_host, running.sip_port))
        patient = seen(running)
        assert bad(service.datagrams(patient)) == []
        # Nobody reads, until the buffer is full.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
            for _ in range(5000):
                carrier.sendto(bytes(4000), switch.getsockname())
        ((state, words, mend),) = bad(service.datagrams(patient))
    assert state is State.WARNING and "for SIP" in words and "met a full buffer" in words
    assert mend.startswith("tcpdump ") and f"port {running.sip_port} " in mend
    assert list(service.datagrams(patient)) == [], "where no switch is there is nothing to tell"


def test_settings_that_changed_since_the_start_are_told(running: Settings) -> None:
    started = running.model_dump_json(exclude_none=True, exclude={"root"})
    (running.state / "etc" / planning.SETTINGS).write_text(started)
    assert bad(written.settings(seen(running))) == []
    given = running.model_copy(update={"trunk": "192.0.2.1:5060", "sip_port": 1, "sends": {}})
    patient = seen(given)
    (state, words, mend), codes = bad(written.settings(patient))
    assert state is State.WARNING and words.endswith(": trunk")
    assert mend == "ivr down; ivr up --detach"
    assert codes == (State.WARNING, "not applied: agents' codes (sends)", "ivr desks apply")
    assert patient.settings.trunk is None


def test_a_hotline_that_runs_and_does_not_answer_is_wrong(running: Settings) -> None:
    ((state, words, mend),) = bad(service.parts(seen(running)))
    assert state is State.WRONG and words.startswith("no hotline answers at ")
    assert mend.endswith("controller.log")


def test_what_answers_and_is_no_hotline_is_told(running: Settings) -> None:
    ((_, words, _),) = bad(service.parts(asyncio.run(visited(running, {"/healthz": ["x"]}))))
    assert words.endswith("is no hotline of ours")


def test_every_check_has_its_row_in_the_documentation() -> None:
    page = (ROOT / "docs" / "faults.md").read_text()
    assert [name for name in CHECKS if f"\n| `{name}` | " not in page] == []
