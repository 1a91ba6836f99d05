"""What people write by mistake is told with its place and a remedy, and shows no secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.field_types import fields_of
from orthgen.profile.model_lookup import field_at, placeholder
from orthgen.profile.root import Profile
from tests.profile.test_load import GOOD, findings_of
from tests.support.validation_errors import text_of
from tests.test_documentation import _models

if TYPE_CHECKING:
    from pathlib import Path


# ---------------------------------------------------------------------------------------- nothing behind a key


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        pytest.param(
            GOOD.replace("accounts: {}", "accounts:"),
            "profile.yaml:7:7",
            "`accounts` is empty",
            "write `accounts: {}` for the defaults, or remove the key",
            id="a way of signing in",
        ),
        pytest.param(
            GOOD + "viewers:\n  stone:\n  ohif: {}\n",
            "profile.yaml:17:3",
            "`stone` is empty",
            "write `stone: {}` for the defaults, or remove the key",
            id="a viewer",
        ),
        pytest.param(
            GOOD + "sharing: null\n",
            "profile.yaml:16:1",
            "`sharing` is empty",
            "write its keys below it (`viewer:`), or remove the key",
            id="a mapping with a required key",
        ),
        pytest.param(
            GOOD.replace("name: Test", "name: ~"),
            "profile.yaml:3:3",
            "`name` is empty",
            "write a value",
            id="a required text",
        ),
        pytest.param(
            GOOD.replace("can: [view]", "can: [view, ]\n    granted-by: [~]"),
            "profile.yaml:13:18",
            "an item of `granted-by` is empty",
            "write a value, or remove the item",
            id="an item of a list",
        ),
        pytest.param(
            GOOD + "archive: {settings: {Name: }}\n",
            "profile.yaml:16:22",
            "`Name` is empty",
            "write a value, or remove the key",
            id="a raw setting",
        ),
        pytest.param(
            GOOD + "extends:\n",
            "profile.yaml:16:9",
            "`extends` is not a path",
            "name one other profile",
            id="extends",
        ),
    ],
)
def test_a_key_with_nothing_behind_it_is_told_and_nothing_else(
    tmp_path: Path, text: str, place: str, message: str, hint: str
) -> None:
    """Nothing is neither the default nor a switch: the author says which."""
    assert findings_of(tmp_path, text) == [(place, message, hint)]


def test_null_that_removes_nothing_is_told(tmp_path: Path) -> None:
    """A misspelled name in an overlay would leave in place what was to be removed."""
    found = findings_of(tmp_path, "orthgen: 1\nextends: base.yaml\nroles: {readr: null}\n", base=GOOD)

    message = "`readr: null` removes nothing: there is no `readr` in what this profile extends"
    assert found == [("profile.yaml:3:9", message, "did you mean `reader`?")]


# ---------------------------------------------------------------------------------- everything wrong, at once


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(("name: Test\n", "nam: Test\n"), id="a required key is misspelled"),
        pytest.param(("url: https://pacs.example.org", "url: 12"), id="a required value is wrong"),
        pytest.param(("can: [view]", "can: [vew, view]"), id="an item of a list is wrong"),
        pytest.param(("    can: [view]\n", ""), id="a role without can"),
        pytest.param(("institution:", "instittion:"), id="a whole part is misspelled"),
        pytest.param(("identity:", "identty:"), id="another part is misspelled"),
    ],
)
def test_a_wrong_shape_hides_no_wrong_reference(tmp_path: Path, wrong: tuple[str, str]) -> None:
    """Both are said in one go, the reference at its own place."""
    text = GOOD.replace("[cardio]", "[cardio, neuro]").replace(*wrong)
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "neuro" in line)

    found = findings_of(tmp_path, text)

    assert len(found) >= 2
    assert (f"profile.yaml:{line}:27", "unknown collection `neuro`", "did you mean `cardio`?") not in found
    assert (
        f"profile.yaml:{line}:27",
        "unknown collection `neuro`",
        "define it below `collections:`",
    ) in found


def test_two_sign_in_methods_in_one_item_are_told(tmp_path: Path) -> None:
    """A forgotten dash makes one item of two; neither is lost without a word."""
    found = findings_of(tmp_path, GOOD.replace("- accounts: {}", "- accounts: {}\n      saml: {name: adfs}"))

    assert "sign-in: a sign-in method is one key with its settings" in [message for _, message, _ in found]


def test_what_follows_a_wrong_item_of_a_list_keeps_its_place(tmp_path: Path) -> None:
    """A finding about the second item does not point at the first."""
    text = GOOD + "expectations:\n  - {role: reader, can: vew}\n  - {role: redaer, can: view}\n"

    assert [(place, message) for place, message, _ in findings_of(tmp_path, text)] == [
        ("profile.yaml:17:25", "`vew` is not a value of `can`"),
        ("profile.yaml:18:12", "unknown role `redaer`"),
    ]


def test_something_fits_every_required_key() -> None:
    """For every required key of the language there is a value that can stand in while the rest is checked."""
    without = [
        f"{model.__name__}.{key}"
        for model in _models(Profile)
        for key, field in fields_of(model).items()
        if field.is_required() and placeholder(field) is None
    ]

    assert without == []
    profile: dict[str, Any] = {
        key: placeholder(field)
        for key in ("orthgen", "institution", "identity", "roles")
        if (field := field_at((key,))) is not None
    }
    assert Profile.model_validate(profile).institution.name


# ------------------------------------------------------------------------------------------------------ secrets


KEY = "sk9vQ2canaryT7pL4wZ8"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(f"identity:\n  api-keys: {KEY}\n", id="a switch"),
        pytest.param(f"identity:\n  apiKey: {KEY}\n", id="an unknown key"),
        pytest.param(f"identity: {{apikeys: [{KEY}]}}\n", id="a list"),
        pytest.param(f"identity: {{token: {KEY}}}\n", id="a token"),
        pytest.param(f"identity: {{sessions: {{access-token: 5m, token: {KEY}}}}}\n", id="behind a setting"),
        pytest.param(f"identity: {{sessions: {KEY}}}\n", id="a token at a key of no secret"),
        pytest.param(f"identity:\n  smtp:\n    password: |\n      {KEY}\n", id="a block"),
        pytest.param(f"identity:\n  smtp:\n    password:\n      {KEY}\n    host: [\n", id="beside an error"),
        pytest.param(f"identity:\n  smtp:\n    password:\n    - {KEY}\n    - [ : ]\n", id="in a broken list"),
    ],
)
def test_a_key_that_somebody_wrote_out_is_not_repeated(written: str) -> None:
    """Neither the message nor the excerpt shows it, whatever else is wrong."""
    head, tail = GOOD.split("identity:\n  sign-in:\n    - accounts: {}\n")

    assert KEY not in text_of(head + written + tail)


def test_plain_settings_are_shown() -> None:
    """A truth value, a time span and a length are no secrets, whatever their keys are called."""
    settings = "identity:\n  apikeys: true\n  sessions: {access-token: 5 minutes, acess-token: 5m}\n"
    head, tail = GOOD.split("identity:\n  sign-in:\n    - accounts: {}\n")

    text = text_of(f"{head}{settings}  sign-in: [accounts: {{password-length: 4}}]\n{tail}")

    assert "apikeys: true" in text
    assert "acess-token: 5m" in text
    assert "password-length: 4" in text


def test_a_mark_below_what_is_hidden_stands_below_the_sign_for_it() -> None:
    """A mark below nothing would send the author astray."""
    text = text_of(GOOD.replace("accounts: {}", f"entra-id: {{client-secret: {KEY}}}"))
    lines = text.splitlines()
    index = (
        next(number for number, line in enumerate(lines) if "a profile cannot contain a secret" in line) + 1
    )

    assert lines[index + 1].index("^") == lines[index].index("(sensitive value)")
    assert lines[index + 1].count("^") == len("(sensitive value)")


# ------------------------------------------------------------------------------------------------- many mistakes


@pytest.mark.parametrize(
    "mistakes",
    [
        pytest.param(lambda n: GOOD + "".join(f"k{i}: 1\n" for i in range(n)), id="unknown keys"),
        pytest.param(
            lambda n: GOOD.replace("[cardio]", f"[{', '.join(f'w{i}' for i in range(n))}]").replace(
                "cardio: {}", "\n  ".join(f"cardio{i}: {{}}" for i in range(n))
            ),
            id="unknown collections",
        ),
    ],
)
def test_ten_times_as_many_mistakes_take_about_ten_times_as_long(mistakes: Any) -> None:
    """A generated profile with one slip in each of its parts is answered at once."""

    def seconds(number: int) -> float:
        begin = time.process_time()
        text_of(mistakes(number))
        return time.process_time() - begin

    few = min(seconds(100), seconds(100))

    assert seconds(1000) < 30 * few + 0.2


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("cardio: {}", 'cardio: {title: "\u00a0Heart"}', "is not a line of text", "write `Heart`"),
        ("cardio: {}", "cardio: {title: [Heart]}", "a list is not a line of text", "without brackets"),
        ("cardio: {}", "cardio: {title: {en: Heart}}", "a mapping is not a line of text", "without braces"),
        ("cardio: {}", 'cardio: {title: "\u202eHeart"}', "is not a line of text", "write `Heart`"),
        ("cardio: {}", 'cardio: {title: "He\u2067art\u2069s"}', "is not a line of text", "write `Hearts`"),
        ("cardio: {}", 'cardio: {title: "Heart\u3000"}', "is not a line of text", "write `Heart`"),
        (
            "cardio: {}",
            f"cardio: {{}}\n  {'c' * 64}: {{}}",
            "is not a name",
            "names are 1 to 63 lower-case letters",
        ),
        ("cardio: {}", 'cardio: {title: ""}', "`title` is empty", "write one line"),
        (
            "cardio: {}",
            'cardio: {title: "Heart\\n and lung"}',
            "is not a line of text",
            "write `Heart and lung`",
        ),
        (
            "orthgen: 1",
            "archive: {modalities: {ct: {aet: CT, host: ::1}}}\northgen: 1",
            "not valid YAML",
            "into quotes",
        ),
        (
            "cardio: {}",
            "cardio: {gather: [{calling-aet: X}]}",
            "unknown key `calling-aet` in `gather`",
            "did you mean `called-aet`?",
        ),
        ("orthgen: 1", "viewers: [ohif]\northgen: 1", "not a list", "write `viewers: {ohif: {}}`"),
        ("orthgen: 1", "sharing: on\northgen: 1", "not `on`", "write its keys below it (`viewer`, "),
    ],
)
def test_what_people_write_first_is_led_to_what_fits(old: str, new: str, message: str, hint: str) -> None:
    """The message names what is wrong, the hint what to write instead."""
    message_text = text_of(GOOD.replace(old, new, 1))

    assert message in message_text
    assert hint in message_text
