"""A call, and what its channel holds of it."""

from __future__ import annotations

from typing import Any

from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Effect,
    Heard,
    Play,
)
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.project import Project
from ivr.flow.resume import Taken, resume
from tests.stage import START, Clock, load

FLOW = """
flow: f
languages: [cmn, yue, en]
start: which
anywhere: {"*": slower, 8: language, 0: agent}
nodes:
  which: {menu: ask, keys: {1: pin, 2: slow}, otherwise: agent}
  slow:
    lookup: billing.balance
    using: {number: $caller.number}
    into: other
    found: pin
    missing: pin
    failed: pin
  pin: {collect: hello, pattern: "73xx", secret: true, into: pin, go: ask, otherwise: agent}
  ask:
    lookup: billing.balance
    using: {number: $pin}
    into: account
    found: tell
    missing: agent
    failed: agent
  tell: {say: {owed: {amount: $account.balance}}, go: sure}
  sure: {menu: ask_short, keys: {1: agent, 2: ask, 3: message}, otherwise: agent}
  message: {record: hello, into: message, go: sure, silent: sure}
  agent: {queue: desk, while_waiting: wait, every: 10s, answered: bye, unanswered: bye}
  wait: {say: hello}
  bye: hangup
"""

CALLER = Caller("1764047000.12", "13800138000", "10086")


class Kept:
    """A call whose effects are answered one by one, and what its channel holds."""

    def __init__(self, project: Project) -> None:
        self.project, self.clock = project, Clock()
        self.journal = Journal.begin(Opening("f", "v1", CALLER, START), project)
        self.held = dict[int, str]()
        self.answer(None)

    def go_on(self, project: Project | None = None) -> Taken:
        """Have another controller take the call over by what its channel holds."""
        taken = resume(self.texts, project or self.project)
        self.journal.session.hang_up(self.clock())
        self.journal, self.project = taken.journal, project or self.project
        self.clock.now = taken.journal.last
        self.keep()
        return taken

    @property
    def asked(self) -> Effect[Any] | None:
        return self.journal.session.asked

    @property
    def texts(self) -> list[str]:
        return [self.held[at] for at in sorted(self.held) if self.held[at]]

    def keep(self) -> None:
        self.held |= self.journal.unwritten()

    def answer(self, answer: Any) -> Effect[Any] | None:
        """Answer what is asked; return what is asked next."""
        effect = self.journal.answer(answer, self.clock())
        self.keep()
        return effect

    def cut(self, keys: str, reached: int = 0) -> Effect[Any] | None:
        """Press keys while something is said."""
        assert isinstance(self.asked, Play)
        return self.answer(Heard(keys, reached))

    def hear(self) -> Effect[Any] | None:
        """Hear it to its end."""
        assert isinstance(self.asked, Play)
        return self.answer(Heard("", len(self.asked.utterance)))

    def resume(self) -> Taken:
        """Take the call over by what its channel holds."""
        taken = resume(self.texts, self.project)
        assert not taken.lost
        return taken


def kept(*answers: Any, flow: str = FLOW) -> Kept:
    """Return a call that was answered so far; a text is keys while something is said."""
    call = Kept(load(flow))
    for answer in answers:
        call.cut(answer) if isinstance(answer, str) else call.answer(answer)
    return call
