"""An editor's side of the Language Server Protocol, as far as the tests need it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.editor.place import SERVER


class Complaint(NamedTuple):
    """What is marked in a document: its line from 1, and the words."""

    line: int
    message: str


class Editor:
    """A language server that runs, asked as an editor asks it."""

    def __init__(self, child: subprocess.Popen[bytes], folder: Path) -> None:
        self._child = child
        self._folder = folder
        self._asked = 0
        self._opened = 0
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=_ABLE)
        self._tell("initialized")

    def open(self, text: str) -> str:
        """Open a new document; return its address."""
        self._opened += 1
        uri = (self._folder / f"flow{self._opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        return uri

    def complaints(self, text: str) -> list[Complaint]:
        """Return what is marked in a document, from its top."""
        uri = self.open(text)
        said: dict[str, Any] = {}
        while said.get("method") != _MARKED or said["params"]["uri"] != uri:
            said = self._read()
        marked = said["params"]["diagnostics"]
        return sorted(Complaint(d["range"]["start"]["line"] + 1, d["message"]) for d in marked)

    def offers(self, text: str) -> list[str]:
        """Return what is offered where `|` stands in a document."""
        answer = self._at("textDocument/completion", text)
        return [item["label"] for item in answer["items"]]

    def hover(self, text: str) -> str:
        """Return what is shown of the word where `|` stands in a document."""
        answer = self._at("textDocument/hover", text)
        shown: str = answer["contents"]["value"] if answer else ""
        return shown

    def ask(self, method: str, **params: Any) -> Any:
        """Ask and return the answer."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            said = self._read()
            if said.get("id") == self._asked and "method" not in said:
                assert "error" not in said, said["error"]
                return said["result"]

    def _at(self, method: str, text: str) -> Any:
        before, _, after = text.partition("|")
        where = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        uri = self.open(before + after)
        return self.ask(method, textDocument={"uri": uri}, position=where)

    def _tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._child.stdin
        self._child.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._child.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """Return the next thing the server says; what it asks of the editor is answered."""
        assert self._child.stdout
        length = 0
        while (line := self._child.stdout.readline().strip()) or not length:
            assert line, f"the language server ended: {self._child.wait()}"
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        said: dict[str, Any] = json.loads(self._child.stdout.read(length))
        if "id" in said and "method" in said:
            asked = said["params"].get("items", []) if isinstance(said["params"], dict) else []
            self._send({"id": said["id"], "result": [_SETTINGS.get(i["section"]) for i in asked]})
        return said


_MARKED = "textDocument/publishDiagnostics"
_ABLE = {
    "workspace": {"configuration": True},
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
}
# The schema is that of the file's first line: no list of schemas is fetched from anywhere.
_SETTINGS = {
    "yaml": {
        "validate": True,
        "completion": True,
        "hover": True,
        "schemaStore": {"enable": False},
    }
}


@contextmanager
def running(folder: Path) -> Iterator[Editor]:
    """Run a server for documents in a folder while the block runs."""
    with subprocess.Popen(
        ["node", str(SERVER), "--stdio"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            yield Editor(child, folder)
        finally:
            child.kill()
