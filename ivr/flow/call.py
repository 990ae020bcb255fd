"""The call as a node sees it: who calls, in which language, and the means to speak and listen.

`anywhere` lives here: keys that change how something is said re-ask the same effect from the
clip the caller had reached, keys that lead elsewhere leave the node. No node knows of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.errors import IvrError
from ivr.flow.effects import Listen, Play
from ivr.flow.fields import NodeName, Prompt, Variable
from ivr.flow.node import MANNERS, Flow
from ivr.flow.record import Logbook
from ivr.flow.speech import Clip, Pause, Utterance
from ivr.lang import Value

if TYPE_CHECKING:
    from ivr.flow.project import Project

NORMAL_SPEED = 100
# What is known of a caller: $caller.number, $caller.called.
CALLER = ("number", "called")

# A caller who never presses a key is led to a person after three tries of one menu; no flow of
# ours takes a dozen nodes for that. More than this is a loop no check has seen.
MOST_NODES_ALONE = 100
DEEPEST_CALL = 16


class Trouble(IvrError):
    """The flow cannot go on, by a fault of ours; the switch takes the caller to a person."""


class Elsewhere(Exception):
    """A key of `anywhere` leads away: unwinds the running node up to the flow that owns it."""

    def __init__(self, flow: Flow, node: NodeName) -> None:
        super().__init__(node)
        self.flow = flow
        self.node = node


@dataclass(frozen=True)
class Entry:
    """What an answer by keys looks like.

    `own` are the keys that may begin it (they win over `anywhere`); `complete` tells whether
    what was typed needs no more keys; `until` ends it early. `wait` and `between` are seconds.
    """

    own: frozenset[str]
    complete: Callable[[str], bool]
    until: str | None = None
    wait: float = 5.0
    between: float = 3.0
    secret: bool = False


@dataclass
class Pressed:
    """A key, when it was pressed, and whether it has cut something short already."""

    key: str
    at: datetime
    has_cut: bool = False


@dataclass
class Talk:
    """What all flows of one call share: its language, its speed, the keys not yet used."""

    project: Project
    logbook: Logbook
    clock: Callable[[], datetime]
    caller: Mapping[str, str]
    language: str
    speed: int = NORMAL_SPEED
    keys: deque[Pressed] = field(default_factory=deque)
    # Nodes entered since the caller last pressed a key; see MOST_NODES_ALONE.
    alone: int = 0

    def press(self, keys: str) -> None:
        """Keep keys in the order they were pressed."""
        now = self.clock()
        self.keys.extend(Pressed(key, now) for key in keys)
        if keys:
            self.alone = 0


@dataclass
class Call:
    """One call in one flow. A sub-flow has its own, which shares the talk."""

    talk: Talk
    flow: Flow
    variables: dict[str, Any] = field(default_factory=dict)
    anywhere: dict[str, tuple[Flow, NodeName]] = field(default_factory=dict)
    depth: int = 0

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
        """The nodes the caller came through, oldest first."""
        return tuple(step.node for step in self.talk.logbook.so_far().path)

    def speak(self, language: str) -> None:
        """Speak this language from now on."""
        self.talk.language = self.talk.logbook.language = language

    def value(self, of: Variable | str) -> Any:
        """Return what a `$variable` holds, or the text itself. An unset one is ""."""
        if not isinstance(of, Variable):
            return str(of)
        known = {
            "caller": self.talk.caller,
            "language": self.language,
            "speed": f"{self.talk.speed}%",
            **self.variables,
        }
        found: Any = known
        for part in of.path:
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        return found

    def text(self, of: Variable | str) -> str:
        """Return `value` as text, as back ends and switches take it."""
        return str(self.value(of))

    async def say(self, speech: tuple[Prompt, ...]) -> None:
        """Say prompts one after the other. A key not of `anywhere` is kept for what asks next.

        It cuts what is said here short, and nothing that is said afterwards: a stray key must
        not silence an apology.
        """
        for prompt in speech:
            if await self._speak(prompt, self.language):
                return

    async def ask(
        self, speech: tuple[Prompt, ...], entry: Entry, languages: tuple[str, ...] = ()
    ) -> str:
        """Say prompts, then take an answer by keys; return it, or "" for silence.

        Keys typed ahead count, and end what is being said.
        """
        while True:
            for prompt in speech:
                for language in languages or (self.language,):
                    if await self._speak(prompt, language, entry.own):
                        break
            typed = await self._take(entry)
            if typed is not None:
                return typed

    async def _speak(
        self, prompt: Prompt, language: str, own: frozenset[str] | None = None
    ) -> bool:
        """Say one prompt; return whether a key that is not of `anywhere` cut it.

        With `own`, the keys of the question it belongs to, any key typed ahead answers that.
        """
        utterance = self._utterance(prompt, language)
        talk, begin = self.talk, 0
        while True:
            begin = self._heed(own or frozenset(), begin)
            cutting = [key for key in talk.keys if own is not None or not key.has_cut]
            for pressed in cutting:
                pressed.has_cut = True
            if cutting or begin >= len(utterance):
                return bool(cutting)
            began = self.now
            heard = await Play(utterance, talk.speed, begin)
            talk.logbook.heard(
                text_of(utterance[begin : heard.reached + 1]),
                prompt=prompt.name,
                language=language,
                began=began,
                ended=self.now,
                cut_at=_clips(utterance[: heard.reached])
                if heard.reached < len(utterance)
                else None,
            )
            talk.press(heard.keys)
            begin = heard.reached

    async def _take(self, entry: Entry) -> str | None:
        """Take the keys of an answer; None when a key of `anywhere` asks to hear it again."""
        typed, keys = "", self.talk.keys
        while True:
            if not keys:
                self.talk.press(await Listen(entry.between if typed else entry.wait))
            if not keys:
                return typed
            if not typed and self._is_anywhere(keys[0].key, entry.own):
                self._act(keys.popleft(), 0)
                return None
            pressed = keys.popleft()
            self.talk.logbook.key(pressed.key, pressed.at, secret=entry.secret)
            if pressed.key == entry.until and typed:
                return typed
            typed += pressed.key
            if entry.complete(typed):
                return typed

    def _is_anywhere(self, key: str, own: frozenset[str]) -> bool:
        return key in self.anywhere and key not in own

    def _heed(self, own: frozenset[str], begin: int) -> int:
        """Do what keys of `anywhere` say; return the item to go on from.

        Keys keep their order: one that leads away waits for those before it to answer their
        questions. How something is said may change at once.
        """
        first = True
        for pressed in list(self.talk.keys):
            if not self._is_anywhere(pressed.key, own):
                first = False
            elif first or self.anywhere[pressed.key][1] in MANNERS:
                self.talk.keys.remove(pressed)
                begin = self._act(pressed, begin)
        return begin

    def _act(self, pressed: Pressed, begin: int) -> int:
        """Do what `anywhere` says of a key; return the item to go on from."""
        self.talk.logbook.key(pressed.key, pressed.at)
        flow, does = self.anywhere[pressed.key]
        if does not in MANNERS:
            raise Elsewhere(flow, does)
        if does == "again":
            return 0
        speeds = sorted({*self.flow.header.speeds, NORMAL_SPEED})
        talk = self.talk
        if does == "slower":
            talk.speed = max((s for s in speeds if s < talk.speed), default=talk.speed)
        else:
            talk.speed = min((s for s in speeds if s > talk.speed), default=talk.speed)
        talk.logbook.speed = f"{talk.speed}%"
        return begin

    def _utterance(self, prompt: Prompt, language: str) -> Utterance:
        values: dict[str, Value] = {name: self.value(of) for name, of in prompt.values.items()}
        try:
            return self.project.catalogue.utterance(prompt.name, language, values)
        except (KeyError, ValueError):
            # Never the value itself: it may be a secret, and this goes into the log.
            names = ", ".join(values) or "no value"
            raise Trouble(f"'{prompt.name}' cannot be said in {language} with {names}") from None

    async def enter(self, flow: Flow, arguments: Mapping[str, Any]) -> tuple[NodeName, Any]:
        """Walk a sub-flow; return its outcome (END for none of its own) and what it gives.

        Raises `Trouble` where sub-flows are nested deeper than any author means.
        """
        if self.depth >= DEEPEST_CALL:
            raise Trouble(f"'{flow.name}' is entered {DEEPEST_CALL} flows deep")
        keys = self.anywhere | scope(flow)
        inner = Call(self.talk, flow, dict(arguments), keys, self.depth + 1)
        outcome = await inner.walk()
        return outcome, inner.variables.get(flow.header.gives or "", "")

    async def walk(self) -> NodeName:
        """Walk the flow from its start; return the outcome it ended with, or END."""
        node = self.flow.header.start
        while node in self.flow.nodes:
            name = f"{self.flow.name}/{node}" if self.depth else str(node)
            self.talk.logbook.entered(name, self.now)
            self.talk.alone += 1
            if self.talk.alone > MOST_NODES_ALONE:
                raise Trouble(f"'{node}' goes round in circles without a key from the caller")
            try:
                node = await self.flow.nodes[node].run(self)
            except Elsewhere as leads:
                if leads.flow is not self.flow:
                    raise
                node = leads.node
        return node


def scope(flow: Flow) -> dict[str, tuple[Flow, NodeName]]:
    """Return what `anywhere` of a flow says, each key with the flow that owns it."""
    return {str(key): (flow, does) for key, does in flow.header.anywhere.items()}


def _clips(utterance: Utterance) -> int:
    return sum(isinstance(item, Clip) for item in utterance)


def text_of(utterance: Utterance) -> str:
    """Return the words of an utterance on one line."""
    said = ""
    for item in utterance:
        if isinstance(item, Pause):
            said = said.rstrip() + item.mark + (" " if said.endswith(" ") else "")
        else:
            said += f"{item.text} " if item.language == "en" else item.text
    return said.strip()
