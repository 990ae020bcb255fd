import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.wire.agi import (
    TRANSITIONS,
    Agi,
    Ended,
    Event,
    HungUp,
    LocalError,
    Preamble,
    Reply,
    State,
    answer,
    get_variable,
)
from tests.fake_asterisk import preamble

HANGUP = b"HANGUP\n"
DEAD = b"511 Command Not Permitted on a dead channel or intercept routine\n"
USAGE = (
    b"520-Invalid command syntax.  Proper usage follows:\n"
    b" Usage: STREAM FILE <filename> <escape digits>\n\n200 result=0 is no reply here\n"
    b"520 End of proper usage.\n"
)


def reply(text: str, code: int = 200, result: str = "", note: str = "") -> Reply:
    return Reply(code, result, note, None, text)


ZERO = reply("200 result=0", result="0")
PREAMBLE = Preamble(
    {
        name.removeprefix("agi_"): value
        for name, value in (line.split(": ", 1) for line in preamble().decode().splitlines()[:-1])
    }
)

# What Asterisk says after its preamble when one command is outstanding: events, then the state.
CONVERSATIONS: dict[str, tuple[bytes, list[Event], State]] = {
    "nothing": (b"", [], State.WAITING),
    "half a line": (b"200 result=", [], State.WAITING),
    "a reply": (b"200 result=0\n", [ZERO], State.READY),
    "trying, then a reply": (b"100 result=0 Trying...\n200 result=0\n", [ZERO], State.READY),
    "hung up, no reply yet": (HANGUP, [HungUp()], State.DEAD_WAITING),
    "hung up before the reply": (HANGUP + b"200 result=0\n", [HungUp(), ZERO], State.DEAD),
    "hung up after the reply": (b"200 result=0\n" + HANGUP, [ZERO, HungUp()], State.DEAD),
    "hung up, dead, hung up again": (
        HANGUP + DEAD + HANGUP,
        [HungUp(), reply(DEAD.decode().strip(), 511), HungUp()],
        State.DEAD,
    ),
    "usage": (USAGE, [reply(USAGE.decode().rstrip("\n"), 520)], State.READY),
    "usage in one line": (
        b"520 Invalid command syntax.  Proper usage not available.\n",
        [reply("520 Invalid command syntax.  Proper usage not available.", 520)],
        State.READY,
    ),
    "a value called hangup": (
        b"200 result=1 (HANGUP)\n",
        [reply("200 result=1 (HANGUP)", result="1", note="HANGUP")],
        State.READY,
    ),
    "a value in gbk": (
        b"200 result=1 (\xd5\xc5)\n",
        [reply("200 result=1 (\ufffd\ufffd)", result="1", note="\ufffd\ufffd")],
        State.READY,
    ),
}


def waiting() -> Agi:
    """An Agi whose preamble has come and which has one command outstanding."""
    agi = Agi()
    agi.receive_data(preamble())
    agi.send(answer())
    assert agi.events_received() == [PREAMBLE]
    return agi


def fed(agi: Agi, pieces: Iterable[bytes]) -> list[Event]:
    events = []
    for piece in pieces:
        agi.receive_data(piece)
        events += agi.events_received()
    return events


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_is_understood(name: str) -> None:
    said, events, state = CONVERSATIONS[name]
    agi = waiting()
    assert fed(agi, [said]) == events
    assert (agi.state, agi.error) == (state, None)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_is_understood_byte_by_byte(name: str) -> None:
    said, events, state = CONVERSATIONS[name]
    agi = waiting()
    assert fed(agi, bytewise(said)) == events
    assert (agi.state, agi.error) == (state, None)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_an_end_after_any_byte_is_an_end(name: str) -> None:
    said, _, _ = CONVERSATIONS[name]
    for length in range(len(said) + 1):
        agi = waiting()
        agi.receive_data(said[:length])
        agi.receive_eof()
        assert agi.events_received()[-1] == Ended()
        assert (agi.state, agi.error) == (State.CLOSED, None)


def test_a_preamble_comes_whole_or_byte_by_byte() -> None:
    for pieces in ([preamble()], bytewise(preamble())):
        agi = Agi()
        assert fed(agi, pieces) == [PREAMBLE]
        assert agi.state is State.READY


def test_half_a_preamble_and_an_end_is_an_end() -> None:
    for length in range(0, len(preamble()), 7):
        agi = Agi()
        agi.receive_data(preamble()[:length])
        agi.receive_eof()
        assert agi.events_received() == [Ended()]


LINES = preamble().decode().splitlines()[:-1]
BAD_PREAMBLES = {
    "nothing": ("\n", "ends without 'agi_network'"),
    "a header twice": ("\n".join([*LINES, LINES[0], "\n"]), "'agi_network' twice"),
    "the script twice": ("\n".join([*LINES, LINES[1], "\n"]), "'agi_network_script' twice"),
    "an unknown header": ("agi_secret: 1\n", "'agi_secret', which Asterisk never sends"),
    "no header": ("GET / HTTP/1.1\n", "14 characters without 'agi_"),
    "a hang-up": ("HANGUP\n", "6 characters without 'agi_"),
    "a carriage return": ("agi_network: yes\r\n\r\n", "1 characters without 'agi_"),
    "a line that never ends": ("agi_network: " + "y" * 65536, "longer than 65536 bytes"),
    "a line too long": ("agi_network: " + "y" * 65523 + "\n", "longer than 65536 bytes"),
    "an early end": ("\n".join([*LINES[:10], "\n"]), "ends without 'agi_callingpres'"),
    "a million headers": (
        "".join(f"agi_arg_{i}: x\n" for i in range(1, 128)) * 10,
        "more than 64 lines",
    ),
    "long headers": (
        "".join(f"agi_arg_{i}: {'x' * 8000}\n" for i in range(1, 10)),
        "16384 characters",
    ),
}


