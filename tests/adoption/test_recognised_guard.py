"""The guard in the files of a rendered deployment: its refusals are a part of the answers, as long as nobody changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthgen.adoption.recognised_guard import guarded, observed_guard
from orthgen.authz.difference import difference
from orthgen.authz.matrix import matrix
from orthgen.authz.summary import summary
from orthgen.diagnosis.filter_model import orthanc_of_people, policy_of
from orthgen.observed.read import observe_texts
from orthgen.products.access_page.model import access_policy
from orthgen.targets import TARGETS
from tests.support.builders import example, texts_of
from tests.test_golden import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orthgen.authz.policy import Policy

NAME = "minimal"


@pytest.fixture(scope="module")
def rendered() -> Mapping[str, str]:
    """The files of an example."""
    return texts_of(GOLDEN / NAME / "compose")


def observed_policy(texts: Mapping[str, str]) -> Policy:
    """The policy of a deployment's files, behind the guard in them."""
    observed = observe_texts(texts)
    orthanc, guard = orthanc_of_people(observed), observed_guard(observed)
    assert orthanc is not None
    assert guard.deployment is not None, guard.problem
    return guarded(policy_of(observed, orthanc), guard)


def test_a_rendered_deployment_gives_the_rights_of_its_profile(rendered: Mapping[str, str]) -> None:
    """Every person, action and collection has the same answer by the files and by the profile, with the same names."""
    policy, of_profile = observed_policy(rendered), access_policy(example(f"{NAME}.yaml"))

    assert [(each.key, each.can) for each in matrix(policy)] == [
        (each.key, each.can) for each in matrix(of_profile)
    ]
    assert (policy.roles, policy.collections) == (of_profile.roles, of_profile.collections)


SCRIPT, SITE, COMPOSE = "nginx/njs/links.js", "nginx/conf.d/site.conf", "docker-compose.yml"
ORTHANC = "    image: orthancteam/orthanc:"
OTHER_PROXY = """\
services:
  caddy:
    image: caddy:2
    volumes: [./Caddyfile:/etc/caddy/Caddyfile]
"""


def _without_a_line(text: str, word: str) -> str:
    lines = text.splitlines()
    lines.remove(next(line for line in lines if word in line))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda texts: {SCRIPT: texts[SCRIPT].replace("return", "return true ||", 1)},
            "nginx/njs/links.js:",
        ),
        (lambda texts: {SCRIPT: texts[SCRIPT] + "// one line more\n"}, "nginx/njs/links.js:"),
        (lambda texts: {SCRIPT: "evil();\n" + texts[SCRIPT]}, "nginx/njs/links.js:1 is not the line"),
        (lambda texts: {SITE: _without_a_line(texts[SITE], "js_content guard.search")}, f"{SITE}:"),
        (lambda _: {SCRIPT: None}, "nginx reads no file at `/etc/nginx/njs/links.js`"),
        (
            lambda texts: {
                COMPOSE: texts[COMPOSE].replace(ORTHANC, f"    ports: ['8042:8042']\n{ORTHANC}", 1)
            },
            "Orthanc's own port is published beside it (docker-compose.yml:",
        ),
        (
            lambda _: {"nginx/snippets/more.conf": "proxy_pass http://orthanc:8042;\n"},
            "nginx also reads nginx/snippets/more.conf",
        ),
        (
            lambda _: {
                "docker-compose.override.yml": OTHER_PROXY,
                "Caddyfile": ":80 {\n  reverse_proxy orthanc:8042\n}\n",
            },
            "another proxy leads to Orthanc (Caddyfile:2:",
        ),
    ],
)
def test_a_changed_guard_does_not_count(
    rendered: Mapping[str, str],
    change: Callable[[Mapping[str, str]], Mapping[str, str | None]],
    problem: str,
) -> None:
    """The reason names the place; a port or a proxy beside nginx leaves the guard without effect."""
    changed = {**rendered, **change(rendered)}
    guard = observed_guard(observe_texts({file: text for file, text in changed.items() if text is not None}))

    assert guard.deployment is None
    assert problem in guard.problem


@pytest.fixture(scope="module")
def in_cluster() -> Mapping[str, str]:
    """The files of the same example for a cluster."""
    return rendered_for_cluster(f"{NAME}.yaml")


def rendered_for_cluster(profile: str) -> Mapping[str, str]:
    """The files of an example, rendered for Kubernetes."""
    artifacts = TARGETS["kubernetes"].render(example(profile, "kubernetes"))
    return {artifact.path: artifact.text for artifact in artifacts}


@pytest.mark.parametrize("profile", ["minimal", "clinic", "paradim", "teaching-hospital"])
def test_a_cluster_gives_the_rights_of_its_profile(profile: str) -> None:
    """The guard in the ConfigMaps of a cluster counts as that of a Compose folder: `access --diff` of both shows nothing."""
    of_cluster = observed_policy(rendered_for_cluster(f"{profile}.yaml"))
    of_host = observed_policy(texts_of(GOLDEN / profile / "compose"))

    assert difference(summary(of_host), summary(of_cluster)) == ()


SERVICE = "manifests/orthanc/service.yaml"
DEPLOYMENT = "manifests/nginx/deployment.yaml"
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: direct}
spec: {rules: [{backendRefs: [{name: orthanc, port: 8042}]}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: direct}
spec: {ingressClassName: traefik, rules: [{http: {paths: [{path: /, backend: {service: {name: orthanc, port: {number: 8042}}}}]}}]}
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda texts: {SCRIPT: texts[SCRIPT] + "// one line more\n"}, "nginx/njs/links.js:"),
        (lambda _: {SCRIPT: None}, "nginx reads no file at `/etc/nginx/njs/links.js`"),
        (
            lambda texts: {DEPLOYMENT: _without_a_line(texts[DEPLOYMENT], "path: links.js")},
            "nginx reads no file at `/etc/nginx/njs/links.js`",
        ),
        (
            lambda texts: {SERVICE: texts[SERVICE].replace("type: ClusterIP", "type: NodePort")},
            f"Orthanc's own port is published beside it ({SERVICE}:",
        ),
        (lambda _: {"route.yaml": ROUTE}, "Orthanc's own port is published beside it (route.yaml:4:"),
        (lambda _: {"ingress.yaml": INGRESS}, "Orthanc's own port is published beside it (ingress.yaml:4:"),
    ],
)
def test_a_changed_guard_of_a_cluster_does_not_count(
    in_cluster: Mapping[str, str],
    change: Callable[[Mapping[str, str]], Mapping[str, str | None]],
    problem: str,
) -> None:
    """A Service on the nodes, a route or an Ingress beside nginx leaves the guard without effect, too."""
    test_a_changed_guard_does_not_count(in_cluster, change, problem)


def test_another_nginx_has_no_guard() -> None:
    """A deployment that orthgen did not write has neither a guard nor a problem with one."""
    texts = {"docker-compose.yml": "services: {nginx: {image: nginx}}\n", "orthanc.json": '{"Name": "x"}\n'}

    assert observed_guard(observe_texts(texts)) == observed_guard(observe_texts({}))
    assert observed_guard(observe_texts(texts)).problem == ""
