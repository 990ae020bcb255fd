"""hangup: the end, with a reason for the records."""

from pydantic import Field

from ivr.flow.kit import END, Call, HangUp, Node, NodeName


class Hangup(Node, kind="hangup"):
    """End the call. The reason is for the records; the caller has been told before.

    bye: hangup
    refused: {hangup: the number is barred}
    """

    hangup: str = Field("the flow ended the call", description="The reason, for the record.")

    async def run(self, call: Call) -> NodeName:
        await HangUp(self.hangup)
        return END
