"""The call as a node sees it: who calls, in which language, and the means to speak and listen.

`anywhere` lives here: keys that change how something is said re-ask the same effect from the
clip the caller had reached, keys that lead elsewhere leave the node. No node knows of it; only
`language`, which asks what one of these keys tells, takes that key for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.errors import IvrError
from ivr.flow.announcement import Announcement
from ivr.flow.effects import Heard, Listen, Play, PlayBack, Queued
from ivr.flow.entry import Entry
from ivr.flow.fields import NodeName, Prompt, Variable
from ivr.flow.hearing import reached_after
from ivr.flow.node import END, MANNERS, Flow
from ivr.flow.places import onward
from ivr.flow.secret import Secret
from ivr.flow.speech import Place
from ivr.flow.talk import NORMAL_SPEED, Patience, Pressed, Talk, slowly
from ivr.flow.written import written
from ivr.lang import Value

if TYPE_CHECKING:
    from ivr.flow.project import Project

# What is known of a caller: $caller.number and so on.
CALLER = ("number", "called", "passed_by")

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


class WaitOver(Exception):
    """The wait of a caller who stays is over: unwinds the running node up to the queue's.

    `answer` is what was asked then, as far as it came; `queued` how it ended, where that is known.
    """

    def __init__(self, answer: Any = None, queued: Queued | None = None) -> None:
        super().__init__("the wait is over")
        self.answer = answer
        self.queued = queued

    def heard(self, begin: int) -> Heard:
        """Return what she heard of an utterance from an item on."""
        return self.answer if isinstance(self.answer, Heard) else Heard("", begin)


@dataclass
class Call:
    """One call in one flow. A sub-flow has its own, which shares the talk."""

    talk: Talk
    flow: Flow
    variables: dict[str, Any] = field(default_factory=dict)
    anywhere: dict[str, tuple[Flow, NodeName]] = field(default_factory=dict)
    depth: int = 0
    patience: Patience = field(default_factory=Patience)
    # The node she is at.
    node: NodeName = END

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

    def speak(self, language: str) -> None:
        """Speak the language the caller chose from now on."""
        self.talk.speak(language)

    def recall(self) -> bool:
        """Whether the language spoken is the one she chose in an earlier call.

        That is told once, so that she can come back and choose; and not where she has typed
        ahead: her keys are the answer.
        """
        known = self.talk.is_remembered and not self.talk.keys
        self.talk.is_remembered = False
        return known

    @property
    def next_language(self) -> str:
        """The language that a `language` key of `anywhere` goes on in."""
        return self.talk.next_language

    @property
    def language_keys(self) -> frozenset[str]:
        """The keys of `anywhere` that go on in the next language."""
        return frozenset(key for key, (_, does) in self.anywhere.items() if does == "language")

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
        """Return `value` as text, a secret too: for a back end that is asked with it."""
        return value.told if isinstance(value := self.value(of), Secret) else str(value)

    async def say(self, speech: tuple[Prompt, ...]) -> None:
        """Say prompts one after the other. A key not of `anywhere` is kept for what asks next.

        It cuts what is said here short, and nothing that is said afterwards: a stray key must
        not silence an apology.
        """
        for prompt in speech:
            if await self._speak(prompt):
                return

    async def announce(self, announcements: Iterable[Announcement]) -> None:
        """Say what is announced, each announcement once in a call, in the words she understands.

        A key not of `anywhere` ends it all and is kept for what asks next; what has not begun by
        then may still be said at another place.
        """
        for one in announcements:
            fits = one.language(self.language, self.talk.languages)
            if fits and one.name not in self.talk.told and await self._speak(one):
                return

    async def ask(
        self, speech: tuple[Prompt, ...], entry: Entry, languages: tuple[str, ...] = ()
    ) -> str:
        """Say prompts, then take an answer by keys; return it, or "" for silence.

        Keys typed ahead count, and end what is being said. With `languages` it is said in each
        of them, otherwise in the caller's.
        """
        while True:
            for prompt in speech:
                for language in languages or (None,):
                    if await self._speak(prompt, language, entry.own):
                        break
            typed = await self._take(speech, entry)
            if typed is not None:
                return typed

    async def play_back(self, file: str) -> None:
        """Let her hear a message of this call; a key ends it, and is kept for what asks next."""
        began = self.now
        self.talk.press(await PlayBack(file), began)

    def written(self, prompt: Prompt) -> str:
        """Return the text of a prompt in her language as it is read with the eyes."""
        with self._sayable(prompt, self.language) as values:
            return written(self.project.catalogue, prompt.name, self.language, values)

    async def _speak(
        self, prompt: Prompt, language: str | None = None, own: frozenset[str] | None = None
    ) -> bool:
        """Say one prompt; return whether a key that is not of `anywhere` cut it.

        Without a language it is the caller's, and follows her. With `own`, the keys of the
        question it belongs to, any key typed ahead answers that.
        """
        talk, reached = self.talk, 0
        places: tuple[Place, ...] = ()
        while True:
            begins_anew = self._heed(own or frozenset(), prompt)
            cutting = [key for key in talk.keys if own is not None or not key.has_cut]
            for pressed in cutting:
                pressed.has_cut = True
            spoken = language or self.language
            before, places = places, self._places(prompt, spoken)
            reached = 0 if begins_anew or not before else onward(before, places, reached)
            if cutting or reached >= len(places):
                return bool(cutting)
            takes = frozenset(self.anywhere) | (own or frozenset())
            reached = await self._play(prompt, spoken, places, reached, takes)

    async def _play(
        self,
        prompt: Prompt,
        language: str,
        places: tuple[Place, ...],
        begin: int,
        takes: frozenset[str],
    ) -> int:
        """Say a prompt from an item on, write it down, keep the keys; return the item reached."""
        talk, began = self.talk, self.now
        utterance = tuple(place.item for place in places)
        speed = self.patience.speed(prompt, talk, self._speeds)
        talk.heard_language, talk.heard_speed = language, speed
        talk.told.add(prompt.name)
        try:
            heard = await Play(utterance, speed, begin, takes, prompt.name)
        except WaitOver as over:
            talk.write_down(prompt.name, utterance, began, begin, over.heard(begin))
            raise
        except GeneratorExit:  # she hung up while it was said: how far it was is an estimate
            lasted = (self.now - began).total_seconds()
            item, word = reached_after(utterance, speed, begin, lasted)
            talk.write_down(prompt.name, utterance, began, begin, Heard("", item, word))
            raise
        talk.write_down(prompt.name, utterance, began, begin, heard)
        talk.press(heard.keys, began)
        return heard.reached

    async def _take(self, speech: tuple[Prompt, ...], entry: Entry) -> str | None:
        """Take the keys of an answer; None when a key of `anywhere` asks to hear it again."""
        typed, keys = "", self.talk.keys
        while True:
            if not keys:
                began = self.now
                self.talk.press(await Listen(entry.between if typed else entry.wait), began)
            if not keys:
                if not typed:
                    self.patience.miss(speech)
                return typed
            if not typed and self._is_anywhere(keys[0].key, entry.own):
                self._act(keys.popleft(), *speech)
                return None
            if entry.parts(typed, keys[0].key):
                return typed
            pressed = keys.popleft()
            is_secret = entry.secret or pressed.secret
            self.talk.logbook.key(pressed.key, pressed.at, secret=is_secret)
            if pressed.key == entry.until and typed:
                return typed
            typed += pressed.key
            if entry.complete(typed):
                return self.talk.whole(typed, entry.until)

    def _is_anywhere(self, key: str, own: frozenset[str]) -> bool:
        return key in self.anywhere and key not in own

    def _heed(self, own: frozenset[str], prompt: Prompt) -> bool:
        """Do what keys of `anywhere` say; return whether the prompt is to begin anew.

        Keys keep their order: one that leads away waits for those before it to answer their
        questions. How something is said may change at once, but by no key behind one of an answer.
        """
        first, begins_anew = True, False
        for pressed in list(self.talk.keys):
            if not self._is_anywhere(pressed.key, own):
                first = False
            elif first or (not own and self.anywhere[pressed.key][1] in MANNERS):
                self.talk.keys.remove(pressed)
                begins_anew |= self._act(pressed, prompt)
        return begins_anew

    def _act(self, pressed: Pressed, *speech: Prompt) -> bool:
        """Do what `anywhere` says of a key; return whether what is said is to begin anew."""
        self.talk.logbook.key(pressed.key, pressed.at, secret=pressed.secret)
        flow, does = self.anywhere[pressed.key]
        if does not in MANNERS:
            raise Elsewhere(flow, does)
        if does == "again":
            self.patience.miss(speech)
            return True
        if does == "language":
            self.speak(self.next_language)
        else:
            self.talk.change_speed(self._speeds, does)
            self.patience.has_her_speed = True
        return False

    @property
    def _speeds(self) -> frozenset[int]:
        return frozenset({*self.flow.header.speeds, NORMAL_SPEED})

    def _places(self, prompt: Prompt, language: str) -> tuple[Place, ...]:
        """Return the items of a prompt in the form this caller needs."""
        if isinstance(prompt, Announcement):
            return prompt.said[prompt.language(language, self.talk.languages) or language]
        careful = self.patience.is_careful(prompt)
        with self._sayable(prompt, language) as values:
            places = self.project.catalogue.places(prompt.name, language, values, careful)
        return tuple(slowly(places)) if self.patience.is_slow(prompt) else places

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

    async def enter(self, flow: Flow, arguments: Mapping[str, Any]) -> tuple[NodeName, Any]:
        """Walk a sub-flow; return its outcome (END for none of its own) and what it gives.

        Raises `Trouble` where sub-flows are nested deeper than any author means.
        """
        if self.depth >= DEEPEST_CALL:
            raise Trouble(f"'{flow.name}' is entered {DEEPEST_CALL} flows deep")
        keys = self.anywhere | scope(flow)
        inner = Call(self.talk, flow, dict(arguments), keys, self.depth + 1)
        outcome = await inner.walk()
        return outcome, inner.given

    @property
    def given(self) -> Any:
        """What the flow gives, as far as it has come; "" for nothing."""
        return self.variables.get(self.flow.header.gives or "", "")

    async def walk(self) -> NodeName:
        """Walk the flow from its start; return the outcome it ended with, or END."""
        node = self.flow.header.start
        while node in self.flow.nodes:
            node = await self.step(node)
        return node

    async def step(self, node: NodeName) -> NodeName:
        """Come to a node of this flow, do what it says, and return the next one."""
        self.enters(node)
        self.talk.alone += 1
        self.talk.enter(getattr(self.flow.nodes[node], "secret", False))
        self.patience = Patience()
        if self.talk.alone > MOST_NODES_ALONE:
            raise Trouble(f"'{node}' goes round in circles without a key from the caller")
        try:
            return await self.flow.nodes[node].run(self)
        except Elsewhere as leads:
            if leads.flow is not self.flow:
                raise
            return leads.node

    def enters(self, node: NodeName) -> None:
        """Note that she is at a node of this flow."""
        self.talk.here, self.node = self, node
        name = f"{self.flow.name}/{node}" if self.depth else str(node)
        self.talk.logbook.entered(name, self.now)


def scope(flow: Flow) -> dict[str, tuple[Flow, NodeName]]:
    """Return what `anywhere` of a flow says, each key with the flow that owns it."""
    return {str(key): (flow, does) for key, does in flow.header.anywhere.items()}
