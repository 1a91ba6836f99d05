#!/usr/bin/env bash
# Makes the database from POSTGRES_USER, POSTGRES_DB and the file of the password where there is none, then starts.
set -euo pipefail

older() { find /var/lib/postgresql -maxdepth 3 -name PG_VERSION ! -path "$PGDATA/*" -print -quit; }

make() {
  local password
  password=$(<"$POSTGRES_PASSWORD_FILE")
  # shellcheck disable=SC2086 # the variable holds several options
  initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  export PGPASSWORD=$password PGUSER=$POSTGRES_USER
  pg_ctl --pgdata "$PGDATA" --options "-c listen_addresses=''" --wait start
  [ "$POSTGRES_DB" = postgres ] || createdb "$POSTGRES_DB"
  for script in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -e "$script" ] || psql --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 --file "$script"
  done
  pg_ctl --pgdata "$PGDATA" --mode fast --wait stop
}

if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "$(older)" ]; then
    echo "the volume holds the data of another major version: $(older)" >&2
    exit 1
  fi
  make
fi
exec "$@"
