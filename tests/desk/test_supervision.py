import pytest

from ivr.desk.supervision import CODES, KEYS, OPTIONS, WAYS, Talk, channels, code, dialled, talk


@pytest.mark.parametrize(
    ("pressed", "found"),
    [
        ("*311001", ("listen", "1001")),
        ("*3210", ("whisper", "10")),
        ("*3312345678", ("barge", "12345678")),
        ("*31", None),
        ("*311", None),
        ("*31123456789", None),
        ("*341001", None),
        ("*31100a", None),
        ("311001", None),
        ("*311001\n", None),
    ],
)
def test_a_code_names_a_way_and_an_agent(pressed: str, found: tuple[str, str] | None) -> None:
    assert dialled(pressed) == found


def test_every_way_has_a_code_a_key_and_its_options() -> None:
    assert set(CODES.values()) == set(KEYS.values()) == set(OPTIONS) == set(WAYS)
    for way in WAYS:
        assert dialled(code(way, "1001")) == (way, "1001")


def test_only_what_is_an_agents_channel_is_spied_on() -> None:
    listed = "PJSIP/1001-0000002a PJSIP/10011-00000001 Local/1001@x-1;1 PJSIP/1001-1,B PJSIP/1001-"
    assert channels(listed, "1001") == ["PJSIP/1001-0000002a"]
    assert channels("", "1001") == []


def test_of_two_lines_the_one_with_a_caller_is_her_conversation() -> None:
    names = ["PJSIP/1001-01", "PJSIP/1001-02", "PJSIP/1001-03"]
    ringing, private = ("", "1764047000.3", "1"), ("PJSIP/1002-04", "", "")
    caller = ("PJSIP/callers-05", "1764047000.12-2", "17640470005")
    assert talk(names, [ringing, private, caller]) == Talk("PJSIP/1001-03", "1764047000.12-2")
    assert talk(names[:2], [ringing, private]) is None
    assert talk([], []) is None


def test_one_who_was_called_back_is_a_caller_and_a_colleague_who_is_asked_is_none() -> None:
    names = ["PJSIP/1001-01"]
    called = ("Local/0af3@standing-in-00000002;1", "", "17640470005")
    assert talk(names, [called]) == Talk("PJSIP/1001-01", "")
    assert talk(names, [("PJSIP/trunk-00000002", "", "17640470005")])
    assert talk(names, [("PJSIP/1002-00000002", "", "17640470005")]) is None


@pytest.mark.parametrize("call", ["a b", "x|y", "1.2\n", "é", "1" * 101])
def test_a_call_that_is_no_records_name_is_none_of_ours(call: str) -> None:
    assert talk(["PJSIP/1001-01"], [("PJSIP/callers-05", call, "")]) is None
