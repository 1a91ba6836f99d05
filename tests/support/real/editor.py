"""An editor with a YAML language server: what it says about a profile, what it proposes, what it explains."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any, Self

from tests.support.real import parts

if TYPE_CHECKING:
    from pathlib import Path

# Any real profile ends long before this many messages.
_MAX_ROWS = 1000
_SETTINGS: dict[str, Any] = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
}


class Editor:
    """One language server that knows one JSON Schema; a context manager."""

    def __init__(self, schema: Path, folder: Path) -> None:
        self._schema, self._folder, self._number = schema, folder, 0
        self._version = 0

    def __enter__(self) -> Self:
        command = [parts.command("node"), str(parts.language_server()), "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": _SETTINGS})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def complaints(self, text: str) -> list[str]:
        """What is underlined: `line:column: message`, counted from 1."""
        uri = self._open(text)
        while True:
            message = self._next()
            told = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and told["uri"] == uri:
                return sorted(
                    f"{complaint['range']['start']['line']}:{complaint['range']['start']['character'] + 1}: {complaint['message']}"
                    for complaint in told["diagnostics"]
                )

    def proposals(self, text: str) -> list[tuple[str, str]]:
        """Label and inserted text of what is proposed at the `▮` in the text."""
        uri, position = self._open_at(text)
        answer = self._ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        items = answer["items"] if isinstance(answer, dict) else answer
        return [
            (
                item["label"],
                (item.get("textEdit") or {}).get("newText") or item.get("insertText", item["label"]),
            )
            for item in items
        ]

    def explanation(self, text: str) -> str:
        """What is shown about the word at the `▮` in the text."""
        uri, position = self._open_at(text)
        answer = self._ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return "" if answer is None else str(answer["contents"]["value"])

    # ----------------------------------------------------------------------------------------------- protocol

    def _open_at(self, text: str) -> tuple[str, dict[str, int]]:
        before, _, after = text.partition("▮")
        line = before.count("\n") + 1
        return self._open(before + after), {"line": line, "character": len(before) - before.rfind("\n") - 1}

    def _open(self, text: str) -> str:
        self._version += 1
        uri = (self._folder / f"profile-{self._version}.yaml").as_uri()
        # The line with which every profile of the project begins; it counts as none.
        text = f"# yaml-language-server: $schema={self._schema.as_uri()}\n{text}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def _ask(self, method: str, params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        for _ in range(_MAX_ROWS):
            message = self._next()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message.get("result")
        raise RuntimeError(f"no answer to {method}")

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        """The next message of the server; its own questions are answered on the way."""
        assert self._process.stdout is not None
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            read = self._process.stdout.read(1)
            if not read:
                raise RuntimeError("the language server ended")
            head += read
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        message: dict[str, Any] = json.loads(self._process.stdout.read(int(length[1])))
        if "id" in message and "method" in message:
            items = message.get("params", {}).get("items", [])
            answer = [_SETTINGS.get(item.get("section", "")) for item in items]
            self._send({"id": message["id"], "result": answer or None})
        return message
