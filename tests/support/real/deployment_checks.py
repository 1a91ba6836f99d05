"""What every deployment has to show on a container engine, whatever its profile."""

from __future__ import annotations

import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.deployment.databases import CHECK_SUFFIX
from tests.support.real import dicom
from tests.support.real.service_logs import complaints

if TYPE_CHECKING:
    from tests.support.real.people import People
    from tests.support.real.stage import Stage

READERS = {naming.reader(1), naming.reader(2)}
"""The services of the readers, in the deployment that has them."""

PORTS = {
    naming.NGINX: {80, 443},
    naming.ORTHANC: {8042, 4242, 4243, 4244},
    **{name: {8042} for name in READERS},
    naming.ORTHANC_DB: {5432},
    naming.AUTH_SERVICE: {8000},
    naming.KEYCLOAK: {8080, 9000},
    naming.KEYCLOAK_DB: {5432},
    naming.OHIF: {80},
    naming.CERTBOT: set[int](),
    naming.ORTHANC_DB + CHECK_SUFFIX: set[int](),
    naming.KEYCLOAK_DB + CHECK_SUFFIX: set[int](),
}
"""The ports that each service listens on."""

_ORTHANCS = {naming.ORTHANC, *READERS}
REACHED = {
    naming.NGINX: {*_ORTHANCS, naming.KEYCLOAK, naming.AUTH_SERVICE, naming.OHIF},
    **{
        name: {*_ORTHANCS - {name}, naming.NGINX, naming.AUTH_SERVICE, naming.ORTHANC_DB}
        for name in _ORTHANCS
    },
    naming.ORTHANC_DB: {*_ORTHANCS, naming.AUTH_SERVICE},
    naming.AUTH_SERVICE: {*_ORTHANCS, naming.ORTHANC_DB, naming.KEYCLOAK, naming.NGINX},
    naming.KEYCLOAK: {naming.NGINX, naming.AUTH_SERVICE, naming.KEYCLOAK_DB},
    naming.KEYCLOAK_DB: {naming.KEYCLOAK},
    naming.OHIF: {naming.NGINX},
    naming.CERTBOT: set[str](),
    naming.ORTHANC_DB + CHECK_SUFFIX: _ORTHANCS,
    naming.KEYCLOAK_DB + CHECK_SUFFIX: {naming.KEYCLOAK},
}
"""Who reaches whom: those on a network together. nginx and the auth-service share Keycloak's, where there is one."""

_ROOT = {naming.CERTBOT: (None, ["CHOWN"])}
"""The services that run as their image does, and what they may."""

_MOUNTED = "for folder in secrets vault trust database; do ls /run/$folder 2>/dev/null; done; true"


def assert_healthy_within_limits(stage: Stage) -> None:
    """At the first try: nothing was restarted or killed, and the engine applies what the compose file says."""
    services = stage.resolved["services"]
    containers = stage.containers()

    assert set(containers) == set(services)
    for name, container in containers.items():
        state, host, service = container["State"], container["HostConfig"], services[name]
        assert (state["Health"]["Status"], state["OOMKilled"], container["RestartCount"]) == (
            "healthy",
            False,
            0,
        ), name
        user, capabilities = _ROOT.get(name, (service.get("user"), []))
        assert host["ReadonlyRootfs"], name
        added = [name.removeprefix("CAP_") for name in host["CapAdd"] or []]
        assert (host["CapDrop"], added) == (["ALL"], capabilities), name
        assert (container["Config"]["User"] or None) == user, name
        assert host["Memory"] == int(service["mem_limit"]), name
        assert host["PidsLimit"] == service["pids_limit"], name


def assert_nothing_to_explain(stage: Stage) -> None:
    """No warning in any log, from nothing to healthy."""
    told = {name: complaints(name, stage.log(name)) for name in stage.containers()}
    assert told == {name: [] for name in told}


