"""
Model of the guard: the proxy in front of Orthanc refuses requests that the plugin leaves open.

What the guard does is told in docs/security.md; this is its model, for those deployments that have one. It asks
Orthanc the way the proxy does: with the caller's own tokens, so every question is another decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.evaluation_state import route_of
from orthgen.authz.guard_tokens import closed, token_refusal
from orthgen.authz.model import Decision, DeniedBy, Effect, Reason, Request, Stage, TokenKind
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.report_uploads import Reports
from orthgen.authz.request_bodies import (
    Modification,
    creation,
    modification,
    replaces_original,
    search_refusal,
)
from orthgen.authz.resources import Level, Resource
from orthgen.authz.touched_resources import of_any_level

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_SEES_EVERYTHING = "/patients?since=0&limit=1"
_FOLDERS = ("studies", "series", "instances")
_LINKS = "/auth/tokens/"
_SEARCHES = frozenset({"/tools/find", "/tools/count-resources"})
_MODIFICATION = re.compile(r"/(?:studies|series)/([^/]+)/(modify|anonymize)")
_BULK = re.compile(r"/tools/bulk-(modify|anonymize)")
_SELECTIONS = frozenset(f"/tools/create-{kind}" for kind in ("archive", "media", "media-extended"))
_CREATIONS = frozenset({"/tools/create-dicom", "/stl/encode-nifti", "/stl/encode-rtstruct"})
_ORTHANC_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
# What anybody who holds a link may post: the landing page asks what it is, Stone looks studies up.
_OPEN_TO_LINKS = frozenset({"/auth/tokens/decode", "/tools/lookup"})


class Guard(Struct, frozen=True):
    """
    Settings of one guard; its patterns match public paths.

    `prefix` is where Orthanc is published. `public` are the paths that are handed on at all; `listing` those
    whose body lists the studies they are about; `whole_archive` those that reveal every study; `files` those that hand
    out whole studies or stored files. `links` are the kinds of links that can be made, `reports` who may save reports
    and nothing else.
    """

    prefix: str
    public: re.Pattern[str]
    listing: re.Pattern[str]
    whole_archive: re.Pattern[str]
    files: re.Pattern[str]
    links: frozenset[str]
    reports: Reports = Reports()


def decide_with_guard(
    guard: Guard | None, configuration: PluginConfiguration, service: AuthService, request: Request
) -> Decision:
    """
    The decision of a deployment: the guard's refusal, else the plugin's decision.

    Raises `UndecidablePattern` as `decide` does.
    """
    if guard is None:
        return decide(configuration, service, request)
    report = guard.reports.judged(request)
    if isinstance(report, Reason):
        return Decision(allowed=False, denied_by=DeniedBy.GUARD, reasons=(report,))
    request = report or request
    guarded = _GuardedRequest(guard, configuration, service, request, is_report=_is_judged(report))
    refusal = guarded.refusal()
    if refusal is not None:
        return Decision(allowed=False, denied_by=DeniedBy.GUARD, reasons=(refusal,))
    decision = decide(configuration, service, request)
    if not decision.granted and guarded.answers_with_count():
        return Decision(allowed=True, denied_by=None, reasons=(*decision.reasons, _COUNTED))
    return decision


def _is_judged(report: Request | None) -> bool:
    return report is not None and report.target.endswith("/")


def _unseen(needed: str, listed: str) -> Reason:
    """The refusal of a list, for a listed resource that the caller may not see."""
    return closed(needed, f"`{listed}`, which the caller may not see", "list visible studies only")


_COUNTED = Reason(
    Stage.GUARD,
    Effect.ALLOWED,
    "a profile that may count studies",
    "the guard answers with the number of studies that the caller may see",
)


_REPLACED = closed(
    "`modify`, to put an anonymous copy in its original's place",
    "`anonymize` alone",
    "keep the source and give the copy identifiers of its own, or give the role `modify`",
)


class _GuardedRequest:
    """A request at the guard."""

    def __init__(
        self,
        guard: Guard,
        configuration: PluginConfiguration,
        service: AuthService,
        request: Request,
        *,
        is_report: bool,
    ) -> None:
        self.guard = guard
        # What was judged may come with a link, if the profile says so.
        self.is_report = is_report
        self.configuration = configuration
        self.service = service
        self.request = request
        target = route_of(configuration, request).target
        self.arguments = target.arguments
        self.path = target.path.rstrip("/") or "/"
        self.public_path = guard.prefix.rstrip("/") + target.path
        self.overrides = bool(request.override) or any(key == "_method" for key, _ in target.arguments)

    def refusal(self) -> Reason | None:
        """The guard's refusal; None where it hands the request on."""
        if self.overrides:
            return closed(
                "a request without a method override",
                "`_method` or X-HTTP-Method-Override",
                "send the method itself",
            )
        if self.path in _OPEN_TO_LINKS and self.request.method == "POST":
            return None
        return self.token_refusal() or self.request_refusal()

    def token_refusal(self) -> Reason | None:
        """The refusal of a request because of its tokens; what was judged as a report may come with a link."""
        has_link = any(token.kind is TokenKind.LINK for token in self.request.tokens)
        is_file = has_link and self.guard.files.match(self.public_path) is not None
        return token_refusal(self.request, writes=not (self.reads() or self.is_report), is_file=is_file)

    def reads(self) -> bool:
        """Whether the request only reads, by its method."""
        return self.request.method in _READS

    def request_refusal(self) -> Reason | None:
        """The refusal of a request because of its resources."""
        if self.path.startswith(_LINKS):
            return self.new_link_refusal()
        if self.request.method == "POST" and (body_check := self.body_check()) is not None:
            return body_check()
        if self.guard.listing.match(self.public_path):
            return self.list_refusal()
        if self.path in _SELECTIONS:
            return self.selection_refusal()
        if self.lists_studies_without_view():
            return closed(
                "`view`, for DICOMweb's list of studies",
                "a caller who is signed in and may not view",
                "give the role `view`",
            )
        if self.guard.whole_archive.match(self.public_path) and not self.sees_everything():
            return closed(
                "a role that sees every study",
                "a caller who sees only some studies",
                "ask per study, or give the role every collection",
            )
        if not self.guard.public.match(self.public_path):
            return closed(
                "a public path", f"`{self.path}` is not forwarded", "use the API inside the deployment"
            )
        return None

    def lists_studies_without_view(self) -> bool:
        """Whether somebody who is signed in asks for the list that the plugin leaves to everybody, without `view`."""
        tokens = self.request.tokens
        if self.path != "/dicom-web/studies" or not self.reads() or not tokens:
            return False
        if any(token.kind is not TokenKind.USER for token in tokens):
            return False
        profile = self.service.profile(tokens[0])
        return profile is None or profile.permissions.isdisjoint({"view", "all"})

    def granted(self, method: str, target: str, body: Mapping[str, Any] | None = None) -> bool:
        """Whether Orthanc grants another request of the same caller."""
        request = replace(self.request, method=method, target=target, body=body, override="")
        return decide(self.configuration, self.service, request).granted

    def sees_everything(self) -> bool:
        """Whether the caller sees every study, by the tokens in headers: nginx asks without the request's own arguments."""
        tokens = tuple(token for token in self.request.tokens if not token.argument)
        request = replace(
            self.request, method="GET", target=_SEES_EVERYTHING, tokens=tokens, body=None, override=""
        )
        return decide(self.configuration, self.service, request).granted

    def sees(self, orthanc_id: object) -> bool:
        return any(self.granted("GET", f"/{folder}/{orthanc_id}") for folder in _FOLDERS)

    def new_link_refusal(self) -> Reason | None:
        """The refusal to make a link of a kind or to a study that its maker may not share."""
        kind = self.path.removeprefix(_LINKS)
        if kind not in self.guard.links:
            return closed(
                "a type of link that this deployment makes",
                f"`{kind}`",
                "share with the viewer of the profile",
            )
        if not self.body_list():
            return closed("a link to at least one study", "a body without `Resources`", "name the study")
        for resource in self.body_list():
            named = resource.get("OrthancId") if isinstance(resource, Mapping) else None
            if not self.granted("GET", f"/studies/{named}"):
                return closed(
                    "a link for what its maker may see",
                    f"the study `{named}`, which the caller may not see",
                    "make the link with a role that sees the study",
                )
        return None

    def answers_with_count(self) -> bool:
        """Whether the guard answers a request for the archive's totals with its own count of visible studies."""
        return (
            self.path == "/statistics"
            and self.reads()
            and self.granted("POST", "/tools/count-resources", {"Level": "Study", "Query": {}})
        )

    def body_check(self) -> Callable[[], Reason | None] | None:
        """The check of the request's body for this path; None where the guard reads no body."""
        if self.path in _SEARCHES:
            return self.search_refusal
        if _MODIFICATION.fullmatch(self.path):
            return self.changed_copy_refusal
        return self.creation_refusal if self.path in _CREATIONS else None

    def search_refusal(self) -> Reason | None:
        """The refusal of a search that a limited caller may not make."""
        refusal = search_refusal(self.request.body)
        if refusal is None or self.sees_everything():
            return None
        return closed(*refusal, "search by one of ParentStudy, ParentSeries and StudyInstanceUID")

    def list_refusal(self) -> Reason | None:
        """The refusal of a request whose body lists something that the caller may not see."""
        if self.path == "/tools/bulk-anonymize" and self.replaces_original():
            return _REPLACED
        if self.sees_everything():
            return None
        first_unseen = next(
            (orthanc_id for orthanc_id in self.listed_ids() if not self.sees(orthanc_id)), None
        )
        if first_unseen is None:
            bulk = _BULK.fullmatch(self.path)
            return self.modification_refusal(bulk[1], self.listed_ids()) if bulk is not None else None
        return _unseen("a list of what the caller may see", first_unseen)

    def selection_refusal(self) -> Reason | None:
        """The refusal of an archive of many resources, which the plugin and Orthanc can read in two ways."""
        lists = [pair for pair in self.arguments if pair[0].lower() == "resources"]
        names = lists[0][1].split(",") if len(lists) == 1 and lists[0][0] == "resources" else []
        if self.request.method != "GET" or not names:
            return closed("one list of ids, in `resources` of a GET", "another request", "list each id once")
        first_unseen = next(
            (name for name in names if not (_ORTHANC_ID.fullmatch(name) and self.sees(name))), None
        )
        if first_unseen is None:
            return None
        return _unseen("a list of studies, series and instances that the caller may see", first_unseen)

    def body_list(self) -> list[Any]:
        body = self.request.body
        listed = body.get("Resources") if isinstance(body, Mapping) else None
        return listed if isinstance(listed, list) else []

    def listed_ids(self) -> list[Any]:
        """The listed ids; since Orthanc 1.13 a list may say of each what it is of."""
        return [item.get("ID") if isinstance(item, Mapping) else item for item in self.body_list()]

    def changed_copy_refusal(self) -> Reason | None:
        match = _MODIFICATION.fullmatch(self.path)
        if match is None:
            return None
        if match[2] == "anonymize" and self.replaces_original():
            return _REPLACED
        return None if self.sees_everything() else self.modification_refusal(match[2], [match[1]])

    def replaces_original(self) -> bool:
        """Whether an anonymous copy takes the place of its original, asked for by somebody who may not modify."""
        profile = self.service.profile(next(iter(self.request.tokens), None))
        may_modify = profile is not None and not profile.permissions.isdisjoint({"modify", "all"})
        return not may_modify and replaces_original(self.request.body)

    def modification_refusal(self, operation: str, sources: list[Any]) -> Reason | None:
        """The refusal of a modification that reaches studies beyond those that the caller may see."""
        if not isinstance(self.request.body, Mapping):
            return None  # 400
        requested = modification(self.request.body, anonymizes=operation == "anonymize")
        if not isinstance(requested, Modification):
            return closed(*requested, "spell tags and identifiers plainly, in ASCII")
        other = self.first_unseen(requested.identifiers)
        if other is not None:
            return closed(
                "only identifiers of studies that the caller may see",
                f"`{other}`, which identifies a study that the caller may not see",
                "let Orthanc make new identifiers, or merge into a study that the caller sees",
            )
        if requested.describes_patient and not all(map(self.sees_patient_of, sources)):
            return closed(
                "a caller who sees every study of the patient, to change the patient's description",
                "a patient with studies that the caller may not see",
                "leave the patient's tags, or give the study another PatientID",
            )
        return None

    def creation_refusal(self) -> Reason | None:
        if self.request.body is None or self.sees_everything():
            return None
        requested = creation(self.request.body)
        if requested is None:
            return closed("tags in their plain spelling", "another", "spell tags and identifiers plainly")
        strings, identifiers = requested
        ids = (orthanc_id for orthanc_id in strings if _ORTHANC_ID.fullmatch(orthanc_id))
        other = next(
            (orthanc_id for orthanc_id in ids if not self.sees(orthanc_id)), None
        ) or self.first_unseen(identifiers)
        if other is None:
            return None
        return closed(
            "an object of studies that the caller may see",
            f"`{other}`, which the caller may not see",
            "add it to a visible study",
        )

    def first_unseen(self, identifiers: Iterable[tuple[Level, str]]) -> str | None:
        """The first identifier of something that is stored and that the caller may not see."""
        for level, value in identifiers:
            resource = self.request.resources.with_uid(level, value)
            if resource is None:
                continue
            seen = self.sees_patient(resource) if level is Level.PATIENT else self.sees(resource.orthanc_id)
            if not seen:
                return value
        return None

    def sees_patient_of(self, orthanc_id: object) -> bool:
        """Whether the caller sees every study of the patient of a study, series or instance."""
        resource = of_any_level(self.request.resources, str(orthanc_id))
        return resource is not None and self.sees_patient(resource.chain[0])

    def sees_patient(self, patient: Resource) -> bool:
        studies = self.request.resources.studies_of(patient)
        return bool(studies) and all(self.sees(study.orthanc_id) for study in studies)
