"""queue: wait for an agent."""

from pydantic import Field

from ivr.flow.kit import END, Call, Enqueue, Node, NodeName, QueueName, Seconds, Skill


class Queue(Node, kind="queue"):
    """Put the caller into an agents' queue. Nothing here ends in silence.

    The agent's phone shows her language and her way here. With `skills` it is somebody who has
    them, the best of those who are free; what nobody at the desk can do is not asked for.

        agent: {queue: front_desk, skills: [$language], unanswered: call_again}
    """

    queue: QueueName = Field(description="A desk of `asterisk-config/desks.yaml`.")
    skills: tuple[Skill, ...] = Field(
        (),
        max_length=4,
        description="What an agent must be able to do: a language by its code, a skill of "
        "`asterisk-config/agents.yaml`, or a variable that holds one.",
    )
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

    @property
    def desk(self) -> str:
        """The desk whose agents are asked for."""
        return self.queue

    async def run(self, call: Call) -> NodeName:
        skills = tuple(call.text(skill) for skill in self.skills)
        queued = await Enqueue(
            self.queue, self.longest, call.language, call.path, skills, call.talk.speed
        )
        if queued.outcome == "answered":
            return self.answered
        return {"closed": self.closed, "full": self.full}.get(queued.outcome) or self.unanswered
