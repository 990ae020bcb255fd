"""queue: wait for an agent."""

from pydantic import Field

from ivr.flow.kit import (
    END,
    Call,
    Enqueue,
    Node,
    NodeName,
    Prompt,
    PromptName,
    Queued,
    QueueName,
    Seconds,
    Skill,
    stay,
)

MAY_BE_RECORDED = Prompt(PromptName("may_be_recorded"), {})


class Queue(Node, kind="queue"):
    """Put the caller into an agents' queue. Nothing here ends in silence.

    The agent's phone shows her language and her way here. With `skills` it is somebody who has
    them, the best of those who are free; what nobody at the desk can do is not asked for. Where
    the desk records, she is told first, once in a call (prompt `may_be_recorded`); who does not
    hear it to its end is not recorded.

    With `while_waiting` she walks nodes from there over the music, and keeps her place: they tell
    what `$waiting` holds, offer a menu. A walk that comes to its end, or back here, leaves her
    waiting and begins again; an agent who answers ends it at any word. A node that needs her line
    (`record`, `dial`, `hangup`, another `queue`), and a call back that she agrees to, take her out
    of the queue.

        agent:
          queue: front_desk
          skills: [$language]
          while_waiting: your_place
          unanswered: call_again
    """

    queue: QueueName = Field(description="A desk of `asterisk-config/desks.yaml`.")
    skills: tuple[Skill, ...] = Field(
        (),
        max_length=4,
        description="What an agent must be able to do: a language by its code, a skill of "
        "`asterisk-config/agents.yaml`, or a variable that holds one.",
    )
    longest: Seconds = Field(default=120.0, ge=1, le=7200, description="How long she waits.")
    while_waiting: NodeName | None = Field(
        None, description="The node at which she begins to walk while she waits."
    )
    every: Seconds = Field(
        default=30.0, ge=5, le=600, description="How long the music is between two walks."
    )
    sooner: Seconds = Field(
        default=0.0,
        le=86400,
        description="She counts as if she had come so much sooner: whom you would not let wait.",
    )
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
        is_recorded = await _is_recorded(call, self.queue)
        enqueue = Enqueue(
            self.queue,
            self.longest,
            call.language,
            call.path,
            skills,
            call.talk.speed,
            stays=self.while_waiting is not None,
            sooner=self.sooner,
            recorded=is_recorded,
            knows_recorded=call.talk.knows_recorded,
        )
        if self.while_waiting is None:
            queued = await enqueue
            assert isinstance(queued, Queued)  # nobody stays who need not
        else:
            queued, onward = await stay(call, enqueue, self.while_waiting, self.every)
            if onward is not None:
                return onward
        if queued.outcome == "answered":
            return self.answered
        return {"closed": self.closed, "full": self.full}.get(queued.outcome) or self.unanswered


async def _is_recorded(call: Call, desk: str) -> bool:
    """Tell her that her talk with this desk may be recorded; return whether it then is."""
    talk = call.talk
    if desk not in talk.recorded:
        return False
    if not talk.recorded[desk] or talk.knows_recorded:
        return True
    if call.language in call.project.catalogue.texts.get(MAY_BE_RECORDED.name, {}):
        await call.say((MAY_BE_RECORDED,))
        heard = talk.logbook.so_far().heard
        talk.knows_recorded = bool(
            heard and heard[-1].prompt == MAY_BE_RECORDED.name and heard[-1].finished
        )
    return talk.knows_recorded
