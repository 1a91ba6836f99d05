"""A profile is loaded whole, or everything that is wrong with it is said at once, each at its place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from orthgen.errors import ProfileError
from orthgen.findings import Severity
from orthgen.profile.load import LoadedProfile, load
from orthgen.report.error import error_text
from tests.support.builders import EXAMPLES, PROFILES

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
orthgen: 1
institution:
  name: Test
  url: https://pacs.example.org
identity:
  sign-in:
    - accounts: {}
collections:
  cardio: {}
roles:
  reader:
    can: [view]
    collections: [cardio]
deployment:
  tls: {certificate: cert.pem, key: key.pem}
"""


def load_text(folder: Path, text: str, **others: str) -> LoadedProfile:
    """Load `text` as profile.yaml, with other files beside it."""
    (folder / "profile.yaml").write_text(text, encoding="utf-8")
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load(str(folder / "profile.yaml"))


def findings_of(folder: Path, text: str, **others: str) -> list[tuple[str, str, str]]:
    """Place (without the folder), message and hint of every finding."""
    with pytest.raises(ProfileError) as caught:
        load_text(folder, text, **others)
    return [
        (str(finding.location).removeprefix(f"{folder}/"), finding.message, finding.hint)
        for finding in caught.value.findings
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_loads(name: str) -> None:
    """The profiles that the project ships are valid and give no warning."""
    assert load(str(PROFILES / name)).warnings == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_names_the_schema_in_its_first_line(name: str) -> None:
    """Editors complete and check the examples."""
    first = (PROFILES / name).read_text(encoding="utf-8").splitlines()[0]

    assert first == "# yaml-language-server: $schema=../profile.schema.json"


def test_an_unknown_key_is_reported_with_the_nearest_known_one(tmp_path: Path) -> None:
    """The finding stands at the key and names what was probably meant."""
    text = GOOD.replace("    collections: [cardio]", "    colections: [cardio]")

    assert (
        "profile.yaml:13:5",
        "unknown key `colections` in `reader`",
        "did you mean `collections`?",
    ) in findings_of(tmp_path, text)


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        pytest.param("can: [view]", "can: view", "write it in brackets: `[view]`", id="a word for a list"),
        pytest.param(
            "cardio: {}",
            "cardio: {gather: {called-aet: HEART}}",
            "write it as a list: `[{called-aet: HEART}]`",
            id="a mapping for a list",
        ),
        pytest.param(
            "can: [view]",
            "can: [view]\n    granted-by: /readers",
            "write it in brackets: `[{group: /readers}]`",
            id="a word for a list of mappings",
        ),
        pytest.param(
            "can: [view]",
            "can: [view]\n    granted-by: [/readers]",
            "write `{group: /readers}`",
            id="a word for a mapping in a list",
        ),
        pytest.param(
            "orthgen: 1", "orthgen: 1\narchive: {overwrite: yes}", "write `true` or `false`", id="yes"
        ),
        pytest.param(
            "- accounts", "-accounts", "write a blank after the dash: `- accounts`", id="a glued dash"
        ),
    ],
)
def test_a_beginners_slip_is_answered_with_the_line_to_write(
    tmp_path: Path, before: str, after: str, hint: str
) -> None:
    """The hint can be copied."""
    assert [finding[2] for finding in findings_of(tmp_path, GOOD.replace(before, after))] == [hint]


def test_everything_wrong_is_reported_at_once(tmp_path: Path) -> None:
    """A malformed part does not hide a wrong reference elsewhere."""
    text = (
        GOOD.replace("can: [view]", "can: [vew]")
        + "expectations:\n  - {role: reader, can: view, on: neuro}\n"
    )
    text = text.replace("url: https://pacs.example.org", "url: http://pacs.example.org")

    messages = [message for _, message, _ in findings_of(tmp_path, text)]

    assert "`vew` is not a value of `can`" in messages
    assert "plain http outside localhost" in messages


def test_an_overlay_says_only_what_differs(tmp_path: Path) -> None:
    """Mappings merge, everything else replaces, null removes."""
    overlay = 'extends: base.yaml\ninstitution: {url: "https://other.example.org"}\nroles:\n  reader: {can: [view, download]}\n'

    profile = load_text(tmp_path, overlay, base=GOOD + "inbox: {title: x}\n").profile

    assert profile.institution.name == "Test"
    assert profile.institution.url == "https://other.example.org"
    assert profile.roles["reader"].can == ["view", "download"]
    assert profile.roles["reader"].collections == ["cardio"]


def test_null_in_an_overlay_removes_a_key(tmp_path: Path) -> None:
    """What the base says can be taken back."""
    overlay = "extends: base.yaml\ninbox: null\n"

    assert load_text(tmp_path, overlay, base=GOOD + "inbox: {title: x}\n").profile.inbox is None


