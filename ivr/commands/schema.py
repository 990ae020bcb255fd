"""`ivr schema`: what docs/ tells of the flow language, written from the node kinds."""

from __future__ import annotations

import json
from pathlib import Path

from ivr import config, screen
from ivr.flow import reference
from ivr.flow import schema as editors


def pages() -> dict[str, str]:
    """Return what is generated, by its place in the project."""
    schema = json.dumps(editors.schema(), ensure_ascii=False, indent=1)
    return {"docs/flow.schema.json": f"{schema}\n", "docs/flow-language.md": reference.page()}


def schema() -> None:
    """Write docs/flow.schema.json and docs/flow-language.md anew, after a change of a node kind."""
    with screen.told():
        root = config.settings().root
        for name, text in pages().items():
            Path(root, name).write_text(text, encoding="utf-8")
            screen.out.print(name, markup=False)
