"""Files of a new repository, and their creation in a folder without a change of what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen import __version__
from orthgen.errors import OrthgenError, system_reason
from orthgen.formats.templates import render_template, template_text
from orthgen.formats.yaml_io import dump_json
from orthgen.profile.json_schema import json_schema
from orthgen.repository.first_profile import SCHEMA, file_name, first_profile
from orthgen.repository.questions import KUBERNETES
from orthgen.workspace.durable import sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthgen.repository.questions import Answers

_PIPELINES = {
    "github": (".github/workflows/orthgen.yml", "repository/github.yml.j2"),
    "gitlab": (".gitlab-ci.yml", "repository/gitlab.yml.j2"),
}
_VERSION_OF_THE_LANGUAGE = re.compile(r"^orthgen:", re.MULTILINE)


class NewFile(Struct, frozen=True):
    """A file of a new repository: its path below the folder, its text, and what it is for."""

    path: str
    text: str
    purpose: str


class Creation(Struct, frozen=True):
    """The files of a new repository that were written, and those that were there already."""

    profile: str
    in_cluster: bool
    created: tuple[NewFile, ...]
    kept: tuple[NewFile, ...]


def existing_profile(folder: Path) -> str | None:
    """The name of a profile in the folder; None where it has none."""
    try:
        paths = sorted(
            path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.is_file()
        )
        for path in paths:
            if _VERSION_OF_THE_LANGUAGE.search(path.read_bytes().decode(errors="replace")):
                return path.name
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OrthgenError(f"cannot read `{error.filename}`: {system_reason(error)}") from None
    return None


def files_of(answers: Answers, recipients: Sequence[str] = ()) -> tuple[NewFile, ...]:
    """
    Every file of the repository that the answers describe, the profile first.

    `recipients` are the public age keys that can decrypt secrets in git; without one, git has no secrets.
    """
    profile = file_name(answers["name"])
    values = {
        "institution": answers["name"],
        "profile": profile,
        "deployment": profile.removesuffix(".yaml"),
        "version": __version__,
        "in_cluster": answers["target"] == KUBERNETES,
    }
    files = [
        NewFile(profile, first_profile(answers), "the profile: what you edit"),
        NewFile(SCHEMA, dump_json(json_schema()), "completion and errors in editors"),
        NewFile("README.md", render_template("repository/README.md.j2", **values), "for your engineers"),
        NewFile(".gitignore", template_text("repository/gitignore"), "keeps secrets out of git"),
    ]
    if answers["pipeline"] in _PIPELINES:
        path, template = _PIPELINES[answers["pipeline"]]
        files.append(NewFile(path, render_template(template, **values), "the checks of each change"))
    if recipients:
        sops = render_template("repository/sops.yaml.j2", recipients=recipients)
        hook = template_text("repository/pre-commit.yaml")
        files += [
            NewFile(".sops.yaml", sops, "who can decrypt the secrets in git"),
            NewFile(".pre-commit-config.yaml", hook, "refuses secrets that are not encrypted"),
        ]
    return tuple(files)


def create(files: tuple[NewFile, ...], folder: Path, *, in_cluster: bool) -> Creation:
    """Write the files of a deployment on one machine or in a cluster that the folder does not have; the others stay as they are."""
    created = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("x", encoding="utf-8") as stream:
                    stream.write(file.text)
            except FileExistsError:
                continue
            created.append(file)
        sync((folder / file.path for file in created), [folder])
    except (FileExistsError, NotADirectoryError) as error:
        raise OrthgenError(f"`{error.filename or folder}` is a file", hint="name a folder") from None
    except OSError as error:
        reason = system_reason(error)
        raise OrthgenError(f"`{error.filename or folder}` cannot be written: {reason}") from None
    return Creation(
        files[0].path, in_cluster, tuple(created), tuple(file for file in files if file not in created)
    )
