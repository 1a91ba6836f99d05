"""
Discovery of the deployment's services, and a test of the given tokens. Reads only.

A token without any right would make every request look refused. So each token is first tried on a request that it
must open; only then a refusal counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct, field

from orthgen.errors import DeploymentUnreachable, OrthgenError
from orthgen.formats.json_web_token import unverified_parts
from orthgen.probe.client import Client
from orthgen.probe.model import Caller, GivenStudies, Outcome, ProbeReply, ProbeRequest, Site, Tokens, Verdict
from orthgen.probe.verdict import json_or_none, members

_ORTHANC_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
_DICOM_UID = re.compile(r"[0-9.]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
# What Orthanc calls itself where it asks for a password (1.12.7 and 1.13.0, Core/HttpServer/HttpServer.cpp).
_ORTHANCS_CHALLENGE = "Orthanc Secure Area"
_MISSING_PATH = "orthgen-verify-nowhere"
# Where the samples of the auth-service publish Orthanc, beside the root.
_DEFAULT_ROOTS = ("/", "/orthanc/")

DISCOVERY_REQUESTS = (
    ProbeRequest("GET", "", note="the address as it was given"),
    ProbeRequest("GET", "ui/api/pre-login-configuration"),
    ProbeRequest("GET", "system"),
    ProbeRequest("GET", _MISSING_PATH, note="a path that nobody has, where everything is refused"),
    ProbeRequest(
        "GET",
        _MISSING_PATH,
        site=Site.KEYCLOAK,
        note="a path that nobody has, where Keycloak's administration answers",
    ),
    ProbeRequest("GET", "auth/user/profile", Caller.USER),
    ProbeRequest("GET", "studies/{study}", Caller.USER),
    ProbeRequest("GET", "studies/{linked}", Caller.LINK),
)
"""The requests of the discovery, in order, for `verify --list`."""


class Discovery(Struct):
    """
    Facts about a deployment.

    `values` fill the `{names}` of checks; `missing` has the reason for each missing value; `outcomes` are those of
    checks without a request of their own.
    """

    roots: dict[Site, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    permissions: frozenset[str] = frozenset()
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def discover(client: Client, tokens: Tokens, studies: GivenStudies) -> Discovery:
    """Discover the services with a few reads. Raises DeploymentUnreachable where no answer is Orthanc's."""
    check_given_studies(studies)
    for name, token in (("--user-token", tokens.user), ("--link-token", tokens.link)):
        _check_token(name, token, client)
    discovery = Discovery()
    client.reach()
    configuration = _find_orthanc(client, discovery, tokens)
    _find_keycloak(client, discovery, configuration)
    _check_transport(client, discovery)
    _check_user(client, discovery, tokens.user, studies)
    _check_link(client, discovery, tokens.link)
    for name, value, option in (
        ("other", studies.other, "--other-study"),
        ("other_uid", studies.other_uid, "--other-study-uid"),
        (
            "any_uid",
            studies.other_uid or discovery.values.get("linked_uid", ""),
            "--link-token or --other-study-uid",
        ),
    ):
        _store(discovery, name, value, f"needs {option}")
    discovery.outcomes["token-mix"] = Outcome(
        Verdict.UNKNOWN, "takes two people's tokens on one request; nothing is opened by it"
    )
    return discovery


def authorization(caller: Caller, tokens: Tokens) -> dict[str, str]:
    """The header with the caller's token, in the form that every standard configuration of the plugin reads."""
    token = {Caller.NOBODY: "", Caller.USER: tokens.user, Caller.LINK: tokens.link}[caller]
    return {"Authorization": f"Bearer {token}"} if token else {}


