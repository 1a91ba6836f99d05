# shellcheck shell=sh
# Asks Let's Encrypt for the certificate, and renews it in time. nginx answers the authority's question with the
# files of the shared folder, and reads a new certificate without a reload.
set -o errexit -o nounset

# What certbot said last, and why there is no certificate.
output=/tmp/output
reason=/tmp/reason
# The certificate, and its settings for certbot.
live="/etc/letsencrypt/live/$HOST"
archive="/etc/letsencrypt/archive/$HOST"
settings="/etc/letsencrypt/renewal/$HOST.conf"

# The container's health check.
if [ "${1:-}" = health ]; then
  [ ! -e "$reason" ] || cat "$reason"
  exec test -s "$live/fullchain.pem"
fi

trap 'exit 0' TERM INT

ask() {
  certbot certonly --non-interactive --agree-tos --keep-until-expiring \
    --email "$EMAIL" --domain "$HOST" --cert-name "$HOST" --server "$SERVER" \
    --webroot --webroot-path "$WEBROOT" --work-dir /tmp/work --logs-dir /tmp/logs >"$output" 2>&1
}

# Whether nginx can use the certificate: its files are whole, and the key belongs to it.
is_usable() {
  python3 -c 'import ssl, sys; ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*sys.argv[1:])' \
    "$live/fullchain.pem" "$live/privkey.pem" 2>/dev/null
}

forget() {
  rm -rf "$live" "$archive" "$settings"
}

# certbot may have been killed, or the machine may have lost its power, while it wrote the files.
renew() {
  # It writes the settings last. Without them, it would give the next certificate another name.
  [ -s "$settings" ] || forget
  status=0
  ask || status=$?
  # An interrupted renewal is repaired by certbot. It does not notice an empty file.
  if [ -e "$settings" ] && ! is_usable; then
    echo "the files of the certificate are damaged: asking for another certificate"
    forget
    ask
    return
  fi
  return "$status"
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
  if renew; then
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
