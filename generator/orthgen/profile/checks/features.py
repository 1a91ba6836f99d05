"""Checks against the release: its versions, its features, its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import load, releases
from orthgen.findings import Rule, Severity
from orthgen.profile.rights import PERMISSIONS_OF
from orthgen.spelling import did_you_mean
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.catalogue import Release
    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.root import Profile


UNKNOWN_RELEASE = Rule(
    "unknown-release",
    Severity.ERROR,
    summary="The release is not in the catalogue, so its images and the keys that it reads are unknown.",
    remedy="Write a release that docs/contributing/images.md lists, or remove the key: the newest one is the default.",
    example="""
        release: "26.9"
    """,
)


def release_is_catalogued(context: CheckContext) -> Iterator[Finding]:
    """The release is one whose versions, images and keys are known."""
    name = context.profile.release
    if name is None or name in releases():
        return
    hint = did_you_mean(
        name, releases(), otherwise="known: " + ", ".join(f"`{release_name}`" for release_name in releases())
    )
    yield context.finding(UNKNOWN_RELEASE, ("release",), f"release `{name}` is not in the catalogue", hint)


RELEASE_WITH_KNOWN_WEAKNESS = Rule(
    "release-with-known-weakness",
    Severity.WARNING,
    summary="A component of the release has a security problem that a later release solves.",
    remedy="Take the newest release. `orthgen upgrade` tells the steps.",
    example="""
        release: "26.4"
    """,
)


def release_has_no_known_weakness(context: CheckContext) -> Iterator[Finding]:
    """A release with security problems that a later one mended says so."""
    release = context.release
    weaknesses = release.weaknesses() if release is not None else ()
    if release is None or not weaknesses:
        return
    components = dict.fromkeys(f"{weakness.component} {weakness.has}" for weakness in weaknesses)
    message = f"release {release.name} has {len(weaknesses)} known weakness{'es' if len(weaknesses) > 1 else ''} in {', '.join(components)}"
    yield context.finding(
        RELEASE_WITH_KNOWN_WEAKNESS, ("release",), message, f'take `release: "{releases()[0]}"`'
    )


RELEASE_TOO_OLD = Rule(
    "release-too-old",
    Severity.ERROR,
    summary="The profile asks for a feature that a component of the release does not have.",
    remedy="Take the later release that the finding names, or remove the feature.",
    example="""
        release: "25.8"
        archive: {worklists: true}
    """,
    also=("release-with-known-weakness",),
)
RELEASE_TOO_NEW = Rule(
    "release-too-new",
    Severity.ERROR,
    summary="The profile asks for a feature that the components of the release no longer have.",
    remedy="Remove the key that the finding names.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, choices: [7d]}
    """,
)


def release_has_the_needed_features(context: CheckContext) -> Iterator[Finding]:
    """No component of the release is older than what the profile asks of it."""
    release = context.release
    if release is None:
        return
    for path, feature in _needed_features(context.profile):
        lack = release.lacks(feature)
        if lack is not None:
            has = f"has {lack.has}" if lack.has else "has none"
            message = f"release {release.name} is too old for {lack.title}: {lack.component} {lack.needs} is needed, it {has}"
            later = next((name for name in releases() if load(name).lacks(feature) is None), None)
            hint = f'write `release: "{later}"`' if later else "no catalogued release has it; remove it"
            yield context.finding(RELEASE_TOO_OLD, path, message, hint)
    yield from _permissions_exist(context, release)
    sharing = context.profile.sharing
    reads_choices = release.knows(("OrthancExplorer2", "UiOptions", "ShareDurations"))
    if sharing is not None and sharing.choices and not reads_choices:
        hint = "remove `choices`: every share link lives as long as `expires-after` says"
        message = f"release {release.name} offers no list of lives to choose from"
        yield context.finding(RELEASE_TOO_NEW, ("sharing", "choices"), message, hint, key=True)


def _permissions_exist(context: CheckContext, release: Release) -> Iterator[Finding]:
    for name, role in context.profile.roles.items():
        for index, right in enumerate(role.can):
            missing = [
                permission
                for permission in PERMISSIONS_OF.get(right, (right,))
                if permission not in release.permissions
            ]
            if missing:
                message = f"release {release.name} knows no permission `{missing[0]}`"
                path = ("roles", name, "can", index)
                yield context.finding(
                    RELEASE_TOO_OLD,
                    path,
                    message,
                    "the auth-service would not start; take a later release",
                )


def _needed_features(profile: Profile) -> Iterator[tuple[Path, str]]:
    """The features of the catalogue that the profile needs, each with its key."""
    identity, archive = profile.identity, profile.archive
    features: list[tuple[bool, Path, str]] = [
        (bool(profile.collections), ("collections",), "labels"),
        (identity.api_keys, ("identity", "api-keys"), "api-keys"),
        (identity.permission_editor, ("identity", "permission-editor"), "permission-editor"),
        (profile.sharing is not None, ("sharing",), "shares"),
        (profile.inbox is not None, ("inbox",), "inbox"),
        (archive.audit_log, ("archive", "audit-log"), "audit-logs"),
        (archive.worklists, ("archive", "worklists"), "worklists"),
        (archive.replicas.readers > 0, ("archive", "replicas", "readers"), "readers"),
        (archive.storage.files.s3 is not None, ("archive", "storage", "files"), "s3"),
        (bool(profile.signed_out.can), ("signed-out", "can"), "anonymous-profile"),
    ]
    for viewer, options in profile.viewers.enabled():
        features += [
            (True, ("viewers", viewer.name, key), feature) for key, feature in viewer.needed_features(options)
        ]
    features += [
        (getattr(profile.viewers, viewer.name) is not None, ("viewers", viewer.name), viewer.name)
        for viewer in VIEWERS
    ]
    for name, collection in profile.collections.items():
        for index, rule in enumerate(collection.gather):
            path = ("collections", name, "gather", index, "called-aet")
            features.append((rule.called_aet is not None, path, "gathering-by-called-aet"))
    yield from ((path, feature) for is_needed, path, feature in features if is_needed)


UNTRANSLATED_LANGUAGE = Rule(
    "untranslated-language",
    Severity.WARNING,
    summary="Orthanc Explorer 2 has no translation for the language and shows English.",
    remedy="Choose one of the languages that the finding lists.",
    example="""
        institution: {languages: [en, tlh]}
    """,
)


def languages_are_spoken(context: CheckContext) -> Iterator[Finding]:
    """Orthanc Explorer 2 has a translation for each language."""
    release = context.release
    if release is None:
        return
    for index, language in enumerate(context.profile.institution.languages):
        if language not in release.languages:
            hint = "translated: " + ", ".join(release.languages)
            path = ("institution", "languages", index)
            yield context.finding(
                UNTRANSLATED_LANGUAGE, path, f"Orthanc Explorer 2 has no translation for `{language}`", hint
            )
