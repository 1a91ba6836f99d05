#!/usr/bin/env bash
# Takes the build with a vault where the deployment has one, and then runs Keycloak's own script.
set -euo pipefail
built=/opt/keycloak/built-with-vault
used=/opt/keycloak/lib/quarkus
if [ "${KC_VAULT:-}" = file ] && [ "${1:-}" = start ] && ! cmp --silent "$built/generated-bytecode.jar" "$used/generated-bytecode.jar"; then
  cp "$built"/* "$used"/
fi
exec /opt/keycloak/bin/kc-distributed.sh "$@"
