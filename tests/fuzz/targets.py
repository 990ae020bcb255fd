"""What is given spoilt input: each target takes a source of chance, and raises where it fails."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from ivr.desk.board import Board
from ivr.desk.frames import Frames, NotAsterisk
from ivr.errors import Problem, render
from ivr.flow import load, project
from ivr.flow.check import check
from ivr.flow.project import Sources
from ivr.switch.desk_files import parse
from ivr.switch.strangers import read
from ivr.wire import agi
from ivr.wire.agi import Agi, Preamble, Reply
from tests.desk.test_board import COMPLETE, ENTRY, MEMBER, PARAMS
from tests.fake_asterisk import preamble
from tests.fuzz.mutating import cut, spoilt
from tests.stage import ROOT

Target = Callable[[random.Random], None]

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_REPLIES = (
    b"200 result=0\n",
    b"200 result=1 (12345678)\n",
    b"200 result=0 endpos=16000\n",
    b"HANGUP\n",
    b"511 Command Not Permitted on a dead channel or intercept routine\n",
    b"100 Trying\n",
    b"520-Invalid command syntax.\nUsage: ANSWER\n520 End of proper usage.\n",
    b"200 result=1 (a) endpos=1)\n",
    b"510 Invalid or unknown command\n",
)
_CONTROL = {*map(chr, range(32)), *map(chr, range(127, 160)), "\u2028", "\u2029"}


def agi_bytes(chance: random.Random) -> None:
    """Whatever the switch says, it is understood or ends the call, in whatever pieces it comes."""
    said = b"".join(chance.choices(_REPLIES, k=chance.randrange(6)))
    whole = spoilt(chance, preamble() + said)
    outcomes = []
    for pieces in ([whole], cut(chance, whole)):
        line, events = Agi(), list[agi.Event]()
        for piece in pieces:
            line.receive_data(piece)
            events += line.events_received()
        outcomes.append((events, str(line.error)))
    assert outcomes[0] == outcomes[1]
    line, events = Agi(), []
    for byte in cut(chance, whole):
        line.receive_data(byte)
        events += line.events_received()
        if agi.Command in agi.TRANSITIONS[line.state]:
            line.send(agi.answer())
        line.data_to_send()
    for event in events:
        if isinstance(event, Preamble):
            told = "".join((*event.variables.values(), event.script, *event.query.values()))
            assert not _CONTROL & set(told)
        if isinstance(event, Reply) and event.code == 200:
            assert not _CONTROL & set(event.text)


def ami_bytes(chance: random.Random) -> None:
    """Whatever comes over AMI, frames are those that Asterisk writes, in whatever pieces."""
    frames = [PARAMS, MEMBER, ENTRY, COMPLETE]
    whole = b"Asterisk Call Manager/11.0.0\r\n" + b"".join(
        "".join(f"{key}: {value}\r\n" for key, value in chance.choice(frames).items()).encode()
        + b"\r\n"
        for _ in range(chance.randrange(1, 6))
    )
    whole = spoilt(chance, whole)
    outcomes = []
    for pieces in ([whole], cut(chance, whole)):
        link, found = Frames(), list[dict[str, str]]()
        try:
            for piece in pieces:
                found += link.receive(piece)
            outcomes.append((found, link.distrusted, link.version))
        except NotAsterisk:
            outcomes.append(([], 0, "stranger"))
    assert outcomes[0] == outcomes[1]
    board = Board(NOW - timedelta(hours=1))
    for frame in outcomes[0][0]:
        assert next(iter(frame)).lower() in ("event", "response")
        board.apply(frame, NOW)
    board.snapshot(NOW)


def ami_values(chance: random.Random) -> None:
    """An event of the right form may say anything: the desks are shown all the same."""
    board = Board(NOW - timedelta(hours=1))
    for _ in range(chance.randrange(1, 8)):
        event = dict(chance.choice((PARAMS, MEMBER, ENTRY, COMPLETE)))
        for key in chance.sample(sorted(event), k=chance.randrange(len(event))):
            event[key] = spoilt(chance, event[key].encode()).decode("utf-8", "replace")
        event.pop(chance.choice(sorted(event)), None)
        board.apply(event, NOW)
    board.lose(NOW)
    board.snapshot(NOW)


def security_log(chance: random.Random) -> None:
    """A line of the switch's log names an address, or is nobody's."""
    line = (
        b'[2026-11-30 03:00:00.123] SECURITY[7] res_security_log.c: SecurityEvent="ChallengeSent",'
        b'Service="PJSIP",SessionID="x",LocalAddress="IPV4/UDP/203.0.113.1/5060",'
        b'RemoteAddress="IPV4/UDP/198.51.100.9/5070",Challenge="1795000000/ab"'
    )
    event = read(spoilt(chance, line).decode("utf-8", "replace"))
    if event:
        ipaddress.IPv4Address(event.address)


@cache
def _shipped() -> Sources:
    folders = {"flows": ROOT / "flows", "prompts": ROOT / "prompts"}
    texts = {
        name: {f"{name}/{path.name}": path.read_text() for path in sorted(folder.glob("*.yaml"))}
        for name, folder in folders.items()
    }
    return Sources(texts["flows"], texts["prompts"], ("front_desk", "roaming"))


def yaml_flows(chance: random.Random) -> None:
    """A flow with mistakes is told with its places, and never ends in a fault of ours."""
    sources = _shipped()
    part = chance.choice(("flows", "flows", "flows", "prompts"))
    files: dict[str, str] = dict(getattr(sources, part))
    file = chance.choice(sorted(files))
    files[file] = spoilt(chance, files[file].encode()).decode("utf-8", "replace")
    flows, prompts = (files, sources.prompts) if part == "flows" else (sources.flows, files)
    spoilt_sources = Sources(flows, prompts, sources.queues)
    if chance.randrange(20):
        _, problems = load.flow(file, files[file])
        found = list[Problem]()
    else:
        whole, problems = project.read(spoilt_sources)
        found = check(whole)
    _told([*problems, *found], spoilt_sources.texts)


def yaml_desks(chance: random.Random) -> None:
    """Desks and agents with mistakes are told with their places."""
    texts = {
        name: (ROOT / "asterisk-config" / name).read_text()
        for name in ("desks.yaml", "agents.yaml")
    }
    name = chance.choice(sorted(texts))
    texts[name] = spoilt(chance, texts[name].encode()).decode("utf-8", "replace")
    _, problems = parse(*texts.items())
    _told(problems, texts)


def _told(problems: list[Problem], texts: Mapping[str, str]) -> None:
    for problem in problems:
        assert problem.where.file in texts, problem
        lines = len(texts[problem.where.file].splitlines()) + 1
        assert 1 <= problem.where.line <= lines and problem.where.column >= 1, problem
        assert problem.message.strip() and problem.rule, problem
    render(problems, texts)


TARGETS: dict[str, Target] = {
    "agi_bytes": agi_bytes,
    "ami_bytes": ami_bytes,
    "ami_values": ami_values,
    "security_log": security_log,
    "yaml_flows": yaml_flows,
    "yaml_desks": yaml_desks,
}
