"""`access` and `explain` answer about a deployment that somebody else wrote, by its own files."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from orthgen.cli.exit_codes import ExitCode
from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.test_golden import GOLDEN

if TYPE_CHECKING:
    from pathlib import Path

REPORTED = GOLDEN.parent / "data/reported-403.txt"
FILES = {
    "docker-compose.yml": """\
services:
  orthanc:
    image: orthancteam/orthanc:26.8.0
    volumes: [./orthanc.json:/etc/orthanc/orthanc.json:ro]
  orthanc-auth-service:
    image: orthancteam/orthanc-auth-service:26.4.1
    environment: {PERMISSIONS_FILE_PATH: /p.json, ANONYMOUS_PROFILE_FILE_PATH: /a.json}
    volumes: [./permissions.json:/p.json, ./anonymous.json:/a.json]
""",
    "orthanc.json": """\
{"AuthenticationEnabled": false,
 "Authorization": {
  "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
  "StandardConfigurations": ["orthanc-explorer-2"],
  "CheckedLevel": "studies"}}
""",
    "permissions.json": """\
{"roles": {
  "reader": {"permissions": ["view"], "authorized-labels": ["cardio"]},
  "admin": {"permissions": ["all"], "authorized-labels": ["*"]}}}
""",
    "anonymous.json": '{"name": "Anonymous", "authorized-labels": [], "permissions": [], "validity": 60}\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a hand-written deployment in `site`."""
    (tmp_path / "site").mkdir()
    for name, text in FILES.items():
        (tmp_path / "site" / name).write_text(text)
    return tmp_path


def test_access_shows_roles_and_labels(folder: Path) -> None:
    """Each role of permissions.json is a person, each label a collection; the assumptions are said."""
    outcome = orthgen("access", "site", "--format", "json", cwd=folder)
    rights = {(row["who"], row["action"], row["on"]): row["can"] for row in json.loads(outcome.stdout)}

    assert rights["reader", "view", "cardio"]
    assert not rights["reader", "view", None]
    assert rights["admin", "delete", "cardio"]
    assert not rights["signed-out", "upload", None]
    assert outcome.stderr == "site: plugin 0.11.4 (`orthancteam/orthanc:26.8.0` contains it)\n"


@pytest.mark.parametrize(
    "image", ["docker.io/orthancteam/orthanc:25.2.0", "mirror:5000/orthancteam/orthanc:25.2.0"]
)
def test_an_image_of_a_registry_tells_the_plugin(folder: Path, image: str) -> None:
    """A registry in the image's name changes nothing about what the image contains."""
    compose = folder / "site/docker-compose.yml"
    compose.write_text(compose.read_text().replace("orthancteam/orthanc:26.8.0", image))

    outcome = orthgen("access", "site", "--format", "json", cwd=folder)

    assert outcome.stderr == f"site: plugin 0.9.0 (`{image}` contains it)\n"


@pytest.mark.parametrize("path", ["site", "site/docker-compose.yml"])
def test_explain_names_the_observed_line(folder: Path, path: str) -> None:
    """The line that decides is one of permissions.json; a folder and a Compose file lead to it."""
    outcome = orthgen("explain", path, "POST", "/orthanc/instances", "--as", "reader", cwd=folder)

    assert outcome.returncode == ExitCode.DENIED
    assert "DENY  reader: POST /instances" in outcome.stdout
    assert "at site/permissions.json:2:14" in outcome.stdout


def test_orthanc_json_alone_has_no_roles(folder: Path) -> None:
    """What was not seen is said: the roles, and the anonymous profile of the image."""
    outcome = orthgen("explain", "site/orthanc.json", "POST", "/instances", cwd=folder)

    assert outcome.returncode == ExitCode.DONE  # the newest image's anonymous profile may upload
    assert "permissions.json was not seen" in outcome.stderr
    assert "the anonymous profile of the image" in outcome.stderr


def test_difference_to_a_changed_deployment(folder: Path) -> None:
    """A role that gains a permission is a gain, between two folders as between two profiles."""
    changed = folder / "new"
    changed.mkdir()
    for name, text in FILES.items():
        (changed / name).write_text(text.replace('["view"]', '["view", "download"]'))

    outcome = orthgen("access", "--diff", "site", "new", cwd=folder)

    assert outcome.returncode == ExitCode.DENIED
    assert "+ reader: download on `cardio`" in outcome.stdout


