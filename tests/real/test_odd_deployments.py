"""Very large and very hostile deployments are read in bounded time and memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orthgen.diagnosis.diagnose import diagnose
from orthgen.diagnosis.rules import rule_modules
from orthgen.observed.read import observe, observe_texts
from orthgen.report.diagnosis import diagnosis_text

GOLDEN = Path(__file__).parents[1] / "golden"
_BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{number}: &a{number} [{','.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 9)
)


def test_aliases_without_end_are_a_finding() -> None:
    """A file of 400 characters that means half a billion values is refused, not expanded."""
    text = f"{_BOMB}services: {{o: {{image: x, labels: *a8}}}}"
    code = (
        "import re, sys; from orthgen.observed.read import observe_texts; "
        "print(observe_texts({'compose.yml': sys.stdin.read()}).findings[0].message); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    # A process of its own, and its memory since it started: the peak of `getrusage` is that of the process before it.
    run = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True)
    message, kilobytes = run.stdout.splitlines()

    assert "without end" in message
    assert int(kilobytes) < 200_000


def test_twenty_thousand_unknown_keys() -> None:
    """As many keys in a file, and variables in an environment, are read and explained without a search for each."""
    keys = ",".join(f'"Key{number}": {number}' for number in range(20_000))
    variables = "".join(f"      ORTHANC__KEY_X{number}: '{number}'\n" for number in range(20_000))
    start = time.process_time()
    deployment = observe_texts(
        {
            "compose.yml": "services:\n  o:\n    image: orthancteam/orthanc\n    volumes: ['./o.json:/etc/orthanc/o.json']\n"
            f"    environment:\n{variables}",
            "o.json": f'{{{keys}, "DicomAet": "A"}}',
        }
    )

    number = len(deployment.orthancs[0].settings.value)
    place = str(deployment.orthancs[0].settings.locate(("KeyX19999",)))
    seconds = time.process_time() - start

    found = sum(finding.rule.id == "unread-orthanc-key" for finding in diagnose(deployment).findings)
    explained = time.process_time() - start - seconds

    # Only short values: pytest would write out a deployment of 40,000 settings.
    assert (number, place, found) == (40_001, "compose.yml:20005:28", 40_000)
    assert seconds < 8
    assert explained < 30  # a search for each of 20,000 took a minute


def test_fifty_thousand_unrelated_files_are_passed_over(tmp_path: Path) -> None:
    """The configuration near the root of a folder is read, whatever stands below."""
    (tmp_path / "orthanc.json").write_text('{"DicomAet": "A"}')
    (tmp_path / "data").mkdir()
    for number in range(50_000):
        os.close(os.open(tmp_path / f"data/{number}.json", os.O_CREAT))
    start = time.process_time()
    deployment = observe([str(tmp_path)])
    seconds = time.process_time() - start

    assert deployment.orthancs[0].settings.value == {"DicomAet": "A"}
    assert [sentence.partition(" has ")[2] for sentence in deployment.unseen] == [
        "more than 500 files. The others were not read."
    ]
    assert seconds < 5


def least_ratio(code: str) -> float:
    """The least number that a program prints in three runs, each in a process of its own."""
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs)


def test_a_whole_deployment_is_read_in_the_time_of_the_imports() -> None:
    """Reading every file of a deployment takes at most as long again as importing its readers."""
    code = (
        "import time; start = time.process_time(); import crossplane, dotenv.parser, tree_sitter, tree_sitter_javascript; "
        "from orthgen.observed.read import observe; imported = time.process_time(); "
        f"observe([{str(GOLDEN / 'paradim/compose')!r}]); "
        "print((time.process_time() - start) / (imported - start))"
    )

    assert least_ratio(code) < 2


def test_a_whole_diagnosis_takes_less_than_the_imports_again() -> None:
    """A diagnosis of a deployment, from reading to the report, takes at most as long again as importing its modules."""
    code = (
        "import time; start = time.process_time(); import crossplane, dotenv.parser, tree_sitter, tree_sitter_javascript; "
        "from orthgen.cli.tasks.diagnose import diagnose_paths; from orthgen.diagnosis.rules import rule_modules; rule_modules(); "
        "from orthgen.diagnosis.diagnose import diagnose; from orthgen.observed.read import observe; imported = time.process_time(); "
        f"diagnose(observe([{str(GOLDEN / 'paradim/compose')!r}])); "
        "print((time.process_time() - start) / (imported - start))"
    )

    assert least_ratio(code) < 2


_ORTHANC = "services:\n  o:\n    image: orthancteam/orthanc:26.8.1\n"
_AUTHORIZATION = {"Enable": True, "WebServiceRootUrl": "http://auth-service:8000/"}


def _services(text: str) -> Callable[[int], dict[str, str]]:
    """A Compose file with a quarter as many services, each with this text."""
    return lambda number: {
        "compose.yml": "services:\n" + "".join(f"  s{each}: {text % each}\n" for each in range(number // 4))
    }


def _variables(pattern: str, image: str = "orthancteam/orthanc:26.8.1") -> Callable[[int], dict[str, str]]:
    """A container with as many variables."""
    return lambda number: {
        "compose.yml": f"services:\n  o:\n    image: {image}\n    environment:\n"
        + "".join(f"      {pattern % each}: 'x{each}'\n" for each in range(number))
    }


def _lines(file: str, head: str, pattern: str, tail: str = "") -> Callable[[int], dict[str, str]]:
    """A file of as many lines."""
    return lambda number: {
        file: head + "".join(pattern.replace("#", str(each)) for each in range(number)) + tail
    }


def _json(file: str, content: Callable[[range], object]) -> Callable[[int], dict[str, str]]:
    return lambda number: {file: json.dumps(content(range(number)), indent=1)}


# Files with as many entries of one kind.
_MANY = {
    "variables that set keys": _variables("ORTHANC__DICOM_WEB__KEY_X%d"),
    "variables without meaning": _variables("A_B_%d"),
    "switches": _variables("FOO%d_PLUGIN_ENABLED"),
    "variables of Keycloak": _variables("KC_HOSTNAME_%d", "quay.io/keycloak/keycloak:26.2"),
    "variables of the auth-service": _variables("ENABLE_X_%d", "orthancteam/orthanc-auth-service:26.4.1"),
    "passwords": _variables("P%d_PASSWORD", "orthancteam/orthanc-auth-service:26.4.1"),
    "keys of Orthanc": _json("orthanc.json", lambda each: {"DicomAet": "A", **{f"Key{n}": n for n in each}}),
    "keys of a section": _json(
        "orthanc.json", lambda each: {"DicomWeb": {f"StudyMetadata{n}": n for n in each}}
    ),
    "users": _json("orthanc.json", lambda each: {"RegisteredUsers": {f"u{n}": "orthanc" for n in each}}),
    "rows": _json(
        "orthanc.json",
        lambda each: {
            "Authorization": {**_AUTHORIZATION, "Permissions": [["get", f"^/x{n}$", "viewz"] for n in each]}
        },
    ),
    "roles": _json(
        "permissions.json",
        lambda each: {
            "roles": {f"r{n}": {"authorized-labels": [f"l{n}"], "permissions": ["viewz"]} for n in each}
        },
    ),
    "a realm's clients": _json(
        "realm.json", lambda each: {"realm": "a", "clients": [{"clientId": f"c{n}"} for n in each]}
    ),
    "a realm's roles and groups": _json(
        "realm.json",
        lambda each: {
            "realm": "a",
            "roles": {"realm": [{"name": f"r{n}"} for n in each]},
            "groups": [{"name": f"r{n}", "realmRoles": [f"q{n}"]} for n in each],
        },
    ),
    "locations of nginx": _lines(
        "nginx.conf", "server {\n", "location /x#/ { proxy_pass http://orthanc#:8042/; }\n", "}\n"
    ),
    "directives of nginx": lambda number: {
        "nginx.conf": "server {\n"
        + "".join(
            f"set $v{n} 1;\nlocation /x{n} {{ proxy_pass http://o:8042; }}\n" for n in range(number // 2)
        )
        + "}\n"
    },
    "paths of Apache": _lines(
        "httpd.conf", "<VirtualHost *:80>\n", "ProxyPass /x#/ http://orthanc#:8042/\n", "</VirtualHost>\n"
    ),
    "paths of Caddy": _lines(
        "Caddyfile", "a.example {\n", "handle_path /x#/* {\nreverse_proxy orthanc#:8042\n}\n", "}\n"
    ),
    "routers of Traefik": _lines(
        "compose.yml", f"{_ORTHANC}    labels:\n", "      - traefik.http.routers.r#.rule=PathPrefix(`/a#`)\n"
    ),
    "keys of OHIF": _lines("app-config.js", "window.config = {\n", "  key#: #,\n", "};\n"),
    "Orthancs": _services("{image: 'orthancteam/orthanc:26.8.1', ports: ['%d:8042']}"),
    "auth-services": _services(
        "{image: 'orthancteam/orthanc-auth-service:26.4.1', environment: {SECRET_KEY: abc%d, ENABLE_KEYCLOAK: 'true'}}"
    ),
    "viewers of another version": _services("{image: 'orthancteam/ohif-v3:24.%d.0'}"),
    "missing networks": _lines("compose.yml", f"{_ORTHANC}    networks:\n", "      - n#\n"),
}


def _seconds(texts: dict[str, str]) -> float:
    start = time.process_time()
    diagnosis_text(diagnose(observe_texts(texts)), io.StringIO())
    return time.process_time() - start


@pytest.mark.parametrize("name", _MANY)
def test_the_time_grows_with_the_number_of_entries(name: str) -> None:
    """Eight times as many odd entries of one kind take about eight times as long, and not the square of that."""
    rule_modules()
    # Whatever else the machine does only adds time.
    few, many = (min(_seconds(_MANY[name](number)) for _ in range(3)) for number in (200, 1_600))

    assert many < 20 * max(few, 0.03)
