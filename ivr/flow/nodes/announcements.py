"""announcements: say what is announced here just now."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import END, Announced, Call, Node, NodeName, PlaceName


class Announcements(Node, kind="announcements"):
    """Say what is announced at a place just now, each announcement once in a call.

    Mostly that is nothing, and the caller goes on at once. A key ends it like any `say`.

        notices: {announcements: hotline, go: menu}
    """

    waits: ClassVar[bool] = False

    announcements: PlaceName = Field(description="The place, by a name of your own.")
    go: NodeName = Field(END, description="Next.")

    async def run(self, call: Call) -> NodeName:
        await call.announce(await Announced(self.announcements))
        return self.go
