"""A call that was, walked through another version of its flow: the same caller, the same world.

Nothing sleeps and nothing is asked of anybody, so ten thousand calls take seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.errors import IvrError
from ivr.flow.caller import Caller
from ivr.flow.duration import utterance_seconds
from ivr.flow.effects import (
    Announced,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Interrupted,
    Listen,
    LookAhead,
    LookUp,
    Play,
    PlayBack,
    Queued,
    Send,
    Staying,
    Waiting,
)
from ivr.flow.hearing import reached_after
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.session import Session
from ivr.flow.speech import Clip
from ivr.flow.story import Story
from ivr.flow.talk import Choice
from ivr.past.parting import Replayed
from ivr.past.stay import PastWait, ahead, wait_of
from ivr.past.turns import Press, Turn, hung_up, turns
from ivr.past.world import PastWorld

# So many turns ahead a prompt is looked for: what stands between may be gone from the draft.
AHEAD = 12
LATER = timedelta(seconds=1)


def replay(record: CallRecord, draft: Project) -> Replayed:
    """Walk a call through a draft. Raises KeyError when the draft has no such flow."""
    walk = _Walk(record, draft)
    walk.run()
    return Replayed(record, walk.session.record, tuple(walk.world.assumed))


@dataclass
class _Due:
    """A key that comes at a moment, if nothing is in its way."""

    at: datetime
    key: str


class _Walk:
    """One caller on her way through the draft; `now` is her clock."""

    def __init__(self, record: CallRecord, draft: Project) -> None:
        self.record = record
        self.now = record.started
        self.world = PastWorld(record)
        self.session = Session(
            draft,
            record.flow,
            Caller(record.id, record.caller, record.called, Story(by=record.passed_by)),
            record.started,
            language=_first_language(record, draft),
            remembered=_remembered(record),
        )
        self._turns = deque(turns(record))
        self._due: deque[_Due] = deque()
        self._answered_at = record.started
        self._count = len(self._turns)
        self._stays: PastWait | None = None

    def run(self) -> None:
        """Walk to the end."""
        try:
            effect = self.session.begin(self.now)
            while effect is not None:
                answer = self._meet(effect)
                if self.session.ended:
                    return
                effect = self.session.answer(answer, self.now)
        except IvrError:
            return  # the flow could not go on: its record says why

    def _meet(self, effect: Effect[Any]) -> Any:
        match effect:
            case Play() | Listen() if self._is_over():
                return Interrupted(Heard("", effect.begin) if isinstance(effect, Play) else "")
            case Play():
                heard = self._hear(effect)
                was_cut = not heard.keys and heard.reached < len(effect.utterance)
                return Interrupted(heard) if was_cut and self._is_over() else heard
            case Listen():
                return self._press(effect.seconds)
            case Enqueue() if effect.stays:
                return self._join(effect)
            case EndWait():
                return self._end_wait(effect)
            case LookAhead():
                return ahead(self.record, self.session)
            case LookUp() | Send():
                return self._look_up(effect)
            case HangUp():
                return None
            case PlayBack():
                return ""  # her own message, which she hears to its end
            case Announced():
                return ()  # what was announced on that day is over
        return self._ask(effect)

    def _hear(self, play: Play) -> Heard:
        turn = self._turn(play)
        if turn is None:
            return self._hear_anew(play)
        if self._due and not self._wait():  # typed ahead of what she is told now
            self._turns.appendleft(turn)
            return Heard(self._keys(), play.begin)
        self._pass(turn.lasted / 1000)
        self._expect(turn.later)
        clips = [i for i, item in enumerate(play.utterance) if isinstance(item, Clip)]
        whole = turn.cut_at is None or not clips
        at = len(play.utterance) if whole else clips[min(turn.cut_at or 0, len(clips) - 1)]
        if turn.left:
            self.session.hang_up(self.now)
        keys = "".join(press.among(play.takes) for press in turn.keys)
        return Heard(keys, max(play.begin, at))

    def _hear_anew(self, play: Play) -> Heard:
        """Hear what was not said in the call that was, unless a key is due meanwhile."""
        rest = play.utterance[play.begin :]
        lasts = utterance_seconds(rest, play.speed)
        if self._due and (wait := self._wait()) <= lasts:
            item, word = reached_after(play.utterance, play.speed, play.begin, wait)
            self._pass(wait)
            return Heard(self._keys(), item, word)
        self._pass(lasts)
        return Heard("", len(play.utterance))

    def _press(self, seconds: float) -> str:
        if not self._due and not self._turns and hung_up(self.record):
            self.session.hang_up(self.now)
        elif self._due and self._wait() <= seconds:
            self._pass(self._wait())
            return self._keys()
        self._pass(seconds)
        return ""

    def _look_up(self, effect: LookUp | Send) -> Any:
        if not effect.still:
            self._asked = self.world.take(effect.errand)
            lasted = timedelta(milliseconds=self._asked.to_ms - self._asked.from_ms)
            # What she did not wait for would have come later.
            later = LATER if not (self._asked.outcome or self._asked.left) else timedelta()
            self._answered_at = self.now + lasted + later
        wait = max(0.0, (self._answered_at - self.now).total_seconds())
        if wait > effect.patience:
            self._pass(effect.patience)
            return Waiting()
        self._pass(wait)
        if self._asked.left:
            self.session.hang_up(self.now)
        return self.world.answer(effect, self._asked, self.session)

    def _ask(self, effect: Effect[Any]) -> Any:
        asked = self.world.take(effect.errand or (type(effect).__name__.lower(), ""))
        self._pass((asked.to_ms - asked.from_ms) / 1000)
        if asked.left and not asked.outcome:
            self.session.hang_up(self.now)
        return self.world.answer(effect, asked, self.session)

    def _join(self, effect: Enqueue) -> Any:
        asked = self.world.take(effect.errand)
        if asked.outcome in ("closed", "full"):
            return self.world.answer(effect, asked, self.session)
        self._stays = wait_of(self.record, asked)
        return Staying()

    def _is_over(self) -> bool:
        """Whether the wait she stays in is over: she has done all in it that she did then."""
        wait = self._stays
        if wait is None or wait.is_endless or self._due:
            return False
        return self._count - len(self._turns) >= wait.heard

    def _end_wait(self, end: EndWait) -> Queued:
        assert self._stays is not None  # she stays
        asked, is_over, self._stays = self._stays.asked, self._is_over(), None
        if end.leaves and not (is_over and asked.outcome == "answered"):
            return Queued("left")
        self._pass((asked.talked_ms or 0) / 1000)
        if asked.left and not asked.outcome:
            self.session.hang_up(self.now)
        if asked.outcome == "left":  # she waits on now, and most are answered
            self.world.assumed.append(f"queue {asked.of}")
            return Queued("answered")
        return self.world.queued(asked)

    def _turn(self, play: Play) -> Turn | None:
        """Return what she did when she was told this, and leave what comes before it behind."""
        ahead = list(self._turns)[:AHEAD]
        here = next((i for i, t in enumerate(ahead) if _is(t, play)), None)
        if here is None and ahead and self._is_renamed(ahead[0], play):
            here = 0
        if here is None:
            return None
        for _ in range(here):
            self._leave_behind(self._turns.popleft())
        return self._turns.popleft()

    def _is_renamed(self, turn: Turn, play: Play) -> bool:
        """Whether the node now says this in place of what it said then."""
        call = self.session.here
        if call is None or turn.node != self.session.node:
            return False
        words = call.flow.nodes[self.session.node.rsplit("/", 1)[-1]].words()
        said = {getattr(word, "name", word) for _, word in words}
        return play.prompt in said and turn.prompt not in said

    def _leave_behind(self, turn: Turn) -> None:
        """Keep the keys that answered something later than words which are said no more."""
        used: list[Press] = [p for p in (*turn.keys, *turn.later) if p.node != turn.node]
        self._expect(replace(press, after=0) for press in used)

    def _expect(self, presses: Iterable[Press]) -> None:
        """Let keys come so long after now, in the order of their times."""
        later = [_Due(self.now + timedelta(milliseconds=p.after), p.key) for p in presses]
        self._due = deque(sorted([*self._due, *later], key=lambda due: due.at))

    def _wait(self) -> float:
        return max(0.0, (self._due[0].at - self.now).total_seconds())

    def _keys(self) -> str:
        """Take every key that has come by now."""
        keys = ""
        while self._due and self._due[0].at <= self.now:
            keys += self._due.popleft().key
        return keys

    def _pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def _is(turn: Turn, play: Play) -> bool:
    language = next((x.language for x in play.utterance if isinstance(x, Clip)), "")
    return turn.prompt == play.prompt and turn.language == language


def _first_language(record: CallRecord, draft: Project) -> str | None:
    """Return the language of the first words, where the draft's flow speaks it still."""
    spoken = draft.flows[record.flow].header.languages
    first = next((heard.language for heard in record.heard), "")
    return first if first in spoken and not record.recalled else None


def _remembered(record: CallRecord) -> Choice:
    speed = next((heard.speed for heard in record.heard), "100%").rstrip("%")
    return Choice(record.recalled or None, int(speed) if speed.isdecimal() else None)
