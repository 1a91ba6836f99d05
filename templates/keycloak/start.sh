# shellcheck shell=bash
# Keycloak reads no secret from a file: each file of /run/secrets becomes the variable of its name, for this
# process alone. Neither the compose file nor `docker inspect` shows it.
set -o errexit -o nounset -o pipefail

for file in /run/secrets/*; do
  value=$(<"$file")
  export "${file##*/}=$value"
done

# Not `--optimized`: the image is built for no database in particular, so the first start builds it for this
# one, into a volume that the next starts find. A realm that exists already is not imported again.
exec /opt/keycloak/bin/kc.sh start --import-realm
