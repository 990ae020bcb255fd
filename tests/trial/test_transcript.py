from dataclasses import replace

import pytest

from ivr.flow.record import CallRecord
from ivr.trial import transcript
from ivr.trial.transcript import Event, Transcript
from tests.trial.scenes import AFTERWARDS, BALANCE, play, project


def of(*does: str, given: str = "billing.balance: {any: {balance: 123.45}}") -> Transcript:
    return transcript.of(play(*does, given=given).record, project())


def test_a_call_is_told_in_the_order_it_happened() -> None:
    assert [(event.node, str(event)) for event in of("1", "*", "0").events] == [
        ("menu", "♪ cmn 100% 请按一。"),
        ("menu", "⌨ 1"),
        ("tell", "♪ cmn 100% 余额一百二十三元四角五分"),
        ("tell", "⌨ *"),
        ("tell", "♪ cmn 90% 五分"),
        ("tell", "⌨ 0"),
        ("agent", "→ queue desk"),
        ("", "■ answered: the flow ended the call; served by 1001"),
    ]


def test_keys_typed_one_after_the_other_are_one_event() -> None:
    keys = [event.what for event in of("2", "1380013", "8000", "hangup").events]
    assert "13800138000" in keys


@pytest.mark.parametrize(
    ("does", "given", "queue"),
    [
        (["3"], "{}", "desk"),
        (["3"], "agents: {desk: nobody}", ""),
        (["3", "hangup after 5s"], "agents: {desk: unanswered}", "desk"),
        (["-", "-", "-"], "{}", ""),
    ],
)
def test_she_ends_where_she_spoke_with_somebody_or_waits(
    does: list[str], given: str, queue: str
) -> None:
    assert of(*does, given=given).queue == queue


@pytest.mark.parametrize(("given", "dial"), [("{}", "1001"), ("dials: {'1001': busy}", "")])
def test_a_number_that_was_rung_is_told_and_who_answered_is_where_she_ends(
    given: str, dial: str
) -> None:
    queue = "{queue: desk, longest: 60s, answered: bye, unanswered: message}"
    ring = "{dial: '1001', busy: message, unanswered: message, failed: message}"
    flow = BALANCE.replace(queue, ring)
    script = transcript.of(play("3", given=given, flow=flow).record, project(flow))
    assert script.dial == dial and "→ dial 1001" in map(str, script.events)


def test_a_text_message_and_a_call_back_are_told() -> None:
    loaded = project(AFTERWARDS)
    script = transcript.of(play("1", flow=AFTERWARDS).record, loaded)
    shown = [str(event) for event in script.events]
    assert "→ text message hello" in shown and "→ call back desk" in shown


def test_a_stored_record_gives_the_same_transcript() -> None:
    record = play("1", "*", "0").record
    stored = CallRecord.model_validate_json(record.model_dump_json(by_alias=True))
    assert transcript.of(stored, project()) == transcript.of(record, project())


def test_two_calls_agree_whenever_things_happened_and_however_far_they_were_heard() -> None:
    ours = of("1", "*", "0")
    later = [replace(event, at=event.at * 1.3 + 1) for event in ours.events]
    later[2] = replace(later[2], what="余额一百二十三元四角")
    assert not transcript.differences(ours, replace(ours, events=tuple(later)))


@pytest.mark.parametrize(
    "other", [{"language": "yue"}, {"speed": "75%"}, {"prompt": "ask"}, {"what": "余额三元"}]
)
def test_other_words_in_another_manner_are_a_difference(other: dict[str, str]) -> None:
    ours = of("1", "*", "0")
    events = [replace(e, **other) if e.prompt == "owed" else e for e in ours.events]  # type: ignore[arg-type]
    assert transcript.differences(ours, replace(ours, events=tuple(events)))


def test_which_agent_answered_is_no_difference() -> None:
    ours = of("3", given="agents: {desk: 1001 answers}")
    assert not transcript.differences(ours, of("3", given="agents: {desk: 1002 answers}"))
    assert transcript.differences(ours, of("3", given="agents: {desk: nobody}"))


def test_one_event_too_many_is_the_only_difference() -> None:
    ours = of("1", "*", "0")
    more = Event("said", 1.0, "menu", "什么？", "what", "cmn", "100%")
    theirs = replace(ours, events=(ours.events[0], more, *ours.events[1:]))
    assert transcript.differences(ours, theirs) == [(None, more)]


def test_both_calls_are_shown_with_a_mark_at_each_difference() -> None:
    ours = of("1", "0")
    theirs = replace(ours, events=ours.events[:1] + ours.events[2:])
    shown = transcript.side_by_side(ours, theirs).splitlines()
    marked = [line for line in shown if line.startswith(">>>")]
    assert len(shown) == len(ours.events) and len(marked) == 1 and "⌨ 1" in marked[0]
