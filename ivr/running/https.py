"""HTTPS with the certificate of `tls`: for the pages, and for our own commands that ask them."""

from __future__ import annotations

import ssl

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.switch import tls


def serves(settings: Settings) -> ssl.SSLContext | None:
    """Return what the pages are served with, None for plain HTTP. Raises IvrError."""
    if settings.tls is None:
        return None
    files = settings.at(settings.tls.certificate), settings.at(settings.tls.key)
    if why := tls.trouble(*files):
        raise IvrError(why)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*files, password="")
    return context


def trusts(settings: Settings) -> ssl.SSLContext | bool:
    """Return what our commands ask the pages with: they trust this certificate and no other.

    Whatever names it has: we ask 127.0.0.1, and it is made for callers of another. Raises IvrError.
    """
    if settings.tls is None:
        return True
    certificate = settings.at(settings.tls.certificate)
    try:
        context = ssl.create_default_context(cafile=certificate)
    except (OSError, ssl.SSLError) as fault:
        raise IvrError(f"{certificate} is no certificate that can be read: {fault}") from fault
    context.check_hostname = False
    # One that others have signed is trusted without them.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context
