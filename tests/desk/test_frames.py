import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.frames import FRAME_LIMIT, Frames, NotAsterisk, parse

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
STATUS = "Event: QueueMemberStatus\r\nQueue: 客服队列一号\r\nPausedReason: \r\n\r\n".encode()
STATUS_READ = {"Event": "QueueMemberStatus", "Queue": "客服队列一号", "PausedReason": ""}


def greeted() -> Frames:
    frames = Frames()
    assert frames.receive(GREETING) == []
    assert frames.version == "11.0.0"
    return frames


@pytest.mark.parametrize("cut", range(len(GREETING + STATUS * 2) + 1))
def test_a_cut_at_any_byte_loses_nothing(cut: int) -> None:
    whole = GREETING + STATUS * 2
    frames = Frames()
    assert frames.receive(whole[:cut]) + frames.receive(whole[cut:]) == [STATUS_READ] * 2
    assert frames.distrusted == 0


def test_byte_by_byte_reads_the_same() -> None:
    frames = Frames()
    read = [frame for byte in GREETING + STATUS for frame in frames.receive(bytes([byte]))]
    assert read == [STATUS_READ]


def test_spare_line_ends_between_frames_are_no_frames() -> None:
    frames = greeted()
    assert frames.receive(b"\r\n" + STATUS + b"\r\n\r\n" + STATUS) == [STATUS_READ] * 2
    assert frames.distrusted == 0


@pytest.mark.parametrize(
    "forged",
    [
        b"Event: Newchannel\r\nCallerIDNum: 1\r\nUniqueid: 9\r\nCallerIDNum: 2\r\n\r\n",
        b"Event: Newchannel\r\nuniqueid: 1\r\nUniqueid: 2\r\n\r\n",
        b"Event: Newchannel\r\nEvent: QueueCallerJoin\r\n\r\n",
        b"CallerIDName: x\r\nUniqueid: 9\r\n\r\n",
        b"Queue: front_desk\r\nEvent: QueueCallerJoin\r\n\r\n",
        b"Event: Newchannel\r\nCallerIDNum: 1\nQueue: a\r\n\r\n",
        b"Event: Newchannel\r\nCallerIDNum: 1\rQueue: a\r\n\r\n",
        b"Event: Newchannel\r\nCallerIDNum: 1\0\r\n\r\n",
        b"Event: Newchannel\r\nno key here\r\n\r\n",
        b"Event: Newchannel\r\n: no key\r\n\r\n",
        b"Event: " + b"x" * 8192 + b"\r\n\r\n",
        b"Event: x\r\n" + b"".join(b"K%d: v\r\n" % i for i in range(200)) + b"\r\n",
    ],
)
def test_a_frame_asterisk_would_not_write_is_dropped_and_the_next_is_read(forged: bytes) -> None:
    frames = greeted()
    assert frames.receive(forged + STATUS) == [STATUS_READ]
    assert frames.distrusted == 1


def test_headers_asterisk_repeats_are_joined() -> None:
    raw = (
        b"Response: Success\r\nOutput: one\r\nOutput: two\r\nChanVariable: a=1\r\nChanVariable: b=2"
    )
    assert parse(raw) == {"Response": "Success", "Output": "one\ntwo", "ChanVariable": "a=1\nb=2"}


def test_bytes_that_are_no_utf_8_cost_no_event() -> None:
    [frame] = greeted().receive("Event: QueueCallerJoin\r\nName: 张\r\n\r\n".encode("gbk"))
    assert frame["Event"] == "QueueCallerJoin"
    assert "\N{REPLACEMENT CHARACTER}" in frame["Name"]


def test_a_frame_that_never_ends_is_skipped_in_bounded_room() -> None:
    frames = greeted()
    for _ in range(200):
        assert frames.receive(b"Event: x\r\nKey: " + b"y" * 10_000) == []
        assert len(frames._buffer) <= FRAME_LIMIT
    assert frames.receive(b"\r\n\r\n" + STATUS) == [STATUS_READ]
    assert frames.distrusted == 1


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH\r\n", b"\r\n", b"Ast\r\n", b"x" * 1000])
def test_a_stranger_is_told_by_its_greeting(banner: bytes) -> None:
    with pytest.raises(NotAsterisk, match="the peer greets with"):
        Frames().receive(banner)


def test_a_greeting_that_never_ends_is_a_stranger() -> None:
    with pytest.raises(NotAsterisk):
        Frames().receive(GREETING.rstrip() + b"1" * 1000)


@given(st.lists(st.binary(max_size=200)), st.data())
def test_no_bytes_raise_and_cuts_make_no_difference(
    parts: list[bytes], data: st.DataObject
) -> None:
    whole = b"\r\n\r\n".join(parts) + b"\r\n\r\n"
    at_once = greeted()
    expected = at_once.receive(whole)
    cut = data.draw(st.integers(0, len(whole)))
    in_two = greeted()
    assert in_two.receive(whole[:cut]) + in_two.receive(whole[cut:]) == expected
    assert in_two.distrusted == at_once.distrusted


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Event", "Response", "Queue", "queue", "Output", "", " ", "键"]),
            st.text(alphabet="ab: \r\n\0客", max_size=8),
        ),
        max_size=8,
    )
)
def test_what_is_trusted_has_each_header_once_and_no_line_break(
    pairs: list[tuple[str, str]],
) -> None:
    raw = "\r\n".join(f"{key}: {value}" for key, value in pairs).encode()
    frame = parse(raw)
    if frame is not None:
        assert next(iter(frame)) in ("Event", "Response")
        assert len({key.lower() for key in frame}) == len(frame)
        assert not any(
            char in value for key, value in frame.items() if key != "Output" for char in "\r\n\0"
        )
