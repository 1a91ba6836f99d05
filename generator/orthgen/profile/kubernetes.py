"""The key `deployment.kubernetes` of the profile: a cluster instead of one host."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from orthgen.field_types import Matching, Model, Name, Text, invalid_value
from orthgen.profile.memory import Memory

Quantity = Annotated[
    str,
    Matching(
        r"[1-9][0-9]*(?:Mi|Gi|Ti|Pi)",
        "a size of a volume",
        "write a number and `Mi`, `Gi` or `Ti`: `500Gi`",
        example="1Gi",
    ),
]
# Names of cluster-wide objects may have dots.
ObjectName = Annotated[
    str,
    Matching(
        r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?",
        "a name of a Kubernetes object",
        "names are lower-case letters, digits, dashes and dots",
        example="name",
    ),
]
Annotations = dict[Text, Text]


class LoadBalancer(Model):
    """A Service of the type LoadBalancer."""

    annotations: Annotations = Field(
        {}, description="Annotations of the Service, for the cluster's load balancer."
    )


class Gateway(Model):
    """A Gateway of the cluster (Gateway API)."""

    name: ObjectName = Field(description="The name of the Gateway.")
    namespace: Name | None = Field(
        None, description="Its namespace; by default the namespace of the deployment."
    )
    listener: ObjectName | None = Field(
        None, description="The name of one of its listeners; by default every listener that fits."
    )


class Ingress(Model):
    """An Ingress: the cluster's ingress controller ends TLS."""

    class_: ObjectName = Field(description="The name of the IngressClass.")
    annotations: Annotations = Field(
        {},
        description="Annotations of the Ingress. For the class `nginx`, orthgen sets those without which large uploads fail.",
    )


class Entry(Model):
    """The path of web requests into the cluster: a load balancer, a Gateway or an Ingress."""

    load_balancer: LoadBalancer | None = Field(
        None, description="nginx has a Service of the type LoadBalancer, and ends TLS itself."
    )
    gateway: Gateway | None = Field(
        None,
        description="A Gateway passes requests to nginx. With `tls: {terminated-by: proxy}` the Gateway ends TLS (an "
        "HTTPRoute); otherwise it passes TLS through (a TLSRoute), and nginx ends it.",
    )
    ingress: Ingress | None = Field(None, description="An ingress controller ends TLS.")

    @model_validator(mode="before")
    @classmethod
    def _is_one_kind(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) != 1:
            raise invalid_value(
                "`entry` has one kind",
                "write one of `load-balancer: {}`, `gateway: {name: …}`, `ingress: {class: …}`",
            )
        return value


class Certificate(Model):
    """A Certificate of cert-manager."""

    issuer: ObjectName = Field(description="The name of cert-manager's issuer.")
    kind: Literal["ClusterIssuer", "Issuer"] = Field("ClusterIssuer", description="The kind of the issuer.")


class ExternalSecret(Model):
    """A secret store behind the External Secrets Operator."""

    store: ObjectName = Field(description="The name of the store.")
    kind: Literal["ClusterSecretStore", "SecretStore"] = Field(
        "ClusterSecretStore", description="The kind of the store."
    )
    path: Text | None = Field(
        None,
        description="The entry of the store that has every secret as a property; by default each secret has an entry of "
        "its own name.",
    )


class Secrets(Model):
    """The origin of the Secret that the pods mount."""

    kind: Literal["secret", "sealed-secret", "sops"] = Field(
        "secret",
        description="`secret`: a person applies it; `sealed-secret` and `sops`: a person encrypts it, and the file is "
        "part of the deployment.",
    )
    external_secret: ExternalSecret | None = Field(
        None, description="The External Secrets Operator makes it."
    )


def _secrets(value: Any) -> Any:
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict) and "kind" in value:
        raise invalid_value("`kind` is not a key of `secrets`", f"write `secrets: {value['kind']}`")
    return value


