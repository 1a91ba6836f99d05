# shellcheck shell=bash
# libpq reads a password from a file of lines `host:port:database:user:password`, and from no file that holds the password
# alone. This script makes the former of the latter, in memory. Then it becomes the command that it is given.
set -o errexit -o nounset -o pipefail

for file in /run/database/*; do
  if [[ ! -f $file ]]; then
    echo "$file is not a file: Docker makes a folder where the file is missing on the host" >&2
    exit 1
  elif [[ ! -r $file ]]; then
    echo "$file cannot be read by user $UID: see secrets/README.md for the owner and mode of its file" >&2
    exit 1
  fi
done

password=$(</run/database/password)
if [[ -z $password || $password == *$'\n'* ]]; then
  echo "/run/database/password has to hold the password on one line" >&2
  exit 1
fi
# `\` and `:` are escaped.
password=${password//\\/\\\\}
(umask 077 && printf '*:*:*:*:%s\n' "${password//:/\\:}" >/tmp/pgpass)

if (($#)); then
  exec "$@"
fi
