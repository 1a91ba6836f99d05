# shellcheck shell=bash
# Keycloak reads no secret from a file: each file of /run/secrets becomes the variable of its name, for this
# process alone. Neither the compose file nor `docker inspect` shows it.
set -o errexit -o nounset -o pipefail

# Keycloak reads the vault and the authorities only when people sign in, or when it opens a connection. Files that it cannot read are reported now, all at
# once, and Keycloak does not start.
unreadable=0
for file in /run/secrets/* /run/vault/* /run/trust/* /run/database/*; do
  if [[ ! -e $file && ! -L $file ]]; then
    continue # no such folder
  elif [[ ! -f $file ]]; then
    echo "$file is not a file: Docker makes a folder where the file is missing on the host" >&2
  elif [[ ! -r $file ]]; then
    echo "$file cannot be read by user $UID: see secrets/README.md for the owner and mode of its file" >&2
  elif [[ ! -s $file ]]; then
    echo "$file is empty" >&2
  else
    continue
  fi
  unreadable=$((unreadable + 1))
done
if ((unreadable)); then
  echo "Keycloak is not started: $unreadable files that it needs cannot be used" >&2
  exit 1
fi

for file in /run/secrets/*; do
  value=$(<"$file")
  export "${file##*/}=$value"
done

# Not `--optimized`: the image is built for no database in particular, so the first start builds it for this
# one, into a volume that the next starts find. A realm that exists already is not imported again.
exec /opt/keycloak/bin/kc.sh start --import-realm
