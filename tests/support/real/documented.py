"""The steps of an upgrade, a backup and its restore, carried out in a shell as orthgen and docs/backup.md show them."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

from tests.support.command import orthgen
from tests.support.real import parts
from tests.support.real.network import run

if TYPE_CHECKING:
    from tests.support.real.stage import Stage

_BACKUP = (parts.REPOSITORY / "docs/backup.md").read_text(encoding="utf-8")


def upgrade(stage: Stage, release: str) -> None:
    """Write the release into the profile, and run the commands of every step but the last (provisioning and verifying)."""
    told = orthgen("upgrade", stage.profile.name, "--to", release, "--format=json", cwd=stage.folder)
    *steps, last = json.loads(told.stdout)["steps"]
    assert last["title"].startswith("Reconcile the realm"), told.stdout
    for step in steps:
        _type(stage, "\n".join(step["commands"]))


def back_up(stage: Stage) -> None:
    """Back up, while the services run: the commands of docs/backup.md, and a copy of the studies."""
    dumps, studies = _commands("Back up")
    _type(stage, dumps)
    run("cp", "-a", _last_path(_type(stage, studies)), stage.folder / "studies-copy")


def restore(stage: Stage) -> None:
    """Restore into an empty deployment, as docs/backup.md has it."""
    rendered, created, databases, everything = _commands("Restore")
    _type(stage, rendered)
    run("cp", "-a", f"{stage.folder}/studies-copy/.", _last_path(_type(stage, created)))
    _type(stage, databases)
    # Provisioning and verifying need the engine's network, which this shell is not in.
    _type(stage, "\n".join(line for line in everything.splitlines() if line.startswith("docker ")))


def _type(stage: Stage, commands: str) -> str:
    """Type commands, of which root needs no `sudo`; what they show."""
    programs = f'orthgen() {{ {sys.executable} -m orthgen "$@"; }}; sudo() {{ "$@"; }}'
    return "".join(stage.type_in(f"{programs}; {line}") for line in commands.splitlines())


def _last_path(shown: str) -> str:
    """The path that a terminal shows last; Docker Compose moves the cursor before it."""
    return re.findall(r"/\S+", shown)[-1]


def _commands(heading: str) -> list[str]:
    """The blocks of commands in a section of docs/backup.md."""
    section = _BACKUP.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"(?ms)^ *```sh\n(.*?)^ *```$", section)
    return ["\n".join(line.strip() for line in block.splitlines()) for block in blocks]
