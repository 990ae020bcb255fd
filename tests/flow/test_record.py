"""The logbook of one call and the record it becomes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from ivr.flow.logbook import MOST_ENTRIES, Logbook
from ivr.flow.record import ID_FORMAT, LONGEST_CALL, CallRecord
from tests.records.given import a_record

START = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def logbook(id: str = "1.2", caller: str = "13800138000") -> Logbook:
    return Logbook(a_record(id, START, caller=caller, language=""))


def test_a_call_is_told_from_its_first_node_to_its_end() -> None:
    book = logbook()
    book.entered("welcome", after(0))
    book.heard("欢迎", began=after(0.1), ended=after(2), prompt="welcome", language="cmn", cut_at=1)
    book.key("2", after(2))
    book.language = "yue"
    book.entered("menu", after(2.5))
    book.speed = "90%"
    book.heard("查詢餘額請按一", began=after(2.6), ended=after(4))
    record = book.closed("hung up by caller", "the caller hung up", after(5))

    assert [(step.node, step.entered, step.left) for step in record.path] == [
        ("welcome", after(0), after(2.5)),
        ("menu", after(2.5), after(5)),
    ]
    assert [(key.key, key.at, key.node) for key in record.keys] == [("2", after(2), "welcome")]
    first, second = record.heard
    assert (first.from_ms, first.to_ms, first.finished, first.cut_at) == (100, 2000, False, 1)
    assert (first.language, first.speed, first.node) == ("cmn", "100%", "welcome")
    assert (second.prompt, second.finished, second.cut_at) == (None, True, None)
    assert (second.language, second.speed, second.node) == ("yue", "90%", "menu")
    assert (record.language, record.speed, record.ended) == ("yue", "90%", after(5))
    assert (record.outcome, record.why) == ("hung up by caller", "the caller hung up")


def test_a_call_that_lasts_has_no_end_and_is_still_at_its_node() -> None:
    book = logbook()
    book.entered("welcome", after(1))
    record = book.so_far()
    assert (record.ended, record.path[0].left, book.node) == (None, None, "welcome")


def test_a_node_once_left_is_not_left_again() -> None:
    book = logbook()
    book.left(after(0))
    book.entered("welcome", after(1))
    book.left(after(2))
    record = book.closed("failed", "", after(9))
    assert [step.left for step in record.path] == [after(2)]
    assert book.node == ""


def test_a_secret_key_is_nowhere_in_the_record() -> None:
    book = logbook(caller="")
    book.entered("pin", after(0))
    book.key("7", after(1), secret=True)
    record = book.closed("answered", "", after(2))
    assert [(key.key, key.node) for key in record.keys] == [("•", "pin")]
    assert "7" not in record.model_dump_json()


def test_a_record_reads_back_what_its_json_says() -> None:
    book = logbook()
    book.entered("welcome", after(0))
    book.heard("欢迎", began=after(0), ended=after(1))
    record = book.closed("answered", "", after(3))
    as_json = record.model_dump_json(by_alias=True)
    assert '"from":0,"to":1000' in as_json
    assert CallRecord.model_validate_json(as_json) == record


def test_times_become_utc_and_naive_ones_are_refused() -> None:
    assert logbook().so_far().started == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert logbook().so_far().started.tzinfo is UTC
    with pytest.raises(ValidationError, match="timezone"):
        logbook().entered("welcome", datetime(2026, 11, 22))


def test_a_moment_before_the_call_counts_as_its_beginning() -> None:
    book = logbook()
    book.heard("x", began=after(-1), ended=after(0.5))
    assert (book.so_far().heard[0].from_ms, book.so_far().heard[0].to_ms) == (0, 500)


@pytest.mark.parametrize(
    ("caller", "kept"),
    [
        ("<script>\"';${x}", "<script>\"';${x}"),
        ("a\x00b\r\nc\x1b[31m", "a�b��c�[31m"),
        ("\u202e0001", "�0001"),
        ("\udce4", "�"),
        ("王小姐😀", "王小姐😀"),
        ("9" * 5000, "9" * 1999 + "…"),
        ("9" * 2000, "9" * 2000),
    ],
)
def test_no_caller_id_makes_a_record_impossible(caller: str, kept: str) -> None:
    record = logbook(caller=caller).closed("hung up by caller", caller, after(1))
    assert (record.caller, record.why) == (kept, kept)
    record.model_dump_json().encode("utf-8")


@pytest.mark.parametrize("id", ["", "../etc", "a" * 300, "x\n", "号码", "a b"])
def test_an_id_always_fits_where_ids_go(id: str) -> None:
    assert ID_FORMAT.fullmatch(logbook(id=id).so_far().id)


def test_an_ordinary_id_stays_as_it_is() -> None:
    assert logbook(id="ivr-1_a.2").so_far().id == "ivr-1_a.2"


def test_a_key_held_for_a_day_fills_no_memory() -> None:
    book = logbook()
    for press in range(MOST_ENTRIES + 5):
        book.key("1", after(press))
    keys = book.so_far().keys
    assert len(keys) == MOST_ENTRIES and keys[-1].at == after(MOST_ENTRIES + 4)


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        logbook().so_far().outcome = "other"


def test_a_record_older_than_what_it_tells_reads_back() -> None:
    old = logbook().closed("finished", "", after(1)).model_dump_json(exclude={"asked", "recalled"})
    record = CallRecord.model_validate_json(old)
    assert (record.asked, record.recalled) == (None, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("from", -1), ("to", 10**12), ("to", 10**400), ("started", "0001-01-01T00:00:00+14:00")],
)
def test_a_record_with_times_that_no_call_has_is_refused(field: str, value: object) -> None:
    book = logbook()
    book.heard("欢迎", began=after(0), ended=after(2), prompt="welcome", language="cmn")
    written = book.closed("finished", "", after(3)).model_dump(mode="json", by_alias=True)
    CallRecord.model_validate(written)
    (written if field == "started" else written["heard"][0])[field] = value
    with pytest.raises(ValidationError):
        CallRecord.model_validate(written)


def test_a_clock_that_is_set_in_the_middle_of_a_call_loses_no_record() -> None:
    book = logbook()
    book.heard("欢迎", began=START - timedelta(days=9), ended=START + timedelta(days=9999))
    (heard,) = book.closed("finished", "", after(3)).heard
    assert (heard.from_ms, heard.to_ms) == (0, LONGEST_CALL)
