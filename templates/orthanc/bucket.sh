# shellcheck shell=bash
# The object storage plugin checks no key: one that is empty, short or no base64 is filled with what is in memory, and after the
# next start nobody can read the files. A key that it cannot open ends Orthanc without a word (plugin 2.5.4). So the keys are
# checked here. The plugin trusts the authorities of one file, so that one is made of the system's and the bucket's.
set -o errexit -o nounset -o pipefail

shopt -s nullglob
for file in /run/storage-keys/* /run/bucket/*; do
  if [[ ! -f $file ]]; then
    echo "$file is not a file: Docker makes a folder where the file is missing on the host" >&2
    exit 1
  elif [[ ! -r $file ]]; then
    echo "$file cannot be read by user $UID: see secrets/README.md for the owner and mode of its file" >&2
    exit 1
  fi
done

for file in /run/storage-keys/*; do
  if ! bytes=$(base64 --decode "$file" 2>/dev/null | wc --bytes) || ((bytes != 32)); then
    echo "$file is no key of 32 bytes in base64: the files that Orthanc would encrypt with it could not be read again" >&2
    exit 1
  fi
done

authority=/run/bucket/authority.pem
if [[ -e $authority ]]; then
  if ! grep --quiet -e '-----BEGIN CERTIFICATE-----' $authority; then
    echo "$authority has no certificate in PEM form" >&2
    exit 1
  fi
  # A file without a line break at its end would spoil the certificate that follows.
  { cat $authority && echo && cat /etc/ssl/certs/ca-certificates.crt; } >/tmp/authorities.pem
fi
