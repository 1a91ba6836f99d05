"""Facts about an observed deployment that several rules look up: addresses, containers, routes, versions, secrets."""
