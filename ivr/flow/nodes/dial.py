"""dial: ring one number."""

from pydantic import Field

from ivr.flow.kit import END, Call, Dial, Node, NodeName, Seconds, Value


class DialNumber(Node, kind="dial"):
    """Ring one number and connect the caller. The switch decides which numbers may be rung.

    `answered` is next when the far side has hung up and the caller stays.

        duty:
          dial: "1001"
          longest: 20s
          busy: agent
          unanswered: agent
          failed: sorry
    """

    dial: Value
    longest: Seconds = Field(default=30.0, ge=1, le=300)
    answered: NodeName = END
    busy: NodeName
    unanswered: NodeName
    failed: NodeName

    async def run(self, call: Call) -> NodeName:
        outcome = await Dial(call.text(self.dial), self.longest)
        ways = {"answered": self.answered, "busy": self.busy, "unanswered": self.unanswered}
        return ways.get(outcome, self.failed)
