"""record: take a spoken message."""

from pydantic import Field

from ivr.flow.kit import END, Call, Node, NodeName, Record, Seconds, Speech, VariableName


class RecordMessage(Node, kind="record"):
    """Speak `record`, beep, and record until `#`, a silence, or `longest`.

    The name of the recording is kept in `into`. A caller who says nothing is `silent`.

        message: {record: after_the_tone, longest: 2m, into: message, go: thanks, silent: menu}
    """

    record: Speech = Field(description="What is said before the tone.")
    longest: Seconds = Field(
        default=120.0, ge=1, le=3600, description="How long the message may be."
    )
    silence: Seconds = Field(default=5.0, ge=1, le=60, description="A silence that ends it.")
    into: VariableName = Field(description="The variable that keeps the name of the recording.")
    go: NodeName = Field(END, description="Next.")
    silent: NodeName = Field(description="Next when nothing was said.")

    async def run(self, call: Call) -> NodeName:
        await call.say(self.record)
        recorded = await Record(self.longest, self.silence)
        if recorded.silent:
            return self.silent
        call.variables[self.into] = recorded.file
        return self.go
