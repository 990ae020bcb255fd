"""One call walking one flow: effects out, answers in, the clock an argument.

    session = Session(project, "hotline", caller)
    effect = session.begin(now)
    while effect is not None:
        effect = session.answer(perform(effect), now)
    session.record      # what is kept of the call

No I/O happens here. Whoever drives it performs each effect in a world (a channel, a terminal,
a script) and may say at any moment that the caller has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any

from ivr.flow.announcement import Announcement
from ivr.flow.call import Call, scope
from ivr.flow.caller import Caller, talk_with
from ivr.flow.effects import (
    Book,
    Dial,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Interrupted,
    Play,
    PlayBack,
    Queued,
    Record,
)
from ivr.flow.errands import Errands
from ivr.flow.fields import NodeName
from ivr.flow.overheard import overheard, who_serves
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.talk import Choice, Talk
from ivr.flow.unwinding import Elsewhere, WaitOver

Aside = tuple[tuple[Announcement, ...] | str, datetime]
"""What she was told beside her flow, and when: announcements, or which agent answers her."""


class _Clock:
    """The time of a call, which stands still until something happens in it.

    A function that asks the session would be a ring, and each call rubbish that has to be found.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Session:
    """One call. Ask `record` for what is kept of it, at any time; it is whole once `ended`."""

    def __init__(
        self,
        project: Project,
        flow: str,
        caller: Caller,
        started: datetime,
        *,
        language: str | None = None,
        remembered: Choice | None = None,
        recorded: Mapping[str, bool] | None = None,
    ) -> None:
        """Begin in `language`, or as she chose in an earlier call, or in the flow's first.

        `remembered` counts as far as the flow goes: a language it does not speak is forgotten,
        of its speeds the nearest is taken. `recorded` are the desks whose talks are recorded, with
        whether she must be told. Raises KeyError for no such flow.
        """
        self._clock = _Clock(started)
        self._talk = talk_with(caller, project, flow, self._clock, language, remembered, recorded)
        self._logbook = self._talk.logbook
        top = project.flows[flow]
        self._top = Call(self._talk, top, anywhere=scope(top))
        self._walk: Coroutine[Effect[Any], Any, NodeName] = self._top.walk()
        self._outcome: NodeName | None = None
        self._asked: Effect[Any] | None = None
        self._errands = Errands(self._logbook, started)
        # What was asked that takes her out of the queue in which she stays.
        self._then: Effect[Any] | None = None
        self._served = ""
        self._asides: list[Aside] = []
        self._closed: CallRecord | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will be asked."""
        return self._closed is not None

    @property
    def record(self) -> CallRecord:
        """The record as it stands."""
        return self._closed or self._logbook.so_far()

    @property
    def id(self) -> str:
        """The name of the record."""
        return self._logbook.id

    @property
    def chosen(self) -> Choice:
        """What she chose by a key in this call: to be remembered for her next one."""
        return self._talk.chosen

    @property
    def result(self) -> tuple[NodeName, Any] | None:
        """The outcome of the flow (END for none of its own) and what it gives, once it is through.

        None where it is not: while it lasts, and where the call ended in it.
        """
        if self._outcome is None:
            return None
        return self._outcome, self._top.given

    @property
    def asked(self) -> Effect[Any] | None:
        """The effect that waits for its answer."""
        return self._asked

    @property
    def talk(self) -> Talk:
        """What all flows of the call share, for its journal."""
        return self._talk

    @property
    def stays(self) -> bool:
        """Whether she is in a queue and is spoken to meanwhile."""
        return self._errands.stays

    @property
    def wait(self) -> Enqueue | None:
        """With what she was brought into the queue she stays in."""
        return self._errands.wait

    def asides(self) -> list[Aside]:
        """Return what she was told beside her flow since this was asked last."""
        asides, self._asides = self._asides, []
        return asides

    def begin(self, now: datetime) -> Effect[Any] | None:
        """Start the walk; return the first effect."""
        return self.answer(None, now)

    def answer(self, answer: Any, now: datetime) -> Effect[Any] | None:
        """Take the answer to the last effect; return the next one, or None at the end.

        Raises what a node raises by a fault of ours, after closing the record; the switch then
        takes the caller to a person.
        """
        self._clock.now, self._talk.latest = now, ()
        self._errands.answered(self._asked, answer, now)
        self._talk.stays = self._errands.stays
        if isinstance(answer, Queued):
            self._served = answer.agent or self._served
            if answer.passed_by:
                self._served = f"{self._served} ({answer.passed_by}), who passed her on"
            if answer.left:
                self._asked = None
                self.hang_up(now)
                return None
        if isinstance(self._asked, HangUp):
            self._close("finished", self._asked.reason)
            return None
        then, self._then = self._then, None
        if then is not None and answer.outcome == "left":
            return self._ask(lambda: then, now)
        return self._ask(lambda: self._go_on(answer, then), now)

    def lead(self, flow: str, node: str, now: datetime) -> Effect[Any] | None:
        """Take her from what is asked, which is not answered, to a node of a flow she is in.

        Raises as `answer` does.
        """
        self._clock.now, self._talk.latest, self._then = now, (), None
        leads = Elsewhere(self._talk.project.flows[flow], NodeName(node))
        return self._ask(lambda: self._walk.throw(leads), now)

    def start_over(self, chosen: Choice, now: datetime) -> Effect[Any] | None:
        """Lead her from the start of her flow again, spoken to as she chose; the record goes on.

        Raises as `answer` does.
        """
        self._talk.choose(chosen)
        return self.lead(self._top.flow.name, self._top.flow.header.start, now)

    def _ask(self, go_on: Callable[[], Effect[Any]], now: datetime) -> Effect[Any] | None:
        """Go on, and return what is asked next; close the record where there is nothing more."""
        try:
            self._asked = go_on()
        except StopIteration as end:
            self._outcome = end.value
            self._asked = HangUp("the flow came to its end")
        except Exception as fault:
            self._close("failed", f"{type(fault).__name__}: {fault}")
            raise
        if self._errands.stays and _takes_her(self._asked):
            self._then, self._asked = self._asked, EndWait(leaves=True)
        self._errands.asks(self._asked, now)
        if isinstance(self._asked, Enqueue | Dial | Record) and not _stays(self._asked):
            # Keys typed ahead are answers to questions; with a person or a recorder they would
            # only silence what is said afterwards.
            self._drop_keys()
        if not isinstance(self._asked, Effect):
            self._walk.close()
            raise self._fault(f"a node may await only effects, not {self._asked!r}")
        return self._asked

    def _go_on(self, answer: Any, then: Effect[Any] | None) -> Effect[Any]:
        """Tell the running node an answer, or that the wait it is walked in is over.

        It is also over where an agent was quicker than what was to be done `then`.
        """
        if then is not None:
            return self._walk.throw(WaitOver(queued=answer))
        if not isinstance(answer, Interrupted):
            return self._walk.send(answer)
        keys = answer.answer.keys if isinstance(answer.answer, Heard) else answer.answer
        if isinstance(keys, str):
            self._talk.press(keys, self._errands.asked_at)
        return self._walk.throw(WaitOver(answer.answer))

    def overhear(
        self, announced: Callable[[str], Iterable[Announcement]], now: datetime
    ) -> Play | None:
        """Return what she shall hear of what is announced while she waits in a queue, if anything.

        That is whatever is `announced` at a place her call may come by, each once in a call, in
        one go; it is written down as heard.
        """
        if not isinstance(self._asked, Enqueue):
            return None  # who stays is told by the flow itself
        play, told = overheard(self._talk, announced, now)
        if told:
            self._asides.append((told, now))
        return play

    def served_by(self, agent: str, now: datetime) -> Play | None:
        """Return what she shall hear as an agent answers her, by the agent's number, if anything.

        It is written down as heard; nothing is said in a project that has no words for it.
        """
        if not self._errands.stays and not isinstance(self._asked, Enqueue):
            return None
        self._asides.append((agent, now))
        return who_serves(self._talk, agent, now)

    def hang_up(self, now: datetime, why: str = "the caller hung up") -> None:
        """Tell the running node that the caller has gone, and close the record.

        Safe at any moment and more than once; the session asks for nothing afterwards.
        """
        if not self.ended:
            self._clock.now = now
            at = f" in '{self._logbook.node}'" if self._logbook.node else ""
            self._errands.left(self._asked, now)
            self._walk.close()
            self._close("abandoned", why + at)

    def pass_on(
        self, now: datetime, to: str, by: str, agent: str = "", talked: float = 0.0
    ) -> None:
        """Close the record of a caller whom an agent passed on `to` a number.

        `by` is the agent's number, `agent` her name; they `talked` so many seconds. What follows is
        another part of the call.
        """
        if not self.ended:
            self._clock.now = now
            served = Queued("answered", agent or by, talked=talked)
            self._errands.answered(self._asked, served, now)
            self._walk.close()
            self._logbook.passed_to = to
            self._close("answered", f"passed on by {by} to {to}")

    def fail(self, now: datetime, fault: BaseException) -> None:
        """Close the record of a call that a fault of ours has ended. Safe more than once."""
        self.give_up(now, f"{type(fault).__name__}: {fault}")

    def give_up(self, now: datetime, why: str) -> None:
        """Close the record of a call that cannot be led on. Safe more than once."""
        if not self.ended:
            self._clock.now = now
            self._walk.close()
            self._close("failed", why)

    @property
    def node(self) -> str:
        """The node she is at, as the record names it; "" before the first and after the end."""
        return self._logbook.node

    @property
    def here(self) -> Call | None:
        """The innermost flow she is in, with its variables, for those who show a call."""
        return self._talk.here

    def leave(self) -> None:
        """Nobody shows the call any more: let go of where she was, and leave no ring behind."""
        self._talk.here = None

    def _fault(self, message: str) -> TypeError:
        self._close("failed", message)
        return TypeError(message)

    def _close(self, outcome: str, why: str) -> None:
        self._drop_keys()
        if self._served and outcome in ("finished", "abandoned"):
            outcome, why = "answered", f"{why}; served by {self._served}"
        self._asked = None
        self._closed = self._logbook.closed(outcome, why, self._clock.now)

    def _drop_keys(self) -> None:
        """Write down the keys nobody asked for; a secret may have been typed ahead."""
        secret = self._talk.project.keeps_secrets
        while self._talk.keys:
            pressed = self._talk.keys.popleft()
            self._talk.use(pressed, secret=secret, hidden=secret and pressed.key.isdigit())


def _takes_her(effect: Effect[Any]) -> bool:
    """Whether it cannot be done while she waits in a queue: one or the other."""
    if isinstance(effect, Book):
        return bool(effect.number)  # else an agent would answer her, and another call her back
    return isinstance(effect, Enqueue | Dial | Record | PlayBack | HangUp)


def _stays(effect: Effect[Any]) -> bool:
    return isinstance(effect, Enqueue) and effect.stays