def test_a_finding_points_into_the_file_that_the_value_came_from(tmp_path: Path) -> None:
    """With overlays, the author is sent to the right file and line."""
    base = GOOD.replace("name: Test", "name: Test\n  languages: English")
    overlay = "extends: base.yaml\nrelease: 1\n"

    places = [place for place, _, _ in findings_of(tmp_path, overlay, base=base)]

    assert places == ["base.yaml:4:14", "profile.yaml:2:10"]


def test_profiles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    """A circle is named, not followed."""
    found = findings_of(tmp_path, "extends: base.yaml\n", base="extends: profile.yaml\n")

    assert "extend each other in a circle" in found[0][1]


def test_a_base_that_is_missing_is_reported_where_it_is_named(tmp_path: Path) -> None:
    """The finding stands at `extends:`, where the path can be mended."""
    (place, message, _), *rest = findings_of(tmp_path, "orthgen: 1\nextends: nowhere.yaml\n")

    assert place == "profile.yaml:2:10"
    assert "no such file" in message
    assert rest == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("[]", "a profile is a mapping", id="a list"),
        pytest.param("hello", "a profile is a mapping", id="a word"),
    ],
)
def test_what_is_no_mapping_is_no_profile(tmp_path: Path, text: str, message: str) -> None:
    """The first thing to know is how a profile begins."""
    assert findings_of(tmp_path, text)[0][1] == message


