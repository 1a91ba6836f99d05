"""Checks of the deployment's networks: addresses that another network has."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext

_PATH = ("deployment", "compose", "subnets")
# What dockerd gives its default bridge where its `bip` names no other (Docker Engine's documentation).
_DEFAULT_BRIDGE = IPv4Network("172.17.0.0/16")


SUBNET_OF_DOCKER = Rule(
    "subnet-of-docker",
    Severity.WARNING,
    summary="The networks of the deployment take addresses of Docker's default bridge.",
    remedy="Take another part of the private address space, unless `bip` in the engine's daemon.json moves the bridge.",
    example="""
        deployment: {compose: {subnets: 172.17.4.0/24}}
    """,
)
ADDRESS_IN_OWN_SUBNET = Rule(
    "address-in-own-subnet",
    Severity.ERROR,
    summary="An address of the profile lies in the networks of the deployment, where no container reaches another machine.",
    remedy="Give `deployment.compose.subnets` a network that nobody uses.",
    example="""
        archive: {modalities: {ct: {aet: CT, host: 10.7.0.9}}}
        deployment: {compose: {subnets: 10.7.0.0/24}}
    """,
)


def subnets_are_nobody_elses(context: CheckContext) -> Iterator[Finding]:
    """Containers look for each address of their own networks among themselves: nobody else can have one."""
    written = context.profile.deployment.compose.subnets
    if written is None:
        return
    subnets = IPv4Network(written)
    if subnets.overlaps(_DEFAULT_BRIDGE):
        message = f"`{written}` meets {_DEFAULT_BRIDGE}, which Docker's default bridge has"
        hint = "take another part of the private address space, unless `bip` in the engine's daemon.json says otherwise"
        yield context.finding(SUBNET_OF_DOCKER, _PATH, message, hint)
    for path, address in _addresses(context.tree, ()):
        if path != _PATH and address.subnet_of(subnets):
            message = f"no container reaches `{_shown(address)}`: it is among the deployment's own addresses"
            hint = f"give `deployment.compose.subnets` a network that nobody uses; {written} is where this address lies"
            yield context.finding(ADDRESS_IN_OWN_SUBNET, path, message, hint)


def _addresses(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], IPv4Network]]:
    """Every IPv4 address or network below `value`, also as the host of a URL."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _addresses(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _addresses(member, (*path, index))
    elif isinstance(value, str) and "." in value:
        try:
            network = ip_network((urlsplit(value).hostname or "") if "://" in value else value, strict=False)
        except ValueError:
            return
        if isinstance(network, IPv4Network):
            yield path, network


def _shown(network: IPv4Network) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)
