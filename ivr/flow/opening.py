"""How a call began: what a session was made of, as text at the head of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.flow.caller import Caller
from ivr.flow.packing import Unreadable, packed, unpacked
from ivr.flow.project import Project
from ivr.flow.session import Session
from ivr.flow.story import Story
from ivr.flow.talk import Choice

# What this text looks like; another one is no text of ours.
FORM = 1


@dataclass(frozen=True)
class Opening:
    """How a call began, as `Session` takes it, and in which version of the flows."""

    flow: str
    version: str
    caller: Caller
    started: datetime
    remembered: Choice = field(default_factory=Choice)
    recorded: Mapping[str, bool] = field(default_factory=dict)

    def session(self, project: Project) -> Session:
        """Return the call at its beginning. Raises KeyError for no such flow."""
        return Session(
            project,
            self.flow,
            self.caller,
            self.started,
            remembered=self.remembered,
            recorded=self.recorded,
        )

    def written(self, chosen: Choice) -> str:
        """Return it as text, with what she has `chosen` since."""
        caller, story = self.caller, self.caller.story
        told = (story.after, story.by, story.language, story.speed, story.path)
        return packed(
            (
                FORM,
                self.flow,
                self.version,
                self.started.isoformat(),
                (caller.id, caller.number, caller.called),
                (*told, story.knows_recorded) if story != Story() else (),
                (self.remembered.language, self.remembered.speed),
                dict(self.recorded),
                (chosen.language, chosen.speed),
            )
        )

    @classmethod
    def read(cls, text: str) -> tuple[Opening, Choice]:
        """Return what was written, and how she chose to be spoken to. Raises Unreadable."""
        try:
            return cls._of(*unpacked(text))
        except (TypeError, ValueError, IndexError, AttributeError) as fault:
            raise Unreadable(f"no opening of a call: {type(fault).__name__}") from None

    @classmethod
    def _of(
        cls,
        form: int,
        flow: str,
        version: str,
        started: str,
        caller: Any,
        told: Any,
        remembered: Any,
        recorded: Any,
        chosen: Any,
    ) -> tuple[Opening, Choice]:
        if form != FORM:
            raise Unreadable(f"an opening of form {form}, where {FORM} is known")
        id, number, called = caller
        story = Story()
        if told:
            after, by, language, speed, path, knows = told
            story = Story(after, by, language, speed, tuple(path), knows)
        moment = datetime.fromisoformat(started)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        who, before = Caller(id, number, called, story), Choice(*remembered)
        opening = cls(flow, version, who, moment, before, dict(recorded))
        return opening, Choice(*chosen)
