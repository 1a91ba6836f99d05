"""Every rule of the diagnosis: what it finds in an example, in deployments that people had, and not in correct ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.diagnosis.rules import rule_modules, rules
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.read import observe_texts
from tests.support.corrections import corrected
from tests.support.diagnosis_page import diagnosis_page, files_of
from tests.support.findings_page import sections

HERE = Path(__file__).parent
RULES = {rule.id: rule for rule in rules()}
CASES = sorted((HERE / "cases").glob("*.txt"))
CORRECT = sorted((HERE / "correct").glob("*.txt"))
# Findings that a deployment has whatever its configuration is.
_UNAVOIDABLE = {"links-open-writing", "links-open-archives"}


@cache
def _found(text: str, file: str) -> tuple[Finding, ...]:
    return tuple(findings_of(observe_texts(files_of(text, file))))


def _ids(text: str, file: str = "unnamed") -> set[str]:
    return {finding.rule.id for finding in _found(text, file)}


# ----------------------------------------------------------------------------------------------------- rules


def test_every_rule_has_an_id_of_its_own() -> None:
    """No two rules share an id, nor does a finding about a profile or a rendered file."""
    others = [rule.id for section in sections().values() for rule in section]
    every = [*(rule.id for rule in rules()), *others]

    assert sorted(every) == sorted(set(every))


def test_a_module_has_one_rule() -> None:
    """A module has one rule, but for the two whose rules differ in data only."""
    tables = {
        vars(module)["__name__"].rpartition(".")[2] for module in rule_modules() if hasattr(module, "RULES")
    }

    assert tables == {"legacy_variables", "weak_settings"}


def test_a_module_is_named_after_its_rule() -> None:
    """Whoever has a finding's id has the name of its file."""
    ids = {
        vars(module)["__name__"].rpartition(".")[2]: vars(module)["RULE"].id
        for module in rule_modules()
        if hasattr(module, "RULE")
    }

    assert {name: id_ for name, id_ in ids.items() if name != id_.replace("-", "_")} == {}


def test_rules_are_written_for_people() -> None:
    """An id is in kebab-case; summary, consequence and remedy are sentences; every rule has both examples."""
    odd = [
        rule.id
        for rule in rules()
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
        or not all(
            re.fullmatch(r"(?s)(nginx|permissions.json|[A-Z`]).*[.`]+", text)
            for text in (rule.summary, rule.consequence, rule.remedy)
        )
        or not rule.example.strip()
        or not rule.counterexample.strip()
    ]

    assert odd == []


def test_the_page_has_every_rule() -> None:
    """docs/diagnosis-rules.md has an entry for each rule."""
    entries = re.findall(r"^### (.+)$", diagnosis_page(), re.MULTILINE)

    assert sorted(entries) == sorted(RULES)


@pytest.mark.parametrize("identifier", RULES)
def test_an_example_has_its_finding(identifier: str) -> None:
    """An example has the finding that it is for, those that it names besides, and no other; its counterpart lacks it."""
    rule = RULES[identifier]

    assert _ids(rule.example, rule.file) == {rule.id, *rule.also}
    assert _ids(rule.counterexample, rule.file) <= set(rule.also)


def test_findings_say_what_was_accepted(request: pytest.FixtureRequest) -> None:
    """Every finding of the examples, word for word; `--update-golden` accepts a change."""
    path = HERE / "examples.txt"
    text = "\n".join(_shown(rule) for rule in rules())
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_what_is_proposed_removes_the_finding() -> None:
    """The exact text of each finding of an example, written into its file, removes the finding and brings no other."""
    odd = {}
    for rule in rules():
        proposed = [
            each for each in _found(rule.example, rule.file) if each.rule is rule and each.replacement
        ]
        if not proposed:
            continue
        files = files_of(rule.example, rule.file)
        for finding in sorted(proposed, key=lambda finding: finding.location, reverse=True):
            files[finding.location.file] = corrected(files[finding.location.file], finding)
        after = {finding.rule.id for finding in findings_of(observe_texts(files))}
        odd[rule.id] = after - (_ids(rule.example, rule.file) - {rule.id})

    assert len(odd) > 60
    assert {identifier: left for identifier, left in odd.items() if left} == {}


