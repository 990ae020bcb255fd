"""Encryption: the certificate that phones are shown, and one to try it with."""

from __future__ import annotations

import ipaddress
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.switch.files import private
from ivr.switch.softswitch import SwitchError

# The same until it is made anew: nobody renews by itself what was made to try something.
_DAYS = 365


@dataclass(frozen=True)
class Tls:
    """Where SIP over TLS listens, and what proves who we are (PEM).

    At `wss_port` it listens for phones in browsers, which come over secure WebSockets.
    """

    port: int
    certificate: Path
    key: Path
    wss_port: int | None = None

    @property
    def ports(self) -> dict[str, int]:
        """Where it listens, by the names of the settings."""
        wss = {} if self.wss_port is None else {"wss_port": self.wss_port}
        return {"tls_port": self.port, **wss}


def trouble(certificate: Path, key: Path) -> str:
    """Return why these two cannot be used, "" where they can."""
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as fault:
            return f"{path} cannot be read: {fault.strerror}; `ivr certificate` makes one to try"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError, TypeError) as fault:
        reason = fault.reason if isinstance(fault, ssl.SSLError) and fault.reason else str(fault)
        return f"{certificate} and {key} are no certificate and its key: {reason}"
    return ""


def make(folder: Path, hosts: Sequence[str]) -> tuple[Path, Path]:
    """Make a certificate that nobody else has signed, for these names and addresses.

    Returns it and its key, in a folder that is private. Raises SwitchError.
    """
    if shutil.which("openssl") is None:
        raise SwitchError("there is no openssl on this system; install the package openssl")
    certificate, key = folder / "hotline.crt", folder / "hotline.key"
    if certificate.exists() or key.exists():
        raise SwitchError(f"there is one in {folder} already; move it away for a new one")
    private(folder)
    words = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-sha256"),
        *("-days", str(_DAYS), "-subj", f"/CN={hosts[0][:64]}"),
        *("-addext", f"subjectAltName={','.join(map(_name, hosts))}"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SwitchError(f"openssl makes no certificate: {done.stderr.strip()[-300:]}")
    key.chmod(0o600)
    return certificate, key


def _name(host: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(host)}"
    except ValueError:
        if not host.replace("-", "").replace(".", "").isalnum() or not host.isascii():
            raise SwitchError(f"'{host[:60]}' is no name or address of a machine") from None
        return f"DNS:{host}"
