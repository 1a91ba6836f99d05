"""The `deployment` part of the profile: TLS, ports, networks."""

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from orthgen.field_types import BindAddress, Email, FilePath, Matching, Model, Name, Port, invalid_value
from orthgen.profile.kubernetes import Kubernetes
from orthgen.profile.memory import Memory

MAX_SUBNETS_PREFIX = 24
SUBNET_PREFIX = 28
"""Prefixes of `deployment.compose.subnets` at most, and of each network that is cut from it: 16 of 16 addresses."""

Network = Annotated[
    str,
    Matching(
        r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)(?:/[0-9]{1,3})?",
        "an address or a network",
        "write `10.20.0.5` or `10.20.0.0/24`",
    ),
]


class LetsEncrypt(Model):
    """Certificates from Let's Encrypt, requested by a certbot container."""

    email: Email = Field(description="The address for warnings before a certificate expires.")
    staging: bool = Field(
        False, description="Whether to use the test authority, whose certificates no browser trusts."
    )


class OwnAuthority(Model):
    """Certificates from an authority that `orthgen secrets` makes; every browser has to trust it."""


TLS_VARIANTS: tuple[tuple[str, ...], ...] = (
    ("certificate", "key"),
    ("letsencrypt",),
    ("own-authority",),
    ("terminated-by",),
)
"""The keys of `deployment.tls` by its variants, of which a profile has one."""


class Tls(Model):
    """The end of TLS and its certificate: files, Let's Encrypt, an authority of its own, or a proxy in front."""

    certificate: FilePath | None = Field(None, description="The certificate chain (PEM), a path on the host.")
    key: FilePath | None = Field(None, description="Its private key (PEM), a path on the host.")
    letsencrypt: LetsEncrypt | None = Field(None, description="Certificates from Let's Encrypt.")
    own_authority: OwnAuthority | None = Field(
        None,
        description="`{}`: `orthgen secrets` makes an authority and a certificate for the host name or address of "
        "`institution.url`, for institutions without a public name.",
    )
    terminated_by: Literal["proxy"] | None = Field(
        None, description="`proxy`: another proxy in front ends TLS and sends `X-Forwarded-Proto`."
    )

    proxies: list[Network] = Field(
        [],
        description="With `terminated-by: proxy`: the addresses or networks of that proxy. nginx believes their "
        "headers about the client's address; by default those of every private address.",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_one_variant(cls, value: Any) -> Any:
        if isinstance(value, dict):
            variants = [keys for keys in TLS_VARIANTS if value.keys() & set(keys)]
            if len(variants) > 1:
                raise invalid_value(
                    "two ways to end TLS",
                    "keep one of: `certificate` and `key`, `letsencrypt`, `own-authority`, `terminated-by`",
                )
            if not variants:
                raise invalid_value(
                    "an https address needs `deployment.tls`",
                    "write `certificate` and `key`, `letsencrypt`, `own-authority: {}`, or `terminated-by: proxy`",
                )
            if "proxies" in value and "terminated-by" not in value:
                raise invalid_value(
                    "`proxies` without a proxy", "write `terminated-by: proxy` beside it, or remove `proxies`"
                )
            if len({"certificate", "key"} & value.keys()) == 1:
                raise invalid_value("a certificate needs its key", "give both `certificate` and `key`")
        return value


# What the services take where nothing is said, with both databases; a total is shared in these proportions.
# RFC 1918, and what RFC 6598 leaves to carriers.
_PRIVATE = tuple(
    IPv4Network(space) for space in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def _subnets(value: str) -> str:
    try:
        network = IPv4Network(value)
    except ValueError:
        hint = "write the first address and the length of its prefix: `10.213.7.0/24`"
        raise invalid_value(f"`{value}` is not an IPv4 network", hint) from None
    if network.prefixlen > MAX_SUBNETS_PREFIX:
        raise invalid_value(
            f"`{value}` is too small: the networks of a deployment take 256 addresses",
            f"write a larger one: `{IPv4Network((network.network_address, MAX_SUBNETS_PREFIX), strict=False)}`",
        )
    if not any(network.subnet_of(space) for space in _PRIVATE):
        spaces = ", ".join(str(space) for space in _PRIVATE)
        raise invalid_value(
            f"`{value}` is not a private network",
            f"take a part of one of these that the institution does not use: {spaces}",
        )
    return value


class Compose(Model):
    """Settings of Docker Compose: ports, networks, memory."""

    http_port: Port | None = Field(
        None, description="The host's port for http; by default 80, or the origin's own."
    )
    https_port: Port | None = Field(
        None, description="The host's port for https; by default 443, or the origin's own."
    )
    bind: BindAddress = Field(
        "", description="The host's address on which Docker publishes the ports; empty: all addresses."
    )
    subnets: Annotated[str, AfterValidator(_subnets)] | None = Field(
        None,
        description="The IPv4 network for the networks of the deployment, which have 16 addresses each: "
        "`10.213.7.0/24`, or a larger one, of which orthgen uses the first 256 addresses. By default the container "
        "engine chooses; its own pools (30 networks) are enough for three to six deployments.",
    )
    memory: Memory = Field(
        Memory.model_construct(),
        description="The memory limit of each service. Without this key, a trial on `http://localhost` has a `total` "
        "of `3840m`.",
    )


class DeploymentSettings(Model):
    """TLS, ports, memory and networks of the deployment."""

    name: Name | None = Field(
        None,
        description="The name of the deployment on its machine; by default the name of the profile's file. Docker "
        "finds the volumes by this name, so do not change it later.",
    )
    tls: Tls | None = Field(
        None, description="The end of TLS and its certificate. Only `http://localhost` works without TLS."
    )
    compose: Compose = Field(
        Compose.model_construct(), description="Settings of Docker Compose: ports, networks, memory."
    )
    kubernetes: Kubernetes | None = Field(
        None,
        description="A Kubernetes cluster. With this key, `{}` too, `orthgen render` writes the objects of a cluster "
        "(docs/kubernetes.md), and `compose` is for `--target compose`.",
    )
