"""dial: ring one number."""

from pydantic import Field

from ivr.flow.kit import END, Call, Dial, Node, NodeName, Seconds, Value


class DialNumber(Node, kind="dial"):
    """Ring one number and connect the caller. The dialplan decides which numbers may be rung:
    the agents', and the hotline's own.

        duty:
          dial: "1001"
          longest: 20s
          busy: agent
          unanswered: agent
          failed: sorry
    """

    dial: Value = Field(description="The number, or a variable.")
    longest: Seconds = Field(default=30.0, ge=1, le=300, description="How long it rings.")
    answered: NodeName = Field(
        END, description="Next when the far side has hung up and the caller stays."
    )
    busy: NodeName = Field(description="Next when it is busy.")
    unanswered: NodeName = Field(description="Next when nobody answers.")
    failed: NodeName = Field(description="Next when it cannot be rung.")

    async def run(self, call: Call) -> NodeName:
        outcome = await Dial(call.text(self.dial), self.longest)
        ways = {"answered": self.answered, "busy": self.busy, "unanswered": self.unanswered}
        return ways.get(outcome, self.failed)
