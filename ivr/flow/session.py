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
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.flow.announcement import Announcement
from ivr.flow.call import Call, WaitOver, scope
from ivr.flow.effects import (
    Book,
    Dial,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Impossible,
    Interrupted,
    LookUp,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Refused,
    Send,
    Staying,
    Waiting,
)
from ivr.flow.fields import NodeName
from ivr.flow.project import Project
from ivr.flow.record import CallRecord, Logbook
from ivr.flow.services import Failed
from ivr.flow.speech import Utterance, text_of
from ivr.flow.story import FROM_OUTSIDE, Story
from ivr.flow.talk import NORMAL_SPEED, Choice, Talk

# What she hears as somebody answers her; the agent's number is its value.
SERVES_YOU = "serves_you"


@dataclass(frozen=True)
class Caller:
    """Who calls: her number as far as it is known (digits, or ""), and the number she dialled.

    `id` names the record; one who was passed on has a story.
    """

    id: str
    number: str = ""
    called: str = ""
    story: Story = FROM_OUTSIDE


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
        self._now = started
        top, remembered = project.flows[flow], remembered or Choice()
        story = caller.story
        if story.language in top.header.languages:
            language = language or story.language
        remembered = replace(remembered, speed=story.speed or remembered.speed)
        known = remembered.language if remembered.language in top.header.languages else None
        language = language or known or top.header.languages[0]
        speeds = {*top.header.speeds, NORMAL_SPEED}
        speed = min(sorted(speeds), key=lambda s: abs(s - (remembered.speed or NORMAL_SPEED)))
        self._logbook = Logbook(
            id=caller.id,
            caller=caller.number,
            called=caller.called,
            flow=flow,
            version=project.version,
            language=language,
            speed=f"{speed}%",
            started=started,
            recalled=language if language == known else "",
            after=story.after,
            passed_by=story.by,
        )
        self._talk = Talk(
            project=project,
            logbook=self._logbook,
            clock=lambda: self._now,
            caller={
                "number": caller.number,
                "called": caller.called,
                "passed_by": story.by,
            },
            came=story.path,
            recorded=recorded or {},
            knows_recorded=story.knows_recorded,
            places=tuple(sorted(project.places[flow])),
            languages=top.header.languages,
            language=language,
            speed=speed,
            is_remembered=language == known,
        )
        self._top = Call(self._talk, top, anywhere=scope(top))
        self._walk: Coroutine[Effect[Any], Any, NodeName] = self._top.walk()
        self._outcome: NodeName | None = None
        self._asked: Effect[Any] | None = None
        self._asked_at = self._looked_up_at = started
        # What she is told to wait for, and the node that asked it.
        self._awaited: tuple[LookUp | Send, str] | None = None
        self._wait: _Wait | None = None
        # What was asked that takes her out of the queue in which she stays.
        self._then: Effect[Any] | None = None
        self._served = ""
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

    def begin(self, now: datetime) -> Effect[Any] | None:
        """Start the walk; return the first effect."""
        return self.answer(None, now)

    def answer(self, answer: Any, now: datetime) -> Effect[Any] | None:
        """Take the answer to the last effect; return the next one, or None at the end.

        Raises what a node raises by a fault of ours, after closing the record; the switch then
        takes the caller to a person.
        """
        self._now = now
        if isinstance(answer, Staying) and isinstance(self._asked, Enqueue):
            self._wait = _Wait(self._asked, self._asked_at, self._logbook.node)
            self._talk.stays = True
        elif self._asked is not None and not isinstance(answer, Waiting | Interrupted):
            self._write_down(self._asked, answer)
        if isinstance(self._asked, LookUp | Send):
            waits = isinstance(answer, Waiting | Interrupted)
            self._awaited = (self._asked, self._logbook.node) if waits else None
        if isinstance(answer, Queued):
            self._wait, self._talk.stays = None, False
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
        try:
            if then is not None and answer.outcome == "left":
                self._asked = then
            else:
                self._asked = self._go_on(answer, then)
        except StopIteration as end:
            self._outcome = end.value
            self._asked = HangUp("the flow came to its end")
        except Exception as fault:
            self._close("failed", f"{type(fault).__name__}: {fault}")
            raise
        self._asked_at = now
        if self._wait and _takes_her(self._asked):
            self._then, self._asked = self._asked, EndWait(leaves=True)
        is_new = isinstance(self._asked, LookUp | Send) and not self._asked.still
        if self._awaited and (is_new or self._logbook.node != self._awaited[1]):
            self._call_off()
        if is_new:
            self._looked_up_at = now
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
            self._talk.press(keys, self._asked_at)
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
        talk, said = self._talk, dict[str, Utterance]()
        for place in self._talk.places:
            for one in announced(place):
                language = one.language(talk.language, talk.languages)
                if language and one.name not in talk.told:
                    talk.told.add(one.name)
                    said[one.name] = tuple(place.item for place in one.said[language])
                    text = text_of(said[one.name])
                    self._logbook.heard(
                        text, prompt=one.name, language=language, began=now, ended=now
                    )
        return Play(sum(said.values(), ()), talk.speed) if said else None

    def served_by(self, agent: str, now: datetime) -> Play | None:
        """Return what she shall hear as an agent answers her, by the agent's number, if anything.

        It is written down as heard; nothing is said in a project that has no words for it.
        """
        talk = self._talk
        if not self._wait and not isinstance(self._asked, Enqueue):
            return None
        if talk.language not in talk.project.catalogue.texts.get(SERVES_YOU, {}):
            return None
        said = talk.project.catalogue.utterance(SERVES_YOU, talk.language, {"agent": agent})
        self._logbook.heard(text_of(said), prompt=SERVES_YOU, began=now, ended=now)
        return Play(said, talk.speed, prompt=SERVES_YOU)

    def hang_up(self, now: datetime, why: str = "the caller hung up") -> None:
        """Tell the running node that the caller has gone, and close the record.

        Safe at any moment and more than once; the session asks for nothing afterwards.
        """
        if not self.ended:
            self._now = now
            at = f" in '{self._logbook.node}'" if self._logbook.node else ""
            if isinstance(self._asked, LookUp | Send):
                self._awaited = None
            if self._awaited:
                self._call_off(left=True)
            if self._asked is not None:
                self._write_down(self._asked, None, left=True)
            if self._wait and not isinstance(self._asked, EndWait):
                self._write_down(EndWait(), None, left=True)
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
            self._now = now
            if self._asked is not None:
                self._write_down(self._asked, Queued("answered", agent or by, talked=talked))
            self._walk.close()
            self._logbook.passed_to = to
            self._close("answered", f"passed on by {by} to {to}")

    def fail(self, now: datetime, fault: BaseException) -> None:
        """Close the record of a call that a fault of ours has ended. Safe more than once."""
        if not self.ended:
            self._now = now
            self._walk.close()
            self._close("failed", f"{type(fault).__name__}: {fault}")

    @property
    def node(self) -> str:
        """The node she is at, as the record names it; "" before the first and after the end."""
        return self._logbook.node

    @property
    def here(self) -> Call | None:
        """The innermost flow she is in, with its variables, for those who show a call."""
        return self._talk.here

    def _write_down(self, asked: Effect[Any], answer: Any, left: bool = False) -> None:
        """Note what was asked of the world and the kind of its answer, nothing of what it told."""
        wait = self._wait if isinstance(asked, EndWait) else None
        errand = wait.asked.errand if wait else asked.errand
        if errand is None:
            return
        goes_on = isinstance(asked, LookUp | Send)
        outcome, by, why = _kind_of(answer)
        self._logbook.asked(
            errand,
            outcome,
            began=wait.since if wait else self._looked_up_at if goes_on else self._asked_at,
            ended=self._now,
            by=by,
            why=why,
            left=left or getattr(answer, "left", False),
            talked=answer.talked if isinstance(answer, Queued) else None,
            node=wait.node if wait else None,
        )

    def _call_off(self, left: bool = False) -> None:
        """Note that she went elsewhere, or hung up, while she was told to wait for an answer."""
        assert self._awaited is not None
        asked, node = self._awaited
        self._awaited = None
        self._logbook.asked(
            asked.errand, "", began=self._looked_up_at, ended=self._now, left=left, node=node
        )

    def _fault(self, message: str) -> TypeError:
        self._close("failed", message)
        return TypeError(message)

    def _close(self, outcome: str, why: str) -> None:
        self._drop_keys()
        if self._served and outcome in ("finished", "abandoned"):
            outcome, why = "answered", f"{why}; served by {self._served}"
        self._asked = None
        self._closed = self._logbook.closed(outcome, why, self._now)

    def _drop_keys(self) -> None:
        """Write down the keys nobody asked for; a secret may have been typed ahead."""
        secret = any(flow.keeps_secrets for flow in self._talk.project.flows.values())
        while self._talk.keys:
            pressed = self._talk.keys.popleft()
            self._logbook.key(pressed.key, pressed.at, secret=secret)


@dataclass(frozen=True)
class _Wait:
    """The wait of a caller who stays, since when, and the node that asked for it."""

    asked: Enqueue
    since: datetime
    node: str


def _takes_her(effect: Effect[Any]) -> bool:
    """Whether it cannot be done while she waits in a queue: one or the other."""
    if isinstance(effect, Book):
        return bool(effect.number)  # else an agent would answer her, and another call her back
    return isinstance(effect, Enqueue | Dial | Record | PlayBack | HangUp)


def _stays(effect: Effect[Any]) -> bool:
    return isinstance(effect, Enqueue) and effect.stays


def _kind_of(answer: Any) -> tuple[str, str, str]:
    """Return the kind of an answer, the agent who gave it, the reason of a failure."""
    match answer:
        case Queued():
            return answer.outcome, answer.agent, ""
        case Recorded():
            return "silent" if answer.silent else "recorded", "", ""
        case Failed() | Impossible() | Refused():
            return type(answer).__name__.lower(), "", answer.reason
        case bool():
            return "sent" if answer else "failed", "", ""
        case str() | None:
            return answer or "", "", ""
    return type(answer).__name__.lower(), "", ""
