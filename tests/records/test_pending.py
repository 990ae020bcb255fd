"""What waits for the database: on the disk before anybody is told, and written once."""

import os
import stat
from pathlib import Path

import pytest

from ivr.records import pending as module
from ivr.records.pending import Pending
from ivr.store.database import StoreError


class Store:
    """Takes what it is given unless it is away; some ids it never takes, some are nothing."""

    def __init__(self) -> None:
        self.is_away = False
        self.poison: set[str] = set()
        self.taken: list[tuple[str, str]] = []

    async def take(self, id: str, text: str) -> None:
        if self.is_away or id in self.poison:
            raise StoreError("locked")
        if text == "nothing":
            raise ValueError("it is nothing")
        self.taken.append((id, text))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def pending(tmp_path: Path, store: Store) -> Pending:
    folder = tmp_path / "pending"
    folder.mkdir(mode=0o700)
    return Pending(folder, {"call": store.take, "booking": store.take})


async def test_what_is_kept_is_on_the_disk_for_its_owner_alone_and_goes_when_it_is_written(
    pending: Pending, store: Store, tmp_path: Path
) -> None:
    store.is_away = True
    await pending.keep("call", "1795.7-2", '{"a": "余额"}')
    await pending.keep("booking", "ab", "{}")
    (file, _) = sorted((tmp_path / "pending").iterdir(), reverse=True)
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("call-1795.7-2.json", 0o600)
    with pytest.raises(StoreError):
        await pending.write()
    assert (pending.count(), pending.count("booking"), store.taken) == (2, 1, [])
    store.is_away = False
    await pending.write()
    await pending.write()
    assert store.taken == [("ab", "{}"), ("1795.7-2", '{"a": "余额"}')]
    assert pending.count() == 0 and not list((tmp_path / "pending").iterdir())


async def test_it_outlives_the_one_who_kept_it(
    pending: Pending, store: Store, tmp_path: Path
) -> None:
    await pending.keep("call", "7", "{}")
    again = Pending(tmp_path / "pending", {"call": store.take})
    async with again.writing():
        assert store.taken == [("7", "{}")]


async def test_the_disk_has_it_before_it_is_said_to_be_kept(
    pending: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append(True)

    monkeypatch.setattr(os, "fsync", fsync)
    await pending.keep("call", "7", "{}")
    assert len(synced) == 2  # the file, and its name in the folder


async def test_without_room_a_promise_is_refused_and_a_record_held_in_memory(
    pending: Pending, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await pending.keep("booking", "ab", "{}")
        assert await pending.keep_or_hold("call", "7", "{}") is False
    assert not list((tmp_path / "pending").iterdir())  # no half file is left
    assert pending.count() == 1
    await pending.write()
    assert store.taken == [("7", "{}")] and pending.count() == 0


async def test_what_is_held_has_a_limit(
    pending: Pending,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 2)
    monkeypatch.setattr(module, "put", lambda *_: (_ for _ in ()).throw(OSError("full")))
    for id in "123":
        await pending.keep_or_hold("call", id, "{}")
    await pending.write()
    assert [id for id, _ in store.taken] == ["2", "3"]
    assert "call-1 is lost" in caplog.text


async def test_what_is_nothing_is_put_aside_and_the_rest_is_written(
    pending: Pending, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for id, text in (("1", "{}"), ("2", "nothing"), ("3", "{}")):
        await pending.keep("call", id, text)
    (tmp_path / "pending" / "poem-1.json").write_text("{}")
    await pending.write()
    assert [id for id, _ in store.taken] == ["1", "3"]
    left = sorted(file.name for file in (tmp_path / "pending").iterdir())
    assert left == ["call-2.bad", "poem-1.bad"]
    assert "put aside: it is nothing" in caplog.text


async def test_one_that_is_never_taken_keeps_no_other_from_it(
    pending: Pending, store: Store
) -> None:
    store.poison = {"2"}
    for id in "1234":
        await pending.keep("call", id, "{}")
    with pytest.raises(StoreError):
        await pending.write()
    assert [id for id, _ in store.taken] == ["1", "3", "4"]


async def test_a_file_that_cannot_be_read_keeps_no_other_from_it(
    pending: Pending, store: Store, tmp_path: Path
) -> None:
    for id in "13":
        await pending.keep("call", id, "{}")
    (tmp_path / "pending" / "call-2.json").mkdir()  # whoever we are, it cannot be read as a file
    with pytest.raises(IsADirectoryError):
        await pending.write()
    assert [id for id, _ in store.taken] == ["1", "3"]


async def test_a_database_that_is_away_is_not_asked_for_each(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    async def take(id: str, _text: str) -> None:
        asked.append(id)
        raise StoreError("locked")

    pending = Pending(tmp_path, {"call": take})
    for id in range(20):
        await pending.keep("call", str(id), "{}")
    with pytest.raises(StoreError):
        await pending.write()
    assert len(asked) == module.ENOUGH
