"""The pages over HTTPS: with a certificate nothing else is there, and our commands trust it."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from ivr.config import Certificate, Settings
from ivr.errors import IvrError
from ivr.running import asking, https, secrets
from ivr.switch import tls
from ivr.web.api import Sources, application
from ivr.web.site import serving
from tests.web.doors import rights
from tests.web.test_site import NoCalls


async def versions() -> Mapping[str, object]:
    return {"serves": "aaa"}


async def well() -> Mapping[str, object]:
    return {}


def settings(folder: Path, port: int = 1, host: str = "hotline.example") -> Settings:
    certificate, key = tls.make(folder / host, [host])
    files = Certificate(certificate=certificate, key=key)
    return Settings(state_dir=folder / "state", http_port=port, tls=files)


async def test_with_a_certificate_there_is_https_and_nothing_else(tmp_path: Path) -> None:
    here = settings(tmp_path)
    known = secrets.load(here.state, ())
    pages = application(Sources(NoCalls(), well, dict, versions), rights(known))  # type: ignore[arg-type]
    async with serving(pages, "0.0.0.0", 0, https.serves(here)) as port:
        there = here.model_copy(update={"http_port": port})
        assert there.web_url == f"https://127.0.0.1:{port}"
        # The operator's commands know the certificate, whatever it is called.
        assert await asking.fetch(there, "/api/versions") == {"serves": "aaa"}
        async with aiohttp.request("GET", f"{there.web_url}/", ssl=https.trusts(here)) as answer:
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.request("GET", f"http://127.0.0.1:{port}/"):
                pass
        stranger = settings(tmp_path, port, "other.example")
        with pytest.raises(IvrError, match="no hotline answers"):
            await asking.fetch(stranger, "/healthz")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.request("GET", f"https://127.0.0.1:{port}/", ssl=old):
                pass


async def test_a_hotline_of_another_state_directory_is_told_so(tmp_path: Path) -> None:
    mine, other = (Settings(state_dir=tmp_path / name) for name in ("mine", "other"))
    secrets.load(mine.state, ())
    known = secrets.load(other.state, ())
    pages = application(Sources(NoCalls(), well, dict, versions), rights(known))  # type: ignore[arg-type]
    async with serving(pages, "127.0.0.1", 0) as port:
        there = mine.model_copy(update={"http_port": port})
        with pytest.raises(IvrError, match=rf"does not know the operator of {mine.state};"):
            await asking.fetch(there, "/api/versions")
        assert await asking.is_well(there)


def test_without_one_nothing_is_encrypted_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    plain = Settings(state_dir=tmp_path)
    assert https.serves(plain) is None and https.trusts(plain) is True
    assert plain.web_url.startswith("http://")
    missing = Certificate(certificate=tmp_path / "a.crt", key=tmp_path / "a.key")
    wrong = Settings(state_dir=tmp_path, tls=missing)
    for ask in (https.serves, https.trusts):
        with pytest.raises(IvrError, match=r"a\.crt"):
            ask(wrong)
