"""language: let the caller choose the language."""

from pydantic import Field

from ivr.flow.kit import END, Call, Key, LanguageCode, Node, NodeName, Seconds, Speech
from ivr.flow.nodes.menu import choice


class Language(Node, kind="language"):
    """Speak `language` in every language of the flow, in its order, and take the choice.

    A caller whose choice of an earlier call is known, and is one of these, goes on in it without
    being asked; when she comes back here in the same call, she is. A `language` key of `anywhere`
    chooses the language after the one she hears. A caller who chooses nothing hears it again,
    `tries` times in all, and then goes on in the language spoken so far: nobody is lost for want
    of a key.

        welcome: {language: welcome, keys: {1: cmn, 2: yue, 3: en}, go: menu}
    """

    language: Speech = Field(description="What asks for the choice, in every language.")
    keys: dict[Key, LanguageCode] = Field(min_length=1, description="The language for each key.")
    go: NodeName = Field(END, description="Next.")
    tries: int = Field(default=2, ge=1, le=9, description="How often it is said.")
    wait: Seconds = Field(
        default=4.0, ge=0.5, le=60, description="How long for a key, after the last language."
    )

    async def run(self, call: Call) -> NodeName:
        if call.recall() and call.language in self.keys.values():
            return self.go
        entry = choice(call.language_keys | self.keys.keys(), self.wait, self.wait)
        for _ in range(self.tries):
            typed = await call.ask(self.language, entry, call.flow.header.languages)
            if typed in self.keys:
                call.speak(self.keys[Key(typed)])
                break
            if typed in call.language_keys:
                call.speak(call.next_language)
                break
        return self.go
