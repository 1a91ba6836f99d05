"""The objects of a cluster: what pods may do, who talks to whom, where secrets come from, how requests get in."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from functools import cache
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from orthgen.consistency.check import verify
from orthgen.deployment import naming
from orthgen.deployment.connections import connections
from orthgen.deployment.model import Deployment
from orthgen.errors import OrthgenError, ProfileError
from orthgen.findings import Severity
from orthgen.products.artifact import Artifact
from orthgen.profile.load import load
from orthgen.realm.realm_file import desired
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from orthgen.targets.kubernetes.configuration import MAX_BYTES, ConfigMap, check_sizes
from orthgen.targets.kubernetes.container_settings import environment
from orthgen.targets.kubernetes.provisioning import PROFILE_PATH, profile_file
from orthgen.targets.services.networks import network_members
from tests.support import builders
from tests.support.builders import EXAMPLES, PROFILES, make_deployment
from tests.support.clusters import deployment_of

Object = dict[str, Any]
KUBERNETES = TARGETS["kubernetes"]
ISSUER = "\n    certificate: {issuer: letsencrypt}"
TLS = "tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}"
PROXY = "tls: {terminated-by: proxy}"
DECIDING = ("orthanc/", "auth-service/", "nginx/njs/", "nginx/snippets/", "keycloak/realm.json")
SIZE = re.compile(r"^.*(?:CacheSize|Capacity|of memory).*\n", re.MULTILINE)
MODALITY = "{dicom: {port: 104}, modalities: {ct: {aet: CT, host: 10.1.2.3, port: 11112}}}"


def profile(name: str, folder: Any) -> str:
    """An overlay of an example for a cluster; where the example has Let's Encrypt, with an issuer."""
    path = folder / f"cluster-{name}"
    has_letsencrypt = load(str(PROFILES / name)).profile.deployment.tls
    issuer = ISSUER if has_letsencrypt is not None and has_letsencrypt.letsencrypt is not None else " {}"
    path.write_text(f"orthgen: 1\nextends: {PROFILES / name}\ndeployment:\n  kubernetes:{issuer}\n")
    return str(path)


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Each example, for a cluster."""
    return resolve_profile(profile(request.param, tmp_path_factory.mktemp("cluster")))[0]


@cache
def cluster(kubernetes: str = "{}", tls: str = TLS, **changes: Any) -> Deployment:
    """The small profile for a cluster."""
    return make_deployment(deployment=f"{{{tls}, kubernetes: {kubernetes}}}", **changes)


@cache
def _parsed(text: str) -> Object:
    tree: Object = yaml.load(text, Loader=yaml.CSafeLoader)
    return tree


_RENDERED: dict[int, tuple[Deployment, tuple[Artifact, ...]]] = {}


def rendered(deployment: Deployment) -> tuple[Artifact, ...]:
    """The files of a deployment, rendered once."""
    if id(deployment) not in _RENDERED:
        _RENDERED[id(deployment)] = deployment, KUBERNETES.render(deployment)
    return _RENDERED[id(deployment)][1]


def objects(deployment: Deployment) -> dict[str, Object]:
    """The objects by kind and name."""
    artifacts = rendered(deployment)
    trees = [_parsed(artifact.text) for artifact in artifacts if artifact.path.startswith("manifests/")]
    return {f"{tree['kind']}/{tree['metadata']['name']}": tree for tree in trees}


def text(deployment: Deployment, path: str) -> str:
    """The text of a rendered file."""
    return next(artifact.text for artifact in rendered(deployment) if artifact.path == path)


def pods(deployment: Deployment) -> dict[str, Object]:
    """The specifications of pods by the name of their object."""
    found = {}
    for name, tree in objects(deployment).items():
        template = tree.get("spec", {}).get("template") if "spec" in tree else None
        if template is not None:
            found[name] = template["spec"]
    return found


def containers(deployment: Deployment) -> list[Object]:
    """Every container."""
    return [
        container
        for pod in pods(deployment).values()
        for container in (*pod["containers"], *pod.get("initContainers", ()))
    ]


def test_files_agree(example: Deployment) -> None:
    """The files of no example contradict each other, the realm that the Job makes included."""
    assert verify((*rendered(example), *KUBERNETES.describe(example))) == []


def test_pods_may_do_little(example: Deployment) -> None:
    """No root, no capability, no token of the cluster, a root file system that is read-only, limits for everything."""
    for pod in pods(example).values():
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(example):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert container["resources"]["limits"].keys() == container["resources"]["requests"].keys()
        assert all(port["containerPort"] >= 1024 for port in container.get("ports", ()))


def test_folders_in_memory_have_at_most_half_of_the_limit() -> None:
    """The kernel counts what is in an `emptyDir` in memory as memory of the container."""
    small = pods(cluster("{memory: {nginx: 128m, keycloak: 640m}}"))

    for name, sizes in {"Deployment/nginx": ["64Mi"], "Deployment/keycloak": ["160Mi", "160Mi"]}.items():
        volumes = [volume.get("emptyDir", {}) for volume in small[name]["volumes"]]
        assert [each["sizeLimit"] for each in volumes if each.get("medium") == "Memory"] == sizes


@pytest.mark.parametrize("name", EXAMPLES)
def test_access_is_decided_by_the_same_files_as_on_a_host(name: str) -> None:
    """
    Settings of Orthanc, the auth-service and the guard, and the realm, are those of Docker Compose, byte for byte.

    Sizes of caches may differ, because the memory of a host says nothing about that of a cluster.
    """
    on_host, in_cluster = builders.example(name, target="compose"), deployment_of(name)

    def deciding(target: str, deployment: Deployment) -> dict[str, str]:
        files = (*TARGETS[target].render(deployment), *TARGETS[target].describe(deployment))
        return {each.path: SIZE.sub("", each.text) for each in files if each.path.startswith(DECIDING)}

    of_host, of_cluster = deciding("compose", on_host), deciding("kubernetes", in_cluster)
    assert {"orthanc/orthanc.json", "auth-service/permissions.json", "nginx/njs/settings.js"} <= set(of_host)
    assert of_cluster == of_host


def test_pods_finish_their_requests(example: Deployment) -> None:
    """A pod serves for five seconds after the signal to stop, and then has the time that Docker Compose gives it."""
    compose = _parsed(
        next(each.text for each in TARGETS["compose"].render(example) if each.path == "docker-compose.yml")
    )
    for name, pod in pods(example).items():
        service = compose["services"].get(name.partition("/")[2])
        if service is not None:
            time_to_end = int(service["stop_grace_period"].removesuffix("s"))
            assert pod["terminationGracePeriodSeconds"] == time_to_end + 5, name
            assert pod["containers"][0]["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}, (
                name
            )


def test_pods_of_a_service_are_spread() -> None:
    """Over nodes and zones, but a cluster with one node starts them all; nothing else of a pod needs a node."""
    made = pods(cluster("{replicas: 3}"))

    spread = {
        name: [(each["topologyKey"], each["whenUnsatisfiable"]) for each in pod["topologySpreadConstraints"]]
        for name, pod in made.items()
        if "topologySpreadConstraints" in pod
    }
    keys = [(f"{key}", "ScheduleAnyway") for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")]
    assert spread == {
        f"Deployment/{name}": keys for name in (naming.NGINX, naming.KEYCLOAK, naming.AUTH_SERVICE)
    }


@pytest.mark.parametrize("database", ["{}", "{cloudnative-pg: {instances: 2}}"])
def test_every_pod_has_the_priority_of_the_profile(database: str) -> None:
    """The Job and the pods of an operator included; without the key no pod names a class."""
    deployment = cluster(f"{{priority-class: pacs, database: {database}}}")
    operated = [each["spec"] for name, each in objects(deployment).items() if name.startswith("Cluster/")]

    assert {spec["priorityClassName"] for spec in (*pods(deployment).values(), *operated)} == {"pacs"}
    assert not [pod for pod in pods(cluster()).values() if "priorityClassName" in pod]


def test_the_namespace_admits_restricted_pods_only() -> None:
    """PodSecurity refuses every other pod."""
    labels = objects(cluster())["Namespace/test"]["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


# ---------------------------------------------------------------------------------------------- connections


def allowed(deployment: Deployment, direction: str, peer: str) -> set[tuple[str, str, int]]:
    """Source, target and port of the connections between services that the policies of one direction allow."""
    result = set()
    for key, policy in objects(deployment).items():
        kind, _, name = key.partition("/")
        for rule in policy["spec"].get(direction, ()) if kind == "NetworkPolicy" else ():
            others = [
                each["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                for each in rule.get(peer, ())
                if "podSelector" in each
            ]
            pairs = [(other, name) if direction == "ingress" else (name, other) for other in others]
            result |= {(*pair, port["port"]) for pair in pairs for port in rule["ports"]}
    return result


def test_policies_allow_the_connections_of_the_deployment(example: Deployment) -> None:
    """Both sides allow the same, and it is what the approval page names; pods of one service are left out."""
    ports = example.platform.ports
    table = {
        (connection.source, connection.target, ports[connection.target])
        for connection in connections(example)
        if connection.target in ports and connection.source in {naming.NGINX, *ports}
    }
    if example.has_own_keycloak:
        table.add(("provision-keycloak", naming.KEYCLOAK, 8080))
    ingress, egress = allowed(example, "ingress", "from"), allowed(example, "egress", "to")

    assert {entry for entry in ingress if entry[0] != entry[1]} == table
    assert egress == ingress


@pytest.mark.parametrize("name", EXAMPLES)
def test_policies_allow_no_pair_that_compose_separates(name: str) -> None:
    """Services that share no network of Docker Compose cannot talk to each other in a cluster."""
    deployment = builders.example(name)
    networks = network_members(deployment).values()
    services = {service for members in networks for service in members}
    pairs = {(each.source, each.target) for each in connections(deployment)}

    assert [
        pair
        for pair in pairs
        if services.issuperset(pair) and not any(set(members).issuperset(pair) for members in networks)
    ] == []


def test_everything_else_is_refused() -> None:
    """One policy selects every pod, and allows nothing."""
    spec = objects(cluster())["NetworkPolicy/default-deny"]["spec"]

    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_database_asks_nobody() -> None:
    """A pod without a connection of its own does not even reach the name server."""
    assert "egress" not in objects(cluster())["NetworkPolicy/keycloak-db"]["spec"]


def test_dicom_peers_keep_their_addresses() -> None:
    """Orthanc compares the peer's address: no node replaces it, and only peers get in."""
    made = objects(cluster(archive=MODALITY))
    service, policy = made["Service/orthanc-dicom"]["spec"], made["NetworkPolicy/orthanc"]["spec"]

    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert service["loadBalancerSourceRanges"] == ["10.1.2.3/32"]
    assert [port["port"] for port in service["ports"]] == [104]
    assert {
        "from": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
        "ports": [{"protocol": "TCP", "port": 4242}],
    } in policy["ingress"]
    assert {
        "to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
        "ports": [{"protocol": "TCP", "port": 11112}],
    } in policy["egress"]


