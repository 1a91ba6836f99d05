"""Every fact that several files carry: breaking one side of a rendered deployment is noticed, and named."""

from __future__ import annotations

import ast
import traceback
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from msgspec.structs import replace

from orthgen.consistency import facts, parsed_files
from orthgen.consistency.check import inconsistencies
from orthgen.findings import Finding
from orthgen.products.artifact import Artifact
from orthgen.targets import TARGETS
from tests.support.builders import EXAMPLES, example
from tests.support.source_code import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Location

Case = tuple[str, str, str, str, str]

FINDINGS = Path(__file__).with_name("findings.txt")
COMPOSE, ORTHANC = "docker-compose.yml", "orthanc/orthanc.json"
PERMISSIONS, REALM = "auth-service/permissions.json", "keycloak/realm.json"
OHIF, SITE, NGINX, LUA = (
    "ohif/app-config.js",
    "nginx/conf.d/site.conf",
    "nginx/nginx.conf",
    "orthanc/labels-settings.lua",
)
URL = "https://orthanc-preprod.example.org"


@cache
def rendered(name: str) -> tuple[Artifact, ...]:
    """The files of an example's deployment."""
    return TARGETS["compose"].render(example(name))


def broken(name: str, path: str, old: str, new: str) -> tuple[Artifact, ...]:
    """The files of an example's deployment, one of them changed; `old` has to be there."""
    files = {artifact.path: artifact for artifact in rendered(name)}
    assert old in files[path].text
    files[path] = replace(files[path], text=files[path].text.replace(old, new))
    return tuple(files.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_rendered_agrees(name: str) -> None:
    """No example's deployment contradicts itself."""
    assert inconsistencies(rendered(name)) == []


CASES: list[Case] = [
    # the public origin
    ("paradim.yaml", REALM, f'"frontendUrl": "{URL}', '"frontendUrl": "https://other.example.org', "origins-differ"),
    ("paradim.yaml", COMPOSE, f"PUBLIC_OHIF_ROOT: {URL}", "PUBLIC_OHIF_ROOT: http://orthanc-preprod.example.org", "origins-differ"),
    ("paradim.yaml", COMPOSE, f"{URL}/ui/app/token-landing.html", f"{URL}:8443/ui/app/token-landing.html", "origins-differ"),
    ("paradim.yaml", REALM, f'"{URL}/ui/app/*"', '"https://old.example.org/ui/app/*"', "origins-differ"),
    ("paradim.yaml", REALM, f'"{URL}"', '"https://old.example.org"', "origins-differ"),
    ("paradim.yaml", ORTHANC, f'"Url": "{URL}/keycloak/"', f'"Url": "{URL}/auth/"', "origins-differ"),
    ("paradim.yaml", SITE, "server_name orthanc-preprod.example.org;", "server_name example.org;", "origins-differ"),
    ("teaching-hospital.yaml", COMPOSE, "PUBLIC_ORTHANC_ROOT: https://imaging", "PUBLIC_ORTHANC_ROOT: https://pacs", "origins-differ"),
    # OHIF's place on it
    ("paradim.yaml", ORTHANC, '"OhifViewer3PublicRoot": "/ohif/"', '"OhifViewer3PublicRoot": "/viewer/"', "ohif-paths-differ"),
    ("paradim.yaml", ORTHANC, '"OhifViewer3PublicRoot": "/ohif/"', '"OhifViewer3PublicRoot": "/ohif"', "ohif-paths-differ"),
    ("paradim.yaml", OHIF, '"routerBasename": "/ohif"', '"routerBasename": "/ohif/"', "ohif-paths-differ"),
    ("paradim.yaml", REALM, f'"{URL}/ohif/callback"', f'"{URL}/callback"', "ohif-paths-differ"),
    ("paradim.yaml", COMPOSE, f"PUBLIC_OHIF_ROOT: {URL}/ohif/", f"PUBLIC_OHIF_ROOT: {URL}/viewer/", "ohif-paths-differ"),
    ("clinic.yaml", ORTHANC, '"OHIF": {', '"Ohif": {', "ohif-paths-differ"),
    ("clinic.yaml", ORTHANC, '"OHIF": {', '"Ohif": {', "viewer-without-plugin"),
    # the realm and the names of its clients
    ("paradim.yaml", REALM, '"realm": "orthanc"', '"realm": "pacs"', "realms-differ"),
    ("paradim.yaml", COMPOSE, "keycloak:8080/realms/orthanc/", "keycloak:8080/realms/pacs/", "realms-differ"),
    ("paradim.yaml", COMPOSE, "8080/realms/orthanc/", "8080/realms/orthanc", "realms-differ"),
    ("paradim.yaml", COMPOSE, "8080/admin/realms/orthanc/", "8080/admin/realms/pacs/", "realms-differ"),
    ("paradim.yaml", OHIF, "/keycloak/realms/orthanc", "/keycloak/realms/pacs", "realms-differ"),
    ("paradim.yaml", ORTHANC, '"ClientId": "orthanc"', '"ClientId": "explorer"', "missing-client"),
    ("paradim.yaml", OHIF, '"client_id": "ohif"', '"client_id": "viewer"', "missing-client"),
    ("paradim.yaml", REALM, '"clientId": "admin-cli"', '"clientId": "auth-service"', "missing-client"),
    # role names
    ("paradim.yaml", PERMISSIONS, '"radiologist": {', '"radiologists": {', "missing-realm-role"),
    ("paradim.yaml", REALM, '"role": "external"', '"role": "externals"', "missing-realm-role"),
    # the auth-service's user and password
    ("paradim.yaml", ORTHANC, '"WebServiceUsername": "orthanc"', '"WebServiceUsername": "share-user"', "auth-service-credentials-differ"),
    ("paradim.yaml", COMPOSE, "ORTHANC_USER: orthanc", "ORTHANC_USER: share-user", "auth-service-credentials-differ"),
    ("paradim.yaml", ORTHANC, "http://orthanc-auth-service:8000/", "http://auth-service:8000/", "auth-service-credentials-differ"),
    ("paradim.yaml", COMPOSE, "target: ORTHANC_PASSWORD", "target: USER_PASSWORD", "auth-service-credentials-differ"),
    # ShareType and the root that it needs
    ("paradim.yaml", ORTHANC, '"ShareType": "ohif-viewer-publication"', '"ShareType": "stone-viewer-publication"', "share-link-without-root"),
    ("paradim.yaml", ORTHANC, '"ShareType": "ohif-viewer-publication"', '"ShareType": "ohif"', "share-link-without-root"),
    ("paradim.yaml", COMPOSE, f"PUBLIC_OHIF_ROOT: {URL}/ohif/", f"PUBLIC_OHIF_ROOT: {URL}/ohif", "share-link-without-root"),
    # StandardConfigurations and the viewers enabled
    ("paradim.yaml", ORTHANC, '"orthanc-explorer-2", "ohif", "volview"', '"orthanc-explorer-2", "ohif"', "refused-viewer-pages"),
    ("teaching-hospital.yaml", ORTHANC, '"stone-webviewer", "ohif"]', '"ohif"]', "refused-viewer-pages"),
    # label names and available labels
    ("paradim.yaml", PERMISSIONS, '"neuro"\n  ]\n}', '"neurology"\n  ]\n}', "labels-differ"),
    ("paradim.yaml", ORTHANC, '"AvailableLabels": ["cardio", "neuro"]', '"AvailableLabels": ["cardio", "Neuro"]', "labels-differ"),
    ("paradim.yaml", ORTHANC, '"Labels": ["neuro"]', '"Labels": ["neuros"]', "gathered-label-unknown"),
    ("paradim.yaml", LUA, '"cardio"', '"kardio"', "gathered-label-unknown"),
    # plugin enablement and sections
    ("paradim.yaml", COMPOSE, "WSI_PLUGIN_ENABLED: 'true'", "WSI_PLUGIN_ENABLED: 'false'", "viewer-without-plugin"),
    ("paradim.yaml", ORTHANC, '"VolView": {', '"Volview": {', "viewer-without-plugin"),
    # the DICOMweb root
    ("paradim.yaml", ORTHANC, '"PublicRoot": "/dicom-web/"', '"PublicRoot": "/orthanc/dicom-web/"', "dicomweb-roots-differ"),
    ("paradim.yaml", ORTHANC, '"Root": "/dicom-web/"', '"Root": "/dicomweb/"', "dicomweb-roots-differ"),
    ("paradim.yaml", OHIF, '"wadoRoot": "/dicom-web"', '"wadoRoot": "/orthanc/dicom-web"', "dicomweb-roots-differ"),
    # container names and upstreams
    ("paradim.yaml", NGINX, "server orthanc:8042", "server orthanc-server:8042", "missing-upstream"),
    ("paradim.yaml", NGINX, "server keycloak:8080", "server keycloak:8443", "missing-upstream"),
    ("paradim.yaml", ORTHANC, '"Host": "orthanc-db"', '"Host": "postgres"', "missing-service"),
    ("paradim.yaml", COMPOSE, "KC_DB_URL_HOST: keycloak-db", "KC_DB_URL_HOST: postgres", "missing-service"),
    ("paradim.yaml", COMPOSE, "      ohif:\n        condition", "      ohif-3:\n        condition", "missing-service"),
    # SERVER_ID and WebServiceIdentifier
    ("paradim.yaml", COMPOSE, "SERVER_ID: orthanc", "SERVER_ID: orthanc-1", "server-ids-differ"),
    ("paradim.yaml", ORTHANC, '"WebServiceIdentifier": "orthanc"', '"WebServiceIdentifier": "pacs"', "server-ids-differ"),
    # the names of secrets and files
    ("paradim.yaml", COMPOSE, "- source: orthanc-db-password", "- source: db-password", "secret-without-use"),
    ("paradim.yaml", COMPOSE, "source: ./nginx/conf.d/site.conf", "source: ./nginx/conf.d/default.conf", "missing-mounted-file"),
    # image versions and the keys that they know
    ("paradim.yaml", COMPOSE, "orthancteam/orthanc:26.8.1", "orthancteam/orthanc:25.8.2", "key-unknown-to-image"),
    ("paradim.yaml", COMPOSE, "orthancteam/orthanc:26.8.1", "orthancteam/orthanc:latest", "key-unknown-to-image"),
    ("paradim.yaml", ORTHANC, '"IsDefaultOrthancUI"', '"IsDefaultUI"', "key-unknown-to-image"),
]  # fmt: skip


class Outcomes(NamedTuple):
    """The findings of every case, and the lines of the checks that made one."""

    findings: dict[Case, list[Finding]]
    calls: set[tuple[str, int]]


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Outcomes]:
    """Every case, checked once; a file that a case does not change is parsed once."""
    outcomes = Outcomes({}, set())

    def finding(*arguments: Any, **options: Any) -> Finding:
        caller = traceback.extract_stack(limit=3)[0]
        outcomes.calls.add((Path(caller.filename).name, caller.lineno or 0))
        return Finding(*arguments, **options)

    parsers = {suffix: cache(parse) for suffix, parse in parsed_files.PARSERS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts, "Finding", finding)
        patch.setattr(parsed_files, "PARSERS", parsers)
        for case in CASES:
            outcomes.findings[case] = inconsistencies(broken(*case[:4]))
        yield outcomes


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case[4]}: {case[3].strip()} in {case[1]}") for case in CASES]
)
def test_breaking_one_side_is_noticed(case: Case, outcomes: Outcomes) -> None:
    """One changed value in one file, and the check names the fact that the files no longer share."""
    assert case[4] in {finding.rule.id for finding in outcomes.findings[case]}


