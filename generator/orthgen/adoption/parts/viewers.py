"""`viewers`: what people can open a study with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import truth
from orthgen.formats.loose_values import mappings
from orthgen.observed.service_model import Product
from orthgen.viewers import VIEWERS
from orthgen.viewers.context import ViewerContext
from orthgen.viewers.ohif import OHIF, OHIF_CLIENT, Mode, OhifOptions

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.viewers.base import Viewer

_OPTIONS = ("OrthancExplorer2", "UiOptions")
_ORDERING, _ICONS = (*_OPTIONS, "ViewersOrdering"), (*_OPTIONS, "ViewersIcons")
_CONTEXT = ViewerContext("https://localhost", "/", {"ohif": "/ohif/"})


def state_viewers(original: OriginalDeployment, draft: Draft) -> None:
    """State every viewer that the deployment has, in the order of their buttons."""
    ordering = original.get(*_ORDERING)
    order = [name for name in ordering if isinstance(name, str)] if isinstance(ordering, list) else []
    enabled = [(viewer, place) for viewer in VIEWERS if (place := _place_of(original, viewer)) is not None]
    for viewer, place in sorted(enabled, key=lambda item: _rank(item[0], order)):
        path = ("viewers", viewer.name)
        before = len(draft.entries)
        if viewer is OHIF:
            _state_ohif(original, draft, place, order)
        icons = original.get(*_ICONS)
        icon = icons.get(_first_button(original, viewer, order)) if isinstance(icons, dict) else None
        if isinstance(icon, str) and icon != _default_icon(viewer, _first_button(original, viewer, order)):
            draft.state((*path, "icon"), icon, original.at(*_ICONS))
        if len(draft.entries) == before:
            draft.state(path, {}, place)
    _note_other_viewers(original, draft)


def _rank(viewer: Viewer, order: list[str]) -> int:
    return next((order.index(name) for name in order if _belongs(name, viewer)), len(order))


def _belongs(button: str, viewer: Viewer) -> bool:
    return button == viewer.button or (viewer is OHIF and button.startswith(f"{viewer.button}-"))


def _place_of(original: OriginalDeployment, viewer: Viewer) -> Location | None:
    """The place that enables the viewer: its container, its plugin's variable or section, or its button."""
    if viewer is OHIF and (container := original.service(Product.OHIF)) is not None:
        return container.image_place
    section, variable = _plugin(original, viewer)
    service = original.orthanc_service
    is_enabled = truth(service.variable(variable)) if service is not None and variable else None
    if service is not None and is_enabled is not None:
        return service.locate_variable(variable) if is_enabled else None
    if section and original.settings.has(section):
        return original.at(section)
    switches = (switch for switch in viewer.explorer_switches[:1] if truth(original.get(*_OPTIONS, switch)))
    return next((original.at(*_OPTIONS, switch) for switch in switches), None)


def _plugin(original: OriginalDeployment, viewer: Viewer) -> tuple[str, str]:
    """The section of the viewer's plugin, and the image's variable that enables it."""
    if viewer.plugin_variable is not None:
        return viewer.plugin_variable
    plugins = original.release.plugins().values()
    variable = next(
        (each.variable for each in plugins if viewer.section and each.section == viewer.section), ""
    )
    return viewer.section or "", variable


def _modes(original: OriginalDeployment, order: list[str]) -> list[str]:
    """The modes of OHIF that have a button."""
    buttons = _ohif_buttons()
    icons = original.get(*_ICONS)
    shown = order or (list(icons) if isinstance(icons, dict) else [])
    return [mode for name in shown for mode, button in buttons.items() if button[0] == name]


def _ohif_buttons() -> dict[str, tuple[str, str]]:
    """Explorer 2's name and icon for each mode."""
    modes: tuple[Any, ...] = get_args(Mode)
    contribution = OHIF.contribution(OhifOptions.model_construct(modes=list(modes)), _CONTEXT)
    return dict(zip(modes, contribution.buttons, strict=True))


def _first_button(original: OriginalDeployment, viewer: Viewer, order: list[str]) -> str:
    modes = _modes(original, order) if viewer is OHIF else []
    return _ohif_buttons()[modes[0]][0] if modes else viewer.button


def _default_icon(viewer: Viewer, button: str) -> str | None:
    if viewer is OHIF:
        return dict(_ohif_buttons().values()).get(button)
    contribution = viewer.contribution(viewer.options.model_construct(), _CONTEXT)
    return dict(contribution.buttons).get(button)


def _state_ohif(original: OriginalDeployment, draft: Draft, place: Location, order: list[str]) -> None:
    path = ("viewers", OHIF.name)
    modes = _modes(original, order)
    if modes and modes != ["viewer"]:
        draft.state((*path, "modes"), modes, original.at(*(_ORDERING if order else _ICONS)))
    if original.service(Product.OHIF) is None:
        draft.state((*path, "serve"), "plugin", place)
    reports, by = _reports(original)
    if reports and by is not None:
        draft.state((*path, "reports"), reports, by)


def _reports(original: OriginalDeployment) -> tuple[str, Location | None]:
    """Who may save reports from OHIF: people who sign in there, or anybody whose link opens it."""
    guard, own = original.own.guard, original.own.ohif
    if guard is not None and guard.value.get("savesByLink"):
        return "instant-link", guard.locate(("savesByLink",))
    if own is not None and own.value.get("oidc"):
        return "signed-in", own.locate(("oidc",))
    for ohif in original.deployment.ohifs:
        if ohif.settings.has("oidc"):
            return "signed-in", ohif.settings.locate(("oidc",))
    realm = original.realm
    for index, client in mappings(realm.value.get("clients") if realm is not None else None):
        if realm is not None and client.get("clientId") == OHIF_CLIENT:
            return "signed-in", realm.locate(("clients", index))
    return "", None


def _note_other_viewers(original: OriginalDeployment, draft: Draft) -> None:
    """Note viewers that the profile has no word for."""
    for key, name in (("EnableOpenInMedDreamViewer", "MedDream"), ("EnableOpenInOhifViewer", "OHIF 2")):
        if truth(original.get(*_OPTIONS, key)):
            draft.note(
                NoteKind.LEFT_OUT,
                f"studies open in {name}",
                "the profile has no word for this viewer; its button is not shown",
                original.at(*_OPTIONS, key),
            )
    for section, name in (("WebViewer", "Orthanc Web Viewer"), ("OsimisWebViewer", "Osimis Web Viewer")):
        if original.settings.has(section):
            draft.note(
                NoteKind.LEFT_OUT,
                f"the {name} is configured",
                "`viewers: {stone: {}}` takes its place",
                original.at(section),
            )
