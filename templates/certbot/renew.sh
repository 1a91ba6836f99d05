# shellcheck shell=sh
# Asks Let's Encrypt for the certificate, and renews it in time. nginx answers the authority's question with the
# files of the shared folder, and takes a new certificate without being told.
set -o errexit -o nounset

trap 'exit 0' TERM INT

while :; do
  # Does nothing while the certificate is good for another month.
  if certbot certonly --non-interactive --agree-tos --keep-until-expiring \
    --email "$EMAIL" --domain "$HOST" --cert-name "$HOST" --server "$SERVER" \
    --webroot --webroot-path "$WEBROOT" --work-dir /tmp/work --logs-dir /tmp/logs; then
    # certbot lets nobody but root in; nginx runs in the group READERS.
    chown -R "0:$READERS" /etc/letsencrypt/live /etc/letsencrypt/archive
    chmod -R u=rwX,g=rX,o= /etc/letsencrypt/live /etc/letsencrypt/archive
    pause=43200
  else
    # The authority allows five failures an hour.
    pause=1800
  fi
  sleep "$pause" &
  wait "$!"
done
