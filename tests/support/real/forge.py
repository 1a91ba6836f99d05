"""A forge as far as pipelines see one: a server that keeps comments, and a runner for the steps of a composite action."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import yaml


@dataclass
class Forge:
    """The comments of one request, by id, with the token that wrote them."""

    port: int = 0
    comments: dict[int, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    allowed: bool = True

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running() -> Iterator[Forge]:
    """A server that lists, makes and replaces comments, as GitHub (`issues/N/comments`) and GitLab (`notes`) do."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("page=")[2].rpartition("=")[2])
            ids = sorted(forge.comments)[(page - 1) * 100 : page * 100]
            self._answer(200, [{"id": number, "body": forge.comments[number]} for number in ids])

        def do_POST(self) -> None:
            self._write(max(forge.comments, default=0) + 1)

        def do_PATCH(self) -> None:
            self._write(int(self.path.rpartition("/")[2]))

        def do_PUT(self) -> None:
            self.do_PATCH()

        def _write(self, number: int) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not forge.allowed:
                self._answer(403, {})
                return
            forge.tokens.add(self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or "")
            forge.comments[number] = body["body"]
            self._answer(201, {"id": number})

        def _answer(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        forge.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield forge
        server.shutdown()
        thread.join()


@dataclass
class Outcome:
    """The outcome of steps: what they printed, the first that failed, the job's summary."""

    output: str
    failed: str
    summary: str


@dataclass
class Runner:
    """Runs the steps of a composite action as GitHub's runner does: each in bash, with the files for outputs and paths."""

    action: Path
    temp: Path
    workspace: Path
    context: Mapping[str, str]
    environment: Mapping[str, str]
    outputs: dict[str, str] = field(default_factory=dict)

    def run(self, inputs: Mapping[str, str], *, skip: str = "") -> Outcome:
        """Run every step whose condition holds, until one fails; `skip` names a step that ran before."""
        definition = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        given = {name: str(value.get("default", "")) for name, value in definition["inputs"].items()} | dict(
            inputs
        )
        values = {f"inputs.{name}": self._filled(value, {}) for name, value in given.items()} | dict(
            self.context
        )
        summary = self.temp / "summary"
        summary.write_text("")
        output = ""
        for step in definition["runs"]["steps"]:
            if step["name"] == skip or not self._holds(step.get("if", ""), values):
                continue
            text, status = self._step(step, values, summary)
            output += text
            if status:
                return Outcome(output, step["name"], summary.read_text(encoding="utf-8"))
        return Outcome(output, "", summary.read_text(encoding="utf-8"))

    def _step(self, step: dict[str, Any], values: Mapping[str, str], summary: Path) -> tuple[str, int]:
        path, result = self.temp / "path", self.temp / "output"
        path.touch()
        result.write_text("")
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        added = path.read_text(encoding="utf-8").split()
        environment = {
            **self.environment,
            "PATH": ":".join([*reversed(added), os.environ["PATH"]]),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_PATH": str(path),
            "GITHUB_OUTPUT": str(result),
            "GITHUB_STEP_SUMMARY": str(summary),
            **{name: self._filled(value, values) for name, value in step.get("env", {}).items()},
        }
        assert "${{" not in step["run"], (
            "a step's script has no expression, because a request could write into it"
        )
        outcome = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        for line in result.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.outputs[f"steps.{step['id']}.outputs.{name}"] = value
        return outcome.stdout, outcome.returncode

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        known = {**self.context, **values, **self.outputs}
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: known.get(match[1], ""), text)

    def _holds(self, condition: str, values: Mapping[str, str]) -> bool:
        for part in filter(None, condition.split(" && ")):
            name, operator, expected = part.split(" ")
            if (values.get(name, "") == expected.strip("'")) != (operator == "=="):
                return False
        return True


def gitlab_job(template: Path, name: str) -> tuple[list[str], dict[str, str]]:
    """The lines of a job's script without the installation, and the variables of the template."""
    definition = yaml.safe_load(template.read_text(encoding="utf-8"))
    return definition[name]["script"], {key: str(value) for key, value in definition["variables"].items()}


def run_gitlab_job(
    template: Path, name: str, workspace: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a job's script as GitLab's runner does: all lines in one bash, which ends at the first failure."""
    lines, variables = gitlab_job(template, name)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=workspace,
        env={**os.environ, **variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
