"""The SIP stack in a process of its own: `python -m ivr.phone.softphone` (see wire.py).

The first line of input describes the phone; the end of the input ends the calls and the
process, so that nothing is left when the parent is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from typing import Any, TextIO

import pjsua2 as pj

from ivr.phone import sip, stack
from ivr.phone.leg import Leg
from ivr.phone.wire import Field

_POLL_MILLISECONDS = 5
_FAREWELL_SECONDS = 1.2
_RINGING = 180
_OK = 200

Order = dict[str, Any]


class Softphone(pj.Account):  # type: ignore[misc]  # pjsua2 is untyped
    """One SIP account, its calls, and the events it prints on `out`."""

    def __init__(self, settings: Order, out: TextIO) -> None:
        """Bind a free port and begin to register if wished; raises pj.Error, LookupError."""
        super().__init__()
        self._out = out
        self._legs: dict[int, Leg] = {}
        self._calls_so_far = 0
        self._settings = settings
        self._registers = settings["registrar"] is not None
        self._awaits_registrar = self._registers
        self._endpoint, self.address = stack.endpoint(settings)
        domain = settings["registrar"] or self.address
        self._sender = stack.address(settings["number"], settings["display_name"], domain)
        self.create(stack.account(settings, domain))

    def emit(self, event: str, **fields: Field) -> None:
        """Print an event with the time it happened."""
        line = json.dumps({"event": event, "at": time.monotonic(), **fields})
        with contextlib.suppress(BrokenPipeError):  # the parent was killed; we end soon
            print(line, file=self._out)

    def poll(self) -> None:
        """Let SIP do what is due; called again and again by the main loop."""
        self._endpoint.libHandleEvents(_POLL_MILLISECONDS)
        now = time.monotonic()
        for leg in list(self._legs.values()):
            leg.give_up_if_unheard(now)
            if leg.gone:
                del self._legs[leg.name]

    def obey(self, order: Order) -> None:
        """Carry out one order and say `done` or why it is `refused`."""
        try:
            leg = self._new_leg() if order["do"] == "call" else self._leg(order["call"])
            self._carry_out(order, leg)
        except pj.Error as error:
            self.emit("refused", id=order["id"], why=error.reason)
        except (OSError, LookupError) as error:
            self.emit("refused", id=order["id"], why=str(error))
        else:
            self.emit("done", id=order["id"], call=leg.name)

    def farewell(self) -> None:
        """End every call and the registration, and give SIP a second to say so."""
        for leg in self._legs.values():
            with contextlib.suppress(pj.Error):  # it is ending already
                leg.end()
        if self._registers:
            with contextlib.suppress(pj.Error):  # it never registered
                self.setRegistration(False)
                # It is no answer that regIsActive is false at once: the challenge is still to come.
                self._awaits_registrar = True
        until = time.monotonic() + _FAREWELL_SECONDS
        while time.monotonic() < until and (self._legs or self._awaits_registrar):
            self.poll()

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        """Tell how the registrar decided."""
        self._awaits_registrar = False
        name = "registered" if self.getInfo().regIsActive else "unregistered"
        self.emit(name, status=prm.code, reason=prm.reason)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        """Ring, and tell who calls."""
        leg = self._new_leg(prm.callId)
        invite = sip.read_invite(prm.rdata.wholeMsg)
        self.emit(
            "incoming",
            call=leg.name,
            caller_name=invite.name,
            caller=invite.number,
            headers=dict(invite.headers),
        )
        leg.respond(_RINGING)

    def onInstantMessage(self, prm: pj.OnInstantMessageParam) -> None:
        """Tell the text that is sent to this phone's screen."""
        self.emit("message", text=prm.msgBody)

    def _carry_out(self, order: Order, leg: Leg) -> None:
        match order["do"]:
            case "call":
                try:
                    leg.equip(order["record"], order["play"])
                    leg.place(self._target(order), self._sender)
                except (pj.Error, OSError):
                    del self._legs[leg.name]
                    raise
            case "answer":
                leg.equip(order["record"], order["play"])
                leg.respond(_OK)
            case "reject":
                leg.respond(order["status"])
            case "press":
                leg.press(order["key"])
            case "transfer":
                leg.transfer(self._target(order))
            case "transfer_to":
                leg.transfer_to(self._leg(order["other"]))
            case "hold":
                leg.hold()
            case "resume":
                leg.resume()
            case "hang_up":
                leg.end()

    def _target(self, order: Order) -> str:
        return stack.address(order["number"], None, stack.way(self._settings, order["at"]))

    def _leg(self, name: int) -> Leg:
        leg = self._legs.get(name)
        if leg is None or leg.over:
            raise LookupError("that call has ended")
        return leg

    def _new_leg(self, call: int = pj.PJSUA_INVALID_ID) -> Leg:
        self._calls_so_far += 1
        leg = Leg(self._calls_so_far, self.emit, self, call)
        self._legs[leg.name] = leg
        return leg


def _read(orders: queue.SimpleQueue[str | None]) -> None:
    for line in sys.stdin:
        orders.put(line)
    orders.put(None)


def _serve(phone: Softphone) -> None:
    orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    while True:
        phone.poll()
        while not orders.empty():
            line = orders.get()
            if line is None:
                return
            phone.obey(json.loads(line))


def _start(settings: Order, out: TextIO) -> Softphone | None:
    try:
        phone = Softphone(settings, out)
    except (pj.Error, LookupError) as error:
        why = error.reason if isinstance(error, pj.Error) else str(error.args[0])
        refusal = {"event": "refused", "at": time.monotonic(), "id": settings["id"], "why": why}
        print(json.dumps(refusal), file=out)
        return None
    phone.emit("done", id=settings["id"], address=phone.address)
    return phone


def main() -> None:
    """Be a phone until the input ends."""
    # pjsip prints its first lines to descriptor 1 before its log can be set up; they must
    # not come between our events.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        if phone := _start(json.loads(sys.stdin.readline()), out):
            _serve(phone)
            phone.farewell()
    except Exception:  # `_exit` below would end it without a word
        traceback.print_exc()
    # While `phone` still lives: its destructor, libDestroy, takes a second (measured), and all
    # that it frees the kernel frees as well.
    os._exit(0)


if __name__ == "__main__":
    main()