class CloudNativePg(Model):
    """Clusters of the CloudNativePG operator (1.24 or newer)."""

    instances: int = Field(2, ge=1, le=9, description="The number of PostgreSQL instances of each cluster.")


class Database(Model):
    """The PostgreSQL of the deployment: `stateful-set`, or `{cloudnative-pg: …}`."""

    cloudnative_pg: CloudNativePg | None = Field(
        None, description="Clusters of the CloudNativePG operator; without it, one pod for each database."
    )


def _database(value: Any) -> Any:
    if value == "stateful-set":
        return {}
    if isinstance(value, str):
        raise invalid_value(
            f"`{value}` is not a kind of database",
            "write `stateful-set`, or `cloudnative-pg: {instances: 2}`",
        )
    return value


class Claim(Model):
    """The request for a volume."""

    size: Quantity = Field(description="Its size.")
    class_: ObjectName | None = Field(
        None, description="The name of the StorageClass; by default the cluster's default class."
    )


class Claims(Model):
    """The requests for volumes."""

    files: Claim = Field(
        Claim.model_construct(size="100Gi", class_=None),
        description="Orthanc's volume: the DICOM files and, without PostgreSQL, the index.",
    )
    databases: Claim = Field(
        Claim.model_construct(size="20Gi", class_=None), description="The volume of each PostgreSQL."
    )


class Autoscaler(Model):
    """A HorizontalPodAutoscaler of the readers, which start with `archive.replicas.readers`."""

    max_readers: int = Field(
        ge=2,
        le=64,
        description="The largest number of readers. PostgreSQL has to accept the connections of all.",
    )
    cpu: int = Field(
        70,
        ge=10,
        le=100,
        description="The share of its processors in percent that a reader uses before another one starts.",
    )


class Kubernetes(Model):
    """A cluster: namespace, entry, certificate, secrets, databases, volumes."""

    namespace: Name | None = Field(
        None,
        description="The namespace of the deployment, which has no other one; by default the deployment's name.",
    )
    entry: Entry | None = Field(
        None,
        description="The path of web requests into the cluster; by default a load balancer, and for "
        "`http://localhost` none (`kubectl port-forward`).",
    )
    certificate: Certificate | None = Field(
        None,
        description="cert-manager's issuer of the certificate; without it, a person makes the Secret `tls` from the "
        "files that `deployment.tls` names.",
    )
    secrets: Annotated[Secrets, BeforeValidator(_secrets)] = Field(
        Secrets.model_construct(),
        description="The origin of the Secret: `secret`, `sealed-secret`, `sops`, or `{external-secret: …}`.",
    )
    database: Annotated[Database, BeforeValidator(_database)] = Field(
        Database.model_construct(),
        description="The PostgreSQL of the deployment: `stateful-set`, or `{cloudnative-pg: {instances: 2}}`.",
    )
    volumes: Claims = Field(Claims.model_construct(), description="Sizes and classes of the volumes.")
    dicom: LoadBalancer = Field(
        LoadBalancer.model_construct(), description="The Service of the DICOM ports, a load balancer."
    )
    replicas: int = Field(
        2,
        ge=1,
        le=9,
        description="The number of pods of nginx, Keycloak, the auth-service and OHIF each. Orthanc has one.",
    )
    autoscaler: Autoscaler | None = Field(
        None,
        description="More readers under load; by default always as many as `archive.replicas.readers`. The cluster needs "
        "metrics-server or the like.",
    )
    priority_class: ObjectName | None = Field(
        None, description="The name of the PriorityClass of all pods; by default the cluster's default."
    )
    image: Text = Field(
        "ghcr.io/orthgen/orthgen",
        description="The image of orthgen, which the provisioning of Keycloak runs; without a tag, the tag is the "
        "version of this orthgen.",
    )
    memory: Memory = Field(Memory.model_construct(), description="The memory limit of each service.")
