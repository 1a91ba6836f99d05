"""
Rules of the plugin's own handlers, for requests that its filter has let through.

Each returns whether it refuses. Only an answer of 403 is a refusal: a malformed body, an unknown resource or an
auth-service that fails in the middle give another error, and refuse nobody in the sense of this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orthgen.authz.auth_service import Profile
from orthgen.authz.evaluation_state import GIVE_EVERY_LABEL, Evaluation, label_check, labels_of, name_of
from orthgen.authz.handler_routes import Handled, Handler
from orthgen.authz.model import Effect, Reason, Stage, Token
from orthgen.authz.resources import Level, Resource, Resources
from orthgen.authz.touched_resources import UnknownResource, of_any_level, with_orthanc_id

_LEVELS = {
    "PATIENT": Level.PATIENT,
    "PATIENTS": Level.PATIENT,
    "STUDY": Level.STUDY,
    "STUDIES": Level.STUDY,
    "SERIES": Level.SERIES,
    "INSTANCE": Level.INSTANCE,
    "INSTANCES": Level.INSTANCE,
    "IMAGE": Level.INSTANCE,
    "IMAGES": Level.INSTANCE,
}
_STUDY_KEYS = ("StudyInstanceUID", "0020,000d", "0020,000D", "0020000D")


def refuses(evaluation: Evaluation, handler: Handler) -> bool:
    """Whether the handler answers 403; the reason is said on the way."""
    tokens = (
        tuple(token for token in evaluation.tokens if not token.argument)
        if handler.inner
        else evaluation.tokens
    )
    profile = acting_profile(evaluation, tokens)
    try:
        if handler.kind is Handled.FIND:
            return _SearchRule(evaluation, handler, tokens, profile).refuses()
        if handler.kind is Handled.BULK:
            return _bulk(evaluation, handler, profile)
        if handler.kind is Handled.AUDITED:
            return _audited(evaluation, profile)
        if handler.kind is Handled.MODIFIED:
            return not _names_a_user(evaluation) and _audited(evaluation, profile)
    except UnknownResource:
        return False
    if profile is None:
        return _closed(evaluation, handler.name, "a user profile", "the auth-service gives none", "")
    return False


def acting_profile(evaluation: Evaluation, tokens: tuple[Token, ...]) -> Profile | None:
    """
    On whose behalf a handler works: that of the FIRST token, where the filter lets the last one decide.

    An empty token counts only where there is no other. Without any token it is the anonymous profile since 0.10.0, nobody's before, and nobody's where no place for
    tokens is configured.
    """
    if tokens:
        return evaluation.service.profile(next((token for token in tokens if not token.empty), tokens[0]))
    if evaluation.configuration.release >= (0, 10, 0) and evaluation.configuration.carriers:
        return evaluation.service.profile(None)
    return None


def _closed(evaluation: Evaluation, handler: str, needed: str, found: str, remedy: str) -> bool:
    evaluation.reasons.append(
        Reason(Stage.HANDLER, Effect.DENIED, f"{handler}: {needed}", found, None, remedy)
    )
    return True


class _SearchRule:
    """tools/find and tools/count-resources: the search that the plugin rewrites or refuses."""

    def __init__(
        self, evaluation: Evaluation, handler: Handler, tokens: tuple[Token, ...], profile: Profile | None
    ) -> None:
        self.evaluation = evaluation
        self.name = handler.name
        self.release = evaluation.configuration.release
        self.resources = evaluation.request.resources
        self.tokens = tokens
        self.profile = profile
        self.body = handler.query if handler.query is not None else evaluation.request.body

    def close(self, needed: str, found: str, remedy: str) -> bool:
        return _closed(self.evaluation, self.name, needed, found, remedy)

    def refuses(self) -> bool:
        if self.body is None:
            return False  # no JSON: 400
        if self.profile is not None and self.profile.labels:
            return self.refuses_profile(self.profile)
        return self.refuses_link()

    def refuses_profile(self, profile: Profile) -> bool:
        level = _LEVELS.get(str(self.body_value("Level") or "").upper())
        if self.release < (0, 7, 1):
            return self.refuses_labels(profile)
        if level is None:
            return False  # no level: 400
        if level is Level.STUDY:
            return self.refuses_labels(profile)
        if level is Level.PATIENT:
            return not profile.sees_every_label and self.close(
                "a search for patients needs every label",
                f"{profile.title} has {labels_of(profile.labels)}",
                f"search for studies, or {GIVE_EVERY_LABEL}",
            )
        if profile.sees_every_label and self.release != (0, 7, 1):
            return False
        return self.refuses_below_study(profile)

    def body_value(self, key: str) -> Any:
        return self.body.get(key) if isinstance(self.body, Mapping) else None

    def refuses_labels(self, profile: Profile) -> bool:
        """The labels that a search asks for itself have to be among the profile's."""
        requested, constraint = self.body_value("Labels"), self.body_value("LabelsConstraint")
        has = [isinstance(self.body, Mapping) and key in self.body for key in ("Labels", "LabelsConstraint")]
        remedy = "ask for labels of the profile, or for none"
        if has[0] != has[1]:
            return self.close("`Labels` and `LabelsConstraint` go together", "one of them is missing", remedy)
        labels = frozenset(map(str, requested)) if isinstance(requested, list) else frozenset()
        if profile.sees_every_label or not labels:
            return False
        outside = {
            "All": not labels <= profile.labels,
            "Any": labels.isdisjoint(profile.labels),
            "None": True,
        }.get(str(constraint), False)
        return outside and self.close(
            f"labels that {profile.title} may see", f"{constraint} of {labels_of(labels)}", remedy
        )

    def study_uid(self) -> str | None:
        """The study that the search is confined to, or None."""
        query = self.body_value("Query")
        if not isinstance(query, Mapping):
            return None
        return next((str(query[key]) for key in _STUDY_KEYS if key in query), None)

    def refuses_below_study(self, profile: Profile) -> bool:
        """A search for series or instances needs a parent study that the profile may see."""
        parents = self.parents(profile)
        if parents is None:
            return False
        if isinstance(parents, str):
            return self.close(
                "a search for series or instances needs one parent study",
                parents,
                "name its StudyInstanceUID" + self.later_release_hint,
            )
        granted, resource = label_check(self.evaluation.configuration, parents, profile)
        if granted:
            return False
        if resource is None:
            found = "no level of the parent is checked, so its labels are not looked at"
            return self.close("labels of the parent study", found, "set `CheckedLevel` to `studies`")
        return self.close(
            f"on {name_of(resource)} a label of {profile.title}: {labels_of(profile.labels)}",
            f"{name_of(resource)} carries {labels_of(resource.labels)}",
            f"put {labels_of(profile.labels)} on the {resource.level}, or give the role one of its labels",
        )

    @property
    def later_release_hint(self) -> str:
        """A hint at a later release, where this one does not read the parent that a search names."""
        named = next((key for key in ("ParentStudy", "ParentSeries") if self.body_value(key)), None)
        if named is None or self.release >= (0, 11, 0):
            return ""
        return f", or take a later release: the plugin reads `{named}` from 0.11.0 on"

    def parents(self, profile: Profile) -> tuple[Resource, ...] | str | None:
        """The parent with its ancestors; why there is none; or None where Orthanc answers 400 to the question."""
        for key, level in (("ParentStudy", Level.STUDY), ("ParentSeries", Level.SERIES)):
            value = self.body_value(key)
            if isinstance(value, str) and self.release >= (0, 11, 0):
                return with_orthanc_id(self.resources, level, value)
        uid = self.study_uid()
        if profile.sees_every_label:
            uid = ""  # release 0.7.1 forgets to read it for those who see everything
        if uid is None:
            return "no StudyInstanceUID in the query"
        if _has_wildcard(uid):
            return None
        study = self.looked_up(uid)
        return study.chain if study is not None else f"no single study has the UID `{uid}`"

    def looked_up(self, uid: str) -> Resource | None:
        """The one study with this UID; before 0.8.2 a patient, series or instance of the same UID spoilt it."""
        study = self.resources.with_uid(Level.STUDY, uid)
        if self.release < (0, 8, 2):
            others = (Level.PATIENT, Level.SERIES, Level.INSTANCE)
            if any(self.resources.with_uid(level, uid) for level in others):
                return None
        return study

    def refuses_link(self) -> bool:
        """The rule for callers without a profile or without labels: a link has to open the study of the search."""
        uid = self.study_uid()
        if uid is None:
            return self.refuses_without_study()
        if _has_wildcard(uid):
            return False  # 400
        study = self.looked_up(uid)
        needed = "a profile with labels, or a link to the study of the search"
        if study is None:
            return self.close(needed, f"no single study has the UID `{uid}`", "name a study that is stored")
        if not self.evaluation.configuration.checks(Level.STUDY):
            found = "the study level is not checked, so links are not looked at"
            return self.close(needed, found, "set `CheckedLevel` to `studies`")
        if not self.evaluation.configuration.links or not self.evaluation.service.reachable:
            return False  # the question to the auth-service fails: no 403
        if self.evaluation.opener(study, self.tokens) is not None:
            return False
        return self.close(
            needed, self.caller_text(), "sign in with a role that has labels, or use a link to this study"
        )

    def refuses_without_study(self) -> bool:
        """No study named: since 0.9.3 a share link confines the search by itself; 0.9.2 answered an empty list."""
        if self.release[:3] == (0, 9, 2):
            return False
        needed = "a profile with labels, or a StudyInstanceUID in the search"
        remedy = "name a StudyInstanceUID, or sign in with a role that has labels"
        if self.release >= (0, 9, 3) and self.tokens:
            if not self.evaluation.configuration.decoder:
                return False  # the route that would decode the token is not configured: 400
            if self.evaluation.service.reachable and any(token.decodable for token in self.tokens):
                return False
        return self.close(needed, self.caller_text(), remedy)

    def caller_text(self) -> str:
        if self.profile is None:
            return "the auth-service gives no profile"
        return f"{self.profile.title} has no label"


