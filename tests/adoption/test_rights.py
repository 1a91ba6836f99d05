"""What nobody says about people's rights is asked for, and not invented."""

from __future__ import annotations

import pytest

from tests.adoption.support import adopted

_FILTERED = '{"DicomAet": "A", "AuthenticationEnabled": false, "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}}'


def _compose(orthanc: str, auth_service: str, mounts: str = "[]") -> str:
    return (
        "services:\n"
        f"  orthanc: {{image: 'orthancteam/orthanc:{orthanc}', volumes: ['./orthanc.json:/etc/orthanc/orthanc.json']}}\n"
        f"  auth: {{image: 'orthancteam/orthanc-auth-service:{auth_service}', volumes: {mounts}}}\n"
    )


def test_roles_that_were_not_seen_are_to_fill_in() -> None:
    """An Orthanc with the plugin and without permissions.json does not let everybody in."""
    adoption = adopted(orthanc_json=_FILTERED)

    assert "fill in: the roles of the auth-service's permissions.json, which was not read" in adoption.text
    assert not any("nobody has to sign in" in note.message for note in adoption.notes)


def test_passwords_beside_the_plugin_give_nothing_today() -> None:
    """The comment behind the role says so."""
    users = _FILTERED.replace("false", 'true, "RegisteredUsers": {"a": "Tr5-kd.9Zw"}')
    text = adopted(compose_yml=_compose("26.8.1", "26.4.1"), orthanc_json=users).text

    assert "today a password gives no right" in text


@pytest.mark.parametrize(
    ("orthanc", "auth_service", "mounts", "is_open"),
    [
        pytest.param("26.8.1", "26.4.1", "[]", True, id="in force"),
        pytest.param("24.10.1", "26.4.1", "[]", False, id="the plugin does not ask"),
        pytest.param("26.8.1", "24.9.0", "[]", False, id="the auth-service has none"),
        pytest.param(
            "26.8.1",
            "26.4.1",
            "['/srv/a.json:/orthanc_auth_service/anonymous-profile.json']",
            False,
            id="replaced",
        ),
    ],
)
def test_the_anonymous_profile_of_the_image(
    orthanc: str, auth_service: str, mounts: str, *, is_open: bool
) -> None:
    """It counts where the auth-service has it, the plugin asks for it, and no other file is in its place."""
    adoption = adopted(compose_yml=_compose(orthanc, auth_service, mounts), orthanc_json=_FILTERED)

    assert any("people who are not signed in: upload" in note.message for note in adoption.notes) == is_open


def test_a_registry_in_the_name_of_an_image_changes_nothing() -> None:
    """The plugin in `docker.io/orthancteam/orthanc:24.10.1` asks for no anonymous profile either."""
    compose = _compose("24.10.1", "26.4.1").replace("orthancteam/", "docker.io/orthancteam/")
    adoption = adopted(compose_yml=compose, orthanc_json=_FILTERED)

    assert not any("people who are not signed in" in note.message for note in adoption.notes)


def test_a_proxy_on_the_host_has_the_paths_of_the_certificate() -> None:
    """Apache's and nginx's paths are those of the host where no container has them."""
    host = (
        "<VirtualHost *:443>\n  ServerName pacs.example.org\n  SSLEngine on\n  SSLCertificateFile /etc/ssl/pacs.crt\n"
        "  SSLCertificateKeyFile /etc/ssl/pacs.key\n  ProxyPass / http://localhost:8042/\n</VirtualHost>\n"
    )
    text = adopted(orthanc_json='{"DicomAet": "A"}', pacs_conf=host).text

    assert "certificate: /etc/ssl/pacs.crt # from pacs.conf:4:3" in text
    assert "key: /etc/ssl/pacs.key # from pacs.conf:5:3" in text
