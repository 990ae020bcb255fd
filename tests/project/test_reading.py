import os
import tracemalloc
from pathlib import Path

import pytest

from ivr.project import reading


def wrong(file: Path) -> str:
    text, problem = reading.text(file, "x.yaml", file.parents[0])
    assert text == "" and problem is not None
    return str(problem)


def test_a_mark_of_byte_order_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("\ufeff流程: 一\n".encode())
    assert reading.text(tmp_path / "x.yaml", "x.yaml", tmp_path) == ("流程: 一\n", None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("about: on\n流程: 热线".encode("gbk"), "x.yaml:2:1: not UTF-8 text; it looks like GBK"),
        ("流程".encode("utf-16"), "x.yaml:1:1: not UTF-8 text; it looks like UTF-16"),
        (b"a: \xff\xfe\xff", "x.yaml:1:4: not UTF-8 text; save it as UTF-8"),
    ],
)
def test_another_encoding_is_named_at_its_first_character(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    assert wrong(tmp_path / "x.yaml").startswith(says)


def test_a_hundred_megabytes_are_not_read_to_be_refused(tmp_path: Path) -> None:
    with (tmp_path / "x.yaml").open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        assert "the file has 100,000,000 bytes; at most" in wrong(tmp_path / "x.yaml")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_folder_and_a_pipe_are_no_files_and_nothing_waits_for_them(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "a file is expected here" in wrong(tmp_path / "pipe.yaml")
    assert "unreadable" in wrong(tmp_path / "folder.yaml")


def test_a_device_is_no_file(tmp_path: Path) -> None:
    _, problem = reading.text(Path("/dev/zero"), "x.yaml", tmp_path)
    assert problem is not None and "a file is expected here" in problem.message


def test_a_link_may_lead_about_inside_the_project_only(tmp_path: Path) -> None:
    flows, there = tmp_path / "root" / "flows", tmp_path / "elsewhere.yaml"
    flows.mkdir(parents=True)
    there.write_text("secret: 1")
    (tmp_path / "root" / "shared.yaml").write_text("a: 1")
    (flows / "in.yaml").symlink_to("../shared.yaml")
    (flows / "out.yaml").symlink_to("../../elsewhere.yaml")
    (flows / "gone.yaml").symlink_to("nothing.yaml")
    (flows / "round.yaml").symlink_to("round.yaml")
    assert reading.text(flows / "in.yaml", "in.yaml", tmp_path / "root") == ("a: 1", None)
    said = {
        name: reading.text(flows / name, name, tmp_path / "root")[1]
        for name in ("out.yaml", "gone.yaml", "round.yaml")
    }
    assert "leads out of the project" in str(said["out.yaml"])
    assert "leads to 'nothing.yaml', which is not there" in str(said["gone.yaml"])
    assert said["round.yaml"] is not None
