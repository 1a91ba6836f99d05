"""`orthgen access`: who can do what on which collection, and what a change of the profile gives and takes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orthgen.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from orthgen.authz.difference import Renamed
    from orthgen.authz.policy import Policy
    from orthgen.deployment.model import Deployment, LabelCollection, RoleRights

Format = Literal["text", "markdown", "json"]


def access(
    profile: Annotated[
        str | None, typer.Argument(metavar="[PROFILE]", help="The profile (YAML); not with `--diff`.")
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--diff",
            metavar="OLD NEW",
            help="What each person gains and loses: two profiles, or a git revision (`HEAD~1`, `v2:site.yaml`) of one.",
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How it is told.")] = "text",
) -> None:
    """
    Tell who can do what on which collection, asking a model of the plugin, the auth-service and the guard.

    Every action stands for the requests that it takes, all of which have to be granted. With `--diff` the exit
    code is 5 where somebody gains something.
    """
    if (profile is None) == (diff is None):
        raise typer.BadParameter("give one profile, or `--diff OLD NEW`")
    if diff is not None:
        _tell_difference(*diff, output)
    else:
        _tell(str(profile), output)


def _tell(path: str, output: Format) -> None:
    from orthgen.authz.matrix import matrix
    from orthgen.authz.summary import summary
    from orthgen.products.access_page.model import access_policy
    from orthgen.products.access_page.page import access_file
    from orthgen.rendering.pipeline import resolve_profile
    from orthgen.report.console import Console
    from orthgen.report.decision import json_text, matrix_text, matrix_value

    console = Console()
    deployment, loaded = resolve_profile(path)
    policy = access_policy(deployment, loaded)
    if output == "markdown":
        console.say(access_file(deployment, policy).text.rstrip("\n"))
        return
    allowed = summary(policy)
    console.say(
        json_text(matrix_value(matrix(policy), allowed))
        if output == "json"
        else matrix_text(policy, allowed, console.out)
    )


def _tell_difference(old: str, new: str, output: Format) -> None:
    from orthgen.authz.difference import difference
    from orthgen.authz.summary import summary
    from orthgen.report.console import Console
    from orthgen.report.decision import difference_markdown, difference_text, difference_value, json_text

    console = Console()
    before, was = _state(old, new)
    after, is_now = _state(new, old)
    renamed = _renamed(was, is_now)
    differences = difference(summary(before), summary(after), renamed)
    if output == "json":
        console.say(json_text(difference_value(differences, renamed)))
    elif output == "markdown":
        console.say(difference_markdown(differences, renamed))
    else:
        console.say(difference_text(differences, console.out, renamed))
    if any(one.gained for one in differences):
        raise typer.Exit(ExitCode.DENIED)


def _renamed(old: Deployment, new: Deployment) -> Renamed:
    """The roles and collections that have another name in the new state; a collection is the same by its label."""
    from orthgen.authz.difference import Renamed

    roles = ((role.renamed_from, role.name) for role in new.roles)
    names = {collection.label: collection.name for collection in old.collections}
    collections = ((names.get(collection.label, ""), collection.name) for collection in new.collections)
    return Renamed(
        _other_names(roles, old.roles, new.roles),
        _other_names(collections, old.collections, new.collections),
    )


def _other_names(
    pairs: Iterable[tuple[str, str]],
    old: Sequence[RoleRights | LabelCollection],
    new: Sequence[RoleRights | LabelCollection],
) -> dict[str, str]:
    """Those pairs of an old and a new name of which the old state has only the old one, and the new one the new."""
    before, after = ({one.name for one in state} for state in (old, new))
    return {was: name for was, name in pairs if was in before - after and name not in before}


def _state(side: str, other: str) -> tuple[Policy, Deployment]:
    from orthgen.products.access_page.model import access_policy
    from orthgen.rendering.pipeline import resolve_profile

    path, read = _source(side, other)
    deployment, loaded = resolve_profile(path, read=read)
    return access_policy(deployment, loaded), deployment


def _source(side: str, other: str) -> tuple[str, Callable[[str], bytes] | None]:
    """A profile's path and how to read it: from the disk, or from a revision of the other side's file."""
    if Path(side).is_file():
        return side, None
    revision, colon, path = side.partition(":")
    if not colon:
        path = other.partition(":")[2] or other

    def read(name: str) -> bytes:
        return _git_show(revision, Path(name))

    return path, read


def _git_show(revision: str, path: Path) -> bytes:
    from orthgen.errors import OrthgenError

    # `./` makes git look from the file's own folder.
    command = ["git", "-C", str(path.parent), "show", "--end-of-options", f"{revision}:./{path.name}"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise OrthgenError(
            f"`{path}` of revision `{revision}` cannot be read: {said}",
            hint="name a file, a revision of the other file, or REVISION:FILE",
        )
    return done.stdout