@pytest.mark.parametrize(
    ("changes", "service", "ports"),
    [
        pytest.param({"identity": "{sign-in: [ldap: {url: 'ldaps://dc.example.org', bind-dn: a, bind-password: {secret: b}, users-dn: c}]}"}, "keycloak", [636], id="LDAP"),
        pytest.param({"identity": "{sign-in: [accounts: {}], smtp: {host: mail.example.org, sender: a@b.org, port: 2525}}"}, "keycloak", [2525], id="mail"),
        pytest.param({"archive": "{storage: {files: {s3: {bucket: images, region: b, endpoint: 'https://s3.example.org:9443', access-key: {secret: c}, secret-key: {secret: d}}}}}"}, "orthanc", [9443], id="S3"),
    ],
)  # fmt: skip
def test_a_service_reaches_the_ports_of_its_servers(
    changes: dict[str, str], service: str, ports: list[int]
) -> None:
    """Servers outside are reached at their ports, and at no other."""
    egress = objects(cluster(**changes))[f"NetworkPolicy/{service}"]["spec"]["egress"]
    outside = [rule["ports"] for rule in egress if {"ipBlock": {"cidr": "0.0.0.0/0"}} in rule["to"]]

    assert [[port["port"] for port in each] for each in outside] == [ports]


# --------------------------------------------------------------------------------------------- the way in


