"""hours: go by opening hours."""

from typing import ClassVar

from ivr.flow.kit import Call, HoursName, Node, NodeName


class Hours(Node, kind="hours"):
    """Go by the opening hours of `flows/hours.yaml`. `holiday` is `closed` unless named.

    agent: {hours: front_desk, open: queue, closed: call_again}
    """

    waits: ClassVar[bool] = False

    hours: HoursName
    open: NodeName
    closed: NodeName
    holiday: NodeName | None = None

    async def run(self, call: Call) -> NodeName:
        state = call.project.hours[self.hours].state(call.now)
        if state == "holiday":
            return self.holiday or self.closed
        return self.open if state == "open" else self.closed
