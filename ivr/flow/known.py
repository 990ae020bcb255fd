"""What is known in one flow of a call: its variables, and what a prompt says with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.flow.fields import Prompt, Variable
from ivr.flow.node import Flow
from ivr.flow.secret import Secret
from ivr.flow.talk import Talk
from ivr.flow.unwinding import Trouble
from ivr.flow.written import written
from ivr.lang import Value

if TYPE_CHECKING:
    from ivr.flow.project import Project

# What is known of a caller: $caller.number and so on.
CALLER = ("number", "called", "passed_by")


@dataclass
class Known:
    """The variables of one flow, and what all flows of the call know of her."""

    talk: Talk
    flow: Flow
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The time of the last thing that happened in this call."""
        return self.talk.clock()

    @property
    def project(self) -> Project:
        """All flows and what they mention, as they were when the call began."""
        return self.talk.project

    @property
    def language(self) -> str:
        """The language spoken with this caller."""
        return self.talk.language

    @property
    def path(self) -> tuple[str, ...]:
        """The nodes the caller came through, oldest first, also before she was passed on."""
        return self.talk.came + tuple(s.node for s in self.talk.logbook.so_far().path)

    def question_key(self, told: Mapping[str, str]) -> str:
        """Return what tells the next question to a back end from all others, of all calls.

        Where this call is led again up to here, it is the same for the same that is told.
        """
        self.talk.questions += 1
        return self.talk.logbook.key_of(self.talk.questions, sorted(told.items()))

    def value(self, of: Variable | str) -> Any:
        """Return what a `$variable` holds, or the text itself. An unset one is ""."""
        if not isinstance(of, Variable):
            return str(of)
        known = {
            "caller": self.talk.caller,
            "language": self.language,
            "speed": f"{self.talk.speed}%",
            "waiting": self.talk.waiting,
            **self.variables,
        }
        found: Any = known
        for part in of.path:
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        return found

    def text(self, of: Variable | str) -> str:
        """Return `value` as text, as a switch takes it; a secret stays `•`."""
        return str(self.value(of))

    def confide(self, of: Variable | str) -> str:
        """Return `value` as text, a secret too: for a back end that is asked with it.

        One that is lost is noted: it has to be asked for again.
        """
        value = self.value(of)
        if not isinstance(value, Secret):
            return str(value)
        if value.is_lost:
            self.talk.needs = self.talk.needs or value
        return value.told

    def written(self, prompt: Prompt) -> str:
        """Return the text of a prompt in her language as it is read with the eyes."""
        with self._sayable(prompt, self.language) as values:
            return written(self.project.catalogue, prompt.name, self.language, values)

    @contextmanager
    def _sayable(self, prompt: Prompt, language: str) -> Iterator[dict[str, Value]]:
        """Give the values of a prompt; what cannot be said with them is `Trouble`."""
        values: dict[str, Any] = {name: self.value(of) for name, of in prompt.values.items()}
        # Never the value itself: it may be a secret, and this goes into the log.
        for name, value in values.items():
            if isinstance(value, Secret):
                raise Trouble(f"'{prompt.name}' would tell a secret as {{{name}}}")
        try:
            yield values
        except (KeyError, ValueError):
            names = ", ".join(values) or "no value"
            raise Trouble(f"'{prompt.name}' cannot be said in {language} with {names}") from None