def test_a_load_balancer_leads_to_nginx() -> None:
    """Nginx is the only public web server, ends TLS, and sees the clients' addresses."""
    made = objects(cluster())
    service = made["Service/nginx"]["spec"]

    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert {port["name"]: port["port"] for port in service["ports"]} == {"http": 80, "https": 443}
    assert [
        name
        for name, tree in made.items()
        if tree["spec" if "spec" in tree else "metadata"].get("type") == "LoadBalancer"
    ] == ["Service/nginx"]


@pytest.mark.parametrize(
    ("tls", "kind", "port"),
    [pytest.param(TLS, "TLSRoute", 443, id="passes on"), pytest.param(PROXY, "HTTPRoute", 80, id="ends")],
)
def test_a_gateway_ends_tls_or_passes_it_on(tls: str, kind: str, port: int) -> None:
    """`terminated-by: proxy` says that the Gateway ends TLS."""
    made = objects(cluster("{entry: {gateway: {name: public, namespace: gateways, listener: https}}}", tls))
    route = made[f"{kind}/nginx"]["spec"]

    assert route["parentRefs"] == [{"name": "public", "namespace": "gateways", "sectionName": "https"}]
    assert route["hostnames"] == ["pacs.example.org"]
    assert route["rules"] == [{"backendRefs": [{"name": "nginx", "port": port}]}]
    assert made["Service/nginx"]["spec"]["type"] == "ClusterIP"


