"""
Access policy of a deployment: people, studies, and the answer to any request.

Made from the deployment's own documents by anybody who has them; asks the model and knows no file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from orthgen.authz.actions import ActionRequest, filled
from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.evaluation_state import route_of
from orthgen.authz.guard_model import Guard, decide_with_guard
from orthgen.authz.model import Decision, Request, Token, TokenKind
from orthgen.authz.permissions import Permission
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.request_target import read_target
from orthgen.authz.resources import STORED_LEVELS, Level, Resource, Resources, index, study_tree
from orthgen.authz.touched_resources import Named


class PrincipalKind(StrEnum):
    """The kinds of people, and of links that people hold."""

    ROLE = "role"
    SIGNED_OUT = "signed-out"
    INSTANT_LINK = "instant-link"
    SHARE_LINK = "share-link"


class Principal(Struct, frozen=True):
    """
    A person in a role, a person who is not signed in, or the holder of a link to the study in question.

    `roles` are those that one person holds together; by default the one of the person's name.
    """

    kind: PrincipalKind
    name: str
    title: str
    roles: tuple[str, ...] = ()

    @property
    def holds_link(self) -> bool:
        return self.kind in (PrincipalKind.INSTANT_LINK, PrincipalKind.SHARE_LINK)


def holding_all(principals: Sequence[Principal]) -> Principal:
    """A person who holds all these roles."""
    if len(principals) == 1:
        return principals[0]
    names = tuple(principal.name for principal in principals)
    return Principal(
        PrincipalKind.ROLE,
        " and ".join(names),
        " and ".join(principal.title for principal in principals),
        names,
    )


INSTANT_LINK = "viewer-instant-link"
DOWNLOAD_LINK = "download-instant-link"

WITHOUT_ROLE = (
    Principal(PrincipalKind.SIGNED_OUT, "signed-out", "Not signed in"),
    Principal(PrincipalKind.INSTANT_LINK, "instant-link", "Instant link to a study"),
    Principal(PrincipalKind.SHARE_LINK, "share-link", "Share link to a study"),
)


class Place(Struct, frozen=True):
    """A collection, as the label that its studies carry; without labels, the studies of no collection."""

    name: str
    title: str
    labels: frozenset[str]


NO_COLLECTION = Place("", "Studies of no collection", frozenset())


class Study(Struct, frozen=True, eq=False):
    """A hypothetical study for a question, with its ids by the names that actions use; equal to itself alone."""

    tree: tuple[Resource, ...]
    resources: Resources

    @property
    def names(self) -> dict[str, str]:
        """`study` and `uid`, `series` and `series_uid`, and so on."""
        ids = {resource.level.value: resource.orthanc_id for resource in self.tree}
        uids = {f"{resource.level}_uid": resource.uid for resource in self.tree}
        return {**ids, **uids, "uid": self.tree[1].uid}

    @property
    def linked(self) -> frozenset[str]:
        """The identifiers in a link to the study."""
        return frozenset({self.tree[1].orthanc_id, self.tree[1].uid})


def make_study(
    name: str, labels: frozenset[str], identifiers: Mapping[Level, tuple[str, str]] | None = None
) -> Study:
    """A study with these labels; ids and UIDs follow from the name, save those that are `known`."""
    given_identifiers = identifiers or {}
    ids = {
        level: given_identifiers.get(level, ("", ""))[0] or _id(f"{name}/{level}") for level in STORED_LEVELS
    }
    uids = {
        level: given_identifiers.get(level, ("", ""))[1] or _uid(f"{name}/{level}") for level in STORED_LEVELS
    }
    tree = study_tree(ids, uids, {Level.STUDY: labels})
    return Study(tree, index(tree))


def _may(profile: Profile, permission: Permission) -> bool:
    """Whether a profile holds a permission, by its name or by `all`."""
    return not profile.permissions.isdisjoint({permission, Permission.ALL})


def _id(text: str) -> str:
    digest = _digest(text)[:40]
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def _digest(text: str) -> str:
    # A path of the command line may hold bytes that are no text.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _uid(text: str) -> str:
    # 2.25 and a number of 128 bits: the UIDs that anybody may make (ISO/IEC 9834-8).
    return f"2.25.{int(_digest(text)[:32], 16)}"


class Policy(Struct, frozen=True, eq=False):
    """
    Everything that an answer depends on, with the people and the collections to ask about.

    `share` is the kind of share link that the deployment makes; without one nobody can share. `edits_roles` is whether
    roles can be changed while it runs.
    """

    configuration: PluginConfiguration
    service: AuthService
    roles: tuple[Principal, ...]
    collections: tuple[Place, ...]
    guard: Guard | None = None
    share: str | None = None
    edits_roles: bool = False
    _studies: dict[str, Study] = {}
    _tokens: dict[tuple[Principal, Study], tuple[Token, ...]] = {}
    """The tokens of requests without arguments, because everybody is asked about dozens of these."""
    _requests: dict[tuple[tuple[ActionRequest, ...], str], tuple[ActionRequest, ...]] = {}
    _decisions: dict[tuple[Any, ...], Decision] = {}
    """Decisions by study and request, because actions share requests with each other, with their parts and expectations."""

    @property
    def principals(self) -> tuple[Principal, ...]:
        """The roles, then those who are in none; of links, the kinds that somebody can make."""
        without_role = (
            principal
            for principal in WITHOUT_ROLE
            if self.share or principal.kind is not PrincipalKind.SHARE_LINK
        )
        return (*self.roles, *without_role)

    @property
    def places(self) -> tuple[Place, ...]:
        """The collections, then the studies of none."""
        return (*self.collections, NO_COLLECTION)

    def principal(self, name: str) -> Principal | None:
        """A principal by name; the holder of a share link always exists, because links made earlier may still work."""
        everybody = (*self.roles, *WITHOUT_ROLE)
        return next((principal for principal in everybody if principal.name == name), None)

    def place(self, name: str) -> Place | None:
        return next((place for place in self.places if place.name == name), None)

    def study_of(self, place: Place) -> Study:
        """A study of a collection."""
        study = self._studies.get(place.name)
        if study is None:
            study = self._studies[place.name] = make_study(f"collection {place.name}", place.labels)
        return study

    def requests(self, steps: tuple[ActionRequest, ...], place: Place) -> tuple[ActionRequest, ...]:
        """The steps of an action about a study of a collection; filled in once, because everybody is asked about them."""
        key = (steps, place.name)
        if key not in self._requests:
            names = self.names_of(place)
            self._requests[key] = tuple(filled(step, names) for step in steps)
        return self._requests[key]

    def names_of(self, place: Place) -> Mapping[str, str]:
        """The values of the placeholders of steps, on a collection."""
        return {
            **self.study_of(place).names,
            "share": self.share or "ohif-viewer-publication",
            "label": min(place.labels, default="label"),
            "modality": "modality",
            "worklist": "worklist",
        }

    def tokens(self, principal: Principal, study: Study, target: str = "") -> tuple[Token, ...]:
        """The tokens of a principal's requests, in a place that the plugin reads: the query, if `target` has it there."""
        if "?" in target:
            arguments = {name for name, _ in read_target("GET", target).arguments}
            return self._carried(principal, study, arguments)
        key = (principal, study)
        if key not in self._tokens:
            self._tokens[key] = self._carried(principal, study, ())
        return self._tokens[key]

    def _carried(self, principal: Principal, study: Study, arguments: Collection[str]) -> tuple[Token, ...]:
        carriers = self.configuration.carriers
        headers = [carrier.name for carrier in carriers if not carrier.argument]
        argument = next(
            (carrier.name for carrier in carriers if carrier.argument and carrier.name in arguments), None
        )
        if principal.kind is PrincipalKind.SIGNED_OUT or not (headers or argument):
            return ()
        name = argument or next(
            (header for header in headers if header.lower() == "authorization"), headers[0]
        )
        in_query = argument is not None
        if principal.kind is PrincipalKind.ROLE:
            return (Token(name, TokenKind.USER, in_query, roles=principal.roles or (principal.name,)),)
        shared = principal.kind is PrincipalKind.SHARE_LINK
        makers = [role for role in self.service.roles.values() if not shared or _may(role, Permission.SHARE)]
        return (
            Token(
                name,
                TokenKind.LINK,
                in_query,
                studies=study.linked,
                decodable=shared,
                hands_out_files=any(_may(maker, Permission.DOWNLOAD) for maker in makers),
                of_other_kind=self.guard is not None and shared and self.share is None,
            ),
        )

    def links_of(self, principal: Principal, study: Study) -> tuple[Token, ...]:
        """The links to a study that somebody can make, equal ones once. Raises `UndecidablePattern`."""
        tokens = self.tokens(principal, study)
        profile = self.service.profile(next(iter(tokens), None))
        body = {"Resources": [{"OrthancId": study.tree[1].orthanc_id, "DicomUid": study.tree[1].uid}]}
        if profile is None or not self.configuration.carriers:
            return ()
        header = tokens[0].name if tokens else self.configuration.carriers[0].name
        links = (
            Token(
                header,
                TokenKind.LINK,
                studies=study.linked,
                decodable=decodable,
                hands_out_files=_may(profile, Permission.DOWNLOAD),
                elsewhere=self.guard is not None and not (self.share and _may(profile, Permission.SHARE)),
            )
            for kind, decodable in ((INSTANT_LINK, False), (DOWNLOAD_LINK, False), (self.share, True))
            if kind is not None and self.ask(principal, study, "PUT", f"/auth/tokens/{kind}", body).granted
        )
        return tuple(dict.fromkeys(links))

    def ask(  # noqa: PLR0913, PLR0917 - a request and who makes it
        self,
        principal: Principal,
        study: Study,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        tokens: tuple[Token, ...] | None = None,
    ) -> Decision:
        """The decision on one request of somebody, about a study; with other `tokens` than one's own where given.

        Raises `UndecidablePattern`.
        """
        carried = self.tokens(principal, study, target) if tokens is None else tokens
        request = Request(method, target, carried, study.resources, body)
        key = (study, method, target, carried, repr(body))
        if key not in self._decisions:
            self._decisions[key] = decide_with_guard(self.guard, self.configuration, self.service, request)
        return self._decisions[key]

    def study_on_path(self, method: str, target: str, labels: frozenset[str]) -> Study:
        """A study with these labels that answers to whatever ids and UIDs a path names."""
        touched = route_of(self.configuration, Request(method, target)).touched
        identifiers: dict[Level, tuple[str, str]] = {}
        if touched.named in (Named.ORTHANC_ID, Named.SEVERAL) and touched.names:
            level = touched.level if touched.level is not Level.SYSTEM else Level.STUDY
            identifiers[level] = (touched.names[0], "")
        elif touched.named is Named.PATIENT_ID:
            identifiers[Level.PATIENT] = ("", touched.names[0])
        elif touched.named is Named.DICOM_UIDS:
            identifiers = {
                level: ("", uid) for level, uid in zip(STORED_LEVELS[1:], touched.names, strict=False)
            }
        return make_study(target, labels, identifiers)