def token_payload(token: str) -> Mapping[str, Any]:
    """The payload of a token; empty where it has none. The signature is not checked: the deployment itself checks it."""
    try:
        value = json_or_none(unverified_parts(token)[1])
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def check_given_studies(studies: GivenStudies) -> None:
    """Raise OrthgenError where an id has another form, because it becomes part of an address."""
    for option, value, expression, what in (
        ("--study", studies.study, _ORTHANC_ID, "an Orthanc id"),
        ("--other-study", studies.other, _ORTHANC_ID, "an Orthanc id"),
        ("--other-study-uid", studies.other_uid, _DICOM_UID, "a DICOM UID"),
    ):
        if value and not expression.fullmatch(value):
            raise OrthgenError(
                f"{option} needs {what}", hint="copy it from the study's page in Orthanc Explorer 2"
            )


def _check_token(name: str, token: str, client: Client) -> None:
    if token and not _TOKEN.fullmatch(token):
        raise OrthgenError(
            f"what was given for {name} is not a token",
            hint="the token alone, in one line, without `Bearer` and without the link's address around it",
        )
    if token and not client.address.is_private():
        raise OrthgenError(
            "tokens are not sent over plain http to another host",
            hint="use the https address, or leave the tokens out",
        )


def _store(discovery: Discovery, name: str, value: str, reason: str) -> None:
    if value:
        discovery.values[name] = value
    else:
        discovery.missing[name] = reason


# -------------------------------------------------------------------------------------------------- services


def _find_orthanc(client: Client, discovery: Discovery, tokens: Tokens) -> Mapping[str, Any]:
    """Set Orthanc's root; the configuration that its start page reads before the sign-in."""
    path = client.address.path
    root_with_refusal = refusal_status = ""
    for root in (path,) if path not in _DEFAULT_ROOTS[:1] else _DEFAULT_ROOTS:
        configuration = members(client.send("GET", f"{root}ui/api/pre-login-configuration"))
        system = client.send("GET", f"{root}system")
        if "Keycloak" in configuration or "ApiVersion" in members(system):
            return _set_roots(discovery, root, system, configuration)
        if system.status not in {401, 403} or root_with_refusal:
            continue
        if _refuses_everything(client, root, system) and not _accepts_token(client, root, tokens):
            refusal_status = str(system.status)
            continue
        root_with_refusal = root
        _check_passwords(discovery, system)
    if root_with_refusal:
        return _set_roots(discovery, root_with_refusal, None, {})
    if refusal_status:
        raise DeploymentUnreachable(
            f"{client.address.origin}{path} answers every path by {refusal_status}: orthgen cannot detect whether that is an Orthanc",
            hint="another program may ask for a sign-in in front of Orthanc: give the address of Orthanc's root behind it, or "
            "a `--user-token` that Orthanc accepts",
        )
    raise DeploymentUnreachable(
        f"nothing at {client.address.origin}{path} behaves like Orthanc",
        hint="give the address of Orthanc's root, as in `https://pacs.example.org/orthanc/`",
    )


def _refuses_everything(client: Client, root: str, refusal: ProbeReply) -> bool:
    """Whether a missing path is refused too: then another program answers before Orthanc."""
    # Orthanc sends no body when its plugin refuses (1.12.7 and 1.13.0).
    by_plugin = refusal.status == 403 and not refusal.body
    if by_plugin or _ORTHANCS_CHALLENGE in refusal.headers.get("www-authenticate", ""):
        return False
    return client.send("GET", f"{root}{_MISSING_PATH}").status == refusal.status


def _accepts_token(client: Client, root: str, tokens: Tokens) -> bool:
    """Whether Orthanc accepts the limited user's token."""
    headers = authorization(Caller.USER, tokens)
    return bool(headers) and bool(members(client.send("GET", f"{root}auth/user/profile", headers=headers)))


def _set_roots(
    discovery: Discovery, root: str, system: ProbeReply | None, configuration: Mapping[str, Any]
) -> Mapping[str, Any]:
    discovery.roots |= {Site.ORTHANC: root, Site.ORIGIN: "/", Site.CLEAR: root}
    if system is not None:
        _check_passwords(discovery, system)
    return configuration


