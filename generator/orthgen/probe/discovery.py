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
from orthgen.probe.model import Ask, Caller, Found, Reply, Site, Subjects, Tokens, Verdict
from orthgen.probe.verdict import parsed, read_json

_ORTHANC_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
_DICOM_UID = re.compile(r"[0-9.]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
# What Orthanc calls itself where it asks for a password (1.12.7 and 1.13.0, Core/HttpServer/HttpServer.cpp).
_ORTHANCS_CHALLENGE = "Orthanc Secure Area"
_NO_PATH = "orthgen-verify-nowhere"
# Where the samples of the auth-service publish Orthanc, beside the root.
_USUAL_ROOTS = ("/", "/orthanc/")

SURVEY = (
    Ask("GET", "", what="the address as it was given"),
    Ask("GET", "ui/api/pre-login-configuration"),
    Ask("GET", "system"),
    Ask("GET", _NO_PATH, what="a path that nobody has, where everything is refused"),
    Ask(
        "GET",
        _NO_PATH,
        site=Site.KEYCLOAK,
        what="a path that nobody has, where Keycloak's administration answers",
    ),
    Ask("GET", "auth/user/profile", Caller.USER),
    Ask("GET", "studies/{study}", Caller.USER),
    Ask("GET", "studies/{linked}", Caller.LINK),
)
"""What it asks for, in order, for those who want to know beforehand."""


class Survey(Struct):
    """
    What is known about a deployment.

    `words` fill the `{words}` of checks; `missing` says for each that is not known what it takes; `known` are the
    verdicts that need no question of their own.
    """

    roots: dict[Site, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    permissions: frozenset[str] = frozenset()
    known: dict[str, Found] = field(default_factory=dict)


def survey(client: Client, tokens: Tokens, subjects: Subjects) -> Survey:
    """Look around with a handful of reads. Raises DeploymentUnreachable where nothing behaves like Orthanc."""
    check_subjects(subjects)
    for name, token in (("--user-token", tokens.user), ("--link-token", tokens.link)):
        _check_token(name, token, client)
    found = Survey()
    client.reach()
    configuration = _find_orthanc(client, found, tokens)
    _find_keycloak(client, found, configuration)
    _look_at_transport(client, found)
    _look_at_user(client, found, tokens.user, subjects)
    _look_at_link(client, found, tokens.link)
    for word, value, option in (
        ("other", subjects.other, "--other-study"),
        ("other_uid", subjects.other_uid, "--other-study-uid"),
        (
            "any_uid",
            subjects.other_uid or found.words.get("linked_uid", ""),
            "--link-token or --other-study-uid",
        ),
    ):
        _know(found, word, value, f"needs {option}")
    found.known["token-mix"] = Found(
        Verdict.UNKNOWN, "takes two people's tokens on one request; nothing is opened by it"
    )
    return found


def headers_of(caller: Caller, tokens: Tokens) -> dict[str, str]:
    """The header that makes a request the caller's. Every standard configuration of the plugin reads this one."""
    token = {Caller.NOBODY: "", Caller.USER: tokens.user, Caller.LINK: tokens.link}[caller]
    return {"Authorization": f"Bearer {token}"} if token else {}


def check_subjects(subjects: Subjects) -> None:
    """Raises OrthgenError where an id is none: what goes into an address has to be what it seems."""
    for option, value, expression, what in (
        ("--study", subjects.study, _ORTHANC_ID, "an Orthanc id"),
        ("--other-study", subjects.other, _ORTHANC_ID, "an Orthanc id"),
        ("--other-study-uid", subjects.other_uid, _DICOM_UID, "a DICOM UID"),
    ):
        if value and not expression.fullmatch(value):
            raise OrthgenError(
                f"{option} wants {what}", hint="copy it from the study's page in Orthanc Explorer 2"
            )


def _check_token(name: str, token: str, client: Client) -> None:
    if token and not _TOKEN.fullmatch(token):
        raise OrthgenError(
            f"what was given for {name} is no token",
            hint="the token alone, in one line, without `Bearer` and without the link's address around it",
        )
    if token and not client.address.is_private():
        raise OrthgenError(
            "tokens are not sent over plain http to another host",
            hint="use the https address, or leave the tokens out",
        )


def _know(found: Survey, word: str, value: str, otherwise: str) -> None:
    if value:
        found.words[word] = value
    else:
        found.missing[word] = otherwise


# -------------------------------------------------------------------------------------------------- services


def _find_orthanc(client: Client, found: Survey, tokens: Tokens) -> Mapping[str, Any]:
    """Sets Orthanc's root; what its start page is told before the sign-in."""
    path = client.address.path
    refusing = blanket = ""
    for root in (path,) if path not in _USUAL_ROOTS[:1] else _USUAL_ROOTS:
        configuration = _members(client.ask("GET", f"{root}ui/api/pre-login-configuration"))
        system = client.ask("GET", f"{root}system")
        if "Keycloak" in configuration or "ApiVersion" in _members(system):
            return _settle(found, root, system, configuration)
        if system.status not in {401, 403} or refusing:
            continue
        if _refuses_everything(client, root, system) and not _is_known_to(client, root, tokens):
            blanket = str(system.status)
            continue
        refusing = root
        _look_at_passwords(found, system)
    if refusing:
        return _settle(found, refusing, None, {})
    if blanket:
        raise DeploymentUnreachable(
            f"{client.address.origin}{path} answers every path by {blanket}: whether that is an Orthanc cannot be told",
            hint="give the address of Orthanc's root behind the sign-in that stands before it, or a `--user-token` that "
            "Orthanc takes",
        )
    raise DeploymentUnreachable(
        f"nothing at {client.address.origin}{path} behaves like Orthanc",
        hint="give the address of Orthanc's root, as in `https://pacs.example.org/orthanc/`",
    )


def _refuses_everything(client: Client, root: str, refusal: Reply) -> bool:
    """Whether a path that nobody has is refused alike: by something before Orthanc, or in another's place."""
    # Where its plugin says no, Orthanc sends the status alone (1.12.7 and 1.13.0).
    by_plugin = refusal.status == 403 and not refusal.body
    if by_plugin or _ORTHANCS_CHALLENGE in refusal.headers.get("www-authenticate", ""):
        return False
    return client.ask("GET", f"{root}{_NO_PATH}").status == refusal.status


def _is_known_to(client: Client, root: str, tokens: Tokens) -> bool:
    """Whether the limited user's token opens what only Orthanc has."""
    headers = headers_of(Caller.USER, tokens)
    return bool(headers) and bool(_members(client.ask("GET", f"{root}auth/user/profile", headers=headers)))


def _members(reply: Reply) -> Mapping[str, Any]:
    """The members of the JSON object in an answer; none where it is something else."""
    value = parsed(reply)
    return value if isinstance(value, dict) else {}


def _settle(
    found: Survey, root: str, system: Reply | None, configuration: Mapping[str, Any]
) -> Mapping[str, Any]:
    found.roots |= {Site.ORTHANC: root, Site.ORIGIN: "/", Site.CLEAR: "/"}
    if system is not None:
        _look_at_passwords(found, system)
    return configuration


def _look_at_passwords(found: Survey, system: Reply) -> None:
    asks = system.status == 401 and "basic" in system.headers.get("www-authenticate", "").lower()
    verdict, said = (
        (
            Verdict.UNKNOWN,
            "401, a password is asked for; whether tokens are meant to work beside takes --user-token",
        )
        if asks
        else (Verdict.CLOSED, f"{system.status}, no password is asked for")
    )
    found.known["passwords-beside"] = Found(verdict, said)


def _find_keycloak(client: Client, found: Survey, configuration: Mapping[str, Any]) -> None:
    told = configuration.get("Keycloak")
    if not isinstance(told, dict):
        # The samples publish it there.
        found.roots[Site.KEYCLOAK] = "/keycloak/"
        found.missing |= dict.fromkeys(("realm", "client"), "Orthanc Explorer 2 does not tell of a realm")
        return
    url = _sendable(told.get("Url"))
    if not _is_same_origin(url, client.address.origin):
        found.missing |= dict.fromkeys(
            ("keycloak", "realm", "client"),
            "Keycloak has another address, and requests go to the given one only",
        )
        return
    found.roots[Site.KEYCLOAK] = quote(urlsplit(url).path.rstrip("/"), safe="/") + "/"
    for word, key in (("realm", "Realm"), ("client", "ClientId")):
        _know(found, word, quote(_sendable(told.get(key)), safe=""), "Orthanc Explorer 2 does not tell of it")


def _sendable(value: object) -> str:
    """A text that can stand in an address; nothing for what is none (half a character, a number)."""
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""


def _is_same_origin(url: str, origin: str) -> bool:
    try:
        parts, own = urlsplit(url), urlsplit(origin)
        usual = {"https": 443, "http": 80}
        theirs = (parts.scheme, parts.hostname, parts.port or usual.get(parts.scheme))
        return theirs == (own.scheme, own.hostname, own.port or usual[own.scheme])
    except ValueError:
        return False


def _look_at_transport(client: Client, found: Survey) -> None:
    address = client.address
    if address.scheme != "https":
        verdict = Verdict.UNKNOWN if address.is_private() else Verdict.OPEN
        found.known |= {
            "https": Found(verdict, "plain http" + (" on this machine" if address.is_private() else "")),
            "hsts": Found(Verdict.UNKNOWN, "plain http"),
            "old-tls": Found(Verdict.UNKNOWN, "plain http"),
        }
        found.missing["clear"] = "the address is plain http"
        return
    found.known["https"] = Found(Verdict.CLOSED, "https, with a certificate that is accepted here")
    header = client.ask("GET", found.roots[Site.ORTHANC]).headers.get("strict-transport-security", "")
    is_set = bool(re.search(r"max-age=\"?[1-9]", header, re.IGNORECASE))
    found.known["hsts"] = Found(
        *(
            (Verdict.CLOSED, "Strict-Transport-Security is sent")
            if is_set
            else (Verdict.OPEN, "it is not sent")
        )
    )
    found.known["old-tls"] = {
        True: Found(Verdict.OPEN, "TLS 1.0 or 1.1 is spoken"),
        False: Found(Verdict.CLOSED, "TLS 1.0 and 1.1 are refused"),
        None: Found(Verdict.UNKNOWN, "could not be tried from here"),
    }[client.takes_old_tls()]
    if address.port != 443:
        found.missing["clear"] = "the address has a port of its own"


# ---------------------------------------------------------------------------------------------------- tokens


def _look_at_user(client: Client, found: Survey, token: str, subjects: Subjects) -> None:
    wants = "needs --user-token of somebody whose roles are limited to some labels"
    found.known["upload-beyond-labels"] = Found(Verdict.UNKNOWN, wants)
    if not token:
        found.missing |= {"user": wants, "study": wants, "patient": wants}
        return
    root, headers = found.roots[Site.ORTHANC], headers_of(Caller.USER, Tokens(user=token))
    reply = client.ask("GET", f"{root}auth/user/profile", headers=headers)
    if reply.status == 401 and "basic" in reply.headers.get("www-authenticate", "").lower():
        found.known["passwords-beside"] = Found(Verdict.OPEN, "401, a password is asked for beside the token")
    trouble = _trouble_with_user(found, reply)
    if trouble:
        found.missing |= {"user": trouble, "study": trouble, "patient": trouble}
        found.known["upload-beyond-labels"] = Found(Verdict.UNKNOWN, trouble)
        return
    found.words["user"] = "yes"
    may = bool(found.permissions & {"all", "upload"})
    found.known["upload-beyond-labels"] = Found(
        *(
            (Verdict.OPEN, "the limited user may upload")
            if may
            else (Verdict.CLOSED, "the limited user may not upload")
        )
    )
    study: Mapping[str, Any] = {}
    if subjects.study:
        study = _members(client.ask("GET", f"{root}studies/{subjects.study}", headers=headers))
    if not _ORTHANC_ID.fullmatch(str(study.get("ParentPatient", ""))):
        reason = "the limited user does not see the --study" if subjects.study else "needs --study"
        found.missing |= {"study": reason, "patient": f"{reason}: one that the limited user sees"}
        return
    found.words |= {"study": subjects.study, "patient": study["ParentPatient"]}


def _trouble_with_user(found: Survey, reply: Reply) -> str:
    """Why nothing can be concluded with this user's token; nothing where something can. Notes the permissions."""
    profile = _members(reply)
    labels = profile.get("authorized-labels") or []
    if (
        reply.status != 200
        or not isinstance(profile.get("permissions"), list)
        or not isinstance(labels, list)
    ):
        return "the --user-token could not be tried: `auth/user/profile` does not tell whose it is"
    found.permissions = frozenset(str(one) for one in profile["permissions"])
    if not found.permissions or not labels:
        return "the --user-token opens nothing: has it expired?"
    return "the --user-token is of somebody who sees every study" if "*" in labels else ""


def _look_at_link(client: Client, found: Survey, token: str) -> None:
    wants = "needs --link-token, the token of a link to one study"
    found.known["link-expires"] = Found(Verdict.UNKNOWN, wants)
    if not token:
        found.missing |= {"link": wants, "linked": wants}
        return
    payload = _payload(token)
    study = _linked_study(payload)
    linked = str(study.get("orthanc_id") or study.get("orthanc-id") or "")
    if not _ORTHANC_ID.fullmatch(linked):
        trouble = "the --link-token is none of a link to a study with its Orthanc id"
        found.missing |= {"link": trouble, "linked": trouble}
        found.known["link-expires"] = Found(Verdict.UNKNOWN, trouble)
        return
    found.known["link-expires"] = _life(payload)
    path = f"{found.roots[Site.ORTHANC]}studies/{linked}"
    reply = client.ask("GET", path, headers=headers_of(Caller.LINK, Tokens(link=token)))
    if reply.status != 200:
        trouble = (
            f"the --link-token does not open its own study ({reply.status or reply.failure}): has it expired?"
        )
        found.missing |= {"link": trouble, "linked": trouble}
        return
    found.words |= {"link": "yes", "linked": linked}
    uid = str(study.get("dicom_uid") or study.get("dicom-uid") or "")
    if _DICOM_UID.fullmatch(uid):
        found.words["linked_uid"] = uid


def _payload(token: str) -> Mapping[str, Any]:
    """What a link says of itself. Nobody's signature is checked: it is only read where to ask."""
    try:
        _, payload = unverified_parts(token)
        value = read_json(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _linked_study(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = payload.get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    return first if isinstance(first, dict) else {}


def _life(payload: Mapping[str, Any]) -> Found:
    ends = payload.get("expiration_date") or payload.get("expiration-date")
    if not ends:
        return Found(Verdict.OPEN, "this link never expires")
    try:
        return Found(Verdict.CLOSED, f"this link expires on {datetime.fromisoformat(str(ends)).date()}")
    except ValueError:
        return Found(Verdict.UNKNOWN, "the link says in an unknown way when it expires")
