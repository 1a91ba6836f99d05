"""The key `identity.keycloak` of the profile: the Keycloak server and its database."""

from typing import Literal

from pydantic import Field

from orthgen.field_types import Model, Port, ShortText, WebUrl
from orthgen.profile.database import PostgreSQLServer


class Keycloak(Model):
    """The Keycloak server: by default one in the deployment."""

    server: WebUrl | None = Field(
        None,
        description="The address of the institution's own Keycloak, as browsers use it. Without this key, the "
        "deployment has a Keycloak.",
    )
    manage: Literal["everything", "clients-and-roles"] = Field(
        "everything",
        description="The objects that orthgen may change in the realm. For a realm that other applications use too: "
        "`clients-and-roles`.",
    )
    other_clients: list[ShortText] = Field(
        [],
        description="With `manage: clients-and-roles`: the ids of other clients of the realm whose tokens may be used at "
        "Orthanc, for example of a program. nginx refuses tokens that Keycloak gave to any other application.",
    )
    local_port: Port | None = Field(
        None,
        description="A port on the host's loopback address (127.0.0.1) for Keycloak, for `provision-keycloak` and "
        "administrators on that host; by default none. In a cluster: the local port of `kubectl port-forward`, at "
        "which the admin console then works (`secrets/README.md` has the command).",
    )
    admin_console: bool = Field(
        False,
        description="Whether Keycloak's admin console and admin API can be reached through the public origin.",
    )
    postgresql: PostgreSQLServer | None = Field(
        None,
        description="A PostgreSQL that the institution or a provider runs, for accounts and sessions; by default the "
        "deployment has one of its own.",
    )
