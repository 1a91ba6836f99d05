"""Checks of collections and roles: contradictions within the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue.dicom_tags import is_tag, nearest_tag
from orthgen.findings import Rule, Severity
from orthgen.profile.checks.references import RENAME_CONFLICT
from orthgen.profile.rights import EVERY_STUDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext


DUPLICATE_LABEL = Rule(
    "duplicate-label",
    Severity.ERROR,
    summary="Two collections have the same label in Orthanc, so that who may see one of them sees the other.",
    remedy="Choose another `label` for one of them.",
    example="""
        collections: {cardio: {label: heart}, heart: {}}
    """,
)


def labels_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """No two collections share a label in Orthanc, and the former name of one is no other's."""
    owners: dict[str, str] = {}
    names = context.names("collections")
    for name, collection in context.profile.collections.items():
        label = collection.label_by(name)
        if collection.renamed_from is not None and label in names:
            hint = (
                f"remove one; where `{label}` is a new collection, give that one a `label` of its own and write "
                f"`label: {label}` here"
            )
            path = ("collections", name, "renamed-from")
            yield context.finding(RENAME_CONFLICT, path, f"the collection `{label}` is still there", hint)
            continue
        if label in owners and collection.renamed_from is not None:
            hint = f"`{owners[label]}` has its label already; studies with this label can belong to one of the two only"
            path = ("collections", name, "renamed-from")
            yield context.finding(RENAME_CONFLICT, path, f"`{label}` became two collections", hint)
        elif label in owners:
            message = f"the label `{label}` is that of `{owners[label]}` already"
            hint = "anybody who may see one of them would see the other; choose another `label`"
            where = ("collections", name, "label") if collection.label else ("collections", name)
            yield context.finding(DUPLICATE_LABEL, where, message, hint)
        owners[label] = name


OVERWRITES_UNSEEN_STUDIES = Rule(
    "overwrites-unseen-studies",
    Severity.ERROR,
    summary="With `overwrite`, or the raw setting `OverwriteInstances`, an upload replaces images. A role that is limited to collections, or "
    "anybody who is not signed in, could replace images of studies that they may not see.",
    remedy="Remove `overwrite`, or give `upload` only to roles with `collections: all`.",
    example="""
        archive: {overwrite: true}
        signed-out: {can: [upload]}
    """,
)


