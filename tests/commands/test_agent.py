"""`ivr agent`: what it says where nothing can be changed; tests/calls/test_duty.py has the rest."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import cli
from ivr.commands.agent import desks


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1001"], "no hotline answers at http://127.0.0.1:1/api/agents/1001/duty"),
        (["1001", "pause", "meal"], "no hotline answers"),
        (["1001", "paws"], "an agent cannot be told 'paws'; did you mean 'pause'?"),
        (["1001", "off", "meal"], "only a pause has a reason"),
    ],
)
def test_what_cannot_be_done_is_told(state: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli.app, ["agent", *words])
    assert result.exit_code == 1
    assert said in result.output


def test_how_it_is_at_her_desks_is_told_and_at_no_others() -> None:
    row: dict[str, object] = {"waiting": 2, "longest_waits_since": "2026-11-22T12:00:00.000Z"}
    picture = {
        "desks": [
            row | {"name": "front", "agents": {"free": 1}},
            {"name": "back", "waiting": 0, "longest_waits_since": None, "agents": {"free": 0}},
            row | {"name": "other", "agents": {"free": 9}},
        ],
        "agents": [
            {"number": "1001", "desks": ["front", "back"]},
            {"number": "1002", "desks": ["other"]},
        ],
    }
    assert desks(picture, "1001") == [
        "  front: 2 waiting, the first since 2026-11-22T12:00:00.000Z; 1 free",
        "  back: 0 waiting; 0 free",
    ]
    assert desks(picture, "1009") == []
