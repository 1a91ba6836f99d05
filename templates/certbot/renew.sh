# shellcheck shell=sh
# Asks Let's Encrypt for the certificate, and renews it in time. nginx answers the authority's question with the
# files of the shared folder, and reads a new certificate without a reload.
set -o errexit -o nounset

# What certbot said last, and why there is no certificate.
output=/tmp/output
reason=/tmp/reason

# The container's health check.
if [ "${1:-}" = health ]; then
  [ ! -e "$reason" ] || cat "$reason"
  exec test -s "/etc/letsencrypt/live/$HOST/fullchain.pem"
fi

trap 'exit 0' TERM INT

ask() {
  certbot certonly --non-interactive --agree-tos --keep-until-expiring \
    --email "$EMAIL" --domain "$HOST" --cert-name "$HOST" --server "$SERVER" \
    --webroot --webroot-path "$WEBROOT" --work-dir /tmp/work --logs-dir /tmp/logs >"$output" 2>&1
}

# Writes the reason, and says when to ask again: the authority allows five failures an hour, if it was reached.
explain() {
  case "$(cat "$output")" in
    *"Some challenges have failed"*)
      echo "the authority cannot read http://$HOST/.well-known/acme-challenge/: port 80 is not open to the internet," \
        "or $HOST is the name of another machine" >"$reason"
      pause=1800
      ;;
    *exceptions.ConnectionError* | *exceptions.SSLError* | *exceptions.ProxyError* | *Timeout:*)
      echo "$SERVER cannot be reached from this container: name, network or firewall" >"$reason"
      pause=60
      ;;
    *)
      echo "certbot gets no certificate for $HOST" >"$reason"
      pause=1800
      ;;
  esac
  cat "$output" >>"$reason"
}

while :; do
  # Does nothing while the certificate is good for another month.
  if ask; then
    cat "$output"
    # certbot lets nobody but root in; nginx runs in the group READERS.
    chown -R "0:$READERS" /etc/letsencrypt/live /etc/letsencrypt/archive
    chmod -R u=rwX,g=rX,o= /etc/letsencrypt/live /etc/letsencrypt/archive
    rm -f "$reason"
    pause=43200
  else
    explain
    cat "$reason"
  fi
  sleep "$pause" &
  wait "$!"
done