def test_an_ingress_controller_ends_tls() -> None:
    """Nginx speaks plain http behind it, and believes its headers; uploads of any size pass."""
    deployment = cluster("{entry: {ingress: {class: nginx, annotations: {a.example/b: c}}}}")
    ingress = objects(deployment)["Ingress/nginx"]

    assert ingress["spec"]["tls"] == [{"hosts": ["pacs.example.org"], "secretName": "nginx-tls"}]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == "0"
    assert ingress["metadata"]["annotations"]["a.example/b"] == "c"
    site = text(deployment, "nginx/conf.d/site.conf")
    assert "ssl" not in site
    assert "if ($came_in_clear)" in site
    assert "Service/nginx" in objects(deployment)


def test_a_trial_is_reached_by_port_forward() -> None:
    """`http://localhost` is this machine: no load balancer has that name."""
    deployment = make_deployment(
        institution='{name: Trial, url: "http://localhost"}', deployment="{kubernetes: {}}"
    )

    assert objects(deployment)["Service/nginx"]["spec"]["type"] == "ClusterIP"


def test_cert_manager_makes_the_certificate() -> None:
    """The Certificate fills the Secret that nginx reads at each handshake."""
    deployment = cluster(f"{{{ISSUER.strip()}}}", "tls: {letsencrypt: {email: a@example.org}}")
    made = objects(deployment)
    certificate = made["Certificate/nginx-tls"]["spec"]
    volume = next(each for each in pods(deployment)["Deployment/nginx"]["volumes"] if each["name"] == "tls")

    assert certificate["dnsNames"] == ["pacs.example.org"]
    assert certificate["issuerRef"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "name": "letsencrypt",
    }
    assert certificate["secretName"] == volume["secret"]["secretName"]
    assert "ssl_certificate $certificate_folder/fullchain.pem" in text(deployment, "nginx/conf.d/site.conf")
    assert not any("certbot" in name for name in made)


# -------------------------------------------------------------------------------------------------- secrets


def mounted_keys(deployment: Deployment) -> set[tuple[str, str]]:
    """Secret and key of everything that pods mount as a secret."""
    return {
        (source["secret"]["name"], item["key"])
        for pod in pods(deployment).values()
        for volume in pod["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        for item in source["secret"]["items"]
    }


@pytest.mark.parametrize(
    ("path", "reference"),
    [("", {"key": "smtp"}), ("path: pacs/test", {"key": "pacs/test", "property": "smtp"})],
)
def test_an_external_secret_has_what_pods_mount(path: str, reference: dict[str, str]) -> None:
    """Each key that a pod reads comes from the store, and no other."""
    settings = f"{{secrets: {{external-secret: {{store: vault{', ' + path if path else ''}}}}}}}"
    smtp = "{host: mail.example.org, sender: a@b.org, user: a, password: {secret: smtp}}"
    deployment = cluster(settings, identity=f"{{sign-in: [accounts: {{}}], smtp: {smtp}}}")
    spec = objects(deployment)["ExternalSecret/orthanc-secrets"]["spec"]

    assert {(spec["target"]["name"], entry["secretKey"]) for entry in spec["data"]} == mounted_keys(
        deployment
    )
    assert next(entry["remoteRef"] for entry in spec["data"] if entry["secretKey"] == "smtp") == reference
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "vault"}


