"""A small profile in `site.yaml`, and commands that ask about its rights."""

from pathlib import Path

from click.testing import CliRunner

from orthgen.cli.app import orthgen

PROFILE = """\
orthgen: 1
institution: {name: Test | Institution, url: "https://pacs.example.org", paths: {orthanc: /orthanc/}}
identity: {sign-in: [accounts: {}], keycloak: {local-port: 8081}}
collections: {cardio: {title: Cardiology}, neuro: {}}
roles:
  reader: {can: [view], collections: [cardio]}
  admin: {can: [everything, administer], collections: all}
deployment: {tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}}
"""


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of a command line."""
    result = CliRunner().invoke(orthgen, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def change(old: str, new: str, name: str = "site.yaml") -> None:
    """Write the profile with one text replaced."""
    assert old in PROFILE
    Path(name).write_text(PROFILE.replace(old, new))
