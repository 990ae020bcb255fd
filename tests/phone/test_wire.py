"""Events as lines."""

from __future__ import annotations

import pytest

from ivr.errors import IvrError

pytest.importorskip("pjsua2")

from ivr.phone.wire import Event, decode_event, encode


def test_an_event_is_read_with_times_in_seconds() -> None:
    line = encode({"event": "key", "at": 107.5, "call": 1, "samples": 4000, "key": "*"})
    assert decode_event(line, started=100) == Event("key", 7.5, 1, 0.5, {"key": "*"})


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"{}\n", b'{"event": "x"}\n', b"\xff\n"])
def test_a_line_that_is_not_an_event_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(IvrError, match="not an event"):
        decode_event(line, started=0)


def test_a_number_that_is_missing_is_named() -> None:
    with pytest.raises(IvrError, match="'ended' has no number 'status'"):
        Event("ended", 0).number("status")
