"""A project on disk: one flow, and a file of two tests of which the second is wrong."""

import shutil
from pathlib import Path

from tests.stage import ROOT, furnish

TESTS = """
flow: hello
calls:
  - {name: she is greeted, hears: [hello], ends: hangup}
  - {name: she is greeted twice, hears: [hello, hello]}
"""


def build(folder: Path) -> Path:
    """Write the project into a folder; return the folder."""
    for name in ("flows", "prompts", "asterisk-config"):
        (folder / name).mkdir()
    furnish(folder / "asterisk-config")
    shutil.copy(ROOT / "flows" / "hours.yaml", folder / "flows")
    (folder / "ivr.yaml").write_text('numbers: {"10086": hello}\n')
    (folder / "flows" / "hello.yaml").write_text(
        "flow: hello\nlanguages: [en]\nstart: greet\n"
        "nodes: {greet: {say: hello, go: bye}, bye: hangup}\n"
    )
    (folder / "flows" / "hello.test.yaml").write_text(TESTS)
    (folder / "prompts" / "hello.yaml").write_text("hello: {en: Hello.}\n")
    return folder
