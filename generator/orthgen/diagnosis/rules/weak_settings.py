"""Settings of Orthanc that its security guide advises against."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment


class WeakSetting(Struct, frozen=True):
    """A setting with a weak value, and the rule about it. Only a value that is written is weak; defaults are not."""

    rule: Rule
    keys: tuple[str, ...]
    weak: tuple[object, ...]
    better: str
    why: str


def _rule(identifier: str, severity: Severity, key: str, weak: str, better: str, *texts: str) -> Rule:
    summary, consequence = texts
    return Rule(
        identifier,
        severity,
        summary=summary,
        consequence=consequence,
        remedy=f"Write `{better}`.",
        file="orthanc.json",
        example=f'{{"{key}": {weak}}}',
        counterexample=f'{{"{key}": {better}}}',
    )


_SETTINGS = (
    WeakSetting(
        _rule(
            "lua-from-clients",
            Severity.ERROR,
            "ExecuteLuaEnabled",
            "true",
            "false",
            "`ExecuteLuaEnabled` lets requests run programs on the server.",
            "Everybody who may send `POST /tools/execute-script` runs commands on the server, and reads every file there.",
        ),
        ("ExecuteLuaEnabled",),
        (True,),
        "false",
        "a request to `/tools/execute-script` runs Lua on the server",
    ),
    WeakSetting(
        _rule(
            "files-written-by-requests",
            Severity.ERROR,
            "RestApiWriteToFileSystemEnabled",
            "true",
            "false",
            "`RestApiWriteToFileSystemEnabled` lets requests write files on the server.",
            "Everybody who may send `POST /instances/…/export` writes files anywhere in the container.",
        ),
        ("RestApiWriteToFileSystemEnabled",),
        (True,),
        "false",
        "a request to `/instances/…/export` writes files on the server",
    ),
    WeakSetting(
        _rule(
            "unverified-servers",
            Severity.ERROR,
            "HttpsVerifyPeers",
            "false",
            "true",
            "`HttpsVerifyPeers` is off: Orthanc does not check the certificates of servers.",
            "Anybody in the network between can read and change what Orthanc sends to peers, DICOMweb servers and the "
            "auth-service.",
        ),
        ("HttpsVerifyPeers",),
        (False,),
        "true",
        "Orthanc accepts every certificate",
    ),
    WeakSetting(
        _rule(
            "webdav-enabled",
            Severity.WARNING,
            "WebDavEnabled",
            "true",
            "false",
            "`WebDavEnabled` serves all studies as folders.",
            "Everybody who may use `/webdav/` reads, uploads and deletes studies with a file manager.",
        ),
        ("WebDavEnabled",),
        (True,),
        "false",
        "WebDAV serves, accepts and deletes studies",
    ),
    WeakSetting(
        _rule(
            "unlimited-find",
            Severity.WARNING,
            "LimitFindResults",
            "0",
            "100",
            "`LimitFindResults` or `LimitFindInstances` is 0: answers to searches have no limit.",
            "One search for everything makes Orthanc slow for everybody, or stops it for lack of memory.",
        ),
        ("LimitFindResults", "LimitFindInstances"),
        (0,),
        "100",
        "a search may return the whole archive",
    ),
    WeakSetting(
        _rule(
            "open-dicom-queries",
            Severity.ERROR,
            "DicomAlwaysAllowFind",
            "true",
            "false",
            "`DicomAlwaysAllowFind`, `…FindWorklist`, `…Get` or `…Move` serves every machine.",
            "Every machine that reaches the DICOM port lists all patients and fetches their images, whatever its AET.",
        ),
        (
            "DicomAlwaysAllowFind",
            "DicomAlwaysAllowFindWorklist",
            "DicomAlwaysAllowGet",
            "DicomAlwaysAllowMove",
        ),
        (True,),
        "false",
        "every machine that reaches the DICOM port may do it, whatever its AET",
    ),
    WeakSetting(
        _rule(
            "unknown-dicom-senders",
            Severity.WARNING,
            "DicomAlwaysAllowStore",
            "true",
            "false",
            "`DicomAlwaysAllowStore` accepts images from every machine.",
            "Every machine that reaches the DICOM port fills the archive, and can add images to any patient.",
        ),
        ("DicomAlwaysAllowStore",),
        (True,),
        "false",
        "every machine that reaches the DICOM port may store, whatever its AET",
    ),
    WeakSetting(
        _rule(
            "unverified-dicom-clients",
            Severity.WARNING,
            "DicomTlsRemoteCertificateRequired",
            "false",
            "true",
            "`DicomTlsRemoteCertificateRequired` is off: DICOM TLS encrypts, and does not check who sends.",
            "Every machine that speaks DICOM TLS opens an association under any title.",
        ),
        ("DicomTlsRemoteCertificateRequired",),
        (False,),
        "true",
        "DICOM TLS accepts every machine",
    ),
    WeakSetting(
        _rule(
            "patients-in-logs",
            Severity.WARNING,
            "DeidentifyLogs",
            "false",
            "true",
            "`DeidentifyLogs` is off: the log names patients.",
            "Names and dates of birth of patients are in log files, which more people read and which are kept elsewhere.",
        ),
        ("DeidentifyLogs",),
        (False,),
        "true",
        "the log names patients",
    ),
)
RULES = tuple(setting.rule for setting in _SETTINGS)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """No setting has a value that the security guide advises against."""
    for orthanc in deployment.orthancs:
        for setting in _SETTINGS:
            for key in setting.keys:
                value = orthanc.settings.get(key)
                if any(
                    value is weak or (value == weak and type(value) is type(weak)) for weak in setting.weak
                ):
                    yield Finding(
                        setting.rule,
                        f"`{key}` is {_written(value)}: {setting.why}",
                        orthancs.place(orthanc, key),
                        f"write `{setting.better}`",
                        replacement=setting.better,
                    )


def _written(value: object) -> str:
    return str(value).lower()