@pytest.mark.parametrize(
    ("orthanc", "can", "sentence"),
    [
        (
            {"Name": "x", "AuthenticationEnabled": False},
            True,
            "a person who reaches Orthanc may do everything",
        ),
        (
            {"Name": "x", "RegisteredUsers": {"ann": "secret"}},
            False,
            "own users may do everything, and are in no role: `ann`",
        ),
        (
            {
                "Name": "x",
                "AuthenticationEnabled": True,
                "RegisteredUsers": {"ann": "secret"},
                "Authorization": {"WebServiceTokenCreationBaseUrl": "http://auth:8000/tokens/"},
            },
            False,
            "the authorization plugin asks for no rights; Orthanc's own users may do everything, and are in no role: `ann`",
        ),
    ],
)
def test_without_the_plugin_there_are_no_roles(
    folder: Path, orthanc: dict[str, object], can: object, sentence: str
) -> None:
    """Everybody who is let in may do everything, and the answer says so."""
    (folder / "site/orthanc.json").write_text(json.dumps(orthanc))

    outcome = orthgen("access", "site", "--format", "json", cwd=folder)
    rights = {(row["who"], row["action"], row["on"]): row["can"] for row in json.loads(outcome.stdout)}

    assert rights["signed-out", "delete", None] is can
    assert sentence in outcome.stderr


def test_passwords_are_never_to_be_turned_off_where_nothing_else_asks(folder: Path) -> None:
    """The remedy of a refusal is a sign-in with a password, as long as the plugin does not decide."""
    orthanc = {"Name": "x", "AuthenticationEnabled": True, "RegisteredUsers": {"ann": "secret"}}
    (folder / "site/orthanc.json").write_text(json.dumps(orthanc))

    outcome = orthgen("explain", "site", "GET", "/studies", cwd=folder)

    assert outcome.returncode == ExitCode.DENIED
    assert "to allow it: sign in with a name and a password of `RegisteredUsers`" in outcome.stdout
    assert "`AuthenticationEnabled` to `false`" not in outcome.stdout


def test_an_excerpt_without_the_plugin_says_nothing_about_rights(folder: Path) -> None:
    """The section may be in the part that was not pasted."""
    (folder / "part.json").write_text('"Name": "x", "DicomAet": "X",')

    outcome = orthgen("access", "part.json", cwd=folder)

    assert outcome.returncode == ExitCode.FAILED
    assert "no whole Orthanc and none with an `Authorization` section" in outcome.stderr


def test_the_roles_of_the_image_are_in_force_without_another_file(folder: Path) -> None:
    """A Compose file that mounts no permissions.json leaves the image's own; one that mounts an unread file leaves none."""
    compose = FILES["docker-compose.yml"]
    (folder / "site/permissions.json").unlink()
    unread = orthgen("access", "site", cwd=folder)
    plain = compose[: compose.index("    environment:")] + "    environment: {SECRET_KEY: x}\n"
    (folder / "site/docker-compose.yml").write_text(plain)
    shipped = orthgen("access", "site", cwd=folder)

    assert "permissions.json was not seen" in unread.stderr
    assert "the roles of the image" in shipped.stderr
    assert "doctor-role" in shipped.stdout


def test_a_profile_is_compared_by_labels_and_by_adopted_names(folder: Path) -> None:
    """The same study is asked about on both sides, and a role that adoption renames is the same person."""
    permissions = FILES["permissions.json"].replace("reader", "Head_Reader").replace("cardio", "Cardio_1")
    (folder / "site/permissions.json").write_text(permissions)
    profile = """\
orthgen: 1
institution: {name: X, url: http://localhost}
identity: {sign-in: [accounts: {}], keycloak: {local-port: 8081}}
collections: {heart: {label: Cardio_1}, neuro: {}}
roles:
  head-reader: {can: [view, download], collections: [heart]}
  admin: {can: [everything], collections: all}
"""
    (folder / "site.yaml").write_text(profile)

    outcome = orthgen("access", "--diff", "site", "site.yaml", cwd=folder)
    lines = outcome.stdout.splitlines()

    assert outcome.returncode == ExitCode.DENIED
    assert "= head-reader: was called Head_Reader" in lines
    assert "+ head-reader: download on `heart`" in lines
    assert not [
        line for line in lines if line.startswith(("+ head-reader: view", "+ admin: view", "- admin: view"))
    ]


def test_a_rendered_folder_gives_what_its_profile_gives(tmp_path: Path) -> None:
    """The guard of nginx is a part of the answer: nobody gains or loses, and the line about assumptions names it."""
    folder = GOLDEN / "minimal" / "compose"
    outcome = orthgen("access", "--diff", str(folder), str(PROFILES / "minimal.yaml"), cwd=tmp_path)

    assert outcome.stdout == "No change: everybody can do what they could do before.\n"
    assert outcome.stderr.endswith("; with the guard of nginx\n")


def test_a_changed_guard_is_named_and_not_counted_on(tmp_path: Path) -> None:
    """The line that was changed, and an answer without the guard: the plugin alone lets a link delete."""
    shutil.copytree(GOLDEN / "minimal" / "compose", tmp_path / "site")
    script = tmp_path / "site/nginx/njs/requests.js"
    script.write_text(script.read_text().replace("return ", "return false && ", 1))
    request = ("DELETE", "/studies/" + "-".join(["0" * 8] * 5), "--as", "instant-link")

    outcome = orthgen("explain", "site", *request, cwd=tmp_path)

    assert outcome.returncode == ExitCode.DONE
    assert "without the guard of nginx, because site/nginx/njs/requests.js:" in outcome.stderr


