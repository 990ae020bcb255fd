"""queue: wait for an agent."""

from pydantic import Field

from ivr.flow.kit import END, Call, Enqueue, Node, NodeName, QueueName, Seconds


class Queue(Node, kind="queue"):
    """Put the caller into an agents' queue. Nothing here ends in silence.

    The agent's phone shows her language and her way here.

        agent: {queue: front_desk, longest: 2m, answered: bye, unanswered: call_again}
    """

    queue: QueueName = Field(description="A queue of `asterisk-config/desks.yaml`.")
    longest: Seconds = Field(default=120.0, ge=1, le=7200, description="How long she waits.")
    answered: NodeName = Field(
        END, description="Next when the agent has hung up and the caller stays."
    )
    unanswered: NodeName = Field(description="Next when nobody answered in time.")
    closed: NodeName | None = Field(
        None, description="Next when nobody is logged in; `unanswered` unless named."
    )
    full: NodeName | None = Field(
        None, description="Next when no place is left; `unanswered` unless named."
    )

    async def run(self, call: Call) -> NodeName:
        queued = await Enqueue(self.queue, self.longest, call.language, call.path)
        if queued.outcome == "answered":
            return self.answered
        return {"closed": self.closed, "full": self.full}.get(queued.outcome) or self.unanswered
