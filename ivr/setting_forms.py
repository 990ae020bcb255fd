"""What may stand in one setting; of anything else it is said what is expected.

A setting says so by its type. Each raises ValueError, whose text an operator reads.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo


def _ports(text: str) -> str:
    found = re.fullmatch(r"(\d{4,5})-(\d{4,5})", text)
    if not found or not 1024 <= int(found[1]) < int(found[2]) <= 65535:
        raise ValueError("a range of ports such as 20000-20999 is expected")
    return text


def _local(host: str) -> str:
    if not re.fullmatch(r"[0-9.]+|[0-9a-f:]+", host):
        raise ValueError("an address such as 127.0.0.1 is expected")
    return host


def _network(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        raise ValueError("a network such as 192.0.2.0/24 or 192.0.2.7/32 is expected") from None
    if network.prefixlen < 8:
        raise ValueError("who calls from there needs no password; none is wider than /8")
    return str(network)


def _host_and_port(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}", text):
        raise ValueError("a host and a port such as 192.0.2.1:5060 is expected")
    return text


def _code(text: str) -> str:
    # Other codes of agents begin otherwise; `*1` and `*2` would be taken first (features.conf).
    if not re.fullmatch(r"\*(7[0-9]|48)", text):
        raise ValueError("a code is *48, or one from *70 to *79")
    return text


def _region(code: str) -> str:
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("the code of a country such as CN or HK is expected")
    return code


def _for_browsers(port: int | None, others: ValidationInfo) -> int | None:
    if port is None:
        return None
    if others.data.get("tls", "wrong itself") is None:
        raise ValueError("phones in browsers talk encrypted; set 'tls' too")
    # Asterisk offers no loopback address to ICE, without which a browser sends nothing.
    if ipaddress.ip_address(others.data.get("sip_host", "0.0.0.0")).is_loopback:
        raise ValueError("phones in browsers get no sound from this machine alone; set 'sip_host'")
    return port


def _percent(value: object) -> int:
    found = re.fullmatch(r"([0-9]{1,2})%?", str(value))
    if not found or not int(found[1]):
        raise ValueError("a part such as 5%, from 1% to 99%, is expected")
    return int(found[1])


Form = Literal["alaw", "ulaw", "g722"]
VoiceName = Literal["recorded", "espeak", "kokoro", "piper", "gtts", "command"]
LanguageCode = Literal["cmn", "yue", "en"]
Order = dict[LanguageCode, Annotated[tuple[VoiceName, ...], Field(min_length=1)]]
"""For each language the voices that speak it, the best first."""
Port = Annotated[int, Field(ge=1, le=65535)]
BrowserPort = Annotated[Port | None, AfterValidator(_for_browsers)]
Ports = Annotated[str, AfterValidator(_ports)]
Host = Annotated[str, AfterValidator(_local)]
Peer = Annotated[str | None, AfterValidator(_host_and_port)]
Network = Annotated[str, AfterValidator(_network)]
Code = Annotated[str, AfterValidator(_code)]
Region = Annotated[str, AfterValidator(_region)]
Percent = Annotated[int, BeforeValidator(_percent), PlainSerializer(lambda part: f"{part}%")]