def _has_wildcard(uid: str) -> bool:
    """Orthanc answers 400 to a search for a UID with wildcards."""
    return "*" in uid or "?" in uid


def _bulk(evaluation: Evaluation, handler: Handler, profile: Profile | None) -> bool:
    """tools/bulk-...: every listed resource has to carry one of the profile's labels (0.11.0)."""
    body = evaluation.request.body
    listed = body.get("Resources") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        return False  # 400
    levels = _listed(body, listed, evaluation.request.resources, evaluation.configuration.release)
    if levels is None:
        return False
    if profile is None:
        return _closed(evaluation, handler.name, "a user profile", "the auth-service gives none", "")
    if profile.sees_every_label:
        return _bulk_audited(evaluation, handler, profile, levels)
    for orthanc_id, level in sorted(levels.items()):
        granted, resource = label_check(
            evaluation.configuration,
            with_orthanc_id(evaluation.request.resources, level, orthanc_id),
            profile,
        )
        if not granted:
            carried = (
                f"{name_of(resource)} carries {labels_of(resource.labels)}"
                if resource
                else f"labels are not checked at the level of the {level} `{orthanc_id}`"
            )
            remedy = f"list only studies that carry one of them, or {GIVE_EVERY_LABEL}"
            needed = f"on everything listed a label of {profile.title}: {labels_of(profile.labels)}"
            return _closed(evaluation, handler.name, needed, carried, remedy)
    return _bulk_audited(evaluation, handler, profile, levels)


