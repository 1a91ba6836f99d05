"""A realm that is imported once."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "realm-imported-once",
    Severity.NOTE,
    summary="Keycloak imports the realm's file at the first start only, because its database outlives the container.",
    consequence="Changes of the realm's file have no effect later, and Keycloak only logs `Realm … already exists`.",
    remedy="Change the realm by the administration console or API: `orthgen provision` does it from a profile.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start --import-realm
            volumes: ["./realm.json:/opt/keycloak/data/import/realm.json:ro"]
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
    """,
    counterexample="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A file that is imported once is told from one that is applied."""
    for _, service in keycloak.servers(deployment):
        if "--import-realm" in keycloak.arguments(service) and keycloak.option(service, "db") not in {
            None,
            "dev-mem",
        }:
            yield Finding(
                RULE,
                "`--import-realm` creates a missing realm, and never changes one",
                service.definition.locate(("command",)),
                "apply later changes by the administration API",
            )
