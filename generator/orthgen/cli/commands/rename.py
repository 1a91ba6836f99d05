"""`orthgen rename`: another name of a role, a collection or a label."""

from __future__ import annotations

import click

from orthgen.cli.edit_options import EditOptions, edit_format, edit_options, edited_profile

_OLD = click.argument("old", metavar="OLD", help="The present name.")
_NEW = click.argument("new", metavar="NEW", help="The new name.")


@click.group
def rename() -> None:
    """
    Give a role, a collection or a label another name, everywhere.

    Changes every reference in the profile, in the files that it extends, and in the other profiles of the git repository (or
    the folder) that extend them. Comments and layout stay. Nothing is written if one of these profiles would not be valid.
    """


@rename.command
@edited_profile
@_OLD
@_NEW
@click.option(
    "--provisioned",
    is_flag=True,
    help="Confirm that every realm has the role under its present name, after an earlier change of the name.",
)
@edit_options
@edit_format
def role(profile: str, old: str, new: str, provisioned: bool, options: EditOptions, output: str) -> None:
    """
    Give a role another name.

    Writes `renamed-from`, by which `orthgen provision-keycloak` renames Keycloak's role, so that its holders keep it.
    """
    from orthgen.cli.tasks.edit import apply_edit
    from orthgen.editing.rename import rename_entry

    apply_edit(
        profile, lambda chain: rename_entry(chain, "role", old, new, provisioned=provisioned), options, output
    )


@rename.command
@edited_profile
@_OLD
@_NEW
@edit_options
@edit_format
def collection(profile: str, old: str, new: str, options: EditOptions, output: str) -> None:
    """
    Give a collection another name.

    Writes `renamed-from` if the collection has no label of its own, so that its studies stay in it.
    """
    from orthgen.cli.tasks.edit import apply_edit
    from orthgen.editing.rename import rename_entry

    apply_edit(profile, lambda chain: rename_entry(chain, "collection", old, new), options, output)


@rename.command
@edited_profile
@_OLD
@_NEW
@edit_options
@edit_format
def label(profile: str, old: str, new: str, options: EditOptions, output: str) -> None:
    """
    Give a collection another label in Orthanc.

    The command does not change studies: docs/collections.md has the steps that move them to the new label.
    """
    from orthgen.cli.tasks.edit import apply_edit
    from orthgen.editing.rename import rename_label

    apply_edit(profile, lambda chain: rename_label(chain, old, new), options, output)
