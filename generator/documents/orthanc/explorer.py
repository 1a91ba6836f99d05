"""The OrthancExplorer2 section: what the web application shows and offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.documents.orthanc.versions import component

if TYPE_CHECKING:
    from generator.deployment.model import Deployment
    from generator.profile.archive import Sharing

_DAY = 86400
_SEARCH_MODES = {"as-you-type": "search-as-you-type", "button": "search-button"}


def explorer_section(deployment: Deployment) -> dict[str, Any]:
    """Orthanc Explorer 2, the default page of this Orthanc."""
    profile = deployment.profile
    section: dict[str, Any] = {
        "Enable": True,
        # The authorization plugin lets this folder through by its literal name.
        "Root": naming.EXPLORER_ROOT,
        "IsDefaultOrthancUI": True,
        "Theme": profile.interface.theme,
        "CustomTitle": profile.interface.title or profile.institution.name,
        "UiOptions": _ui_options(deployment),
        "Keycloak": {
            "Enable": True,
            "Url": deployment.addresses.keycloak_public,
            "Realm": profile.identity.realm,
            "ClientId": naming.ORTHANC_CLIENT,
        },
        "Tokens": _tokens(deployment),
    }
    return section


def _ui_options(deployment: Deployment) -> dict[str, Any]:
    profile = deployment.profile
    buttons = [button for viewer in deployment.viewers for button in viewer.buttons]
    options: dict[str, Any] = {
        "AvailableLanguages": list(profile.institution.languages),
        "DefaultLanguage": profile.institution.languages[0],
        "StudyListSearchMode": _SEARCH_MODES[profile.interface.search],
        "StudyListContentIfNoSearch": _before_search(deployment),
        "MaxStudiesDisplayed": profile.interface.most_studies,
        # A list that is not empty keeps people from inventing labels that no role knows.
        "AvailableLabels": list(dict.fromkeys(collection.label for collection in deployment.collections)),
        "EnableLinkToLegacyUi": False,
        "EnableShares": profile.sharing is not None,
        **_share_durations(deployment, profile.sharing),
        "EnableAuditLogs": profile.archive.audit_log,
        "EnableWorklists": profile.archive.worklists,
        # Said for each viewer, so that one that is not asked for is off even where its plugin is loaded.
        "EnableOpenInOhifViewer3": False,
        "EnableOpenInOhifViewer": False,
        "EnableOpenInMedDreamViewer": False,
        "EnableOpenInWeasisViewer": False,
    }
    for viewer in deployment.viewers:
        options.update(viewer.ui_options)
    options["ViewersIcons"] = dict(buttons)
    options["ViewersOrdering"] = [name for name, _ in buttons]
    return options


def _before_search(deployment: Deployment) -> str:
    if deployment.profile.interface.before_search == "nothing":
        return "empty"
    return "default-ordering" if component(deployment, "explorer-2") >= (1, 8, 2) else "most-recents"


def _share_durations(deployment: Deployment, sharing: Sharing | None) -> dict[str, Any]:
    """The life of a share link in days (0: for ever): one number since 1.11.0, a list to choose from before."""
    if sharing is None:
        return {}
    proposed = sharing.expires_after // _DAY
    if component(deployment, "explorer-2") >= (1, 11):
        return {"ShareDuration": proposed}
    choices = [choice // _DAY for choice in sharing.choices or [sharing.expires_after]]
    return {"ShareDurations": choices, "DefaultShareDuration": proposed}


def _tokens(deployment: Deployment) -> dict[str, Any]:
    sharing = deployment.profile.sharing
    tokens: dict[str, Any] = {
        # Without it downloads, previews and every viewer that has no sign-in of its own would carry no token.
        "RequiredForLinks": True,
        "InstantLinksValidity": sharing.instant_links if sharing is not None else 3600,
    }
    if deployment.share_type is not None:
        tokens["ShareType"] = deployment.share_type
    return tokens