def test_roles_that_people_edit_are_those_that_were_rendered(tmp_path: Path) -> None:
    """With the permission editor the file in force is on a volume, which no folder shows."""
    profile = (PROFILES / "minimal.yaml").read_text()
    (tmp_path / "site.yaml").write_text(
        profile.replace("identity:", "identity:\n  permission-editor: true", 1)
    )
    orthgen("render", "site.yaml", "--out", "site", cwd=tmp_path)

    outcome = orthgen("access", "--diff", "site", "site.yaml", cwd=tmp_path)

    assert outcome.stdout == "No change: everybody can do what they could do before.\n"
    assert (
        "the roles of site/auth-service/permissions.json, which people can edit while it runs"
        in outcome.stderr
    )


@pytest.mark.parametrize(
    "permissions",
    ['{"roles": []}', '{"roles": {"reader": "view"}}', '{"roles": {"reader": {"permissions": ["veiw"]}}}'],
)
def test_an_auth_service_that_does_not_start_gives_no_rights(folder: Path, permissions: str) -> None:
    """Nobody is let in by roles that the service cannot read, and the line about assumptions says so."""
    (folder / "site/permissions.json").write_text(permissions)

    outcome = orthgen("access", "site", "--format", "json", cwd=folder)

    assert not any(row["can"] for row in json.loads(outcome.stdout) if row["action"] != "administer")
    assert "without an answer of the auth-service: " in outcome.stderr
    assert "does not start" in outcome.stderr


def test_half_of_a_character_is_neither_a_role_nor_a_label(folder: Path) -> None:
    """JSON can write it; the others are shown."""
    permissions = FILES["permissions.json"].replace('"cardio"', '"cardio", "\\ud800"')
    permissions = permissions.replace(
        '{"roles": {', '{"roles": {"\\udfff": {"permissions": [], "authorized-labels": []},'
    )
    (folder / "site/permissions.json").write_text(permissions)

    outcome = orthgen("access", "site", "--format", "json", cwd=folder)
    rows = json.loads(outcome.stdout)

    assert {row["who"] for row in rows} >= {"reader", "admin"}
    assert {row["on"] for row in rows} == {"cardio", None}


def test_settings_of_a_guard_with_other_types_are_no_guard(folder: Path) -> None:
    """A file of that name with anything in it is neither adopted nor counted on."""
    compose = (
        FILES["docker-compose.yml"] + "  nginx:\n    image: nginx\n    volumes: [./njs:/etc/nginx/njs]\n"
    )
    (folder / "site/docker-compose.yml").write_text(compose)
    (folder / "site/njs").mkdir()
    (folder / "site/njs/settings.js").write_text(
        '// Generated by orthgen\nexport default {"reporters": 5, "longestLife": []};\n'
    )

    outcome = orthgen("access", "site", cwd=folder)

    assert outcome.returncode == ExitCode.DONE
    assert "without the guard of nginx, because " in outcome.stderr


def test_markdown_is_for_profiles(folder: Path) -> None:
    """ACCESS.md belongs to a profile; another form is proposed."""
    outcome = orthgen("access", "site", "--format", "markdown", cwd=folder)

    assert outcome.returncode == ExitCode.FAILED
    assert "use `--format text`" in outcome.stderr


def test_a_pasted_text_is_a_deployment_of_its_day(tmp_path: Path) -> None:
    """The versions are those of the day of the request, as in the diagnosis of the same text."""
    shutil.copy(REPORTED, tmp_path / "reported-403.txt")
    outcome = orthgen(
        "explain", "reported-403.txt", "POST", "/dicom-web/studies", "--as", "instant-link", cwd=tmp_path
    )

    assert outcome.returncode == ExitCode.DENIED
    assert "plugin 0.8.1 (the newest on 2024-12-17)" in outcome.stderr
    assert "needs `all` or `upload`" in outcome.stdout


def test_a_chart_is_a_deployment(tmp_path: Path) -> None:
    """The values of a chart are no profile; a profile that says less than it has to stays one."""
    (tmp_path / "values.yaml").write_text(
        "image: {tag: 1}\npermissionsJson: {roles: {doctor: {permissions: [view], authorized_labels: ['*']}}}\n"
        "orthancJson: {DicomAet: A, AuthenticationEnabled: false, Authorization: {WebServiceRootUrl: 'http://a:8000/'}}\n"
    )
    (tmp_path / "site.yaml").write_text("orthgen: 1\ninstitution: {name: A}\n")

    assert "doctor" in orthgen("access", "values.yaml", cwd=tmp_path).stdout
    assert "`site.yaml` is not valid" in orthgen("access", "site.yaml", cwd=tmp_path).stderr


def test_access_names_one_of_several_orthancs(folder: Path) -> None:
    """The line about the assumptions says which one the answers are about."""
    file = folder / "site/docker-compose.yml"
    file.write_text(file.read_text() + "  research: {image: 'orthancteam/orthanc:26.8.0'}\n")

    assert orthgen("access", "site", cwd=folder).stderr.startswith(
        "site: `orthanc` (not `research`): plugin 0.11.4"
    )
