"""The callers of a comparison as the model takes them: roles of a token, limits of a link, labels of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from orthgen.authz.model import Token, TokenKind
from orthgen.authz.policy import WITHOUT_ROLE, Principal, PrincipalKind, Study, make_study
from orthgen.authz.resources import Level
from orthgen.formats.json_web_token import unverified_parts
from orthgen.probe.discovery import authorization
from orthgen.probe.model import Caller, Reply, Site, Subjects, Tokens
from orthgen.probe.verdict import parsed, read_json

if TYPE_CHECKING:
    from orthgen.authz.policy import Policy
    from orthgen.probe.client import Client
    from orthgen.probe.discovery import Discovery

_SIGNED_OUT = WITHOUT_ROLE[0]
_LINKS = {principal.kind: principal for principal in WITHOUT_ROLE[1:]}


class Stage(Struct):
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


def stage_of(
    client: Client, discovery: Discovery, policy: Policy, tokens: Tokens, subjects: Subjects
) -> Stage:
    """The callers that were given, and the studies that they name, by a few reads."""
    stage = Stage({Caller.NOBODY: _SIGNED_OUT}, dict(discovery.missing), dict(discovery.values))
    _store(stage, "share", policy.share or "", "no share links are made")
    _add_user(stage, client, discovery, tokens, subjects)
    _add_link(stage, discovery, policy, tokens)
    if subjects.other:
        stage.values["other"] = subjects.other
        stage.studies["other"] = _study(subjects.other, "", "", frozenset())
    return stage


def roles_of(token: str) -> tuple[str, ...] | None:
    """The roles of a user's token, where the auth-service looks for them; None where the token shows none."""
    access = _payload(token).get("realm_access")
    roles = access.get("roles") if isinstance(access, Mapping) else None
    return tuple(str(role) for role in roles) if isinstance(roles, list) else None


def _payload(token: str) -> Mapping[str, Any]:
    try:
        value = read_json(unverified_parts(token)[1])
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _store(stage: Stage, name: str, value: str, reason: str) -> None:
    if value:
        stage.values[name] = value
        stage.missing.pop(name, None)
    else:
        stage.missing[name] = reason


def _add_user(stage: Stage, client: Client, discovery: Discovery, tokens: Tokens, subjects: Subjects) -> None:
    roles = roles_of(tokens.user) if tokens.user else None
    if roles is None:
        reason = "the --user-token names no roles" if tokens.user else "needs --user-token"
        stage.missing |= dict.fromkeys(("user", "study", "uid", "instance"), reason)
        return
    stage.missing.pop("user", None)
    name = " and ".join(roles) or "a user without roles"
    stage.principals[Caller.USER] = Principal(PrincipalKind.ROLE, name, name, roles)
    root, headers = discovery.roots[Site.ORTHANC], authorization(Caller.USER, tokens)

    def read(path: str) -> Mapping[str, Any]:
        return _members(client.send("GET", f"{root}{path}", headers=headers))

    study = read(f"studies/{subjects.study}") if subjects.study else {}
    series = read(f"series/{_first(study.get('Series'))}") if _first(study.get("Series")) else {}
    reason = "the user does not see the --study" if subjects.study else "needs --study"
    labels = study.get("Labels")
    if study and not isinstance(labels, list):
        study, reason = {}, "Orthanc shows no labels of the --study (it has labels since 1.12.0)"
    tags = study.get("MainDicomTags")
    uid = str(tags.get("StudyInstanceUID", "")) if isinstance(tags, Mapping) else ""
    instance = _first(series.get("Instances"))
    _store(stage, "study", subjects.study if study else "", reason)
    _store(stage, "uid", uid, "the study shows no UID" if study else reason)
    _store(stage, "instance", instance if study else "", "the study shows no instance" if study else reason)
    stage.studies["study"] = _study(subjects.study, uid, instance, frozenset(map(str, labels or ())))


def _add_link(stage: Stage, discovery: Discovery, policy: Policy, tokens: Tokens) -> None:
    """The link as the guard reads it: its `id` says whether it hands out files, and whether it stays in a browser."""
    if "link" not in discovery.values:
        stage.missing.setdefault("linked_uid", stage.missing.get("link", ""))
        return
    payload = _payload(tokens.link)
    is_share = str(payload.get("type", "")).endswith("-publication")
    words = str(payload.get("id") or "").split(" ")
    linked, uid = discovery.values["linked"], discovery.values.get("linked_uid", "")
    _store(stage, "linked_uid", uid, "the link does not name the UID of its study")
    stage.principals[Caller.LINK] = _LINKS[
        PrincipalKind.SHARE_LINK if is_share else PrincipalKind.INSTANT_LINK
    ]
    carrier = next(
        (each.name for each in policy.configuration.carriers if not each.argument), "Authorization"
    )
    stage.link = Token(
        carrier,
        TokenKind.LINK,
        studies=frozenset({linked, uid} - {""}),
        decodable=is_share,
        hands_out_files="download" in words,
        elsewhere=any(word.startswith("browser:") for word in words),
    )
    stage.studies["linked"] = _study(linked, uid, "", frozenset())


def _study(orthanc_id: str, uid: str, instance: str, labels: frozenset[str]) -> Study:
    identifiers = {Level.STUDY: (orthanc_id, uid), Level.INSTANCE: (instance, "")}
    return make_study(orthanc_id, labels, identifiers)


def _members(reply: Reply) -> Mapping[str, Any]:
    value = parsed(reply) if reply.status == 200 else None
    return value if isinstance(value, dict) else {}


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else ""
