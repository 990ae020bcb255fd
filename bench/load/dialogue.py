"""The dialogue of a load: welcome, a key for the language, a number, her balance, a key, a queue.

It is written three times: as a flow, as a plain dialplan, and in `bare.py` for panoramisk. All
three play the same files, each a whole sentence, as the flow composes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ivr.config import Settings
from ivr.flow.caller import Caller
from ivr.flow.effects import Heard, Play
from ivr.flow.services import Found
from ivr.flow.session import Session
from ivr.line.ports import Answered
from ivr.line.script import ScriptLine
from ivr.line.world import World, drive
from ivr.project import disk, sounds
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes

FLOW = "load"
# What is dialled for each of the three, and to come to the queue at once.
NUMBERS = {"plain": "20086", "engine": "10086", "bare": "30086", "queue": "10087"}
# Only somebody who talks keeps a queue open (queues.conf, joinempty): this rings for an agent.
TO_AGENT = "40086"
CUSTOMERS = ("13800138000", "13800138003", "13800138006", "13800138007")
# The demo carrier has them (ivr/demo/customers.py).
BALANCES = {
    "13800138000": ("123.45", "2026-12-31"),
    "13800138003": ("1010.05", "2027-10-10"),
    "13800138006": ("23.40", "2026-12-01"),
    "13800138007": ("1002.50", "2027-06-22"),
}
LASTS = 10.0
# In Cantonese. Of what is said she hears a part, as callers do who have called before.
STEPS = (
    {"sound": "welcome", "after": 1.0, "keys": "2", "then": "enter"},
    {"sound": "enter", "after": 1.0, "keys": "{number}", "then": "balance {balance}"},
    {"sound": "balance {balance}", "after": 1.5, "keys": "0", "then": "connecting"},
)

FLOW_TEXT = """
flow: load
about: The dialogue of bench/load.
languages: [cmn, yue, en]
start: welcome
anywhere: {0: agent}
nodes:
  welcome:
    language: welcome
    keys: {1: cmn, 2: yue, 3: en}
    go: which
  which:
    collect: enter_number
    check: phone
    wrong: not_a_number
    into: number
    go: balance
    otherwise: agent
  balance:
    lookup: billing.balance
    using: {number: $number}
    into: account
    found: tell
    missing: agent
    failed: agent
  tell: {say: {your_balance: {amount: $account.balance, until: $account.expires}}, go: more}
  more:
    menu: main_menu_short
    keys: {1: which, 2: @, 3: which, 4: which, 5: which, 6: which}
    otherwise: agent
  agent: {say: connecting, go: queue}
  queue: {queue: front_desk, longest: 1m, answered: bye, unanswered: bye}
  bye: hangup
"""
QUEUE = "queued"
QUEUE_TEXT = """
flow: queued
about: Straight to the desk.
languages: [cmn]
start: queue
nodes:
  queue: {queue: front_desk, longest: 1h, answered: bye, unanswered: bye}
  bye: hangup
"""
# Nobody comes to them in a call: so much greater is the flow.
SIDE = """
  side{n}:
    menu: main_menu_short
    keys: {{1: tell{n}, 2: side{next}, 3: agent, 4: agent, 5: agent, 6: agent}}
    otherwise: agent
  tell{n}: {{say: connecting, go: side{next}}}
"""

DIALPLAN = """
[callers]
exten => {plain},1,Goto(plain,s,1)
exten => {bare},1,AGI(agi://127.0.0.1:{port}/bare)
 same => n,Hangup()
exten => {to_agent},1,Answer()
 same => n,Queue(front_desk,t)

[plain]
exten => s,1,Answer()
 same => n,Background({welcome})
 same => n,WaitExten(5)
 same => n,Hangup()
exten => _[123],1,Read(NUMBER,{enter},11,,1,5)
 same => n,Set(BALANCE=${{DB(balance/${{NUMBER}})}})
 same => n,GotoIf($[${{LEN(${{BALANCE}})}} = 0]?0,1)
 same => n,Background({folder}/balance-${{BALANCE}})
 same => n,WaitExten(5)
exten => 0,1,Playback({connecting})
 same => n,Queue(front_desk,t,,,60)
 same => n,Hangup()
"""


def flow_of(nodes: int = 0) -> str:
    """Return the flow, grown by about so many nodes that nobody comes to."""
    count = nodes // 2
    text = FLOW_TEXT.replace("2: @", "2: side0" if count else "2: agent")
    sides = (SIDE.format(n=n, next=(n + 1) % count) for n in range(count))
    return text.lstrip() + "".join(side.lstrip("\n") for side in sides)


def dialplan_of(sounds: Mapping[str, Path], port: int) -> str:
    """Return the plain dialplan, and the way to the bare script at a port."""
    names = {name: path.with_suffix("") for name, path in sounds.items()}
    return DIALPLAN.format(
        **{name: str(names[name]) for name in ("welcome", "enter", "connecting")},
        plain=NUMBERS["plain"],
        bare=NUMBERS["bare"],
        to_agent=TO_AGENT,
        folder=names["welcome"].parent,
        port=port,
    )


def record(settings: Settings, folder: Path) -> dict[str, Path]:
    """Write down, as files, what callers hear in the flow; return them by their names."""
    project, _ = disk.load(settings)
    takes = Takes.load(settings.takes, settings.root)
    shelf = Shelf()
    try:
        with sounds.speakers(settings, takes) as clips:
            speaker = Speaker(clips, shelf)
            heard: dict[str, Path] = {}
            for number in CUSTOMERS:
                line = _Notebook(keys=("2", number, "0"))
                session = Session(project, FLOW, Caller("1", "", "10086"), datetime.now(UTC))
                asyncio.run(drive(session, World(line, _Carrier()), lambda: datetime.now(UTC)))
                names = ("welcome", "enter", f"balance-{BALANCES[number][0]}", "connecting")
                assert len(line.plays) >= len(names), [each.prompt for each in line.plays]
                for name, play in zip(names, line.plays, strict=False):
                    path = speaker.sound(play.utterance, play.speed, play.begin, "alaw")[1]
                    heard[name] = folder / f"{name}.alaw"
                    heard[name].write_bytes(Path(f"{path}.alaw").read_bytes())
            return heard
    finally:
        shelf.close()


class _Notebook(ScriptLine):
    """Presses a key in every sound, and keeps what was said."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys)
        self.plays: list[Play] = []

    async def play(self, play: Play) -> Heard:
        self.plays.append(play)
        return await super().play(play)


class _Carrier:
    async def look_up(self, name: str, arguments: Mapping[str, Any], key: str) -> Answered:
        balance, expires = BALANCES[str(arguments["number"])]
        return Found({"balance": Decimal(balance), "expires": date.fromisoformat(expires)})

    async def send(self, to: str, text: str, language: str, key: str) -> None:
        raise AssertionError("nothing is sent in this dialogue")
