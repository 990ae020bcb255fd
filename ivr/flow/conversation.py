"""Speaking with a caller: prompts said, answers taken, and the keys that work anywhere.

`anywhere` lives here: keys that change how something is said re-ask the same effect from the
clip the caller had reached, keys that lead elsewhere leave the node. No node knows of it; only
`language`, which asks what one of these keys tells, takes that key for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.flow.announcement import Announcement
from ivr.flow.checks import Check, Typed
from ivr.flow.effects import Heard, Listen, Play, PlayBack
from ivr.flow.fields import NodeName, Prompt
from ivr.flow.hearing import reached_after
from ivr.flow.key_entry import Entry
from ivr.flow.known import Known
from ivr.flow.node import END, MANNERS, Flow
from ivr.flow.places import onward
from ivr.flow.record import SECRET
from ivr.flow.secret import MISREAD, Secret
from ivr.flow.speech import Place
from ivr.flow.talk import NORMAL_SPEED, Patience, Pressed, slowly
from ivr.flow.unwinding import Elsewhere, WaitOver


@dataclass
class Conversation(Known):
    """What is known in one flow, and the means to speak and to listen."""

    anywhere: dict[str, tuple[Flow, NodeName]] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    # The node she is at.
    node: NodeName = END

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
            self.talk.typing = []
            typed = await self._take(speech, entry)
            self.talk.typed, self.talk.typing = self.talk.typing, []
            if typed is not None:
                return typed

    def read(self, typed: str, looks: Check) -> Typed | None:
        """Return what an answer stands for, None where it is not one.

        Of a secret that was typed before another controller took the call over, only whether it
        was one is known.
        """
        if len(typed) < looks.digits[0] or MISREAD in typed:
            return None
        if SECRET in typed:
            return SECRET
        value = looks.read(typed)
        for pressed in self.talk.typed if value is None else ():
            if pressed.kept == SECRET:
                pressed.kept = MISREAD
        return value

    def conceal(self, told: str) -> Secret:
        """Return what was just typed as a secret of the node she is at."""
        return Secret(told, self.talk.typed[0].at, (self.flow, self.node))

    async def play_back(self, file: str) -> None:
        """Let her hear a message of this call; a key ends it, and is kept for what asks next."""
        began = self.now
        self.talk.press(await PlayBack(file), began)

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
                wait, wanted = entry.between if typed else entry.wait, entry.wanted(typed)
                self.talk.press(await Listen(wait, wanted=wanted), began)
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
            hidden = entry.secret and pressed.key != entry.until
            self.talk.use(pressed, secret=is_secret, hidden=hidden)
            self.talk.typing.append(pressed)
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
        self.talk.use(pressed, secret=pressed.secret)
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
