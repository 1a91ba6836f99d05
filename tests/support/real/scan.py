"""The scanners that others judge a deployment with, each run in its own environment on files as rendered.

Each returns all that it finds, whatever the severity. A scanner that cannot read its input is an error and never
"nothing found": some end with 0 all the same.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.real import parts


@dataclass(frozen=True)
class Finding:
    """What a scanner says about a place."""

    rule: str
    severity: str
    """In the scanner's own word, in lower case."""
    place: str
    """A file, with `:line` where the scanner says it; for Keycloak, the entity."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.rule}: {self.message}"


class ScannerError(RuntimeError):
    """A scanner did not do its work."""


def kcwarden(realm: Path) -> list[Finding]:
    """Audit an export of a Keycloak realm."""
    weaknesses = _json([parts.tool("kcwarden", "kcwarden"), "audit", "--format", "json", realm], realm.parent)
    return [
        Finding(
            weakness["reporting_auditor"],
            weakness["severity"].lower(),
            f"{weakness['entity_type']} {weakness['entity']}",
            weakness["short_description"],
        )
        for weakness in weaknesses
    ]


def gixy_ng(configuration: Path) -> list[Finding]:
    """Analyse an nginx configuration and what it includes."""
    return _gixy(parts.tool("gixy-ng", "gixy"), configuration)


def gixy_next(configuration: Path) -> list[Finding]:
    """Analyse an nginx configuration with the other successor of gixy."""
    return _gixy(parts.tool("gixy-next", "gixy"), configuration)


def compose_lint(compose: Path) -> list[Finding]:
    """Look for dangerous settings in a Compose file; 2 means that it could not look at everything."""
    command: list[str | Path] = [
        parts.tool("compose-lint", "compose-lint"),
        "check",
        "--strict-config",
        "--format",
        "json",
        compose.name,
    ]
    report = _json(command, compose.parent, accepted=(0, 1))
    return [
        Finding(
            finding["rule_id"],
            finding["severity"],
            f"{finding['file']}:{finding['line']}",
            f"{finding['service']}: {finding['message']}",
        )
        for finding in report["findings"]
        if not finding["suppressed"]
    ]


def dclint(compose: Path) -> list[Finding]:
    """Check a Compose file for good practice; its severity is `error` or `warning`."""
    report = _json([parts.dclint(), "--formatter", "json", compose.name], compose.parent, accepted=(0, 1))
    return [
        Finding(message["rule"], message["type"], f"{file['filePath']}:{message['line']}", message["message"])
        for file in report
        for message in file["messages"]
    ]


def detect_secrets(tree: Path) -> list[Finding]:
    """Look for secrets in every file of a folder, without asking anybody whether they work."""
    report = _json(
        [parts.tool("detect-secrets", "detect-secrets"), "scan", "--no-verify", "--all-files", "."], tree
    )
    return [
        Finding(
            secret["type"], "error", f"{secret['filename']}:{secret['line_number']}", "looks like a secret"
        )
        for secrets in report["results"].values()
        for secret in secrets
    ]


_YAMLLINT_LINE = re.compile(r"^(.*?:\d+):\d+: \[(\w+)\] (.*?)(?: \(([\w-]+)\))?$")


def yamllint(tree: Path) -> list[Finding]:
    """Check the YAML files of a folder by yamllint's default rules."""
    done = _run(
        [parts.tool("yamllint", "yamllint"), "--format", "parsable", "-d", "extends: default", "."],
        tree,
        accepted=(0, 1),
    )
    lines = done.stdout.splitlines()
    matches = [_YAMLLINT_LINE.match(line) for line in lines]
    if not all(matches):
        raise ScannerError(done.stdout)
    return [
        Finding(match[4] or "syntax", match[2], match[1].removeprefix("./"), match[3])
        for match in matches
        if match
    ]


def _gixy(command: Path, configuration: Path) -> list[Finding]:
    _prove_that_it_is_read(command, configuration)
    return [
        Finding(
            finding["plugin"],
            finding["severity"].lower(),
            f"{finding.get('file') or finding['path']}:{finding.get('line', 0)}",
            finding["reason"] or finding["summary"],
        )
        for finding in _analyse(command, configuration)[0]
    ]


def _analyse(command: Path, configuration: Path, *options: str) -> tuple[list[dict[str, Any]], str]:
    """The findings, and what it says besides."""
    done = _run([command, "--format", "json", *options, configuration], configuration.parent, accepted=(0, 1))
    try:
        return list(json.loads(done.stdout)), done.stderr
    except ValueError as broken:
        raise ScannerError(done.stdout + done.stderr) from broken


def _prove_that_it_is_read(command: Path, configuration: Path) -> None:
    """Plant a fault at the end of every file, and see it found in each that is read.

    What these analysers cannot parse they leave out, and gixy-ng does so without a word and ends with 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(shutil.copytree(configuration.parent, Path(folder).resolve() / "nginx"))
        main = copies / configuration.name
        planted = {
            str(file): f"/orthgen-canary-{n}/" for n, file in enumerate(sorted(copies.rglob("*.conf")))
        }
        for name, canary in planted.items():
            text = Path(name).read_text(encoding="utf-8")
            # Inside the outermost block of the main file, at the very end of the others.
            head, end, tail = text.rpartition("}") if name == str(main) else (text, "", "")
            fault = f"\nlocation {canary.rstrip('/')} {{ alias {canary}; }}\n"
            Path(name).write_text(head + fault + end + tail, encoding="utf-8")
        findings, messages = _analyse(command, main, "--debug")
        read = re.findall(r"Parse file: (\S+)", messages)
        # The same fault in several files is one finding, which quotes them all.
        quoted = "".join(str(finding.get("config")) for finding in findings)
        unread = [name for name in read or [str(main)] if planted.get(name, name) not in quoted]
        if unread or "ERROR" in messages:
            raise ScannerError(f"{command} cannot read {', '.join(unread) or configuration}: {messages}")


def _json(command: Sequence[str | Path], folder: Path, accepted: Iterable[int] = (0,)) -> Any:
    done = _run(command, folder, accepted)
    try:
        return json.loads(done.stdout)
    except ValueError as broken:
        raise ScannerError(done.stdout + done.stderr) from broken


def _run(
    command: Sequence[str | Path], folder: Path, accepted: Iterable[int]
) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in accepted:
        raise ScannerError(f"{command[0]}: {done.returncode}: {done.stdout}{done.stderr}")
    return done
