"""hours: go by opening hours."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import Call, HoursName, Node, NodeName


class Hours(Node, kind="hours"):
    """Go by opening hours. The caller hears nothing.

    agent: {hours: front_desk, open: queue, closed: call_again}
    """

    waits: ClassVar[bool] = False

    hours: HoursName = Field(description="A name in `flows/hours.yaml`.")
    open: NodeName = Field(description="Next while it is open.")
    closed: NodeName = Field(description="Next while it is closed.")
    holiday: NodeName | None = Field(
        None, description="Next on a public holiday; `closed` unless named."
    )

    async def run(self, call: Call) -> NodeName:
        state = call.project.hours[self.hours].state(call.now)
        if state == "holiday":
            return self.holiday or self.closed
        return self.open if state == "open" else self.closed
