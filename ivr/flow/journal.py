"""A call's journal: what it takes to lead it on from where it is, as texts that its channel holds.

    journal = Journal.begin(opening, project)
    effect = journal.answer(None, now)           # in place of the session's
    while effect is not None:
        keep(journal.unwritten())                # texts by their number: on the channel
        effect = journal.answer(perform(effect), now)

A session is pure: given the same answers at the same times it comes to the same place. So what is
kept are the answers; `ivr/flow/resume.py` leads a call on with them. No digit of a secret is among
them, only how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.flow import answers, journal_entries, packing
from ivr.flow.effects import Announced, Effect, Heard, Interrupted
from ivr.flow.journal_entries import JournalEntry
from ivr.flow.opening import Opening
from ivr.flow.project import Project
from ivr.flow.record import SECRET
from ivr.flow.secret import Secret
from ivr.flow.session import Session
from ivr.flow.talk import Choice, Pressed

# Letters of all texts of a call. Three hundred answers take a seventh of it: beyond it only what
# she chose is kept, and whoever takes the call over leads her from the start of her flow.
LONGEST = 32_000
# And of one text: no more is read of a variable in one piece. A look-up may bring longer ones.
LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class _Unsure:
    """An entry with keys of which it is not known yet whether they belong to a secret."""

    place: int
    entry: JournalEntry
    answer: Any
    keys: tuple[Pressed | None, ...]


class Journal:
    """A call that is led, and what is kept of it. `last` is when something happened in it last.

    `texts` are those that are kept of it already, up to `last`.
    """

    def __init__(
        self,
        opening: Opening,
        session: Session,
        texts: Iterable[str] = (),
        last: datetime | None = None,
    ) -> None:
        self.session = session
        self.last = last or opening.started
        self._opening = opening
        self._texts = ["", *texts]
        self._size = sum(map(len, self._texts))
        self._changed = set[int]()
        self._unsure: list[_Unsure] = []
        self._chosen: Choice | None = None
        # The idle answers that the last text stands for, and how much was written down before.
        self._idle: tuple[JournalEntry, int, int] | None = None
        self._head()

    @classmethod
    def begin(cls, opening: Opening, project: Project) -> Journal:
        """Begin a call. Raises KeyError for no such flow."""
        return cls(opening, opening.session(project))

    @property
    def is_full(self) -> bool:
        """Whether the call has been so long that its answers are kept no more."""
        return self._size > LONGEST

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts by their numbers, from 0 on."""
        return tuple(self._texts)

    def unwritten(self) -> Mapping[int, str]:
        """Return the texts that are new or have changed, by number; "" for one that is no more.

        While she stays in a queue there are none: the switch has her, and takes nothing for her.
        """
        if self.session.stays:
            return {}
        changed, self._changed = sorted(self._changed), set()
        return {at: self._texts[at] if at < len(self._texts) else "" for at in changed}

    def rewrite(self, places: Iterable[int]) -> None:
        """Have the channel keep what is new to it at these numbers."""
        self._changed |= set(places)

    def forget(self, places: Iterable[int]) -> None:
        """Have the channel forget what it keeps at these numbers behind the last one."""
        self._changed |= {place for place in places if place >= len(self._texts)}

    def answer(self, answer: Any, now: datetime) -> Effect[Any] | None:
        """Take the answer to the last effect and note it; return the next one, as a session does.

        Raises what `Session.answer` raises.
        """
        session = self.session
        for what, when in session.asides():
            if isinstance(what, str):
                told = journal_entries.SERVED + packing.packed(what)
            else:
                told = journal_entries.TOLD + answers.announced(what)
            self._add(JournalEntry(self._mark, when - self.last, told), when)
        asked, lines = session.asked, session.talk.logbook.lines
        if isinstance(asked, Announced) and not isinstance(answer, Interrupted):
            # Who was told of it already is told nothing.
            answer = tuple(one for one in answer if one.name not in session.talk.told)
        entry = JournalEntry(self._mark, now - self.last, "")
        effect = session.answer(answer, now)
        if effect is not None:
            self._note(entry, asked, answer, now, lines)
        if secret := session.talk.needs:
            return self.ask_again(secret, now)
        return effect

    def ask_again(self, secret: Secret, now: datetime) -> Effect[Any] | None:
        """Lead her to the node that asks for a secret, which is lost; return what is asked then.

        Raises as `answer` does.
        """
        flow, node = secret.place
        entry = JournalEntry(
            self._mark, now - self.last, journal_entries.BACK + packing.packed((flow.name, node))
        )
        effect = self.session.lead(flow.name, node, now)
        self._add(entry, now)
        return effect

    def start_over(self, chosen: Choice, now: datetime) -> None:
        """Lead her from the start of her flow again, spoken to as she chose.

        Raises as `answer` does.
        """
        told = packing.packed((chosen.language, chosen.speed))
        entry = JournalEntry(self._mark, now - self.last, journal_entries.OVER + told)
        self.session.start_over(chosen, now)
        self._add(entry, now)
        self._head()

    @property
    def _mark(self) -> str:
        return journal_entries.mark(self.session)

    def _head(self) -> None:
        """Keep how the call began, and how she chose to be spoken to since."""
        chosen = self.session.chosen
        if chosen == self._chosen:
            return
        self._chosen = chosen
        head = self._opening.written(chosen)
        if head != self._texts[0]:
            self._texts[0] = head
            self._changed.add(0)

    def _note(
        self, entry: JournalEntry, asked: Effect[Any] | None, answer: Any, now: datetime, lines: int
    ) -> None:
        """Keep an answer, and what is known by now of keys that came before."""
        before = self._unsure
        if journal_entries.is_idle(asked, answer):
            self._rest(entry, now, lines)
        else:
            came = _Unsure(len(self._texts), entry, answer, self.session.talk.latest)
            self._add(JournalEntry(entry.mark, entry.after, self._written(came)), now)
            if not self.is_full:  # else the text is the sign that nothing more is kept
                self._unsure = [*before, came]
        for one in before:
            text = str(JournalEntry(one.entry.mark, one.entry.after, self._written(one)))
            if one.place < len(self._texts) and text != self._texts[one.place]:
                self._texts[one.place] = text
                self._changed.add(one.place)
        self._unsure = [x for x in self._unsure if any(key and not key.kept for key in x.keys)]
        self._head()

    def _rest(self, entry: JournalEntry, now: datetime, lines: int) -> None:
        """Keep that nothing came of an answer: in one text for as many as follow each other."""
        first, count = entry, 0
        if self.is_full:
            self.last = now
            return
        if self._idle and self._idle[2] == lines:
            first, count, _ = self._idle
            first = replace(first, after=first.after + entry.after)
            self._size -= len(self._texts.pop())
        first = replace(first, what=journal_entries.IDLE + packing.number(count + 1))
        self._add(first, now)
        self._idle = first, count + 1, lines

    def _add(self, entry: JournalEntry, now: datetime) -> None:
        self.last, self._idle = now, None
        if self.is_full:
            return
        text = str(entry)
        self._size += len(text) if len(text) <= LONGEST_TEXT else LONGEST + 1
        if self.is_full:
            text = str(replace(entry, what=journal_entries.FULL))
        self._changed.add(len(self._texts))
        self._texts.append(text)

    def _written(self, came: _Unsure) -> str:
        """Return an answer as it may be kept: with no digit that may be one of a secret."""
        may_be = self.session.talk.project.keeps_secrets
        answer, inner = came.answer, came.answer
        while isinstance(inner, Interrupted):
            inner = inner.answer
        keys = inner.keys if isinstance(inner, Heard) else inner
        if not isinstance(keys, str) or not came.keys:
            return answers.written(answer)
        kept = "".join(
            key if pressed is None else pressed.kept or _unsure(key, may_be)
            for key, pressed in zip(keys, came.keys, strict=True)
        )
        return answers.written(_with(answer, kept))


def _unsure(key: str, may_be_secret: bool) -> str:
    return SECRET if may_be_secret and key.isdigit() else key


def _with(answer: Any, keys: str) -> Any:
    if isinstance(answer, Interrupted):
        return Interrupted(_with(answer.answer, keys))
    return replace(answer, keys=keys) if isinstance(answer, Heard) else keys
