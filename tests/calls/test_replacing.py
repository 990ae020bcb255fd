"""Nobody takes a call over by naming it: an INVITE with Replaces is refused, whoever sends it."""

import asyncio
import contextlib
import re
import urllib.request

import pytest

from tests.calls.hotline import Hotline, new_number
from tests.switch.rawsip import Message, Peer, proof

# In each way a header may be written; {} is the call.
WAYS = {
    "as is usual": ("Replaces: {}",),
    "in other letters": ("rEPLACES: {}",),
    "spaced and folded": ("REPLACES \t:\r\n {}",),
    "only while it rings": ("Replaces: {};early-only",),
    "wanted": ("Require: replaces", "Replaces: {}"),
    "with more": ("Replaces: {};x=y;z",),
    "twice": ("Replaces: {}", "Replaces: {}"),
    "behind another": ("Replaces: a@b;to-tag=1;from-tag=2", "Replaces: {}"),
    "as long as is heard": ("Replaces: {};x=" + "a" * 3200,),
    "of a call there is not": ("Replaces: a@b;to-tag=1;from-tag=2",),
}


async def test_who_knows_a_call_by_name_does_not_take_it_over(hotline: Hotline) -> None:
    await asyncio.to_thread(_take_over, hotline)


def _take_over(hotline: Hotline) -> None:
    port = hotline.ports["sip"]
    with contextlib.closing(Peer(port, new_number())) as caller:
        answer = caller.invite("10086")
        assert answer.status == 200
        call = caller.named(answer)
        found = {}
        for way, headers in WAYS.items():
            with contextlib.closing(Peer(port, new_number())) as other:
                found[way] = other.invite("10086", *(line.format(call) for line in headers)).status
        # One that is longer than Asterisk looks at does not come that far, which operators see.
        before = _dropped(hotline)
        with contextlib.closing(Peer(port, new_number())) as other:
            other.request("INVITE", "10086", f"Replaces: {call};x={'a' * 5000}")
            with pytest.raises(AssertionError, match="in vain"):
                other.answer("INVITE", 1.0)
        assert _dropped(hotline) > before
        with contextlib.closing(Peer(port, "1003")) as agent:
            found["by an agent"] = _with_password(agent, f"Replaces: {call}", hotline).status
        assert found == dict.fromkeys(found, 401)
        assert len(found) == len(WAYS) + 1
        # Hers goes on.
        with pytest.raises(AssertionError, match="in vain"):
            caller.asked("BYE", 0.1)
        caller.request("BYE", "10086", ack=answer.headers["to"])
        assert caller.answer("BYE").status == 200


def _dropped(hotline: Hotline) -> float:
    """Return how many datagrams the kernel has dropped, as Prometheus is told."""
    with urllib.request.urlopen(f"http://127.0.0.1:{hotline.ports['http']}/metrics") as answer:
        (line,) = re.findall(rb"(?m)^ivr_sip_datagrams_dropped_total (.*)$", answer.read())
    return float(line)


def _with_password(agent: Peer, header: str, hotline: Hotline) -> Message:
    """Call as she who knows the password."""
    challenge = agent.invite("10086", header).headers["www-authenticate"]
    uri = f"sip:10086@127.0.0.1:{hotline.ports['sip']}"
    said = proof(challenge, "INVITE", uri, agent.user, hotline.password(agent.user))
    return agent.invite("10086", header, f"Authorization: {said}")
