"""
`orthgen verify` against real servers: a rendered nginx with its guard, real Orthanc, real Keycloak.

In front of the rendered edge everything that can be seen is closed; behind a bare proxy what the samples leave open is
open; and a real archive is the same before and after, however open it stands.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.authz.resources import STORED_LEVELS, Level, index, study_tree
from orthgen.catalogue import releases
from orthgen.cli.tasks.asked_policy import read_asked_policy
from orthgen.deployment import naming
from orthgen.probe.client import Client, parse_address
from orthgen.probe.discovery import discover
from orthgen.probe.expected.callers import known_callers
from orthgen.probe.expected.compare import Comparer, ComparisonResult
from orthgen.probe.model import GivenStudies, Tokens, Verdict
from orthgen.probe.run import run
from orthgen.products.access_page.model import access_policy
from orthgen.products.nginx import nginx_files
from orthgen.products.orthanc import orthanc_settings
from orthgen.realm.realm_file import realm_file
from orthgen.targets import TARGETS
from tests.real.test_guard import PROFILE
from tests.support.builders import make_deployment, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.deployed import GIVEN_STUDIES, TOKENS, Archive, Served, bare, strict_keycloak
from tests.support.filtered import FilteredOrthanc, link_token_to, user_token
from tests.support.filtered import archive as authorized
from tests.support.provisioning import in_realm
from tests.support.real import dicom, parts, web
from tests.support.real.standin import Answer
from tests.support.rendered_nginx import edge, every_nginx

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.authz.resources import Resource
    from orthgen.deployment.model import Deployment
    from tests.support.real.keycloak import RunningKeycloak
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx as Program
    from tests.support.real.orthanc import Orthanc, RunningOrthanc
    from tests.support.rendered_nginx import Nginx

EVERY_NGINX = [pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()]
# A limited role without uploading, which nothing limits to labels (W6).
ROLES = """
limited: {can: [view, send], collections: [external]}
admin: {can: [everything, administer], collections: all}
"""
# Over plain http on this machine nothing can be shown of TLS; W7 cannot be told at all.
ON_THIS_MACHINE = {"https", "hsts", "old-tls", "http-redirect", "token-mix"}
# The link of the tests names no end, which the edge has no say in.
OF_THE_LINK = {"link-expires"}


def _found(address: str, tokens: Tokens, studies: GivenStudies, **options: Any) -> dict[str, Verdict]:
    client = Client(parse_address(address), **options)
    discovery = discover(client, tokens, studies)
    return {
        result.check.name: result.outcome.verdict
        for result in run(client, discovery, tokens, with_writes=True)
    }


def _those(found: dict[str, Verdict], verdict: Verdict) -> set[str]:
    return {name for name, one in found.items() if one is verdict}


@pytest.mark.parametrize("path", ["/", "/orthanc/"])
@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_a_rendered_deployment_is_closed(nginx: Nginx, path: str, tmp_path: Path) -> None:
    """Whatever can be seen from outside, with every token, is closed; at the root and below a path."""
    institution = f"{{name: T, url: 'http://localhost', paths: {{orthanc: {path}}}}}"
    deployment = make_deployment(**{**PROFILE, "roles": ROLES, "institution": institution})
    behind = Archive()
    orthanc = FilteredOrthanc(deployment, behind)
    answers = {"orthanc": orthanc.__call__, "keycloak": strict_keycloak}
    with edge(deployment, tmp_path, nginx=nginx, answers=answers) as running:
        behind.origin = f"http://localhost:{running.http}"
        found = _found(behind.origin, TOKENS, GIVEN_STUDIES)
        changes = orthanc.changes

    assert _those(found, Verdict.UNKNOWN) == ON_THIS_MACHINE
    assert _those(found, Verdict.OPEN) == OF_THE_LINK
    assert changes == []


def test_the_samples_are_open() -> None:
    """Behind a bare proxy, with the plugin as the samples set it up: W1 to W6 and what else they publish are open."""
    with bare(make_deployment()) as server:
        found = _found(server.url, TOKENS, GIVEN_STUDIES)

    assert _those(found, Verdict.OPEN) == {
        *(
            "link-changes-its-study",
            "link-deletes-in-its-study",
            "method-in-the-address",
            "method-in-a-header",
            "link-opens-other-studies",
        ),
        *("link-for-any-study", "link-for-ever", "link-expires"),
        *("patients-of-anybody", "siblings", "search-by-patient"),
        *("anonymous-upload", "anonymous-stow", "anonymous-create"),
        *("anonymous-lookup", "changes", "statistics", "metrics", "lookup", "audit-log"),
        "upload-beyond-labels",
        "sending-any-study",
        *("auth-service", "orthanc-for-api", "orthanc-for-shares"),
        *("keycloak-console", "keycloak-master-realm", "keycloak-metrics", "keycloak-health"),
        *("keycloak-administration", "keycloak-redirects", "keycloak-direct-grants"),
    }


def test_without_a_filter_everything_is_open() -> None:
    """W9 and W10: what is asked signed out is answered."""
    with bare(make_deployment(), filtered=False) as server:
        found = _found(server.url, Tokens(), GivenStudies())

    assert {name for name in found if name.startswith("anonymous-")} <= _those(found, Verdict.OPEN) | {
        "anonymous-lookup"  # takes the UID of a study
    }


# ----------------------------------------------------------------------------------------------------- real Orthanc


def _stored(archive: RunningOrthanc) -> tuple[Resource, ...]:
    """A study that was put into the archive: patient, study, series, instance."""
    made = dicom.study(size=2)
    answer = dicom.upload(archive.url, made)[0].json()
    keys = ("ParentPatient", "ParentStudy", "ParentSeries", "ID")
    ids = {level: answer[key] for level, key in zip(STORED_LEVELS, keys, strict=True)}
    return study_tree(ids, {Level.STUDY: made[0].StudyInstanceUID}, {})


def _contents(archive: RunningOrthanc) -> Any:
    """Everything that a request could have changed, the log of changes included."""
    found = archive.post("/tools/find", {"Level": "Study", "Query": {}, "Expand": True})
    metadata = [archive.get(f"/studies/{one['ID']}/metadata?expand") for one in found]
    return (
        found,
        metadata,
        archive.get("/changes?limit=1000"),
        archive.get("/statistics"),
        archive.get("/jobs"),
    )


@pytest.mark.parametrize("suite", parts.suites())
def test_an_open_archive_is_found_open_and_stays_as_it_is(orthanc: Orthanc, suite: str) -> None:
    """Real Orthanc without any filter: every door is open, every write is sent, and nothing has changed."""
    orthanc.suite = suite
    archive = orthanc.start(
        {"AuthenticationEnabled": False, "RemoteAccessAllowed": True, "DicomWeb": {"Enable": True}}
    )
    study = _stored(archive)[1]
    before = _contents(archive)
    found = _found(archive.url, Tokens(), GivenStudies(other_uid=study.uid))

    of_orthanc = {name for name in found if name.startswith("anonymous-")} | {"legacy-explorer"}
    assert of_orthanc - _those(found, Verdict.OPEN) == set()
    assert found["execute-script"] is Verdict.CLOSED
    # Plain http stays on this machine here.
    assert found["https"] is Verdict.UNKNOWN
    assert _contents(archive) == before


@pytest.mark.parametrize("suite", parts.suites())
def test_an_archive_stays_as_it_is_when_tokens_open_everything(orthanc: Orthanc, suite: str) -> None:
    """With a user's and a link's token that are let through too far, Orthanc does nothing of what it is asked."""
    orthanc.suite = suite
    settings = {"AuthenticationEnabled": False, "RemoteAccessAllowed": True, "DicomWeb": {"Enable": True}}
    archive = orthanc.start(settings)
    study = _stored(archive)[1]
    archive.request("PUT", f"/studies/{study.orthanc_id}/labels/external")
    before = _contents(archive)

    def forwarded(seen: Any) -> Any:
        """What the plugin would let through, and what it answers itself."""
        if seen.path == "/auth/user/profile":
            profile = {"permissions": ["view", "send"], "authorized-labels": ["external"]}
            return 200, {}, json.dumps(profile).encode()
        kept = {
            name: value for name, value in seen.headers.items() if name.startswith(("content-type", "x-http"))
        }
        reply = archive.request(seen.method, "", target=seen.path, headers=kept, body=seen.body or None)
        allow = {"Allow": reply.headers["allow"]} if "allow" in reply.headers else {}
        return reply.status, allow, reply.body

    tokens = Tokens(user_token("limited"), link_token_to(study))
    with Served(forwarded) as server:
        found = _found(server.url, tokens, GivenStudies(study.orthanc_id, study.orthanc_id, study.uid))

    assert _those(found, Verdict.OPEN) >= {
        *(
            "link-changes-its-study",
            "link-deletes-in-its-study",
            "method-in-the-address",
            "method-in-a-header",
            "link-opens-other-studies",
        ),
        *("patients-of-anybody", "changes", "statistics", "metrics", "lookup", "labels", "sending-any-study"),
    }
    assert _contents(archive) == before


@pytest.mark.parametrize("suite", parts.suites())
def test_a_rendered_deployment_of_real_orthanc_is_closed(
    orthanc: Orthanc, suite: str, tmp_path: Path
) -> None:
    """The rendered nginx and guard, the model of the plugin, and real Orthanc: closed for who is not signed in."""
    orthanc.suite = suite
    # trixie's Orthanc is the older one, and reads what the oldest release is given.
    release = releases()[0] if suite == parts.suites()[0] else releases()[-1]
    origin = {"institution": "{name: T, url: 'http://localhost:8080'}"}
    deployment = make_deployment(**{**PROFILE, **origin}, release=f"'{release}'")
    settings = {key: value for key, value in orthanc_settings(deployment).items() if key != "PostgreSQL"}
    archive = orthanc.start(settings, settings={"LuaScripts": []})
    tree = _stored(archive)
    before = _contents(archive)

    def behind(_: Any, seen: Any, __: Any) -> Any:
        reply = archive.request(seen.method, "", target=seen.path, body=seen.body or None)
        return reply.status, {}, reply.body

    filtered = FilteredOrthanc(deployment, behind, index(tree))
    with edge(deployment, tmp_path, answers={"orthanc": filtered}) as running:
        found = _found(f"http://localhost:{running.http}", Tokens(), GivenStudies(other_uid=tree[1].uid))

    of_nobody = {name for name in found if name.startswith(("anonymous-", "orthanc-for", "keycloak-"))}
    of_nobody |= {"execute-script", "legacy-explorer", "webdav", "auth-service"}
    assert of_nobody - _those(found, Verdict.CLOSED) == {"keycloak-redirects", "keycloak-direct-grants"}
    assert _those(found, Verdict.OPEN) == set()
    assert _contents(archive) == before


@pytest.mark.parametrize("role", ["limited", "admin"])
def test_a_rendered_deployment_answers_as_its_profile_and_its_files(
    orthanc: Orthanc, role: str, tmp_path: Path
) -> None:
    """
    The rendered nginx and guard, the model of the plugin, and real Orthanc: no answer is another than the expected one.

    Profile and files lead to the same expectations. With a role that has one permission more, the comparison finds it.
    """
    origin = {"institution": "{name: T, url: 'http://localhost:8080'}"}
    deployment = make_deployment(**{**PROFILE, **origin, "roles": ROLES})
    settings = {key: value for key, value in orthanc_settings(deployment).items() if key != "PostgreSQL"}
    archive = orthanc.start(settings, settings={"LuaScripts": []})
    tree = _stored(archive)
    archive.request("PUT", f"/studies/{tree[1].orthanc_id}/labels/external")
    other = _stored(archive)
    before = _contents(archive)

    def behind(filtered: FilteredOrthanc, seen: Any, request: Any) -> Any:
        if seen.path.startswith("/auth/"):
            return authorized(filtered, seen, request)
        headers = {name: value for name, value in seen.headers.items() if name.startswith("content-type")}
        reply = archive.request(seen.method, "", target=seen.path, headers=headers, body=seen.body or None)
        types = {name: value for name, value in reply.headers.items() if name.lower() == "content-type"}
        return reply.status, types, reply.body

    labelled = study_tree(
        {each.level: each.orthanc_id for each in tree},
        {Level.STUDY: tree[1].uid},
        {Level.STUDY: {"external"}},
    )
    filtered = FilteredOrthanc(deployment, behind, index((*labelled, *other)))
    tokens = Tokens(user_token(role), link_token_to(tree[1]))
    studies = GivenStudies(tree[1].orthanc_id, other[1].orthanc_id)
    write_artifacts(TARGETS["compose"].render(deployment), tmp_path / "site")
    policies = [access_policy(deployment), read_asked_policy(str(tmp_path / "site")).policy]
    more = make_deployment(
        **{**PROFILE, **origin, "roles": ROLES.replace("[view, send]", "[view, send, upload]")}
    )
    with edge(deployment, tmp_path / "edge", answers={"orthanc": filtered}) as running:
        client = Client(parse_address(f"http://localhost:{running.http}"))
        discovery = discover(client, tokens, studies)
        compared = [
            Comparer(
                client, discovery, policy, known_callers(client, discovery, policy, tokens, studies), tokens
            ).compare(with_writes=True)
            for policy in (*policies, access_policy(more))
        ]

    by_profile, by_files, by_more = compared
    assert [each for each in by_profile if each.result is ComparisonResult.DIFFERS] == []
    assert [each.asked for each in by_profile if each.result is ComparisonResult.UNKNOWN] == []
    # The lines that decide are those of files there.
    assert [(each.result, each.who, each.asked, each.answer) for each in by_files] == [
        (each.result, each.who, each.asked, each.answer) for each in by_profile
    ]
    assert {each.topic for each in by_more if each.result is ComparisonResult.DIFFERS} == (
        {"permissions", "upload"} if role == "limited" else set()
    )
    assert _contents(archive) == before


# ------------------------------------------------------------------------------------------- real nginx, in the open


def _started(deployment: Deployment, nginx: Program, network: Network, folder: Path) -> Path:
    """The rendered nginx on ports 80 and 443 of its own host; its certificate."""
    artifacts = nginx_files(deployment)
    write_artifacts(artifacts, folder)
    mounts: dict[str, Any] = {f"/etc/{artifact.path}": folder / artifact.path for artifact in artifacts}
    for name in ("tls_certificate", "tls_key"):
        mounts[f"/run/secrets/{name}"] = folder / name
    make_certificate(folder / "tls_certificate", folder / "tls_key", deployment.origin.host)
    network.publish(deployment.origin.host)
    nginx.start(mounts, ports=(80, 443))
    return folder / "tls_certificate"


def test_a_rendered_nginx_is_reached_as_it_should_be(
    nginx: Program, network: Network, tmp_path: Path
) -> None:
    """A certificate that is accepted, HSTS, no old TLS, and from port 80 a redirect to https."""
    deployment = make_deployment(institution="{name: T, url: 'https://pacs.example.org'}")
    certificate = _started(deployment, nginx, network, tmp_path)
    nginx.service(naming.ORTHANC, 8042, answer=lambda _: Answer(403))
    nginx.service(naming.KEYCLOAK, 8080)
    found = _found("https://pacs.example.org", Tokens(), GivenStudies(), ca_file=certificate)

    assert {name: found[name].value for name in ("https", "hsts", "old-tls", "http-redirect")} == {
        "https": "closed",
        "hsts": "closed",
        "old-tls": "closed",
        "http-redirect": "closed",
    }
    assert _those(found, Verdict.OPEN) == set()


# ---------------------------------------------------------------------------------------------------- real Keycloak


def _realm_found(keycloak: RunningKeycloak, realm: str) -> dict[str, Verdict]:
    """What is seen of a realm, with Keycloak below /keycloak/ of the address."""

    def answer(seen: Any) -> Any:
        if seen.path == "/ui/api/pre-login-configuration":
            told = {"Url": f"{server.url}/keycloak/", "Realm": realm, "ClientId": naming.ORTHANC_CLIENT}
            return 200, {}, json.dumps({"Keycloak": told}).encode()
        if not seen.path.startswith("/keycloak/"):
            return 403, {}, b""
        headers = {"Content-Type": seen.headers["content-type"]} if seen.method == "POST" else {}
        target = seen.path.removeprefix("/keycloak")
        reply = web.request(seen.method, keycloak.url, target=target, headers=headers, body=seen.body or None)
        return reply.status, {}, reply.body

    with Served(answer) as server:
        return _found(server.url, Tokens(), GivenStudies())


def test_the_realm_guards_its_client(keycloak: RunningKeycloak) -> None:
    """A rendered realm sends nobody elsewhere and takes no password from programs; with the samples' client it does."""
    deployment = in_realm(make_deployment(), "verified")
    realm = json.loads(realm_file(deployment).text)
    found = _realm_found(keycloak, keycloak.import_realm(realm))
    for client in realm["clients"]:
        if client["clientId"] == naming.ORTHANC_CLIENT:
            client |= {"redirectUris": ["*"], "directAccessGrantsEnabled": True}
    loose = _realm_found(keycloak, keycloak.import_realm(realm, name="verified-loose"))

    names = ("keycloak-redirects", "keycloak-direct-grants")
    assert [found[name] for name in names] == [Verdict.CLOSED, Verdict.CLOSED]
    assert [loose[name] for name in names] == [Verdict.OPEN, Verdict.OPEN]
    # Keycloak itself, without a proxy that keeps its administration in.
    assert {"keycloak-console", "keycloak-master-realm", "keycloak-administration"} <= _those(
        found, Verdict.OPEN
    )
