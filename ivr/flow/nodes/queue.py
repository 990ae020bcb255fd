"""queue: wait for an agent."""

from pydantic import Field

from ivr.flow.kit import END, Call, Enqueue, Node, NodeName, QueueName, Seconds


class Queue(Node, kind="queue"):
    """Put the caller into an agents' queue. Nothing here ends in silence.

    `answered` is next when the agent has hung up and the caller stays; `unanswered` when nobody
    answered within `longest`. Nobody logged in is `closed`, no place left is `full`; both are
    `unanswered` unless named.

        agent: {queue: front_desk, longest: 2m, answered: bye, unanswered: call_again}
    """

    queue: QueueName
    longest: Seconds = Field(default=120.0, ge=1, le=7200)
    answered: NodeName = END
    unanswered: NodeName
    closed: NodeName | None = None
    full: NodeName | None = None

    async def run(self, call: Call) -> NodeName:
        queued = await Enqueue(self.queue, self.longest, call.language, call.path)
        if queued.outcome == "answered":
            return self.answered
        return {"closed": self.closed, "full": self.full}.get(queued.outcome) or self.unanswered