def overwriting_roles_see_every_study(context: CheckContext) -> Iterator[Finding]:
    """With `overwrite`, every uploader sees every study, because an upload replaces images by identifiers."""
    profile = context.profile
    # Orthanc's words and switches: each but `Never` and `false` replaces images.
    is_raw = profile.archive.settings.get("OverwriteInstances", False) not in (False, "Never")
    if not profile.archive.overwrite and not is_raw:
        return
    limited = [
        f"`{name}`"
        for name, role in profile.roles.items()
        if {"upload", "everything"} & set(role.can) and EVERY_STUDY not in role.collections
    ]
    if {"upload", "everything"} & set(profile.signed_out.can):
        limited.append("anybody who is not signed in")
    if limited:
        yield context.finding(
            OVERWRITES_UNSEEN_STUDIES,
            ("archive", "settings", "OverwriteInstances") if is_raw else ("archive", "overwrite"),
            f"{_listed(limited)} could replace images of studies that they may not see",
            f"remove `{'OverwriteInstances' if is_raw else 'overwrite'}`; or give `upload` only to roles with `collections: all`",
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


DUPLICATE_AET = Rule(
    "duplicate-aet",
    Severity.ERROR,
    summary="A called AET gathers into two collections, or is Orthanc's own. Orthanc ignores upper and lower case in an AET.",
    remedy="Give each collection an AET of its own.",
    example="""
        archive: {modalities: {ct: {aet: CT, host: 10.0.0.1}}}
        collections: {cardio: {gather: [called-aet: ORTHANC]}}
    """,
)


def called_aets_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """An application entity title gathers into one collection and is not Orthanc's own. Orthanc ignores its case."""
    owners = {context.profile.archive.aet.upper(): "Orthanc itself"}
    for name, collection in context.profile.collections.items():
        for index, rule in enumerate(collection.gather):
            if rule.called_aet is None:
                continue
            path = ("collections", name, "gather", index, "called-aet")
            title = rule.called_aet.upper()
            if title in owners:
                message = f"the AET `{rule.called_aet}` is that of {owners[title]} already"
                yield context.finding(DUPLICATE_AET, path, message, "give each collection an AET of its own")
            owners[title] = f"`{name}`"


AET_WITHOUT_SENDER = Rule(
    "aet-without-sender",
    Severity.WARNING,
    summary="A collection gathers by called AET, and no modality may send.",
    remedy="Add the sender to `archive.modalities` with `may: [echo, store]`.",
    example="""
        collections: {cardio: {gather: [called-aet: CARDIO]}}
    """,
)


def somebody_can_send_to_called_aets(context: CheckContext) -> Iterator[Finding]:
    """A rule by called AET has a modality that may store; nobody else can send by DICOM."""
    may_store = any("store" in modality.may for modality in context.profile.archive.modalities.values())
    if may_store or not context.is_whole:
        return
    for name, collection in context.profile.collections.items():
        for index, rule in enumerate(collection.gather):
            if rule.called_aet is not None:
                hint = "add the sender to `archive.modalities` with `may: [echo, store]`"
                path = ("collections", name, "gather", index, "called-aet")
                message = f"no modality may send to `{rule.called_aet}`"
                yield context.finding(AET_WITHOUT_SENDER, path, message, hint)


UNKNOWN_TAG = Rule(
    "unknown-tag",
    Severity.ERROR,
    summary="A collection gathers by a tag that the DICOM standard does not define.",
    remedy="Write a keyword of PS3.6, or the tag by number: `0010,0020`.",
    example="""
        collections: {cardio: {gather: [tags: {Modalty: US}]}}
    """,
)


def tags_are_dicom_keywords(context: CheckContext) -> Iterator[Finding]:
    """A tag that gathers is a DICOM keyword, or is written by number."""
    for name, collection in context.profile.collections.items():
        for index, rule in enumerate(collection.gather):
            for tag in rule.tags or {}:
                if not is_tag(tag):
                    path = ("collections", name, "gather", index, "tags", tag)
                    message = f"`{tag}` is not a DICOM tag"
                    yield context.finding(UNKNOWN_TAG, path, message, nearest_tag(tag), key=True)


NO_ROLES = Rule(
    "no-roles",
    Severity.ERROR,
    summary="The profile defines no role, so that nobody can do anything.",
    remedy="Add a role: `roles: {staff: {can: [view], collections: all}}`.",
    example="""
        roles: {staff: null}
    """,
)
ROLE_WITHOUT_RIGHTS = Rule(
    "role-without-rights",
    Severity.ERROR,
    summary="A role can do nothing.",
    remedy="Name at least one right: `can: [view]`.",
    example="""
        roles: {staff: {can: []}}
    """,
)


def roles_can_something(context: CheckContext) -> Iterator[Finding]:
    """There is a role, and each can do something."""
    if not context.is_whole:
        return
    if not context.profile.roles:
        granting = next(
            (each.alias for each in context.profile.identity.sign_in if each.accounts is None), None
        )
        grant = "" if granting is None else f", granted-by: [{{{granting}: …}}]"
        hint = f"add one: `roles: {{staff: {{can: [view], collections: all{grant}}}}}`"
        yield context.finding(NO_ROLES, ("roles",), "the profile has no role, so nobody has access", hint)
    for name, role in context.profile.roles.items():
        if not role.can:
            yield context.finding(
                ROLE_WITHOUT_RIGHTS,
                ("roles", name, "can"),
                f"`{name}` can do nothing",
                "name at least one: `can: [view]`",
            )


SHARE_RIGHT_WITHOUT_SHARING = Rule(
    "share-right-without-sharing",
    Severity.ERROR,
    summary="A role can share, and the deployment makes no share links.",
    remedy="Add `sharing: {viewer: …}`, or remove the right.",
    example="""
        roles: {staff: {can: [view, share]}}
    """,
)
REPORT_RIGHT_WITHOUT_VIEWER = Rule(
    "report-right-without-viewer",
    Severity.ERROR,
    summary="A role can report, and no viewer of the deployment saves reports.",
    remedy="Write `viewers: {ohif: {reports: signed-in}}`, or remove the right.",
    example="""
        roles: {staff: {can: [view, report]}}
    """,
)
WORKLISTS_RIGHT_WITHOUT_SERVER = Rule(
    "worklists-right-without-server",
    Severity.ERROR,
    summary="A role can work with worklists, and Orthanc serves none.",
    remedy="Write `archive: {worklists: true}`, or remove the right.",
    example="""
        roles: {staff: {can: [view, worklists]}}
    """,
)
SHARING_FOR_NOBODY = Rule(
    "sharing-for-nobody",
    Severity.WARNING,
    summary="The deployment makes share links, and no role can share.",
    remedy="Add `share` to a role, or remove `sharing:`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif}
        roles: {staff: {can: [view, download]}}
    """,
)
REPORTS_FOR_NOBODY = Rule(
    "reports-for-nobody",
    Severity.WARNING,
    summary="A viewer saves reports for people who are signed in, and no role can report.",
    remedy="Add `report` to a role, or write `reports: off`.",
    example="""
        viewers: {ohif: {reports: signed-in}}
        roles: {staff: {can: [view]}}
    """,
)


def deployment_offers_the_rights_of_roles(context: CheckContext) -> Iterator[Finding]:
    """The deployment offers every right that a role has."""
    profile = context.profile
    viewers = profile.viewers.enabled()
    reports = any(options.saves_as_user or options.saves_by_link for _, options in viewers)
    may_share = may_report = False
    for name, role in profile.roles.items():
        for index, right in enumerate(role.can):
            path = ("roles", name, "can", index)
            may_share = may_share or right in {"share", "everything"}
            may_report = may_report or right in {"report", "everything"}
            if right == "share" and profile.sharing is None and not context.is_uncertain("sharing"):
                yield context.finding(
                    SHARE_RIGHT_WITHOUT_SHARING,
                    path,
                    f"`{name}` can share, but nothing is shared",
                    "add `sharing: {viewer: …}`",
                )
            if right == "report" and not reports and not context.is_uncertain("viewers"):
                hint = "write `viewers: {ohif: {reports: signed-in}}`"
                yield context.finding(
                    REPORT_RIGHT_WITHOUT_VIEWER,
                    path,
                    f"`{name}` can report, but no viewer saves reports",
                    hint,
                )
            if right == "worklists" and not profile.archive.worklists and not context.is_uncertain("archive"):
                hint = "write `archive: {worklists: true}`"
                yield context.finding(
                    WORKLISTS_RIGHT_WITHOUT_SERVER,
                    path,
                    f"`{name}` can work with worklists, but Orthanc serves none",
                    hint,
                )
    if not context.is_whole:
        return
    if profile.sharing is not None and not may_share:
        yield context.finding(
            SHARING_FOR_NOBODY,
            ("sharing",),
            "no role can share",
            "add `share` to a role, or remove `sharing:`",
        )
    for viewer, options in viewers:
        if options.saves_as_user and not may_report:
            place = ("viewers", viewer.name, "reports")
            hint = "add `report` to a role, or write `reports: off`"
            yield context.finding(REPORTS_FOR_NOBODY, place, "no role can report", hint)


VIEWER_FOR_NOBODY = Rule(
    "viewer-for-nobody",
    Severity.WARNING,
    summary="A viewer fetches whole studies as files, and no role can both view and download.",
    remedy="Add `download` to a role that can `view`, or remove the viewer.",
    example="""
        viewers: {volview: {}}
        roles: {staff: {can: [view]}}
    """,
)


def viewers_can_be_used(context: CheckContext) -> Iterator[Finding]:
    """A viewer that fetches whole studies as files has somebody who may download."""
    if not context.is_whole:
        return
    rights = [set(role.can) for role in context.profile.roles.values()]
    if any(can >= {"view", "download"} or "everything" in can for can in rights):
        return
    for viewer, _ in context.profile.viewers.enabled():
        if viewer.fetches_files:
            message = f"nobody can use `{viewer.name}`: it fetches whole studies as files"
            hint = "add `download` to a role that can `view`, or leave the viewer out"
            yield context.finding(VIEWER_FOR_NOBODY, ("viewers", viewer.name), message, hint)


INBOX_FOR_NOBODY = Rule(
    "inbox-for-nobody",
    Severity.ERROR,
    summary="The inbox is for people who are not signed in, and they may not upload.",
    remedy="Add `signed-out: {can: [upload]}`, or write `anonymous: false`.",
    example="""
        inbox: {title: Hand in, anonymous: true}
    """,
)


def inbox_matches_who_may_upload(context: CheckContext) -> Iterator[Finding]:
    """An inbox for people who do not sign in goes with their right to upload, which nobody gets by accident."""
    profile = context.profile
    may_upload = bool({"upload", "everything"} & set(profile.signed_out.can))
    if (
        profile.inbox is not None
        and profile.inbox.anonymous
        and not may_upload
        and not context.is_uncertain("signed-out")
    ):
        hint = "add `signed-out: {can: [upload]}`, or let people sign in: `anonymous: false`"
        yield context.finding(
            INBOX_FOR_NOBODY, ("inbox", "anonymous"), "nobody who is not signed in can upload", hint
        )
