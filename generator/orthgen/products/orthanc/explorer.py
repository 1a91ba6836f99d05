"""The OrthancExplorer2 section: options of the web application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented
from orthgen.products.orthanc.inbox import inbox_section
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.sharing import Sharing

_DAY = 86400
_SEARCH_MODES = {"as-you-type": "search-as-you-type", "button": "search-button"}


def explorer_section(deployment: Deployment) -> dict[str, Any]:
    """Orthanc Explorer 2, the default page of this Orthanc."""
    profile = deployment.profile
    section: dict[str, Any] = {
        "Enable": True,
        "Root": Commented(
            naming.EXPLORER_ROOT,
            "The authorization plugin lets pages in the folder of this name open without a token.",
        ),
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
    if profile.inbox is not None:
        section["Inbox"] = inbox_section(profile.inbox)
    return section


def _ui_options(deployment: Deployment) -> dict[str, Any]:
    """The `UiOptions`; a user sees an option's button only with the permission for it."""
    profile = deployment.profile
    buttons = [button for viewer in deployment.viewers for button in viewer.buttons]
    options: dict[str, Any] = {
        **_languages(deployment),
        "StudyListSearchMode": _SEARCH_MODES[profile.interface.search],
        "StudyListContentIfNoSearch": _before_search(deployment),
        "MaxStudiesDisplayed": profile.interface.most_studies,
        **_labels(deployment),
        "EnableLinkToLegacyUi": False,
        "EnableShares": profile.sharing is not None,
        **_share_durations(deployment, profile.sharing),
        "EnableChangePassword": _change_password(deployment),
        "EnableAuditLogs": profile.archive.audit_log,
        # Written out, so that a viewer that the profile does not enable has no button.
        **{switch: False for viewer in VIEWERS for switch in viewer.explorer_switches},
        "EnableOpenInMedDreamViewer": False,
        "ViewersIcons": dict(buttons),
        "ViewersOrdering": [name for name, _ in buttons],
    }
    if deployment.release.has_component("explorer-2", "1.10.1"):
        options["EnableWorklists"] = profile.archive.worklists
    for viewer in deployment.viewers:
        options.update(viewer.ui_options)
    return options


def _labels(deployment: Deployment) -> dict[str, Any]:
    labels = list(dict.fromkeys(collection.label for collection in deployment.collections))
    reason = "People choose from these labels. An empty list would let them invent labels that no role knows."
    return {"AvailableLabels": Commented(labels, reason) if labels else labels}


def _change_password(deployment: Deployment) -> bool | Commented:
    """Whether the button for a new password is shown: not to people of a provider or a directory."""
    methods = deployment.profile.identity.sign_in
    if methods and all(method.accounts is not None for method in methods):
        return True
    return Commented(
        False,
        "The button changes a password that Keycloak keeps. A provider or a directory keeps these people's passwords.",
    )


def _languages(deployment: Deployment) -> dict[str, Any]:
    """Those of the profile's languages that Orthanc Explorer 2 speaks; a list of one shows no picker."""
    languages = [
        language
        for language in deployment.profile.institution.languages
        if language in deployment.release.languages
    ] or ["en"]
    return {"AvailableLanguages": languages, "DefaultLanguage": languages[0]}


def _before_search(deployment: Deployment) -> str:
    return "empty" if deployment.profile.interface.before_search == "nothing" else "default-ordering"


def _share_durations(deployment: Deployment, sharing: Sharing | None) -> dict[str, Any]:
    """The life of a share link in days (0: for ever): one number since 1.11.0, a list to choose from before."""
    if sharing is None:
        return {}
    proposed = _days(sharing.expires_after)
    if deployment.release.has_component("explorer-2", "1.11.0"):
        return {"ShareDuration": proposed}
    choices = dict.fromkeys(_days(choice) for choice in [*(sharing.choices or []), sharing.expires_after])
    return {"ShareDurations": sorted(choices), "DefaultShareDuration": proposed}


def _days(seconds: int) -> int:
    """Whole days, rounded up: rounded down to 0 a link would never expire."""
    return -(-seconds // _DAY)


def _tokens(deployment: Deployment) -> dict[str, Any]:
    tokens: dict[str, Any] = {
        "RequiredForLinks": Commented(
            True,
            "Downloads, previews and viewers without a sign-in of their own open by a link that carries a token.",
        ),
        "InstantLinksValidity": Commented(
            deployment.instant_link_seconds, "The life of such a link in seconds."
        ),
    }
    if deployment.share_type is not None:
        tokens["ShareType"] = deployment.share_type
    return tokens
