"""The rules of the Orthanc Book's security FAQ, each by the number that docs give it, on every example."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any

import pytest

from orthgen.products.orthanc import orthanc_files, orthanc_secrets, orthanc_settings
from tests.support.builders import EXAMPLES, example

Settings = dict[str, Any]
COMMANDS = ("Echo", "Find", "FindWorklist", "Get", "Move", "Store")


def _modalities(settings: Settings) -> list[dict[str, Any]]:
    return list(settings["DicomModalities"].values())


def _is_an_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


RULES: dict[str, Callable[[Settings], bool]] = {
    "SEC-02 no user and no private key stands in the file": lambda s: (
        not s.get("RegisteredUsers") and "SslCertificate" not in s and "PRIVATE KEY" not in json.dumps(s)
    ),
    "SEC-03 queries are bounded": lambda s: s["LimitFindResults"] > 0 and s["LimitFindInstances"] > 0,
    "SEC-04 certificates of peers are checked": lambda s: s["HttpsVerifyPeers"] is True,
    "SEC-05 overwriting is said": lambda s: "OverwriteInstances" in s,
    "SEC-06 remote access goes through the authorization plugin": lambda s: (
        s["RemoteAccessAllowed"] is True and s["Authorization"]["WebServiceRootUrl"] != ""
    ),
    "SEC-07 there is no default user": lambda s: "RegisteredUsers" not in s,
    "SEC-09 Orthanc leaves TLS to the proxy": lambda s: s["SslEnabled"] is False,
    "SEC-11 WebDAV is off": lambda s: s["WebDavEnabled"] is False,
    "SEC-12 Lua cannot be sent": lambda s: s["ExecuteLuaEnabled"] is False,
    "SEC-13 the server writes no files on request": lambda s: s["RestApiWriteToFileSystemEnabled"] is False,
    "SEC-14 no row lets scripts be sent": lambda s: (
        not any("execute-script" in row[1] for row in s["Authorization"]["Permissions"])
    ),
    "SEC-15 tokens, not Basic authentication": lambda s: s["AuthenticationEnabled"] is False,
    "SEC-16 the legacy explorer is off": lambda s: s["OrthancExplorerEnabled"] is False,
    "SEC-18 the DICOM server is on for peers only": lambda s: (
        s["DicomServerEnabled"] is bool(s["DicomModalities"] or "MultitenantDicom" in s)
    ),
    "SEC-19 an echo is for known peers": lambda s: s["DicomAlwaysAllowEcho"] is False,
    "SEC-20 a store is for known peers": lambda s: s["DicomAlwaysAllowStore"] is False,
    "SEC-21 find, get and move are for known peers": lambda s: (
        not any(s[f"DicomAlwaysAllow{command}"] for command in ("Find", "FindWorklist", "Get", "Move"))
    ),
    "SEC-22 a peer is known by its address": lambda s: (
        s["DicomCheckModalityHost"] is True and all(_is_an_address(peer["Host"]) for peer in _modalities(s))
    ),
    "SEC-23 what a peer may ask for is said": lambda s: all(
        isinstance(peer[f"Allow{command}"], bool) for peer in _modalities(s) for command in COMMANDS
    ),
    "SEC-24 the called AET is checked": lambda s: s["DicomCheckCalledAet"] is True,
}
"""
Not here: SEC-01 and SEC-08 are the containers' and the proxy's; SEC-10, SEC-17, SEC-25 and SEC-26 are choices that a
profile cannot make (client certificates of peers, a second Orthanc, DICOM over TLS, encryption at rest); SEC-27 says
that the same holds for DICOMweb, which the same plugin protects.
"""


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("rule", RULES)
def test_every_example_keeps_the_rule(rule: str, name: str) -> None:
    """A rule of the security FAQ holds."""
    assert RULES[rule](orthanc_settings(example(name)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_secret_stands_in_a_file(name: str) -> None:
    """Passwords and keys reach the container as files of their own; the settings have no place for them."""
    deployment = example(name)
    keys = {"Password", "WebServicePassword", "AccessKey", "SecretKey", "ConnectionUri"}

    found = {key for file in orthanc_files(deployment) for key in keys if f'"{key}"' in file.text}

    assert found == set()
    assert orthanc_secrets(deployment) != ()
