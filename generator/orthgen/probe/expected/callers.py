"""The callers of a comparison as the model takes them: roles of a token, limits of a link, labels of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from orthgen.authz.model import Token, TokenKind
from orthgen.authz.policy import WITHOUT_ROLE, Principal, PrincipalKind, Study, make_study
from orthgen.authz.resources import Level
from orthgen.probe.discovery import authorization, token_payload
from orthgen.probe.model import Caller, GivenStudies, Site, Tokens
from orthgen.probe.verdict import members

if TYPE_CHECKING:
    from orthgen.authz.policy import Policy
    from orthgen.probe.client import Client
    from orthgen.probe.discovery import Discovery

_SIGNED_OUT = WITHOUT_ROLE[0]
_LINKS = {principal.kind: principal for principal in WITHOUT_ROLE[1:]}


class KnownCallers(Struct):
    """
    The callers and studies of a comparison.

    `principals` are those whose requests can be judged; `missing` has the reason for a placeholder or caller without a value.
    `studies` are the studies that the placeholders name, with their labels.
    """

    principals: dict[Caller, Principal]
    missing: dict[str, str]
    values: dict[str, str]
    studies: dict[str, Study] = field(default_factory=dict)
    link: Token | None = None


def known_callers(
    client: Client, discovery: Discovery, policy: Policy, tokens: Tokens, studies: GivenStudies
) -> KnownCallers:
    """The callers that were given, and the studies that they name, by a few reads."""
    known = KnownCallers({Caller.NOBODY: _SIGNED_OUT}, dict(discovery.missing), dict(discovery.values))
    _store(known, "share", policy.share or "", "no share links are made")
    _add_user(known, client, discovery, tokens, studies)
    _add_link(known, discovery, policy, tokens)
    if studies.other:
        known.values["other"] = studies.other
        known.studies["other"] = _study(studies.other, "", "", frozenset())
    return known


def roles_of(token: str) -> tuple[str, ...] | None:
    """The roles of a user's token, where the auth-service looks for them; None where the token shows none."""
    access = token_payload(token).get("realm_access")
    roles = access.get("roles") if isinstance(access, Mapping) else None
    return tuple(str(role) for role in roles) if isinstance(roles, list) else None


def _store(known: KnownCallers, name: str, value: str, reason: str) -> None:
    if value:
        known.values[name] = value
        known.missing.pop(name, None)
    else:
        known.missing[name] = reason


def _add_user(
    known: KnownCallers, client: Client, discovery: Discovery, tokens: Tokens, studies: GivenStudies
) -> None:
    roles = roles_of(tokens.user) if tokens.user else None
    if roles is None:
        reason = "the --user-token names no roles" if tokens.user else "needs --user-token"
        known.missing |= dict.fromkeys(("user", "study", "uid", "instance"), reason)
        return
    known.missing.pop("user", None)
    name = " and ".join(roles) or "a user without roles"
    known.principals[Caller.USER] = Principal(PrincipalKind.ROLE, name, name, roles)
    root, headers = discovery.roots[Site.ORTHANC], authorization(Caller.USER, tokens)

    def read(path: str) -> Mapping[str, Any]:
        reply = client.send("GET", f"{root}{path}", headers=headers)
        return members(reply) if reply.status == 200 else {}

    study = read(f"studies/{studies.study}") if studies.study else {}
    series = read(f"series/{_first(study.get('Series'))}") if _first(study.get("Series")) else {}
    reason = "the user does not see the --study" if studies.study else "needs --study"
    labels = study.get("Labels")
    if study and not isinstance(labels, list):
        study, reason = {}, "Orthanc shows no labels of the --study (it has labels since 1.12.0)"
    tags = study.get("MainDicomTags")
    uid = str(tags.get("StudyInstanceUID", "")) if isinstance(tags, Mapping) else ""
    instance = _first(series.get("Instances"))
    _store(known, "study", studies.study if study else "", reason)
    _store(known, "uid", uid, "the study shows no UID" if study else reason)
    _store(known, "instance", instance if study else "", "the study shows no instance" if study else reason)
    known.studies["study"] = _study(studies.study, uid, instance, frozenset(map(str, labels or ())))


def _add_link(known: KnownCallers, discovery: Discovery, policy: Policy, tokens: Tokens) -> None:
    """The link as the guard reads it: its `id` says whether it hands out files, and whether it stays in a browser."""
    if "link" not in discovery.values:
        known.missing.setdefault("linked_uid", known.missing.get("link", ""))
        return
    payload = token_payload(tokens.link)
    is_share = str(payload.get("type", "")).endswith("-publication")
    words = str(payload.get("id") or "").split(" ")
    linked, uid = discovery.values["linked"], discovery.values.get("linked_uid", "")
    _store(known, "linked_uid", uid, "the link does not name the UID of its study")
    known.principals[Caller.LINK] = _LINKS[
        PrincipalKind.SHARE_LINK if is_share else PrincipalKind.INSTANT_LINK
    ]
    carrier = next(
        (each.name for each in policy.configuration.carriers if not each.argument), "Authorization"
    )
    known.link = Token(
        carrier,
        TokenKind.LINK,
        studies=frozenset({linked, uid} - {""}),
        decodable=is_share,
        hands_out_files="download" in words,
        elsewhere=any(word.startswith("browser:") for word in words),
    )
    known.studies["linked"] = _study(linked, uid, "", frozenset())


def _study(orthanc_id: str, uid: str, instance: str, labels: frozenset[str]) -> Study:
    identifiers = {Level.STUDY: (orthanc_id, uid), Level.INSTANCE: (instance, "")}
    return make_study(orthanc_id, labels, identifiers)


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else ""
