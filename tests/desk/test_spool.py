from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.desk.agenda import Booking
from ivr.desk.spool import Spool
from tests.desk.test_call_files import names

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "0123456789abcdef"
BOOKING = Booking(
    "1795337617.12",
    "13800138000",
    "roaming",
    "yue",
    NOON,
    NOON + timedelta(hours=1),
    17954208000,
    ("yue", "data"),
    80,
)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    (tmp_path / "outgoing").mkdir()
    return Spool(tmp_path)


async def test_the_switch_finds_a_whole_call_file_named_after_the_attempt(
    spool: Spool, tmp_path: Path
) -> None:
    await spool.send(TOKEN, BOOKING, "agent", 1800)
    assert await spool.has(TOKEN)
    assert (tmp_path / "outgoing" / f"{TOKEN}.call").read_text().splitlines() == [
        f"Channel: Local/{TOKEN}@standing-in/n",
        "Context: calling-back",
        f"Extension: {TOKEN}",
        "Priority: 1",
        "MaxRetries: 0",
        "WaitTime: 2100",
        f"Setvar: IVR_TOKEN={TOKEN}",
        "Setvar: IVR_HERS=13800138000",
        "Setvar: IVR_DESK=roaming",
        "Setvar: IVR_LINE=roaming+data+yue",
        "Setvar: IVR_LONGEST=1800",
        "Setvar: __IVR_SINCE=17954208000",
        "Setvar: __IVR_LANGUAGE=yue",
        "Setvar: __IVR_SPEED=80",
        "Setvar: __IVR_PATH=callback",
    ]
    await spool.send(TOKEN, BOOKING, "caller", 1800)
    assert (tmp_path / "outgoing" / f"{TOKEN}.call").read_text().splitlines()[:2] == [
        f"Channel: Local/{TOKEN}@calling-first/n",
        "Context: called-first",
    ]
    await spool.take_away(TOKEN)
    await spool.take_away(TOKEN)
    assert names(tmp_path) == ["outgoing"] and names(tmp_path / "outgoing") == []


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ("../../etc", "13800138000"),
        (TOKEN, "138\nApplication: System"),
        (TOKEN, "13800138000@elsewhere"),
        (TOKEN, "12"),
    ],
)
async def test_what_is_no_token_and_no_number_reaches_no_call_file(
    spool: Spool, tmp_path: Path, token: str, number: str
) -> None:
    with pytest.raises(ValueError, match="no call back"):
        await spool.send(token, Booking("c", number, "d", "en", NOON, NOON, 0, id=7), "agent", 60)
    assert names(tmp_path / "outgoing") == []


async def test_where_no_file_can_be_put_none_is_left(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="outgoing"):
        await Spool(tmp_path).send(TOKEN, BOOKING, "caller", 60)
    assert names(tmp_path) == []
