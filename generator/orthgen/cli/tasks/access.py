"""Rights of persons on collections, and the difference between two states of a profile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.adoption.comparison import comparable
from orthgen.authz.difference import NOTHING_RENAMED, Renamed, difference
from orthgen.authz.matrix import matrix
from orthgen.authz.summary import summary
from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import STANDARD_INPUT
from orthgen.cli.tasks.asked_policy import AskedPolicy, is_observed, read_asked_policy
from orthgen.errors import OrthgenError
from orthgen.products.access_page.page import access_file
from orthgen.products.approval_page.changes import Changes
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.rights import (
    difference_forms,
    difference_markdown,
    difference_text,
    matrix_forms,
    matrix_text,
)

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment, LabelCollection


_OTHER_FORMS = "use `--format text` or `--format json`"


def show_rights(path: str, output: str, language: str | None) -> None:
    """Show the rights that the profile at `path` gives."""
    console = Console()
    asked = read_asked_policy(path)
    policy = asked.policy
    if output == "markdown":
        console.say(access_file(_deployment(asked, path), policy).text.rstrip("\n"))
        return
    if output == "html":
        console.say(_page(asked, path, language))
        return
    allowed = summary(policy)
    console.say(
        json_text(matrix_forms(matrix(policy), allowed))
        if output == "json"
        else matrix_text(policy, allowed, console.out)
    )


def _deployment(asked: AskedPolicy, path: str) -> Deployment:
    if asked.deployment is None:
        raise OrthgenError(
            f"`{path}` is not a profile, and only a profile has the pages for people who approve",
            hint=_OTHER_FORMS,
        )
    return asked.deployment


def _page(asked: AskedPolicy, path: str, language: str | None, changes: Changes | None = None) -> str:
    """The page for approvers, without the line end that the console adds."""
    from orthgen.products.approval_page.page import (  # noqa: PLC0415 - the other forms need no HTML
        approval_page,
        page_language,
    )

    deployment = _deployment(asked, path)
    chosen = page_language(deployment, language)
    return approval_page(deployment, asked.policy, chosen, changes).rstrip("\n")


def show_difference(old: str, new: str, output: str, language: str | None = None) -> None:
    """Show each person's gains and losses; exit with 5 where somebody gains something."""
    console = Console()
    before, after = _state(old, new), _state(new, old)
    policies, renamed = (before.policy, after.policy), _renamed(before.deployment, after.deployment)
    if before.observed is not None or after.observed is not None:
        policies, renamed = comparable(*policies)
    differences = difference(summary(policies[0]), summary(policies[1]), renamed)
    if output == "json":
        console.say(json_text(difference_forms(differences, renamed)))
    elif output == "markdown":
        console.say(difference_markdown(differences, renamed))
    elif output == "html":
        console.say(_page(after, new, language, Changes(old, differences, renamed)))
    else:
        console.say(difference_text(differences, console.out, renamed))
    if any(change.gained for change in differences):
        sys.exit(ExitCode.DENIED)


def _renamed(old: Deployment | None, new: Deployment | None) -> Renamed:
    """The roles and collections that have another name in the new profile; a collection is the same by its label."""
    if old is None or new is None:
        return NOTHING_RENAMED
    before, after = ({role.name for role in state.roles} for state in (old, new))
    roles = {
        role.renamed_from: role.name
        for role in new.roles
        if role.renamed_from in before - after and role.name not in before
    }
    return Renamed(roles, _names_by_label(old.collections, new.collections))


def _names_by_label(old: Sequence[LabelCollection], new: Sequence[LabelCollection]) -> dict[str, str]:
    """
    The new name of each collection whose label has another name now.

    A name may also have passed to other studies: then the old collection of this name is called by its label, too.
    """
    names = {collection.label: collection.name for collection in new}
    labels = {collection.name: collection.label for collection in new}
    earlier = {collection.label for collection in old}
    other_names = {}
    for collection in old:
        name = names.get(collection.label, collection.name)
        if collection.label not in names and labels.get(collection.name) in earlier:
            name = f"{collection.name} (label {collection.label})"
        if name != collection.name:
            other_names[collection.name] = name
    return other_names


def _state(side: str, other: str) -> AskedPolicy:
    if is_observed(side):
        return read_asked_policy(side)
    path, read = _source(side, other)
    return read_asked_policy(path, read)


def _source(side: str, other: str) -> tuple[str, Callable[[str], bytes] | None]:
    """A profile's path and how to read it: from the disk, or from a revision of the other side's file."""
    if side == STANDARD_INPUT or Path(side).is_file():
        return side, None
    revision, colon, path = side.partition(":")
    if not colon:
        path = other.partition(":")[2] or other

    def read(name: str) -> bytes:
        return _git_show(revision, Path(name))

    return path, read


def _git_show(revision: str, path: Path) -> bytes:
    # `./` makes git look from the file's own folder.
    command = ["git", "-C", str(path.parent), "show", "--end-of-options", f"{revision}:./{path.name}"]
    process = subprocess.run(command, capture_output=True, check=False)
    if process.returncode:
        reason = process.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise OrthgenError(
            f"`{path}` of revision `{revision}` cannot be read: {reason}",
            hint="name a file, a revision of the other file, or REVISION:FILE",
        )
    return process.stdout