@pytest.mark.parametrize(
    ("kind", "file", "command"),
    [
        ("secret", None, "kubectl apply --server-side"),
        ("sealed-secret", "manifests/sealed-secret.yaml", "kubeseal"),
        ("sops", "manifests/secret.enc.yaml", "sops encrypt"),
    ],
)
def test_a_person_makes_the_secret(kind: str, file: str | None, command: str) -> None:
    """The page names every key and the command; an encrypted file is a resource of the deployment."""
    deployment = cluster(f"{{secrets: {kind}}}")
    page = text(deployment, "secrets/README.md")
    resources = _parsed(text(deployment, "kustomization.yaml"))["resources"]

    assert all(f"--from-file={key}=secrets/{key}" in page for _, key in mounted_keys(deployment))
    assert command in page
    assert [path for path in resources if "secret" in path] == ([file] if file else [])


def test_no_file_has_a_value(example: Deployment) -> None:
    """No Secret is rendered, and no variable has a password."""
    assert not any(name.startswith("Secret/") for name in objects(example))
    for container in containers(example):
        names = {entry["name"] for entry in container.get("env", ())}
        assert not [name for name in names if re.search("(PASSWORD|SECRET)$", name)]


# ------------------------------------------------------------------------------------------------ databases


def test_an_operator_runs_the_databases() -> None:
    """CloudNativePG makes cluster and password; the Service has the name that Orthanc and Keycloak know."""
    deployment = cluster(
        "{database: {cloudnative-pg: {instances: 3}}, volumes: {databases: {size: 50Gi, class: fast}}}"
    )
    made = objects(deployment)
    spec = made["Cluster/orthanc-db"]["spec"]

    assert spec["instances"] == 3
    assert spec["storage"] == {"size": "50Gi", "storageClass": "fast"}
    assert (
        spec["managed"]["services"]["additional"][0]["serviceTemplate"]["metadata"]["name"]
        == naming.ORTHANC_DB
    )
    assert "StatefulSet/orthanc-db" not in made
    assert {("orthanc-db-app", "password"), ("keycloak-db-app", "password")} <= mounted_keys(deployment)
    assert not [secret.name for secret in deployment.secrets if "db-password" in secret.name]
    assert not [image for image in deployment.images if image.startswith("postgres")]
    selectors = [each["podSelector"]["matchLabels"] for rule in made["NetworkPolicy/orthanc"]["spec"]["egress"] for each in rule["to"] if "podSelector" in each]  # fmt: skip
    assert {"cnpg.io/cluster": "orthanc-db"} in selectors


def test_the_database_has_room_for_every_keycloak() -> None:
    """Each pod of Keycloak has a pool of connections; the pods find each other through the database."""
    deployment = cluster("{replicas: 3}")
    made = pods(deployment)
    variables = {
        entry["name"]: entry["value"] for entry in made["Deployment/keycloak"]["containers"][0]["env"]
    }
    arguments = made["StatefulSet/keycloak-db"]["containers"][0]["args"]

    assert variables["KC_CACHE"] == "ispn"
    connections_of_database = next(
        int(each.split("=")[1]) for each in arguments if each.startswith("max_connections=")
    )
    assert connections_of_database > 3 * int(variables["KC_DB_POOL_MAX_SIZE"])
    peers = objects(deployment)["NetworkPolicy/keycloak"]["spec"]["ingress"]
    assert {7800, 57800} <= {port["port"] for rule in peers for port in rule["ports"]}


# --------------------------------------------------------------------------------------------- provisioning


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_job_gets_the_whole_profile(name: str, tmp_path: Any) -> None:
    """The profile of the Job is one file, and asks for the same realm."""
    deployment, _ = resolve_profile(profile(name, tmp_path))
    if not deployment.has_own_keycloak:
        assert PROFILE_PATH not in {artifact.path for artifact in rendered(deployment)}
        return
    (tmp_path / "profile.yaml").write_text(text(deployment, PROFILE_PATH), encoding="utf-8")
    of_job, _ = resolve_profile(str(tmp_path / "profile.yaml"))

    assert desired(of_job) == desired(deployment)
    assert of_job.project == deployment.project


