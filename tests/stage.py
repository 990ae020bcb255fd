"""A stage for flows: a project from a few lines of YAML, a call played on it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

from ivr.errors import Problem
from ivr.flow import check, project
from ivr.flow.caller import Caller
from ivr.flow.project import Project, Sources
from ivr.flow.record import CallRecord
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.session import Session
from ivr.line.ports import Announcer, Around, BackEnds, Diary
from ivr.line.script import ScriptLine
from ivr.line.world import World, drive

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "asterisk-config"
START = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)

PROMPTS = """
ask: {cmn: 请按一。, yue: 請撳一。, en: Press one.}
ask_short: {cmn: 一。, yue: 一。, en: One.}
hello: {cmn: 您好，再见。, yue: 你好，再見。, en: 'Hello, goodbye.'}
wrong_key: {cmn: 不对。, yue: 唔啱。, en: Wrong.}
nothing_heard: {cmn: 没有。, yue: 冇。, en: Nothing.}
wrong_digits: {cmn: 不是。, yue: 唔係。, en: Not right.}
one_moment: {cmn: 请稍候。, yue: 等等。, en: One moment.}
number_is: {cmn: '是{number:digits}。', yue: '係{number:digits}。', en: 'It is {number:digits}.'}
callback_offer:
  cmn: '{day:date}{by:time}前打{number:phone}。'
  yue: '{day:date}{by:time}前打{number:phone}。'
  en: 'By {by:time} on {day:date} at {number:phone}.'
callback_number: {cmn: 号码。, yue: 號碼。, en: Number.}
callback_until:
  cmn: '{day:date}{by:time}前。'
  yue: '{day:date}{by:time}前。'
  en: 'By {by:time} on {day:date}.'
owed: {cmn: '余额{amount:money}。', yue: '餘額{amount:money}。', en: 'Balance {amount:money}.'}
"""
SERVICES = """
billing:
  url: http://127.0.0.1:1
  lookups:
    balance: {get: '/customers/{number}', gives: {balance: money, expires: date}}
"""
HOURS = "desk: {open: 'Mo-Su 09:00-22:00', zone: Asia/Shanghai, holidays: CN}"


def read(*flows: str, prompts: str = PROMPTS) -> tuple[Project, list[Problem]]:
    """Return a project of these flows, and everything that is wrong with it."""
    files = {f"flows/{n}.yaml": dedent(text) for n, text in enumerate(flows)}
    files |= {"flows/services.yaml": SERVICES, "flows/hours.yaml": HOURS}
    loaded, problems = project.read(Sources(files, {"prompts/p.yaml": prompts}, {"desk"}))
    return loaded, sorted(set(problems + check.check(loaded)))


def load(*flows: str) -> Project:
    """Return a project that has nothing wrong but what is forgiven here."""
    loaded, problems = read(*flows)
    left = [problem for problem in problems if problem.rule not in FORGIVEN]
    assert not left, "\n".join(map(str, left))
    return loaded


def shipped(prompts_in: Path = ROOT / "prompts") -> Project:
    """Return the project this repository ships, with its own prompts unless told otherwise."""
    written = [p for p in sorted((ROOT / "flows").glob("*.yaml")) if ".test." not in p.name]
    files = {f"flows/{p.name}": p.read_text() for p in written}
    prompts = {f"prompts/{p.name}": p.read_text() for p in prompts_in.glob("*.yaml")}
    loaded, problems = project.read(Sources(files, prompts, {"front_desk", "roaming"}))
    problems += check.check(loaded)
    assert not problems, "\n".join(map(str, problems))
    return loaded


# What a flow of a few lines for one test does not owe its callers.
FORGIVEN = {
    "key-unsaid", "key-not-offered", "silent-end", "endless-loop", "far-from-a-person",
    "hidden-key", "secret-spoken",
}  # fmt: skip


class Clock:
    """A clock that moves a second at each look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Ledger:
    """A back end with one answer to everything; `asked` is what it was asked.

    It takes messages unless it has a `fault`; `sent` is their numbers, texts and languages.
    """

    answer: Found | Missing | Failed
    fault: Failed | None = None

    def __post_init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.sent: list[tuple[str, str, str]] = []

    async def send(self, to: str, text: str, language: str, key: str) -> Failed | None:
        self.sent.append((to, text, language))
        return self.fault

    async def look_up(
        self, name: str, arguments: Mapping[str, str], key: str
    ) -> Found | Missing | Failed:
        self.asked.append((name, arguments))
        return self.answer


def play(
    loaded: Project,
    line: ScriptLine,
    *,
    flow: str = "f",
    caller: str = "13800138000",
    ledger: BackEnds | None = None,
    announced: Announcer = lambda place: (),
    diary: Diary | None = None,
) -> CallRecord:
    """Play a call to its end and return its record."""
    clock = Clock()
    session = Session(loaded, flow, Caller("c1", caller, "10086"), clock())
    ends = ledger or Ledger(Missing())
    asyncio.run(drive(session, World(line, ends, around=Around(announced, diary)), clock))
    return session.record


def path(record: CallRecord) -> list[str]:
    """Return the nodes a call came through."""
    return [step.node for step in record.path]


def furnish(folder: Path) -> None:
    """Put the shipped desks and agents into a folder; no desk leads into a flow of its own."""
    desks = (SHIPPED / "desks.yaml").read_text()
    lines = desks.splitlines(keepends=True)
    (folder / "desks.yaml").write_text("".join(x for x in lines if "    flow: " not in x))
    (folder / "agents.yaml").write_text((SHIPPED / "agents.yaml").read_text())
