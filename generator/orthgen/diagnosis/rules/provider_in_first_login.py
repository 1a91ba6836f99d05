"""A first sign-in that leads to the identity provider again."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "provider-in-first-login",
    Severity.ERROR,
    summary="The flow of the first sign-in by an identity provider sends people to the identity provider again.",
    consequence="The first sign-in never ends: the browser is sent between Keycloak and the provider.",
    remedy="Remove `identity-provider-redirector` from that flow; it belongs into the flow `browser`.",
    file="realm.json",
    example="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "adfs", "providerId": "saml", "firstBrokerLoginFlowAlias": "first login"}],
          "authenticationFlows": [
            {"alias": "first login", "authenticationExecutions": [{"authenticator": "identity-provider-redirector", "requirement": "REQUIRED"}]}
          ]
        }
    """,
    counterexample="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "adfs", "providerId": "saml", "firstBrokerLoginFlowAlias": "first login"}],
          "authenticationFlows": [
            {"alias": "first login", "authenticationExecutions": [{"authenticator": "idp-create-user-if-unique", "requirement": "REQUIRED"}]}
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The flow of the first sign-in stays in Keycloak."""
    for realm in identity.realms(deployment):
        flows = {
            str(flow.get("alias")): (index, flow)
            for index, flow in identity.mappings_at(realm, "authenticationFlows")
        }
        for index, provider in identity.mappings_at(realm, "identityProviders"):
            used = flows.get(str(provider.get("firstBrokerLoginFlowAlias")))
            executions = as_list(used[1].get("authenticationExecutions")) if used else []
            for position, execution in enumerate(map(mapping, executions)):
                is_redirector = execution.get("authenticator") == "identity-provider-redirector"
                if used is None or not is_redirector or execution.get("requirement") == "DISABLED":
                    continue
                alias = f"identity provider {provider.get('alias')}"
                yield Finding(
                    RULE,
                    f"the flow `{used[1].get('alias')}` sends people to the identity provider again",
                    realm.locate(("authenticationFlows", used[0], "authenticationExecutions", position)),
                    "remove it from this flow",
                    related=((realm.locate(("identityProviders", index)), alias),),
                )