def job(deployment: Deployment) -> Object:
    """The Job."""
    return next(tree for name, tree in objects(deployment).items() if name.startswith("Job/"))


def test_the_job_waits_for_keycloak() -> None:
    """A container of its pod ends when Keycloak takes connections, and not before: a failed pod is started again after minutes."""
    (waiting,) = pods(cluster())[f"Job/{job(cluster())['metadata']['name']}"]["initContainers"]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"127.0.0.1/{server.getsockname()[1]}"
        command = [word.replace("keycloak/8080", address) for word in waiting["command"]]

        assert address in command[-1]
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(command, timeout=0.3, check=False)
        server.listen()
        subprocess.run(command, timeout=60, check=True)


def test_a_changed_profile_is_another_job() -> None:
    """A Job's template cannot be changed: the name follows the profile, and nothing else."""
    first, again = job(cluster()), job(cluster())
    other = job(cluster(roles="{admin: {can: [everything, administer], collections: all}}"))

    assert first == again
    assert first["metadata"]["name"] != other["metadata"]["name"]


def test_a_large_realm_is_in_no_config_map() -> None:
    """A thousand roles fit, because the realm is in no file."""
    roles = {f"role-{number}": {"can": ["view"], "collections": "all"} for number in range(1000)}
    roles["admin"] = {"can": ["everything", "administer"], "collections": "all"}
    deployment = make_deployment(roles=roles, deployment=f"{{{TLS}, kubernetes: {{}}}}")

    assert len(profile_file(deployment).data) < MAX_BYTES / 5
    assert "keycloak/realm.json" not in {artifact.path for artifact in rendered(cluster())}


def test_files_that_no_config_map_holds_are_refused() -> None:
    """The API server would refuse the ConfigMap when the rest of the deployment is there already."""
    maps = [ConfigMap("orthanc", {"orthanc.json": "orthanc/orthanc.json", "hostid": "orthanc/hostid"})]
    documents = {path: Artifact(path, "x") for path in maps[0].files.values()}
    check_sizes(maps, documents)
    documents["orthanc/orthanc.json"] = Artifact("orthanc/orthanc.json", "x" * MAX_BYTES)

    with pytest.raises(OrthgenError, match="a ConfigMap holds") as error:
        check_sizes(maps, documents)

    assert "`orthanc/orthanc.json`" in error.value.hint


# -------------------------------------------------------------------------------------- what compose leaks


def test_nginx_needs_no_name_server() -> None:
    """Services keep their addresses; the kubelet asks for the health page from outside the pod."""
    deployment = cluster()
    nginx, site = text(deployment, "nginx/nginx.conf"), text(deployment, "nginx/conf.d/site.conf")

    assert "resolver" not in nginx
    assert "server ohif:8080" in text(cluster(viewers="{ohif: {}}"), "nginx/nginx.conf")
    assert "listen 8081;" in site
    assert "listen 8443 ssl" in site


def test_a_volume_is_filled_from_the_image() -> None:
    """Docker fills a new volume from the image; here a container does, before Keycloak starts."""
    pod = pods(cluster())["Deployment/keycloak"]
    (init,), path = pod["initContainers"], "/opt/keycloak/lib/quarkus"

    assert init["command"] == ["cp", "-R", f"{path}/.", "/filled/"]
    mount = next(each for each in pod["containers"][0]["volumeMounts"] if each["mountPath"] == path)
    assert init["volumeMounts"][0]["name"] == mount["name"]


def test_references_of_the_kubelet_are_escaped() -> None:
    """The kubelet would replace `$(NAME)` in an argument."""
    assert environment([("A", "$(B) $C")]) == [{"name": "A", "value": "$$(B) $C"}]


def test_roles_that_are_edited_are_one_pods_file() -> None:
    """With the permission editor there is one auth-service, and its volume."""
    made = objects(cluster(identity="{sign-in: [accounts: {}], permission-editor: true}"))

    assert made["Deployment/orthanc-auth-service"]["spec"]["replicas"] == 1
    assert "PersistentVolumeClaim/permissions" in made


