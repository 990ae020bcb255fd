"""A world of one caller who tells where she cuts what is said, and by which keys."""

from __future__ import annotations

from typing import Any

from ivr.flow.effects import Effect, Heard, Listen, Play
from ivr.flow.session import Session
from ivr.flow.speech import Clip
from tests.stage import Clock


class Teller:
    """Answers the effects of a session one by one; `effect` is what is asked just now."""

    def __init__(self, session: Session) -> None:
        self.session, self.clock = session, Clock()
        self.effect = session.begin(self.clock())

    def cut(self, keys: str, reached: int, word: int = 0) -> Effect[Any] | None:
        """Press keys while this item is being said."""
        assert isinstance(self.effect, Play)
        return self.answer(Heard(keys, reached, word))

    def hear(self) -> Effect[Any] | None:
        """Hear it to its end."""
        assert isinstance(self.effect, Play)
        return self.cut("", len(self.effect.utterance))

    def press(self, keys: str) -> Effect[Any] | None:
        """Press keys when one is listened for; "" stays silent."""
        assert isinstance(self.effect, Listen)
        return self.answer(keys)

    def answer(self, answer: Any) -> Effect[Any] | None:
        """Give the world's answer."""
        self.effect = self.session.answer(answer, self.clock())
        return self.effect

    @property
    def speed(self) -> int:
        """The speed of what is being said."""
        assert isinstance(self.effect, Play)
        return self.effect.speed

    @property
    def ahead(self) -> list[str]:
        """The clips that are still to be heard of what is being said."""
        assert isinstance(self.effect, Play)
        items = self.effect.utterance[self.effect.begin :]
        return [item.text for item in items if isinstance(item, Clip)]

    def at(self, text: str) -> int:
        """Return the item that speaks these words."""
        assert isinstance(self.effect, Play)
        items = enumerate(self.effect.utterance)
        return next(i for i, item in items if isinstance(item, Clip) and item.text == text)
