"""The connections between pods that NetworkPolicies allow, by the rules of networking.k8s.io/v1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

Object = Mapping[str, Any]

_PEERS = {"egress": "to", "ingress": "from"}


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels matches; it has no `matchExpressions`."""
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()


def is_allowed(policies: Iterable[Object], source: Object, target: Object, port: int) -> bool:
    """Whether the policies of a namespace allow a TCP connection from one of its pods to another one."""
    policies = list(policies)
    return _passes(policies, "egress", source, target, port) and _passes(
        policies, "ingress", target, source, port
    )


def _passes(policies: Iterable[Object], direction: str, pod: Object, other: Object, port: int) -> bool:
    """Whether the policies of a pod let a connection through; a pod that no policy selects has no limits."""
    specs = [
        policy["spec"]
        for policy in policies
        if selects(policy["spec"]["podSelector"], pod["metadata"]["labels"])
        and direction in [kind.lower() for kind in policy["spec"]["policyTypes"]]
    ]
    rules = [rule for spec in specs for rule in spec.get(direction, ())]
    return not specs or any(_matches(rule, _PEERS[direction], other, port) for rule in rules)


def _matches(rule: Object, peers: str, other: Object, port: int) -> bool:
    """Whether a rule is for a peer and a port; a list that is missing is for all."""
    ports = rule.get("ports")
    is_for_port = not ports or any(
        entry.get("port", port) == port and entry.get("protocol", "TCP") == "TCP" for entry in ports
    )
    return is_for_port and (not rule.get(peers) or any(_is_peer(peer, other) for peer in rule[peers]))


def _is_peer(peer: Object, pod: Object) -> bool:
    if "ipBlock" in peer:
        # A block is meant for addresses outside the cluster; some networks apply it to pods, too.
        return ip_address(pod["status"]["podIP"]) in ip_network(peer["ipBlock"]["cidr"])
    labels = {"kubernetes.io/metadata.name": pod["metadata"]["namespace"]}
    is_in_namespace = selects(peer["namespaceSelector"], labels) if "namespaceSelector" in peer else True
    return is_in_namespace and selects(peer.get("podSelector", {}), pod["metadata"]["labels"])