def test_findings_name_the_lines_that_disagree(outcomes: Outcomes, request: pytest.FixtureRequest) -> None:
    """The message, its line and the lines of the other side; `--update-golden` accepts a change."""
    text = "\n".join(line for case, findings in outcomes.findings.items() for line in _shown(case, findings))
    if request.config.getoption("--update-golden"):
        FINDINGS.write_text(text, encoding="utf-8")

    assert FINDINGS.read_text(encoding="utf-8") == text


def _shown(case: Case, findings: list[Finding]) -> Iterator[str]:
    """A case in text; lines stand for their numbers, which change with every template."""
    name, path, old, new, _ = case
    lines = {artifact.path: artifact.text.splitlines() for artifact in broken(name, path, old, new)}

    def shown(place: Location) -> str:
        return f"{place.file}, {place.column}: {lines[place.file][place.line - 1].strip()}"

    yield f"= {path} of {name}: {' '.join(old.split())} -> {' '.join(new.split())}"
    for finding in findings:
        yield f"{finding.rule.id}: {finding.message}"
        yield f"  {shown(finding.location)}"
        yield from (f"  {note}: {shown(place)}" for place, note in finding.related)
    yield ""


def calls_of(name: str) -> set[tuple[str, int]]:
    """Every call of a function in the package of the checks: file and line."""
    return {
        (path.name, node.lineno)
        for path in Path(facts.__file__).parent.glob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }


def test_every_disagreement_that_can_be_told_has_been_told(outcomes: Outcomes) -> None:
    """Each place that finds a fault finds it in one of the cases above, or it is not known to work."""
    # tests/targets/kubernetes/test_rendered_files.py breaks the files of a cluster.
    own = {call for call in calls_of("disagreement") if call[0] != "mounted_keys.py"}

    assert own == outcomes.calls


def test_a_disagreement_names_both_sides() -> None:
    """The finding stands in one file and points to the other."""
    findings = inconsistencies(broken("paradim.yaml", COMPOSE, "SERVER_ID: orthanc", "SERVER_ID: orthanc-1"))

    assert [finding.message for finding in findings] == [
        "SERVER_ID is `orthanc-1`, WebServiceIdentifier is `orthanc`"
    ]
    assert findings[0].location.file == COMPOSE
    assert [place.file for place, _ in findings[0].related] == [ORTHANC]


def test_a_file_that_does_not_parse_is_named() -> None:
    """A broken template does not get past the first check."""
    findings = inconsistencies(broken("paradim.yaml", REALM, '"realm": "orthanc",', '"realm": "orthanc"'))

    assert findings[0].rule.id == "invalid-json"
    assert findings[0].location.file == REALM
