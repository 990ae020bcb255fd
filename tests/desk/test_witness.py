from collections.abc import Mapping
from datetime import datetime

import pytest

from ivr.desk.agenda import Outcome
from ivr.desk.faults import AmiLost, AmiRefused
from ivr.desk.witness import Seen, Witness, outcome


class Link:
    """Answers as the switch does."""

    def __init__(self, channels: str, mark: str | None) -> None:
        self.channels, self.mark = channels, mark
        self.asked: list[str] = []

    async def action(self, headers: Mapping[str, str]) -> dict[str, str]:
        self.asked.append(headers["Action"])
        if headers["Action"] == "Getvar":
            assert headers["Variable"] == "CHANNELS(abc)"
            return {"Value": self.channels}
        return {"CoreStartupDate": "2026-11-23", "CoreStartupTime": "09:30:00"}

    async def actions(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
        self.asked.append(headers["Action"])
        assert (headers["Family"], headers["Key"]) == ("called", "abc")
        if self.mark is None:
            raise AmiRefused("Database entry not found")
        return [{"Event": "DBGetResponse", "Val": self.mark}]


SINCE = datetime(2026, 11, 23, 9, 30).astimezone()


async def test_the_channel_is_asked_for_before_the_mark() -> None:
    link = Link("Local/abc@standing-in-00000001;1 Local/abc@standing-in-00000001;2", None)
    assert await Witness(link).see("abc") == Seen(True, "", SINCE)
    assert link.asked == ["Getvar", "DBGet", "CoreStatus"]


async def test_a_mark_is_left_where_the_channel_is_gone() -> None:
    assert await Witness(Link("", "BUSY-17")).see("abc") == Seen(False, "BUSY-17", SINCE)


async def test_a_switch_that_does_not_answer_is_no_witness() -> None:
    class Lost(Link):
        async def actions(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
            raise AmiLost("gone")

    with pytest.raises(AmiLost):
        await Witness(Lost("", None)).see("abc")


@pytest.mark.parametrize(
    ("mark", "came"),
    [
        ("ANSWER", Outcome.TALKED),
        ("ANSWER-16", Outcome.TALKED),
        ("GREETED", Outcome.DECLINED),
        ("BUSY-17", Outcome.BUSY),
        ("NOANSWER-0", Outcome.NO_ANSWER),
        ("CANCEL-0", Outcome.NO_ANSWER),
        ("CHANUNAVAIL-1", Outcome.WRONG),
        ("CONGESTION-28", Outcome.WRONG),
        ("CHANUNAVAIL-21", Outcome.DECLINED),
        ("CHANUNAVAIL-20", Outcome.FAULT),
        ("CONGESTION-", Outcome.FAULT),
        ("RINGING", Outcome.UNKNOWN),
    ],
)
def test_marks_tell_what_came_of_it(mark: str, came: Outcome) -> None:
    assert outcome(mark) is came
