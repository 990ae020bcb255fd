"""menu: speak, take one choice, go where it points."""

from pydantic import Field

from ivr.flow.kit import Call, Entry, Key, Node, NodeName, Prompt, PromptName, Seconds, Speech

WRONG = (Prompt(PromptName("wrong_key"), {}),)
SILENT = (Prompt(PromptName("nothing_heard"), {}),)


def choice(keys: frozenset[str], wait: float, between: float) -> Entry:
    """Return what typing one of `keys` looks like: complete as soon as no other could follow.

    Of 1 and 12, a 1 and a 3 typed ahead are 1, and 3 for what is asked next.
    """

    def begins(typed: str) -> bool:
        return any(key.startswith(typed) for key in keys)

    def complete(typed: str) -> bool:
        return not any(key != typed and key.startswith(typed) for key in keys)

    def parts(typed: str, key: str) -> bool:
        return typed in keys and not begins(typed + key)

    own = frozenset(key[0] for key in keys)
    return Entry(own, complete, parts, wait=wait, between=between)


class Menu(Node, kind="menu"):
    """Speak `menu`, take one choice of `keys`, go to the node it names.

    A list of prompts is one for each try: the second time round, the shorter one. A wrong key
    and silence are told apart and forgiven; after `tries` of them `otherwise` is next.

        menu:
          menu: [main_menu, main_menu_short]
          keys: {1: balance, 2: message, 12: plans}
          otherwise: agent
    """

    menu: Speech = Field(
        description="What offers the choice; a list is one prompt for each try, the last for all "
        "further ones."
    )
    keys: dict[Key, NodeName] = Field(
        min_length=1, description="The node for each choice: one key or several (`12`)."
    )
    otherwise: NodeName = Field(description="Next after the last try.")
    tries: int = Field(default=3, ge=1, le=9, description="How often she may try.")
    wait: Seconds = Field(default=5.0, ge=0.5, le=60, description="How long for the first key.")
    between: Seconds = Field(
        default=2.0,
        ge=0.5,
        le=60,
        description="How long for each further key, where one could follow.",
    )
    wrong: Speech = Field(WRONG, description="Said after a wrong key.")
    silent: Speech = Field(SILENT, description="Said after silence.")

    async def run(self, call: Call) -> NodeName:
        entry = choice(frozenset(self.keys), self.wait, self.between)
        for attempt in range(self.tries):
            prompt = self.menu[min(attempt, len(self.menu) - 1)]
            typed = await call.ask((prompt,), entry)
            if typed in self.keys:
                return self.keys[Key(typed)]
            await call.say(self.wrong if typed else self.silent)
        return self.otherwise