def test_a_file_that_is_not_utf8_is_reported_at_the_first_wrong_byte(tmp_path: Path) -> None:
    """Latin-1 from an old editor is told apart from a syntax error."""
    (tmp_path / "profile.yaml").write_bytes(b"orthgen: 1\ninstitution: {name: H\xf4pital}\n")

    with pytest.raises(ProfileError) as caught:
        load(str(tmp_path / "profile.yaml"))

    finding = caught.value.findings[0]
    assert finding.message == "the file is not UTF-8"
    assert (finding.location.line, finding.location.column) == (2, 22)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Windows editors put one there; it is not part of the text."""
    assert load_text(tmp_path, "\ufeff" + GOOD).profile.institution.name == "Test"


CANARY = "CANARY-hunter2"
WHERE = "client-secret: {secret: entra-client-secret}"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (WHERE, f"client-secret: {{value: {CANARY}}}"),
        (WHERE, f"client-secret: {{secret: a, value: {CANARY}}}"),
        (WHERE, f"client-secret: {{{CANARY}}}"),
        (WHERE, f"client-secret: {{{CANARY}: x}}"),
        (WHERE, f"client-secret:\n          value: {CANARY}"),
        (WHERE, f"client-secret:\n          secret:\n            value: {CANARY}"),
        (WHERE, f"client-secret:\n          - {CANARY}"),
        (WHERE, f"client_secret: {CANARY}"),
        ("https://orthanc-preprod.example.org", f"https://user:{CANARY}@pacs.example.org"),
        ("https://orthanc-preprod.example.org", f"ftp://user:{CANARY}@pacs.example.org"),
        ("https://orthanc-preprod.example.org", f"https://user:{CANARY}@pacs.example.org:x/y?z"),
    ],
)
def test_what_may_be_a_secret_is_never_shown(tmp_path: Path, written: str, instead: str) -> None:
    """Neither the message nor the excerpt nor the remedy repeats it, however it came into the profile."""
    text = (PROFILES / "paradim.yaml").read_text(encoding="utf-8")
    assert written in text

    with pytest.raises(ProfileError) as caught:
        load_text(tmp_path, text.replace(written, instead))

    assert CANARY not in error_text(caught.value, io.StringIO())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param(
            "https://hôpital.example.org", "has letters that browsers write otherwise", id="not ASCII"
        ),
        pytest.param("https://pacs;x.example.org", "is not a host name", id="punctuation"),
        pytest.param("https://pacs.example.org:0", "has no valid port", id="port 0"),
        pytest.param("https://pacs.example.org:99999", "has no valid port", id="port 99999"),
        pytest.param("https://[fe80::1%25eth0]", "is not an IP address", id="a zone"),
        pytest.param("https://pacs.example.org/orthanc/", "is more than an origin", id="a path"),
    ],
)
def test_an_address_that_is_no_origin_is_refused_with_a_remedy(
    tmp_path: Path, url: str, message: str
) -> None:
    """Every URL of the deployment derives from it, and browsers send it in one spelling only."""
    ((_, said, hint),) = findings_of(tmp_path, GOOD.replace("https://pacs.example.org", url))

    assert message in said
    assert hint


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://PACS.Example.org/", "https://pacs.example.org"),
        ("https://pacs.example.org:443", "https://pacs.example.org"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://localhost:80", "http://localhost"),
        ("https://pacs.example.org:80", "https://pacs.example.org:80"),
    ],
)
def test_an_origin_is_held_as_browsers_send_it(tmp_path: Path, url: str, origin: str) -> None:
    """Redirect URIs and CORS compare letter by letter."""
    tls = "" if url.startswith("http:") else "deployment:\n  tls: {terminated-by: proxy}\n"
    text = GOOD.split("deployment:", maxsplit=1)[0].replace("https://pacs.example.org", f'"{url}"') + tls

    assert load_text(tmp_path, text).profile.institution.url == origin


@pytest.mark.parametrize("address", ["999.1.1.1", "eth0", "10.1", "1::2::3"])
@pytest.mark.parametrize(
    "where", ["archive: {dicom: {bind: X}}", "archive: {modalities: {ct: {aet: CT, host: X}}}"]
)
def test_what_is_no_ip_address_is_not_taken_for_one(tmp_path: Path, where: str, address: str) -> None:
    """Docker would refuse to publish on it, and Orthanc to know the peer."""
    ((_, message, hint),) = findings_of(tmp_path, GOOD + where.replace("X", f'"{address}"') + "\n")

    assert message.startswith(f"`{address}` is not an IP address")
    assert hint


def test_a_name_of_two_lines_becomes_one(tmp_path: Path) -> None:
    """The name stands in the first line of every file."""
    path = tmp_path / "a\nb.yaml"
    path.write_text(GOOD)

    assert load(str(path)).name == "a?b.yaml"


def test_of_a_long_value_the_beginning_is_repeated(tmp_path: Path) -> None:
    """A message stays one that people read."""
    text = GOOD.replace("cardio: {}", f"cardio: {{label: {'a' * 5000}}}")

    ((_, message, _),) = findings_of(tmp_path, text)

    assert message.startswith("`aaaa")
    assert len(message) < 120


def test_warnings_do_not_stop_the_work(tmp_path: Path) -> None:
    """A profile that is only questionable loads, and says so."""
    text = GOOD.replace("name: Test", "name: Test\n  languages: [tlh]")

    warnings = load_text(tmp_path, text).warnings

    assert [(warning.severity, warning.rule.id) for warning in warnings] == [
        (Severity.WARNING, "untranslated-language")
    ]


def test_a_release_needs_no_quotes(tmp_path: Path) -> None:
    """26.8 is what the author wrote, not a number."""
    assert load_text(tmp_path, GOOD + "release: 26.8\n").profile.release == "26.8"


def test_a_line_after_an_open_quote_is_not_said_to_lack_quotes(tmp_path: Path) -> None:
    """The parser stops at the next quote, far below the one that is not closed."""
    text = GOOD.replace("can: [view]", 'title: "Reader\n    can: [view]').replace("[cardio]", '"*"')

    ((_, _, hint),) = findings_of(tmp_path, text)

    assert hint.endswith("or a quote in a line before this one is not closed")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param("collections:\n", "colections:\n", "unknown key `colections`", id="a section misspelt"),
        pytest.param("roles:\n", "rols:\n", "unknown key `rols`", id="a required section misspelt"),
        pytest.param("  reader:\n", "  Reader:\n", "`Reader` is not a name", id="a name in capitals"),
        pytest.param(
            "    can: [view]\n    collections: [cardio]\n",
            "    can: [view, report]\n    collections: [cardio]\nviewers: {ohif: {reports: yes}}\n",
            "`yes` is not a value of `reports`",
            id="a viewer's setting",
        ),
        pytest.param(
            "roles:\n",
            "roles:\n  all:\n    can: [Everything]\n    collections: all\n",
            "`Everything` is not a value of `can`",
            id="a role's rights",
        ),
    ],
)
def test_nothing_is_said_to_lack_what_is_written_wrongly(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    """Whatever depends on the malformed part is checked when that part is right."""
    text = GOOD + "expectations:\n  - {role: reader, can: view, on: cardio}\n"
    messages = {found for _, found, _ in findings_of(tmp_path, text.replace(before, after, 1))}

    assert message in messages
    assert {found for found in messages if "unknown key" not in found and "is missing" not in found} <= {
        message
    }


def test_a_language_is_shown_once(tmp_path: Path) -> None:
    """Keycloak keeps a set: a repeated language would be a difference at each provisioning."""
    loaded = load_text(
        tmp_path, GOOD.replace("institution:\n", "institution:\n  languages: [de, en, de]\n", 1)
    )

    assert loaded.profile.institution.languages == ["de", "en"]
    assert [warning.rule.id for warning in loaded.warnings] == ["repeated-item"]
