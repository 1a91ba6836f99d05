"""
Starts the auth-service: waits for the realm, reads the password that Orthanc shows it, keeps tokens out of the log.

The service takes its users from the variable USERS only. Set in here, the password stands neither in the
compose file nor in what `docker inspect` or /proc show.
"""

import json
import logging
import os
import ssl
import sys
import time
from pathlib import Path

import requests

# The container's health check shows this text while the service waits.
REASON = Path("/tmp/reason")  # noqa: S108 - the container's own, in memory
# The institution's authorities, and where they stand together with the public ones.
TRUST = Path("/run/trust")
BUNDLE = Path("/tmp/authorities.pem")  # noqa: S108 - as above
SECONDS = 5


def unavailable_reason(realm: str) -> str:
    """The reason why Keycloak does not deliver the realm's key; empty where it does."""
    try:
        answer = requests.get(realm, timeout=10)
        realm_info = answer.json() if answer.status_code == 200 else {}
    except requests.exceptions.SSLError as error:
        return (
            f"the certificate of {realm} is not trusted here: {verification_error(error)} "
            "(the profile's `identity.trust` names the authorities that are trusted besides the public ones)"
        )
    except requests.exceptions.Timeout:
        return f"{realm} does not answer within 10 seconds: name, network or firewall"
    except requests.exceptions.ConnectionError:
        return f"{realm} cannot be reached: name, network or firewall"
    except ValueError:
        realm_info = {}
    if answer.status_code == 404:
        return f"there is no realm at {realm}"
    if answer.status_code != 200:
        return f"{realm} answers {answer.status_code}"
    return (
        ""
        if isinstance(realm_info, dict) and "public_key" in realm_info
        else f"the server at {realm} is not a Keycloak"
    )


def verification_error(error: BaseException) -> str:
    """The reason that OpenSSL gives; `requests` reports it inside other errors."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__context__
    return str(error)


def trust_authorities() -> None:
    """Have `requests` trust the institution's authorities beside the public ones: it reads a single file."""
    authorities = sorted(TRUST.glob("*.pem"))
    if authorities:
        BUNDLE.write_bytes(
            b"\n".join(file.read_bytes() for file in (Path(requests.certs.where()), *authorities))
        )
        os.environ["REQUESTS_CA_BUNDLE"] = str(BUNDLE)


def wait_for(realm: str) -> None:
    """Wait for the realm: the service asks for its key once, when it starts, and ends where it gets none."""
    last_reason = ""
    while reason := unavailable_reason(realm):
        if reason != last_reason:
            sys.stderr.write(f"waiting for Keycloak: {reason}\n")
            REASON.write_text(reason, encoding="utf-8")
        last_reason = reason
        time.sleep(SECONDS)
    REASON.unlink(missing_ok=True)


def take_changes(rendered: Path, edited: Path) -> None:
    """
    Apply what changed in the profile since the last start to the file that people edit in Orthanc Explorer 2.

    Without this a right that the profile no longer gives would stay without end. Edits of people stay. The profile's rights at
    the last start are kept beside the file.
    """
    text = rendered.read_text(encoding="utf-8")
    record = edited.with_name("permissions-of-profile.json")
    if edited.exists() and record.exists():
        before, after = parsed(record.read_text(encoding="utf-8")), parsed(text)
        if before != after:
            people = parsed(edited.read_text(encoding="utf-8"))
            replace(edited, json.dumps(merged(people, before, after), indent=2))
    else:
        replace(edited, text)
    # Last: a start that is interrupted before applies the same changes again.
    replace(record, text)


def parsed(text: str) -> dict:
    """The rights in a file, whose comments are whole lines."""
    return json.loads("\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//")))


def merged(people: dict, before: dict, after: dict) -> dict:
    """The rights as people edited them, with the profile's changes. A role that people deleted stays deleted."""
    roles = {}
    for name, role in people["roles"].items():
        if name in after["roles"] and name in before["roles"]:
            lists = ("authorized-labels", "permissions")
            old, new = before["roles"][name], after["roles"][name]
            roles[name] = role | {key: changed(role.get(key, []), old[key], new[key]) for key in lists}
        elif name not in before["roles"]:
            # A role that people made, until the profile has one of this name.
            roles[name] = after["roles"].get(name, role)
    for name, role in after["roles"].items():
        if name not in before["roles"] and name not in roles:
            roles[name] = role
    labels = "available-labels"
    return people | {
        "roles": roles,
        labels: changed(people.get(labels, []), before[labels], after[labels]),
    }


def changed(people: list, before: list, after: list) -> list:
    """A list as people edited it, without what the profile no longer has, and with what is new there."""
    kept = [item for item in people if item in after or item not in before]
    return kept + [item for item in after if item not in before and item not in kept]


def replace(path: Path, text: str) -> None:
    """Write a whole file or nothing."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def main() -> None:
    """Start the service."""
    import uvicorn

    # The service logs whole tokens, at level INFO and WARNING (26.4.1). Its own call of basicConfig comes later
    # and changes nothing.
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")

    # Where roles are edited in Orthanc Explorer 2, they live on a volume.
    folder = Path("/orthanc_auth_service")
    rendered, permissions = folder / "permissions.json", Path(os.environ["PERMISSIONS_FILE_PATH"])
    if permissions != rendered:
        take_changes(rendered, permissions)

    password = Path("/run/secrets/ORTHANC_PASSWORD").read_text(encoding="utf-8").strip()
    os.environ["USERS"] = json.dumps({os.environ["ORTHANC_USER"]: password})
    trust_authorities()
    wait_for(os.environ["KEYCLOAK_URI"])

    # On every address of the container, whose networks are internal.
    uvicorn.run("app:app", host="0.0.0.0", port=8000, app_dir=str(folder), access_log=False)  # noqa: S104


if __name__ == "__main__":
    main()