# ---------------------------------------------------------------------------------------------- consistency


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("kustomization.yaml", "manifests/nginx/service.yaml", "manifests/nginx/services.yaml", "missing-mounted-file"),
        ("kustomization.yaml", "=nginx/nginx.conf", "=nginx/http.conf", "missing-mounted-file"),
        ("manifests/nginx/deployment.yaml", "key: njs.guard.js", "key: njs.guards.js", "missing-mounted-file"),
        ("manifests/nginx/deployment.yaml", "subPath: nginx.conf", "subPath: http.conf", "missing-mounted-file"),
        ("manifests/orthanc/service.yaml", "port: 8042", "port: 8043", "missing-upstream"),
        ("manifests/orthanc-auth-service/deployment.yaml", "key: auth-service-password", "key: other", "auth-service-credentials-differ"),
        ("manifests/orthanc-auth-service/deployment.yaml", "realms/orthanc/", "realms/pacs/", "realms-differ"),
        ("manifests/orthanc/statefulset.yaml", "orthancteam/orthanc:", "orthancteam/orthanc:1", "key-unknown-to-image"),
        ("manifests/keycloak/deployment.yaml", "value: keycloak-db", "value: postgres", "missing-service"),
    ],
)  # fmt: skip
def test_a_changed_file_is_noticed(path: str, old: str, new: str, rule: str) -> None:
    """One side of a fact that two files state is changed, and the finding names it."""
    deployment = cluster()
    files = {
        artifact.path: artifact for artifact in (*rendered(deployment), *KUBERNETES.describe(deployment))
    }
    changed = files[path].text.replace(old, new, 1)
    assert changed != files[path].text
    files[path] = replace(files[path], text=changed)

    assert rule in {finding.rule.id for finding in verify(tuple(files.values()))}


# -------------------------------------------------------------------------------------------- command line


def test_the_option_counts_more_than_the_profile(tmp_path: Any) -> None:
    """One profile serves a host and a cluster."""
    path = profile("paradim.yaml", tmp_path)

    assert resolve_profile(path)[0].target == "kubernetes"
    assert resolve_profile(path, target="compose")[0].target == "compose"
    assert resolve_profile(str(PROFILES / "paradim.yaml"), target="kubernetes")[0].target == "kubernetes"


def test_a_cluster_refuses_what_it_cannot_do(tmp_path: Any) -> None:
    """The finding of a setting stands where the author wrote it."""
    path = tmp_path / "site.yaml"
    path.write_text(f"extends: {PROFILES / 'paradim.production.yaml'}\ndeployment: {{kubernetes: {{}}}}\n")

    with pytest.raises(ProfileError) as error:
        resolve_profile(str(path))

    errors = {finding.rule.id for finding in error.value.findings if finding.severity is Severity.ERROR}
    assert errors == {"cluster-without-issuer"}


def test_json_of_the_realm_is_checked_but_not_written() -> None:
    """Reviewers see the realm in the plan of `orthgen provision-keycloak`; the folder has no file that nobody reads."""
    (realm,) = KUBERNETES.describe(cluster())

    assert isinstance(realm, Artifact)
    assert json.loads(realm.text)["realm"] == "orthanc"


@pytest.mark.parametrize(("client", "name"), [("StatefulSet/orthanc", "orthanc-db-check"), ("Deployment/keycloak", "keycloak-db-check")])  # fmt: skip
def test_a_database_outside_is_examined_first(client: str, name: str) -> None:
    """A container of the client's pod runs the check that Docker Compose waits for, and its reason is in the pod's status."""
    deployment = deployment_of("PostgreSQL outside")
    pod = pods(deployment)[client]
    check = pod["initContainers"][0]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}

    assert check["name"] == name
    assert check["command"] == ["bash", "/opt/orthgen/passfile.sh", "bash", "/opt/orthgen/check.sh"]
    assert check["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert {"name": "PGHOST", "value": "db.example.org"} in check["env"]
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in check["volumeMounts"]}
    assert set(mounted) == {"/opt/orthgen/passfile.sh", "/opt/orthgen/check.sh", "/run/database", "/tmp"}  # noqa: S108 - in the container
    assert mounted["/opt/orthgen/check.sh"]["configMap"] == {"name": f"{name}-files"}
    generators = _parsed(text(deployment, "kustomization.yaml"))["configMapGenerator"]
    assert f"{name}-files" in {generator["name"] for generator in generators}
    assert len(volumes) == len(pod["volumes"])


