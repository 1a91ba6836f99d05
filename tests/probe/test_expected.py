"""`orthgen verify --expect`: a running deployment beside a profile, or beside the files of a deployment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.probe.expected.compare import granted
from orthgen.probe.model import ProbeReply
from orthgen.products.auth_service.permissions import anonymous_profile, permissions
from orthgen.products.orthanc import orthanc_settings
from orthgen.report.probe_forms import ExpectForm
from tests.support.builders import make_deployment
from tests.support.command import orthgen
from tests.support.deployed import GIVEN_STUDIES, Archive, Served
from tests.support.filtered import FilteredOrthanc, link_token, user_token

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.deployment.model import Deployment

ROLES = """
reader: {can: [view, send], collections: [external]}
admin: {can: [everything, administer], collections: all}
"""
PROFILE = f"""\
orthgen: 1
institution: {{name: T, url: 'http://localhost'}}
identity: {{sign-in: [accounts: {{}}], keycloak: {{local-port: 8081}}}}
collections: {{external: {{}}}}
roles: {{{ROLES.strip().replace(chr(10), ", ")}}}
"""
NAMED = ("--study", GIVEN_STUDIES.study, "--other-study", GIVEN_STUDIES.other, "--yes", "--format", "json")


@pytest.fixture
def deployment() -> Deployment:
    """The deployment that runs."""
    return make_deployment(roles=ROLES, collections="{external: {}}")


def write_files(folder: Path, deployment: Deployment, **roles: Any) -> None:
    """The files of a deployment without nginx: Orthanc's and the auth-service's."""
    folder.mkdir()
    rights = permissions(deployment)
    rights["roles"] |= roles
    texts = {
        "orthanc.json": orthanc_settings(deployment),
        "permissions.json": rights,
        "anonymous.json": anonymous_profile(deployment),
    }
    for name, value in texts.items():
        (folder / name).write_text(json.dumps(value))


def answers(outcome: Any) -> dict[str, dict[str, Any]]:
    """The answers of a comparison by person, topic and request."""
    told = json.loads(outcome.stdout)
    msgspec.convert(told, ExpectForm)
    return {
        f"{each['who']} {each['topic']} {each['asked'].partition(': ')[2]}": each for each in told["answers"]
    }


def those(found: dict[str, dict[str, Any]], result: str) -> set[str]:
    """The names of the answers with an result."""
    return {name for name, each in found.items() if each["result"] == result}


@pytest.mark.parametrize("role", ["reader", "admin"])
def test_files_agree_with_the_deployment_that_reads_them(
    role: str, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer is the expected one, for everybody; nothing is left to tell but what nobody makes."""
    monkeypatch.setenv("USER_TOKEN", user_token(role))
    monkeypatch.setenv("LINK_TOKEN", link_token("A"))
    write_files(tmp_path / "site", deployment)
    with Served(FilteredOrthanc(deployment, Archive())) as server:
        outcome = orthgen(
            *("verify", server.url, "--expect", "site", *NAMED),
            *("--user-token", "env:USER_TOKEN", "--link-token", "env:LINK_TOKEN"),
            cwd=tmp_path,
        )
    found = answers(outcome)

    assert those(found, "differs") == set()
    assert outcome.returncode == ExitCode.DONE
    assert {found[name]["answer"] for name in those(found, "cannot tell")} <= {
        "no share links are made",
        "the study shows no instance",
    }
    assert len(those(found, "as expected")) > 50