def assert_reaches_its_networks_only(stage: Stage) -> None:
    """Every port that any service listens on is tried from every container."""
    ports = set().union(*PORTS.values())
    containers = stage.containers()
    # At once, because a refused connection takes its time.
    with ThreadPoolExecutor(max_workers=len(containers)) as pool:
        reached_from = dict(
            zip(containers, pool.map(lambda name: stage.reached_from(name, ports), containers), strict=True)
        )

    for service in containers:
        expected = REACHED[service] & set(containers)
        if naming.KEYCLOAK not in containers:
            expected -= {naming.NGINX: {naming.AUTH_SERVICE}, naming.AUTH_SERVICE: {naming.NGINX}}.get(
                service, set()
            )
        reached = reached_from[service]
        assert set(reached) == expected, service
        assert all(reached[name] <= PORTS[name] for name in reached), service


def assert_secrets_where_they_are_read(stage: Stage) -> None:
    """No value is in a description, an environment or a log; a container has the files of its service and no more."""
    resolved = stage.resolved
    values = {
        name: Path(secret["file"]).read_text().strip() for name, secret in resolved.get("secrets", {}).items()
    }

    for name, container in stage.containers().items():
        told = json.dumps(container) + stage.log(name)
        assert [secret for secret, value in values.items() if value in told] == [], name
        targets = {mount["target"] for mount in resolved["services"][name].get("secrets", ())}
        seen = stage.inside(name, "sh", "-c", _MOUNTED).split()
        assert sorted(seen) == sorted(target.rpartition("/")[2] for target in targets), name


def assert_published(stage: Stage, expected: Collection[tuple[str, int]]) -> None:
    """These ports are published on these addresses, and nothing else is."""
    published = {
        (binding["HostIp"], int(binding["HostPort"]))
        for container in stage.containers().values()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or ()
    }
    assert published == set(expected)


@dataclass(frozen=True)
class ProbedPeople:
    """Those with whom `verify` tries something."""

    people: People
    uploads: str
    """A role that may upload, label and share or open links."""
    limited: str = ""
    """A role that is limited to one collection; none where every role sees every study."""
    labels: tuple[str, str] = ("", "")
    """The label of a study that this role sees, and of one that it does not."""


def assert_everything_closed(stage: Stage, probed: ProbedPeople, not_tried: Collection[str]) -> None:
    """`orthgen verify` finds nothing open, and has nothing to try in the checks `not_tried`."""
    sender = probed.people(probed.uploads)
    studies: list[dict[str, Any]] = []
    for label in probed.labels:
        (made,) = dicom.study(size=1)
        stored = stage.request("POST", "/instances", token=sender, body=dicom.encode(made))
        assert stored.status == 200, stored.text
        path = f"/studies/{stored.json()['ParentStudy']}"
        studies.append(stage.request("GET", path, token=sender).json())
        if label:
            assert stage.request("PUT", f"{path}/labels/{label}", token=sender, body=b"").status == 200
    seen, hidden = studies
    uid = seen["MainDicomTags"]["StudyInstanceUID"]
    asked: dict[str, Any] = {"Resources": [{"OrthancId": seen["ID"], "DicomUid": uid, "Level": "study"}]}
    kind = "viewer-instant-link"
    asked |= {"ID": "test", "Type": kind, "ValidityDuration": 600}
    link = stage.request("PUT", f"/auth/tokens/{kind}", token=sender, json_body=asked)
    given = {
        "link_token": link.json()["Token"],
        "study": seen["ID"],
        "other_study_uid": hidden["MainDicomTags"]["StudyInstanceUID"],
    }
    if probed.limited:
        given |= {"user_token": probed.people(probed.limited), "other_study": hidden["ID"]}

    report = stage.verify(**given)

    assert report["open"] == 0, [check for check in report["checks"] if check["verdict"] == "open"]
    untold = {check["name"]: check["answer"] for check in report["checks"] if check["verdict"] != "closed"}
    assert set(untold) == set(not_tried), untold