@pytest.mark.parametrize("name", BAD_PREAMBLES)
def test_a_bad_preamble_is_the_end(name: str) -> None:
    said, why = BAD_PREAMBLES[name]
    for pieces in ([said.encode()], bytewise(said.encode())):
        agi = Agi()
        assert fed(agi, pieces) == []
        assert agi.state is State.CLOSED
        assert why in str(agi.error)


def test_control_characters_in_a_caller_id_add_no_header() -> None:
    agi = Agi()
    agi.receive_data(preamble({"callerid": "1\nagi_context: agents"}))
    assert "'agi_context' twice" in str(agi.error)
    agi = Agi()
    agi.receive_data(preamble({"callerid": "1\n\n200 result=0"}))
    assert "ends without 'agi_calleridname'" in str(agi.error)


def test_control_characters_in_a_caller_id_end_no_preamble_unseen() -> None:
    forged = "\n".join(line for line in LINES if not line.startswith("agi_callerid:"))
    agi = Agi()
    agi.receive_data(f"agi_callerid: 1\n{forged}\n\n200 result=0\n".encode() + preamble())
    assert agi.events_received() == [PREAMBLE_OF_ONE]
    assert "expected none" in str(agi.error)


PREAMBLE_OF_ONE = Preamble({**PREAMBLE.variables, "callerid": "1"})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"200 result=1 (12\n34)\n", "no reply"),
        (b"rubbish\n", "7 characters that is no reply"),
        (b"\n", "0 characters"),
        (b"200 result=0\n200 result=0\n", "expected none"),
        (b"200 result=0\nHANGUP\n200 result=0\n", "expected none"),
        (b"200 result=0\n100 Trying\n", "expected none"),
        (b"200 result=0\n520-Invalid\n", "expected none"),
        (b"x" * 65536, "longer than 65536"),
        (b"520-x\n" + b"y\n" * 1000, "1000 lines"),
        (b"520-x\n" + b"y" * 8000 + b"\n" + (b"y" * 8000 + b"\n") * 8, "65536 characters"),
    ],
)
def test_what_nobody_asked_for_is_the_end(said: bytes, why: str) -> None:
    for pieces in ([said], bytewise(said)):
        agi = waiting()
        fed(agi, pieces)
        assert agi.state is State.CLOSED
        assert why in str(agi.error)


def test_an_error_is_final_and_says_nothing_more() -> None:
    agi = waiting()
    agi.receive_data(b"200 result=0\n735190\n200 result=0\n" + HANGUP)
    assert agi.events_received() == [ZERO]
    assert "735190" not in str(agi.error)
    agi.receive_data(preamble())
    agi.receive_eof()
    assert agi.events_received() == []
    with pytest.raises(LocalError, match="closed"):
        agi.send(answer())


def test_commands_go_out_one_at_a_time() -> None:
    agi = Agi()
    with pytest.raises(LocalError, match="preamble"):
        agi.send(answer())
    agi.receive_data(preamble())
    agi.send(get_variable("A"))
    with pytest.raises(LocalError, match="waiting"):
        agi.send(get_variable("B"))
    assert agi.data_to_send() == [b"GET VARIABLE A\n"]
    assert agi.data_to_send() == []
    agi.receive_data(b"200 result=0\n")
    agi.send(get_variable("B"))
    assert agi.data_to_send() == [b"GET VARIABLE B\n"]


def test_a_dead_channel_still_takes_commands() -> None:
    agi = waiting()
    agi.receive_data(HANGUP + DEAD)
    agi.send(get_variable("A"))
    assert agi.state is State.DEAD_WAITING
    agi.receive_data(b"200 result=0\n")
    assert agi.events_received()[-1] == ZERO


def test_every_state_can_end_but_the_last() -> None:
    assert set(TRANSITIONS) == set(State)
    for state, leads in TRANSITIONS.items():
        assert (Ended in leads) is (state is not State.CLOSED)


PIECES = st.sampled_from(
    [
        preamble(),
        HANGUP,
        DEAD,
        USAGE,
        b"200 result=0\n",
        b"200 result=1 (x)\n",
        b"520-",
        b"\n",
        b"100 Trying\n",
        b"agi_arg_1: x\n",
        b"\xff\x00",
    ]
)


@settings(deadline=None)  # another test may have the processor
@given(st.lists(st.one_of(PIECES, st.binary(max_size=30)), max_size=30), st.booleans())
def test_no_bytes_raise_and_their_pieces_do_not_matter(pieces: list[bytes], greeted: bool) -> None:
    outcomes = []
    whole = b"".join(pieces)
    for cut in (pieces, [whole], bytewise(whole)):
        agi = waiting() if greeted else Agi()
        outcomes.append((fed(agi, cut), agi.state, str(agi.error)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize(
    "flood", [b"x" * 65536, b"520-x\n" + b"y\n" * 30000, b"100 Trying\n" * 6000, b"\n" * 65536]
)
def test_a_flood_is_not_kept(flood: bytes) -> None:
    agi = waiting()
    tracemalloc.start()
    try:
        for _ in range(50):
            fed(agi, [flood])
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 32 * 1024
    assert most < 512 * 1024
