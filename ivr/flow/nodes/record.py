"""record: take a spoken message."""

from pydantic import Field

from ivr.flow.kit import END, Call, Node, NodeName, Record, Seconds, Speech, VariableName
from ivr.flow.nodes.menu import WRONG, choice

KEEP, ONCE_MORE, HEAR_IT = "1", "2", "3"
CONFIRM = choice(frozenset({KEEP, ONCE_MORE, HEAR_IT}), wait=5.0, between=2.0)
# Whoever has not made up her mind by then has a message that was fit to be heard.
ROUNDS = 9


class RecordMessage(Node, kind="record"):
    """Speak `record`, beep, and record until `#`, a silence, or `longest`.

    The name of the recording is kept in `into`. A caller who says nothing is `silent`. With
    `confirm`, a speech that offers it, she may press 1 to keep the message, 2 to speak it once
    more, 3 to hear it; silence keeps it.

        message: {record: after_the_tone, longest: 2m, into: message, go: thanks, silent: menu}
    """

    record: Speech = Field(description="What is said before the tone.")
    longest: Seconds = Field(
        default=120.0, ge=1, le=3600, description="How long the message may be."
    )
    silence: Seconds = Field(default=5.0, ge=1, le=60, description="A silence that ends it.")
    confirm: Speech | None = Field(
        None, description="A speech that offers 1 to keep it, 2 to speak it again, 3 to hear it."
    )
    into: VariableName = Field(description="The variable that keeps the name of the recording.")
    go: NodeName = Field(END, description="Next.")
    silent: NodeName = Field(description="Next when nothing was said.")

    async def run(self, call: Call) -> NodeName:
        await call.say(self.record)
        recorded = await Record(self.longest, self.silence)
        if recorded.silent:
            return self.silent
        file = recorded.file
        if self.confirm is not None:
            file = await self._confirmed(call, self.confirm, file)
        call.variables[self.into] = file
        return self.go

    async def _confirmed(self, call: Call, confirm: Speech, file: str) -> str:
        """Return the message she keeps: the last in which she said something."""
        for _ in range(ROUNDS):
            key = await call.ask(confirm, CONFIRM)
            if key in (KEEP, ""):
                break
            if key == HEAR_IT:
                await call.play_back(file)
            elif key == ONCE_MORE:
                await call.say(self.record)
                again = await Record(self.longest, self.silence, instead=file)
                file = file if again.silent else again.file
            else:
                await call.say(WRONG)
        return file
