"""`orthgen add`: a role, a collection, a modality or a viewer, in a profile that keeps its comments."""

from __future__ import annotations

from collections.abc import Iterable

import click

from orthgen.cli.edit_options import EditOptions, edit_format, edit_options, edited_profile
from orthgen.cli.options import completed

_NAME = click.argument("name", metavar="NAME", help="The name of the new entry.")
_TITLE = click.option("--title", metavar="TEXT", help="The name that people see.")


def _viewers() -> Iterable[str]:
    from orthgen.viewers import VIEWERS

    return (viewer.name for viewer in VIEWERS)


@click.group
def add() -> None:
    """
    Add a role, a collection, a modality or a viewer to a profile.

    Comments and layout stay, and the entry is written like its neighbours. Nothing is written if the profile would not be
    valid. If the profile has the same entry already, the command changes nothing. Lists take commas, and options of lists
    may be repeated.
    """


@add.command
@edited_profile
@_NAME
@_TITLE
@click.option("--can", metavar="RIGHTS", multiple=True, required=True, help="What the role can do.")
@click.option(
    "--collections", metavar="NAMES", multiple=True, required=True, help="Its collections, or `all`."
)
@click.option(
    "--beyond-collections",
    metavar="RIGHTS",
    multiple=True,
    help="Rights that Orthanc cannot limit to the collections, and that you accept.",
)
@click.option(
    "--granted-by",
    metavar="METHOD=VALUE",
    multiple=True,
    help="Who holds the role: a claim's value or group of a sign-in method.",
)
@edit_options
@edit_format
def role(
    profile: str,
    name: str,
    title: str | None,
    can: tuple[str, ...],
    collections: tuple[str, ...],
    beyond_collections: tuple[str, ...],
    granted_by: tuple[str, ...],
    options: EditOptions,
    output: str,
) -> None:
    """Add a role."""
    from orthgen.cli.tasks.add import add_role
    from orthgen.cli.tasks.edit import apply_edit

    settings = {
        "title": title,
        "can": can,
        "collections": collections,
        "beyond-collections": beyond_collections,
        "granted-by": granted_by,
    }
    apply_edit(profile, add_role(name, settings), options, output)


@add.command
@edited_profile
@_NAME
@_TITLE
@click.option("--label", metavar="LABEL", help="The label in Orthanc; by default the name.")
@click.option(
    "--called-aet", metavar="AET", multiple=True, help="Gather studies that modalities send to this AET."
)
@click.option(
    "--tags",
    metavar="TAG=VALUE,...",
    multiple=True,
    help="Gather studies whose DICOM tags all have these values; repeated: one rule each.",
)
@click.option(
    "--role", "roles", metavar="NAMES", multiple=True, help="Roles that get the collection as one more."
)
@edit_options
@edit_format
def collection(
    profile: str,
    name: str,
    title: str | None,
    label: str | None,
    called_aet: tuple[str, ...],
    tags: tuple[str, ...],
    roles: tuple[str, ...],
    options: EditOptions,
    output: str,
) -> None:
    """Add a collection, and give it to roles."""
    from orthgen.cli.tasks.add import add_collection
    from orthgen.cli.tasks.edit import apply_edit

    settings = {"title": title, "label": label, "called-aet": called_aet, "tags": tags}
    apply_edit(profile, add_collection(name, settings, roles), options, output)


@add.command
@edited_profile
@_NAME
@click.option("--aet", metavar="AET", required=True, help="Its application entity title.")
@click.option("--host", metavar="ADDRESS", required=True, help="Its IP address.")
@click.option("--port", metavar="PORT", type=int, help="Its port.")
@click.option("--may", metavar="OPERATIONS", multiple=True, help="The operations that it may request.")
@click.option("--manufacturer", metavar="TEXT", help="Orthanc's value for the maker.")
@edit_options
@edit_format
def modality(
    profile: str,
    name: str,
    aet: str,
    host: str,
    port: int | None,
    may: tuple[str, ...],
    manufacturer: str | None,
    options: EditOptions,
    output: str,
) -> None:
    """Add a DICOM peer."""
    from orthgen.cli.tasks.add import add_modality
    from orthgen.cli.tasks.edit import apply_edit

    settings = {"aet": aet, "host": host, "port": port, "may": may, "manufacturer": manufacturer}
    apply_edit(profile, add_modality(name, settings), options, output)


@add.command
@edited_profile
@click.argument(
    "name",
    metavar="NAME",
    shell_complete=completed(_viewers),
    help="The viewer: a key of `viewers`.",
)
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="A setting of the viewer. May be repeated."
)
@edit_options
@edit_format
def viewer(profile: str, name: str, settings: tuple[str, ...], options: EditOptions, output: str) -> None:
    """Add a viewer."""
    from orthgen.cli.tasks.add import add_viewer
    from orthgen.cli.tasks.edit import apply_edit

    apply_edit(profile, add_viewer(name, settings), options, output)
