"""One call inside the SIP stack's process: its state, its sound, its events."""

from __future__ import annotations

import time
from collections.abc import Callable

import pjsua2 as pj

from ivr.phone import sound
from ivr.phone.wire import KEY_MILLISECONDS, Field

Emit = Callable[..., None]

# Timer B of RFC 3261 is 32 s; a switch on the same machine or network that has not even said
# "trying" after 4 s is not there.
_PATIENCE = 4.0
_NO_REPLY = 408

# PJMEDIA_STREAM_DTMF_IS_UPDATE of pjmedia/stream.h, which the binding does not name: set on
# every packet of a key but the first.
_DTMF_IS_UPDATE = 1


class Leg(pj.Call):  # type: ignore[misc]  # pjsua2 is untyped
    """A call in progress.

    `name` is the number its events carry, `over` says that its end has been told, `gone` that
    SIP has done with it and the object may go too.
    """

    def __init__(
        self, name: int, emit: Emit, account: pj.Account, call: int = pj.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call)
        self.name = name
        self.over = self.gone = False
        self._emit = emit
        self._hung_up_here = False
        self._placed_at: float | None = None
        self._answered = False
        self._recorder: sound.Recorder | None = None
        self._source: pj.AudioMedia = pj.Endpoint.instance().audDevManager().getCaptureDevMedia()

    def equip(self, record: str | None, play: str | None) -> None:
        """Open the files of the call; raises OSError or pj.Error when one cannot be."""
        if play is not None:
            self._source = sound.player(play)
        if record is not None:
            self._recorder = sound.Recorder(record)

    def place(self, target: str, sender: str) -> None:
        """Send the INVITE from `sender`; raises pj.Error when SIP cannot carry it."""
        wish = pj.CallOpParam(True)
        wish.txOption.localUri = sender
        self._placed_at = time.monotonic()
        self.makeCall(target, wish)

    def respond(self, status: int) -> None:
        """Answer an incoming call with this SIP status."""
        wish = pj.CallOpParam(True)
        wish.statusCode = status
        self._hung_up_here = status >= 300
        self.answer(wish)

    def press(self, key: str) -> None:
        """Send one key as an RFC 4733 event of 100 ms; raises pj.Error when there is no call."""
        wish = pj.CallSendDtmfParam()
        wish.method = pj.PJSUA_DTMF_METHOD_RFC2833
        wish.duration = KEY_MILLISECONDS
        wish.digits = key
        self.sendDtmf(wish)
        self._tell("key", key=key, milliseconds=KEY_MILLISECONDS)

    def transfer(self, target: str) -> None:
        """Ask the far side to call `target` instead of us (REFER); `transferred` tells the rest."""
        self.xfer(target, pj.CallOpParam(True))

    def transfer_to(self, other: Leg) -> None:
        """Ask the far side to take our place in another call (REFER with Replaces)."""
        self.xferReplaces(other, pj.CallOpParam(True))

    def hold(self) -> None:
        """Put the far side on hold: it hears music of the switch's."""
        self.setHold(pj.CallOpParam(True))

    def resume(self) -> None:
        """Talk to the far side again."""
        wish = pj.CallOpParam(True)
        wish.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.reinvite(wish)

    def end(self) -> None:
        """Hang up; `ended` follows."""
        self._hung_up_here = True
        self.hangup(pj.CallOpParam(True))

    def give_up_if_unheard(self, now: float) -> None:
        """Hang up a call that nobody has replied to at all."""
        if self._placed_at is not None and now - self._placed_at > _PATIENCE:
            self._placed_at = None
            self._finish(_NO_REPLY, "nobody replies there")
            self.hangup(pj.CallOpParam(True))

    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        """Turn a change of the SIP dialogue into an event."""
        state = self.getInfo()
        if state.state != pj.PJSIP_INV_STATE_CALLING:
            self._placed_at = None
        if self._is_early():
            self._tell("ringing", status=state.lastStatusCode)
        elif state.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._answered = True
            if self._recorder is not None:
                self._silence().startTransmit(self._recorder)
            self._connect()
            self._tell("answered")
        elif state.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._finish(state.lastStatusCode, state.lastReason)
            self.gone = True

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        """Join the sound again whenever the far side has changed it."""
        self._connect()

    def onDtmfEvent(self, prm: pj.OnDtmfEventParam) -> None:
        """Tell a key the far side presses, once, when it begins."""
        if not prm.flags & _DTMF_IS_UPDATE:
            self._tell("digit", digit=prm.digit)

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:
        """Tell what became of a transfer: 200 is done, 404 no such number, and so on.

        When it is done, the one who asked for it ends the call (RFC 5589, 6.1).
        """
        if not prm.finalNotify and prm.statusCode < 300:
            return
        self._tell("transferred", status=prm.statusCode, reason=prm.reason)
        if prm.statusCode < 300:
            self.end()

    def _connect(self) -> None:
        """Join the sound; before anybody answers that is what is heard alone (early media)."""
        if not (self._answered or self._is_early()) or not self.hasMedia():
            return
        try:
            line = self.getAudioMedia(-1)
        except pj.Error:  # on hold: there is a description of media, but no stream
            return
        if self._answered:
            self._source.startTransmit(line)
        if self._recorder is not None:
            if not self._answered:
                self._silence().startTransmit(self._recorder)
            line.startTransmit(self._recorder)

    def _is_early(self) -> bool:
        state = self.getInfo()
        return bool(state.state == pj.PJSIP_INV_STATE_EARLY and state.role == pj.PJSIP_ROLE_UAC)

    @staticmethod
    def _silence() -> pj.AudioMedia:
        # Joined to every recording, so that its clock runs on while the line sends nothing.
        return pj.Endpoint.instance().audDevManager().getCaptureDevMedia()

    def _tell(self, event: str, **fields: Field) -> None:
        if self._recorder is not None and self._answered:
            fields["samples"] = self._recorder.position()
        self._emit(event, call=self.name, **fields)

    def _finish(self, status: int, reason: str) -> None:
        if self.over:
            return
        self.over = True
        if self._recorder is not None:
            self._recorder.close()
        by = "here" if self._hung_up_here else "there"
        self._tell("ended", status=status, reason=reason, by=by)
