"""Logs as JSON: one record to a line, with the call it belongs to."""

import json
import logging
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.config import Settings
from ivr.logs.lines import JsonLines, TextLines, masked
from ivr.running import run


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("ivr.serving.controller", logging.INFO, "", 0, message, None, None)
    made.created = 1795000000.25
    made.__dict__.update(extra)
    return made


def test_a_record_tells_its_time_its_call_and_its_words() -> None:
    assert json.loads(JsonLines().format(record("= a call begins", call="1795000000.7"))) == {
        "time": "2026-11-18T11:06:40.250Z",
        "level": "INFO",
        "logger": "ivr.serving.controller",
        "message": "= a call begins",
        "call": "1795000000.7",
    }


def test_a_record_of_no_call_names_none() -> None:
    assert "call" not in json.loads(JsonLines().format(record("the controller is ready")))


def test_a_fault_has_its_trace_in_the_same_line() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError:
        line = JsonLines().format(record("failed", exc_info=sys.exc_info()))
    assert "\n" not in line
    assert json.loads(line)["trace"].endswith("ValueError: no such thing")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from 13800138000.", "from 138****8000."),
        ("agi_callerid: +8613800138000", "agi_callerid: +861****8000"),
        ("GET /customers/13800138000?x=1", "GET /customers/138****8000?x=1"),
        ("tel=%2B8613800138000", "tel=%2B861****8000"),
        ("来自13800138000的", "来自138****8000的"),
        ("Hong Kong 62345678, 2345678", "Hong Kong 62****78, 23****78"),
        ("card 110105194912310021", "card 110****0021"),
        ("[1795336631.0] PJSIP/1001-0000001a took 123456 us", None),
        ("1795336631.12-2, version 01d4ccc545, port 65535", None),
    ],
)
def test_no_number_of_a_person_is_written_whole(text: str, shown: str | None) -> None:
    assert masked(text) == (shown or text)


@pytest.mark.parametrize("form", [TextLines(), JsonLines()])
def test_a_trace_has_no_number_either(form: logging.Formatter) -> None:
    try:
        raise ValueError("no account of 13800138000")
    except ValueError:
        line = form.format(record("%s failed", args=("13800138000",), exc_info=sys.exc_info()))
    assert "13800138000" not in line and line.count("138****8000") >= 2


@given(st.text(st.characters()))
@example("\x7f\n\x1b[31m\u2028\ud800")
def test_whatever_is_said_is_one_line_of_ascii_and_read_as_it_was(text: str) -> None:
    line = JsonLines().format(record("%s", args=(text,), call=text))
    assert line.isascii() and line.isprintable()
    assert json.loads(line)["message"] == masked(text)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_is_written_in_the_form_that_is_set(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: dict[str, Any] = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **options: began.update(options))
    settings = Settings.model_construct(root=tmp_path, state_dir=tmp_path, log_format=form)
    run.log_to(settings, "controller")
    (handler,) = began["handlers"]
    handler.emit(record("= ready", call="7.1"))
    handler.emit(record("of no call"))
    handler.close()
    first, second = (tmp_path / "log" / "controller.log").read_text().splitlines()
    if form == "json":
        assert json.loads(first)["call"] == "7.1" and "call" not in json.loads(second)
        at = datetime.fromisoformat(json.loads(first)["time"])
        assert at.utcoffset() == timedelta(0)
    else:
        assert first.endswith("INFO ivr.serving.controller [7.1] = ready")
        assert second.endswith("INFO ivr.serving.controller [-] of no call")
