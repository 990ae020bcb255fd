"""Texts to agents' screens: sent as the switch wants them, and never a fault of who tells."""

import base64
from collections.abc import Mapping

import pytest

from ivr.desk.ami import AmiLost, AmiRefused
from ivr.desk.faults import AmiError
from ivr.desk.messages import MOST_BYTES, Messages


class Switch:
    """Takes actions, or fails as it is told to."""

    def __init__(self, fault: AmiError | None = None) -> None:
        self.fault = fault
        self.actions: list[Mapping[str, str]] = []

    async def action(self, headers: Mapping[str, str]) -> dict[str, str]:
        if self.fault:
            raise self.fault
        self.actions.append(headers)
        return {"Response": "Success"}


async def test_a_text_goes_to_the_phone_of_an_agent() -> None:
    switch = Switch()
    assert await Messages(switch).tell("1001", "Pausiert: *45\n八零一")
    (action,) = switch.actions
    assert (action["Action"], action["Destination"]) == ("MessageSend", "pjsip:1001")
    assert base64.b64decode(action["Base64Body"]).decode() == "Pausiert: *45\n八零一"


async def test_a_text_that_is_too_long_is_cut_between_characters() -> None:
    switch = Switch()
    await Messages(switch).tell("1001", "席" * 1000)
    text = base64.b64decode(switch.actions[0]["Base64Body"])
    assert text.decode() == "席" * (MOST_BYTES // 3)


@pytest.mark.parametrize("fault", [AmiRefused("Message failed to send."), AmiLost("no link")])
async def test_who_cannot_be_told_is_told_apart_and_nothing_is_raised(fault: AmiError) -> None:
    assert not await Messages(Switch(fault)).tell("1001", "hello")
