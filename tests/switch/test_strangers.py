"""Who is shut out: by wrong answers soon, by mere questions late, and for how long."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.switch import strangers
from ivr.switch.strangers import Event, Kept, Strangers, read

HOME = [ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv4Network("192.0.2.1")]
HEAD = "[2026-11-30 03:00:00.123] SECURITY[7] res_security_log.c: "


def line(event: str, call: str = "x", address: str = "198.51.100.9", behind: str = "") -> str:
    """Write what Asterisk 22 writes."""
    return (
        f'{HEAD}SecurityEvent="{event}",EventTV="2026-11-30T03:00:00.123+0000",'
        f'Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="{call}",'
        f'LocalAddress="IPV4/UDP/203.0.113.1/5060",RemoteAddress="IPV4/UDP/{address}/5070",'
        f'Challenge="1795000000/ab"{behind}'
    )


class Door:
    """Strangers, with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0
        self.strangers = Strangers(HOME, Kept(), lambda: self.now)

    def hear(self, kind: strangers.Kind, times: int = 1, address: str = "198.51.100.9") -> bool:
        news = [self.strangers.hear(Event(kind, address)) for _ in range(times)]
        return any(news)

    def ban(self) -> float:
        """Let her guess until she is banned; return for how long."""
        assert self.hear("wrong", strangers.WRONG_ANSWERS)
        end = self.strangers.next_end()
        assert end is not None
        return end - self.now


def test_the_fifth_wrong_answer_shuts_her_out() -> None:
    door = Door()
    assert not door.hear("wrong", 4)
    assert door.strangers.banned() == []
    assert door.hear("wrong")
    assert door.strangers.banned() == ["198.51.100.9"]
    assert not door.hear("wrong", 20)  # what had come before the gate was shut


def test_wrong_answers_over_a_long_time_are_forgiven() -> None:
    door = Door()
    for _ in range(20):
        assert not door.hear("wrong")
        door.now += strangers.WINDOW_SECONDS / 4 + 1


def test_who_proves_herself_begins_anew() -> None:
    door = Door()
    for _ in range(5):
        door.hear("wrong", 4)
        door.hear("proved")
    assert door.strangers.banned() == [] and door.strangers.known() == ["198.51.100.9"]


def test_each_ban_is_twice_as_long_and_a_day_the_longest() -> None:
    door, lengths = Door(), []
    for _ in range(10):
        lengths.append(door.ban())
        door.now += lengths[-1] + 1
        assert door.strangers.banned() == []
    assert lengths[:4] == [600, 1200, 2400, 4800]
    assert lengths[-1] == strangers.LONGEST_BAN_SECONDS
    door.now += strangers.LONGEST_BAN_SECONDS + 1
    assert door.ban() == 600


def test_questions_alone_shut_out_late_and_never_who_is_known() -> None:
    door = Door()
    assert not door.hear("asked", strangers.QUESTIONS - 1)
    assert door.hear("asked")
    door.hear("proved", address="198.51.100.7")
    assert not door.hear("asked", 1000, address="198.51.100.7")


def test_where_callers_come_from_nobody_is_shut_out() -> None:
    door = Door()
    for address in ("127.0.0.9", "192.0.2.1"):
        assert not door.hear("wrong", 100, address)
        assert not door.hear("proved", address=address)
    assert door.strangers.banned() == [] and door.strangers.known() == []


def test_who_has_not_logged_in_for_a_day_is_unknown() -> None:
    door = Door()
    assert door.hear("proved")
    assert not door.hear("proved")
    door.now += strangers.KNOWN_SECONDS + 1
    assert door.strangers.known() == []
    assert door.hear("proved")


def test_many_strangers_cost_little_room() -> None:
    door = Door()
    for number in range(strangers.MOST_COUNTED + 500):
        door.hear("wrong", strangers.WRONG_ANSWERS, str(ipaddress.IPv4Address(number)))
        door.hear("wrong", 1, str(ipaddress.IPv4Address(2**31 + number)))
    assert len(door.strangers.banned()) == strangers.MOST
    assert len(door.strangers.kept.bans) == strangers.MOST_COUNTED


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("ChallengeSent", "asked"),
        ("ChallengeResponseFailed", "wrong"),
        ("SuccessfulAuth", "proved"),
    ],
)
def test_what_the_switch_writes_is_read(event: str, kind: strangers.Kind) -> None:
    assert read(line(event)) == Event(kind, "198.51.100.9")


def test_other_lines_are_nobodys() -> None:
    assert read(line("InvalidAccountID")) is None
    assert read(line("ChallengeSent").replace("PJSIP", "AMI")) is None
    assert read("") is None and read("SecurityEvent") is None
    assert read(line("ChallengeSent")[:200]) is None


OTHER = 'LocalAddress="IPV4/UDP/203.0.113.1/5060",RemoteAddress="IPV4/UDP/203.0.113.77/1'


def test_what_a_sender_chooses_shuts_out_nobody_else() -> None:
    forged = line("ChallengeSent", call=f'x",{OTHER}')
    assert read(forged) == Event("asked", "198.51.100.9")
    within = OTHER.replace('"', '\\"')
    assert read(line("ChallengeResponseFailed", behind=f',Response="\\",{within}"')) == Event(
        "wrong", "198.51.100.9"
    )


@given(st.text())
def test_whatever_a_call_id_is_its_sender_is_found(call: str) -> None:
    call = call.replace("\n", "").replace("\r", "")
    assert read(line("ChallengeSent", call=call)) == Event("asked", "198.51.100.9")
