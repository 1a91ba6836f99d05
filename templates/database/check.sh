# shellcheck shell=bash
# The health check of a database outside of the deployment: its client starts once this script finds nothing to report.
# `docker compose ps`, `docker inspect` and `orthgen doctor` show what it prints.
set -o errexit -o nounset -o pipefail

place="$PGDATABASE at $PGHOST"

fail() {
  echo "$1"
  exit 1
}

# Standard error has the server's reason: the password, the certificate, a rule of pg_hba.conf.
if ! answer=$(psql --no-psqlrc --no-password --tuples-only --no-align --field-separator ' ' 2>&1 --command "
  SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
    current_setting('max_connections'), pg_is_in_recovery(),
    has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE'), current_setting('server_version')"); then
  fail "${answer//$'\n'/ }"
fi
read -r major encoding connections is_standby may_create version <<<"$answer"

if ((major < MIN_POSTGRESQL)); then
  fail "$place is PostgreSQL $version; the deployment needs $MIN_POSTGRESQL or newer: upgrade the server"
elif [[ $encoding != UTF8 ]]; then
  fail "$place has the encoding $encoding: make it with ENCODING 'UTF8' TEMPLATE template0"
elif [[ $is_standby == t ]]; then
  fail "$PGHOST is a standby, which cannot be written: name the primary server"
elif [[ $may_create != t ]]; then
  fail "$PGUSER may not create tables in $PGDATABASE: ALTER DATABASE \"$PGDATABASE\" OWNER TO \"$PGUSER\""
elif ((connections < MAX_CONNECTIONS)); then
  fail "$PGHOST accepts $connections connections, the profile counts on $MAX_CONNECTIONS: correct max-connections"
fi
echo "PostgreSQL $version"