def _listed(
    body: Any, listed: list[Any], resources: Resources, release: tuple[int, ...]
) -> dict[str, Level] | None:
    """The listed ids with their levels; None where the plugin answers with another error than 403."""
    levels: dict[str, Level] = {}
    stated = body.get("Level")
    for item in listed:
        if isinstance(item, str):
            level = _LEVELS.get(stated.upper()) if isinstance(stated, str) else None
            if level is None and not isinstance(stated, str):
                resource = of_any_level(resources, item)
                level = resource.level if resource else None
            if level is None:
                return None
            levels[item] = level
        elif isinstance(item, Mapping) and release >= (0, 11, 4):
            level = _LEVELS.get(str(item.get("Level")).upper())
            if isinstance(item.get("ID"), str) and isinstance(item.get("Level"), str):
                if level is None:
                    return None
                levels[item["ID"]] = level
    return levels


def _bulk_audited(
    evaluation: Evaluation, handler: Handler, profile: Profile, levels: Mapping[str, Level]
) -> bool:
    """A log is written for each resource that is deleted, so that an empty list asks for nobody."""
    if handler.name != "tools/bulk-delete" or not evaluation.configuration.audit_logs or not levels:
        return False
    return _audited(evaluation, profile)


def _names_a_user(evaluation: Evaluation) -> bool:
    """
    Whether the body of a modification names a user, or is missing, which is answered 400 earlier.

    The plugin takes anybody's word for it (`UserData.AuditLogsUserId`, 0.10.0 to 0.11.4).
    """
    body = evaluation.request.body
    if body is None:
        return True
    user_data = body.get("UserData")
    return isinstance(user_data, Mapping) and isinstance(user_data.get("AuditLogsUserId"), str)


def _audited(evaluation: Evaluation, profile: Profile | None) -> bool:
    """With audit logs (0.10.0) changes need somebody with a user id, so no link and nobody anonymous."""
    if profile is not None and profile.is_user:
        return False
    caller_text = profile.title if profile is not None else "nobody"
    return _closed(evaluation, "audit logs", "a signed-in user", caller_text, "sign in")