def _shown(rule: Rule) -> str:
    lines = []
    for finding in _found(rule.example, rule.file):
        if finding.rule.id != rule.id:
            continue
        likely = f" ({finding.confidence.value})" if finding.confidence.value != "certain" else ""
        lines.append(f"{finding.location}: {finding.severity.value}: {finding.message} [{rule.id}]{likely}")
        lines += [f"    {location}: {note}" for location, note in finding.related]
        lines += [f"    {finding.hint}"] if finding.hint else []
        lines += [f"    write: {finding.replacement}"] if finding.replacement else []
    return "\n".join(lines) + "\n"


def test_every_place_exists() -> None:
    """A finding of an example names places that its files have."""
    odd = []
    for rule in rules():
        files = files_of(rule.example, rule.file)
        for finding in _found(rule.example, rule.file):
            places = [finding.location, *(location for location, _ in finding.related)]
            odd += [f"{rule.id}: {place}" for place in places if not _exists(place.file, place.line, files)]

    assert odd == []


def _exists(file: str, line: int, files: Mapping[str, str]) -> bool:
    return file in files and 1 <= line <= files[file].count("\n") + 1


# ----------------------------------------------------------------------------------------- whole deployments


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_people_had_is_found(path: Path) -> None:
    """A deployment with a mistake that somebody reported has the findings that its first line names; the first is one of them."""
    first, _, text = path.read_text(encoding="utf-8").partition("\n")
    expected = set(first.removeprefix("# expected: ").split())

    assert expected <= RULES.keys()
    assert expected - _ids(text) == set()
    assert _found(text, "unnamed")[0].rule.id in expected


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_a_correct_deployment_has_no_finding(path: Path) -> None:
    """A deployment that somebody wrote well has no error, no warning, and no avoidable note."""
    findings = _found(path.read_text(encoding="utf-8"), "unnamed")

    assert [f"{each.location}: {each.message}" for each in findings if each.rule.id not in _UNAVOIDABLE] == []


def test_what_cannot_be_avoided_is_a_note() -> None:
    """A finding that every deployment of a kind has is no more than a note."""
    assert {RULES[identifier].severity for identifier in _UNAVOIDABLE} == {Severity.NOTE}


def test_nothing_has_no_finding() -> None:
    """A deployment of which nothing was read has no finding."""
    assert findings_of(ObservedDeployment()) == []


def test_an_excerpt_lacks_nothing() -> None:
    """What an excerpt does not show is not called missing."""
    excerpt = (
        '"OrthancExplorer2": {\n"UiOptions": {"EnableShares": true}\n},\n"DicomWeb": {"Enable": true},\n'
    )
    findings = _found(excerpt, "pasted.txt")

    assert [finding.message for finding in findings] == []


def test_secrets_are_not_repeated() -> None:
    """No finding has a secret in its words."""
    secret = "orthanc-4711-secret"
    text = f"""
        services:
          auth:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment: {{SECRET_KEY: {secret}, USERS: '{{"share-user": "{secret}"}}'}}
          db:
            image: postgres:17.5
            environment: {{POSTGRES_PASSWORD: {secret}}}
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: share-user
              ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: {secret}-2
              ORTHANC__REGISTERED_USERS: '{{"a": "{secret}"}}'
    """
    findings = _found(text, "docker-compose.yml")

    assert {"repeated-secret", "unknown-web-service-user"} <= {finding.rule.id for finding in findings}
    assert not any(
        secret in f"{each.message}{each.hint}{each.replacement}{each.related}" for each in findings
    )