def test_a_right_that_is_not_expected_is_found(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role with another permission in the files: its requests differ, with the line that decides, and its profile."""
    monkeypatch.setenv("USER_TOKEN", user_token("reader"))
    reader = {"permissions": ["view", "upload"], "authorized-labels": ["external"]}
    write_files(tmp_path / "site", deployment, reader=reader)
    with Served(FilteredOrthanc(deployment, Archive())) as server:
        outcome = orthgen(
            *("verify", server.url, "--expect", "site", *NAMED, "--user-token", "env:USER_TOKEN"),
            cwd=tmp_path,
        )
    found = answers(outcome)
    profile = found["reader permissions GET /auth/user/profile"]
    upload = found["reader upload POST /instances, a body that is not DICOM"]

    assert outcome.returncode == ExitCode.DENIED
    assert profile["answer"] == "lacks `upload`; also has `send`"
    assert profile["decided_at"].startswith("site/permissions.json:1:")
    assert (upload["result"], upload["answer"]) == ("differs", "403")
    assert upload["expected"].startswith("granted: ")
    assert those(found, "differs") >= {
        "reader send POST /modalities/orthgen-verify-nowhere/store, to a modality that nobody has"
    }


def test_a_profile_expects_its_guard(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the rendered nginx, a link can delete: that differs, and the text names the stage that should refuse."""
    monkeypatch.setenv("LINK_TOKEN", link_token("A"))
    (tmp_path / "site.yaml").write_text(PROFILE)
    with Served(FilteredOrthanc(deployment, Archive())) as server:
        outcome = orthgen(
            *("verify", server.url, "--expect", "site.yaml", "--link-token", "env:LINK_TOKEN", "--yes"),
            cwd=tmp_path,
        )
    lines = outcome.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "instant-link, delete: DELETE" in line)

    assert outcome.returncode == ExitCode.DENIED, outcome.stderr
    assert lines[at].startswith("differs ")
    assert lines[at + 1].strip().startswith("expected: refused: the guard at the edge: ")
    assert lines[-1].startswith(f"{server.url}/ beside site.yaml: ")
    assert link_token("A") not in outcome.stdout + outcome.stderr


def test_without_consent_no_request_has_a_write_method(deployment: Deployment, tmp_path: Path) -> None:
    """As for the check of weaknesses; the search is a POST that reads."""
    write_files(tmp_path / "site", deployment)
    with Served(FilteredOrthanc(deployment, Archive())) as server:
        outcome = orthgen("verify", server.url, "--expect", "site", cwd=tmp_path)
        sent = {(heard.method, heard.path) for heard in server.heard if heard.method != "GET"}

    assert sent == {("POST", "/tools/find")}
    assert "not asked, because it goes beyond reading (`--yes`)" in outcome.stdout


def test_what_is_refused_before_orthanc_may_be_by_the_proxy_of_the_files(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The model has no rules of a proxy that orthgen did not write: a refusal that it does not expect tells nothing."""
    write_files(tmp_path / "site", deployment)
    proxy = "server {\n  listen 80;\n  location / {\n    proxy_pass http://orthanc:8042;\n  }\n}\n"
    (tmp_path / "site/nginx.conf").write_text(proxy)
    behind = FilteredOrthanc(deployment, Archive())
    with Served(lambda seen: (404, {}, b"") if seen.path.startswith("/ui/app") else behind(seen)) as server:
        outcome = orthgen("verify", server.url, "--expect", "site", "--format", "json", cwd=tmp_path)
    page = answers(outcome)["signed-out page GET /ui/app/"]

    assert outcome.returncode == ExitCode.DONE
    assert (page["result"], page["answer"]) == (
        "cannot tell",
        "404; rules of the proxy are not in the model",
    )


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (ProbeReply(200, body=b"[]"), True),
        (ProbeReply(404, body=b'{"OrthancStatus": 17}'), True),
        (ProbeReply(404), False),
        (ProbeReply(403), False),
        (ProbeReply(302, headers={"location": "/login"}), False),
        (ProbeReply(200, body=b" <html>"), None),
        (ProbeReply(200, headers={"content-type": "text/html"}, body=b"Sign in"), None),
        (ProbeReply(502), None),
        (ProbeReply(413), None),
        (ProbeReply(failure="no answer"), None),
    ],
)
def test_an_answer_grants_refuses_or_tells_nothing(reply: ProbeReply, expected: object) -> None:
    """An error of Orthanc's own shows that the request got there; a page of another program shows nothing."""
    assert granted(reply)[0] is expected