def _check_passwords(discovery: Discovery, system: ProbeReply) -> None:
    needs_password = system.status == 401 and "basic" in system.headers.get("www-authenticate", "").lower()
    verdict, reason = (
        (
            Verdict.UNKNOWN,
            "401, a password is asked for; whether tokens are meant to work beside takes --user-token",
        )
        if needs_password
        else (Verdict.CLOSED, f"{system.status}, no password is asked for")
    )
    discovery.outcomes["passwords-beside"] = Outcome(verdict, reason)


def _find_keycloak(client: Client, discovery: Discovery, configuration: Mapping[str, Any]) -> None:
    settings = configuration.get("Keycloak")
    if not isinstance(settings, dict):
        # The auth-service's samples publish Keycloak there.
        discovery.roots[Site.KEYCLOAK] = "/keycloak/"
        discovery.missing |= dict.fromkeys(("realm", "client"), "Orthanc Explorer 2 does not reveal a realm")
        return
    url = _url_text(settings.get("Url"))
    if not _is_same_origin(url, client.address.origin):
        discovery.missing |= dict.fromkeys(
            ("keycloak", "realm", "client"),
            "Keycloak has another address, and requests go to the given one only",
        )
        return
    discovery.roots[Site.KEYCLOAK] = quote(urlsplit(url).path.rstrip("/"), safe="/") + "/"
    for name, key in (("realm", "Realm"), ("client", "ClientId")):
        _store(
            discovery,
            name,
            quote(_url_text(settings.get(key)), safe=""),
            "Orthanc Explorer 2 does not reveal it",
        )


def _url_text(value: object) -> str:
    """A text for an address; an empty one for other values (half a character, a number)."""
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""


def _is_same_origin(url: str, origin: str) -> bool:
    try:
        parts, given = urlsplit(url), urlsplit(origin)
        usual = {"https": 443, "http": 80}
        other_origin = (parts.scheme, parts.hostname, parts.port or usual.get(parts.scheme))
        return other_origin == (given.scheme, given.hostname, given.port or usual[given.scheme])
    except ValueError:
        return False


def _check_transport(client: Client, discovery: Discovery) -> None:
    address = client.address
    if address.scheme != "https":
        verdict = Verdict.UNKNOWN if address.is_private() else Verdict.OPEN
        discovery.outcomes |= {
            "https": Outcome(verdict, "plain http" + (" on this machine" if address.is_private() else "")),
            "hsts": Outcome(Verdict.UNKNOWN, "plain http"),
            "old-tls": Outcome(Verdict.UNKNOWN, "plain http"),
        }
        discovery.missing["clear"] = "the address is plain http"
        return
    discovery.outcomes["https"] = Outcome(Verdict.CLOSED, "https, with a certificate that is accepted here")
    header = client.send("GET", discovery.roots[Site.ORTHANC]).headers.get("strict-transport-security", "")
    is_set = bool(re.search(r"max-age=\"?[1-9]", header, re.IGNORECASE))
    discovery.outcomes["hsts"] = Outcome(
        *(
            (Verdict.CLOSED, "Strict-Transport-Security is sent")
            if is_set
            else (Verdict.OPEN, "it is not sent")
        )
    )
    discovery.outcomes["old-tls"] = {
        True: Outcome(Verdict.OPEN, "TLS 1.0 or 1.1 is spoken"),
        False: Outcome(Verdict.CLOSED, "TLS 1.0 and 1.1 are refused"),
        None: Outcome(Verdict.UNKNOWN, "could not be tried from here"),
    }[client.takes_old_tls()]
    if address.port != 443:
        discovery.missing["clear"] = "the address has a port of its own"


# ---------------------------------------------------------------------------------------------------- tokens