def test_a_database_outside_has_no_pod() -> None:
    """Orthanc and Keycloak reach it at its port; its authority is a key of the Secret."""
    server = "{host: db.example.org, port: 6432, password: {secret: db}, authority: /etc/ssl/db.pem, max-connections: 200}"
    deployment = cluster(archive=f"{{storage: {{postgresql: {server}}}}}")
    made = objects(deployment)

    assert not [name for name in made if "orthanc-db" in name]
    outside = [rule for rule in made["NetworkPolicy/orthanc"]["spec"]["egress"] if {"ipBlock": {"cidr": "0.0.0.0/0"}} in rule["to"]]  # fmt: skip
    assert [port["port"] for rule in outside for port in rule["ports"]] == [6432]
    assert ("orthanc-secrets", "orthanc-db-authority") in mounted_keys(deployment)
    assert "--from-file=orthanc-db-authority=/etc/ssl/db.pem" in text(deployment, "secrets/README.md")


# -------------------------------------------------------------------------------------------------- readers


def test_readers_are_pods_of_one_deployment() -> None:
    """Each has an identifier and a host number of its own, and they start after the ingest node, all at once."""
    deployment = deployment_of("readers")
    spec = objects(deployment)["Deployment/orthanc-reader"]["spec"]
    pod = spec["template"]["spec"]
    (container,), (wait,) = pod["containers"], pod["initContainers"]
    fields = {entry["name"]: entry.get("valueFrom") for entry in container["env"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: (volumes[mount["name"]], mount.get("readOnly")) for mount in container["volumeMounts"]}  # fmt: skip

    assert (spec["replicas"], spec["strategy"]) == (2, {"type": "Recreate"})
    assert fields["ORTHANC__DATABASE_SERVER_IDENTIFIER"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert mounts["/etc/hostid"][0]["downwardAPI"]["items"][0]["fieldRef"] == {"fieldPath": "metadata.uid"}
    assert "http://orthanc:8042/" in wait["command"][-1]
    # Archives that it builds: nothing to keep, and more than the logs' share of the disk.
    assert "emptyDir" in mounts["/var/lib/orthanc"][0]
    assert container["resources"]["limits"]["ephemeral-storage"] == "22Gi"


def test_readers_share_the_volume_of_the_ingest_node() -> None:
    """Its claim is for many nodes, and readers cannot write to it; with S3 there is nothing to share."""
    made, in_bucket = (
        objects(deployment_of("readers")),
        objects(deployment_of("readers that follow the load")),
    )
    mounts = made["Deployment/orthanc-reader"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]

    assert made["PersistentVolumeClaim/orthanc-data"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert {"name": "orthanc-data", "mountPath": "/srv/orthanc", "readOnly": True} in mounts
    assert in_bucket["PersistentVolumeClaim/orthanc-data"]["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert "orthanc-reader-data" not in str(made.keys())


def test_readers_follow_the_load() -> None:
    """The autoscaler chooses the number, which no apply resets; PostgreSQL accepts the connections of the largest."""
    deployment = deployment_of("readers that follow the load")
    made = objects(deployment)
    autoscaler = made["HorizontalPodAutoscaler/orthanc-reader"]["spec"]
    arguments = made["StatefulSet/orthanc-db"]["spec"]["template"]["spec"]["containers"][0]["args"]
    accepted = next(int(each.split("=")[1]) for each in arguments if each.startswith("max_connections="))

    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 6)
    # 60 % of the two processors that a reader may use.
    assert autoscaler["metrics"][0]["resource"]["target"]["averageValue"] == "1200m"
    assert "replicas" not in made["Deployment/orthanc-reader"]["spec"]
    assert accepted >= 7 * deployment.profile.archive.storage.connections
    assert "PodDisruptionBudget/orthanc-reader" in made


def test_nginx_asks_the_readers_by_one_name() -> None:
    """Their Service chooses the pod, so nginx needs no reload when one more starts."""
    nginx = text(deployment_of("readers"), "nginx/nginx.conf")

    assert "server orthanc-reader:8042 max_fails=1 fail_timeout=5s;" in nginx
    assert "server orthanc:8042 max_fails=1 fail_timeout=5s backup;" in nginx
