from pathlib import Path

import pytest

from ivr.desk.call_files import CallFiles
from ivr.desk.ringing import ring
from tests.desk.test_call_files import names


async def test_the_switch_rings_her_and_leads_her_where_the_code_would(tmp_path: Path) -> None:
    (tmp_path / "outgoing").mkdir()
    await ring(CallFiles(tmp_path), "1009", "whisper", "1001", 12)
    (file,) = (tmp_path / "outgoing").iterdir()
    assert file.read_text().splitlines() == [
        "Channel: PJSIP/1009",
        'CallerID: "whisper 1001" <1001>',
        "Context: supervising",
        "Extension: *321001",
        "Priority: 1",
        "Setvar: IVR_ASKED=12",
        "MaxRetries: 0",
        "WaitTime: 30",
    ]


@pytest.mark.parametrize("number", ["", "1", "1009\nApplication: System", "callers", "1009/x"])
async def test_what_is_no_agents_number_reaches_no_call_file(tmp_path: Path, number: str) -> None:
    (tmp_path / "outgoing").mkdir()
    for pair in ((number, "1001"), ("1009", number)):
        with pytest.raises(ValueError, match="no agent's number"):
            await ring(CallFiles(tmp_path), pair[0], "listen", pair[1], 1)
    assert names(tmp_path / "outgoing") == []
