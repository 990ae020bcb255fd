"""How the SIP stack is set up: no threads of its own for SIP, no sound card, free ports."""

from __future__ import annotations

from typing import Any

import pjsua2 as pj

from ivr.phone import sip
from ivr.phone.sound import FRAME_MILLISECONDS
from ivr.phone.wire import SAMPLES_PER_SECOND

LOOPBACK = "127.0.0.1"
_LOG_DETAIL = 5

Settings = dict[str, Any]


def endpoint(settings: Settings) -> tuple[pj.Endpoint, str]:
    """Return the started endpoint and the "host:port" it is bound to; raises pj.Error."""
    stack, config = pj.Endpoint(), pj.EpConfig()
    stack.libCreate()
    config.uaConfig.userAgent = "ivr-phone"
    # SIP moves only while libHandleEvents runs, and calls us back on that thread alone.
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = _LOG_DETAIL if settings["log"] else 0
    config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 1 if settings["log"] else 0
    config.logConfig.filename = settings["log"] or ""
    media = config.medConfig
    media.clockRate = media.sndClockRate = SAMPLES_PER_SECOND
    media.audioFramePtime = media.ptime = FRAME_MILLISECONDS
    media.ecTailLen = 0
    media.noVad = True
    media.sndAutoCloseTime = -1
    stack.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = LOOPBACK
    kind = pj.PJSIP_TRANSPORT_UDP
    if settings["trusted"]:
        kind = pj.PJSIP_TRANSPORT_TLS
        transport.tlsConfig.CaListFile = settings["trusted"]
        transport.tlsConfig.verifyServer = True
    made = stack.transportCreate(kind, transport)
    stack.libStart()
    stack.audDevManager().setNullDev()
    _choose_codecs(stack, settings["codecs"])
    return stack, str(stack.transportGetInfo(made).localName)


def address(user: str, name: str | None, host: str) -> str:
    """Return a name and address for pjsip to send.

    pjsip decodes a user part when it reads it and does not encode "%" again when it writes it
    (ESCAPED is part of its pjsip_USER_SPEC), so a real per cent sign is encoded twice.
    """
    return sip.name_and_address(user.replace("%", "%25"), name, host)


def way(settings: Settings, host: str) -> str:
    """Return a "host:port" with the transport that leads there."""
    return f"{host};transport=tls" if settings["trusted"] else host


def account(settings: Settings, domain: str) -> pj.AccountConfig:
    """Return the account at `domain`, registering when the settings name a registrar."""
    config = pj.AccountConfig()
    # A caller's number goes into the From of each call alone: here it would also have to fit
    # the Contact, for which pjsip has 256 bytes (PJSIP_MAX_URL_SIZE).
    config.idUri = address(settings["number"] if settings["registrar"] else "phone", None, domain)
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sipOutboundUse = 0
    config.mediaConfig.transportConfig.boundAddress = LOOPBACK
    config.mediaConfig.transportConfig.port = 0
    # The least of RFC 4028: it tells the far side each 45 s that it is there still.
    config.callConfig.timerSessExpiresSec = 90
    if settings["trusted"]:
        config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    if settings["registrar"]:
        config.regConfig.registrarUri = f"sip:{way(settings, settings['registrar'])}"
        config.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", "*", settings["number"], 0, settings["password"] or "")
        )
    return config


def _choose_codecs(stack: pj.Endpoint, wanted: list[str]) -> None:
    known = {codec.codecId.partition("/")[0] for codec in stack.codecEnum2()}
    if missing := [name for name in wanted if name not in known]:
        raise LookupError(f"there is no codec {missing[0]!r}; there are {', '.join(sorted(known))}")
    for codec in stack.codecEnum2():
        name = codec.codecId.partition("/")[0]
        stack.codecSetPriority(codec.codecId, 255 - wanted.index(name) if name in wanted else 0)