def _check_user(client: Client, discovery: Discovery, token: str, studies: GivenStudies) -> None:
    need = "needs --user-token of somebody whose roles are limited to some labels"
    discovery.outcomes["upload-beyond-labels"] = Outcome(Verdict.UNKNOWN, need)
    if not token:
        discovery.missing |= {"user": need, "study": need, "patient": need}
        return
    root, headers = discovery.roots[Site.ORTHANC], authorization(Caller.USER, Tokens(user=token))
    reply = client.send("GET", f"{root}auth/user/profile", headers=headers)
    if reply.status == 401 and "basic" in reply.headers.get("www-authenticate", "").lower():
        discovery.outcomes["passwords-beside"] = Outcome(
            Verdict.OPEN, "401, a password is asked for beside the token"
        )
    problem = _user_problem(discovery, reply)
    if problem:
        discovery.missing |= {"user": problem, "study": problem, "patient": problem}
        discovery.outcomes["upload-beyond-labels"] = Outcome(Verdict.UNKNOWN, problem)
        return
    discovery.values["user"] = "yes"
    may = bool(discovery.permissions & {"all", "upload"})
    discovery.outcomes["upload-beyond-labels"] = Outcome(
        *(
            (Verdict.OPEN, "the limited user may upload")
            if may
            else (Verdict.CLOSED, "the limited user may not upload")
        )
    )
    study: Mapping[str, Any] = {}
    if studies.study:
        study = members(client.send("GET", f"{root}studies/{studies.study}", headers=headers))
    if not _ORTHANC_ID.fullmatch(str(study.get("ParentPatient", ""))):
        reason = "the limited user does not see the --study" if studies.study else "needs --study"
        discovery.missing |= {"study": reason, "patient": f"{reason}: one that the limited user sees"}
        return
    discovery.values |= {"study": studies.study, "patient": study["ParentPatient"]}


def _user_problem(discovery: Discovery, reply: ProbeReply) -> str:
    """The reason why the token is no use for checks, or an empty text. Stores the permissions."""
    profile = members(reply)
    labels = profile.get("authorized-labels") or []
    if (
        reply.status != 200
        or not isinstance(profile.get("permissions"), list)
        or not isinstance(labels, list)
    ):
        return "the --user-token could not be tried: `auth/user/profile` does not tell whose it is"
    discovery.permissions = frozenset(str(permission) for permission in profile["permissions"])
    if not discovery.permissions or not labels:
        return "the --user-token opens nothing: has it expired?"
    return "the --user-token is of somebody who sees every study" if "*" in labels else ""


def _check_link(client: Client, discovery: Discovery, token: str) -> None:
    need = "needs --link-token, the token of a link to one study"
    discovery.outcomes["link-expires"] = Outcome(Verdict.UNKNOWN, need)
    if not token:
        discovery.missing |= {"link": need, "linked": need}
        return
    payload = token_payload(token)
    study = _linked_study(payload)
    linked = str(study.get("orthanc_id") or study.get("orthanc-id") or "")
    if not _ORTHANC_ID.fullmatch(linked):
        problem = "the --link-token is not of a link to a study with its Orthanc id"
        discovery.missing |= {"link": problem, "linked": problem}
        discovery.outcomes["link-expires"] = Outcome(Verdict.UNKNOWN, problem)
        return
    discovery.outcomes["link-expires"] = _expiry(payload)
    path = f"{discovery.roots[Site.ORTHANC]}studies/{linked}"
    reply = client.send("GET", path, headers=authorization(Caller.LINK, Tokens(link=token)))
    if reply.status != 200:
        problem = (
            f"the --link-token does not open its own study ({reply.status or reply.failure}): has it expired?"
        )
        discovery.missing |= {"link": problem, "linked": problem}
        return
    discovery.values |= {"link": "yes", "linked": linked}
    uid = str(study.get("dicom_uid") or study.get("dicom-uid") or "")
    if _DICOM_UID.fullmatch(uid):
        discovery.values["linked_uid"] = uid


def _linked_study(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = payload.get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    return first if isinstance(first, dict) else {}


def _expiry(payload: Mapping[str, Any]) -> Outcome:
    ends = payload.get("expiration_date") or payload.get("expiration-date")
    if not ends:
        return Outcome(Verdict.OPEN, "this link never expires")
    try:
        return Outcome(Verdict.CLOSED, f"this link expires on {datetime.fromisoformat(str(ends)).date()}")
    except ValueError:
        return Outcome(Verdict.UNKNOWN, "the link says in an unknown way when it expires")
