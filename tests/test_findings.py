"""Every kind of finding: an id of its own, an example that has it, an entry in docs/findings.md."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
from msgspec.structs import replace

import orthgen
from orthgen.authz.config_files import ConfigFiles, ConfiguredDeployment
from orthgen.catalogue import load, releases
from orthgen.consistency.check import inconsistencies
from orthgen.diagnosis.silencing import INVALID_SILENCE, read_silences
from orthgen.errors import FindingsError
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import parse_json
from orthgen.observed.read import observe
from orthgen.observed.text import split_files
from orthgen.products.access_page.model import access_policy
from orthgen.products.artifact import Artifact
from orthgen.profile.load import load as load_profile
from orthgen.profile.silencing import rules
from orthgen.rendering.pipeline import check_expectations, resolve_profile
from orthgen.targets import TARGETS
from tests.support.builders import PROFILES, example
from tests.support.findings_page import sections
from tests.support.proposals import merged, proposal, read, with_proposal, written

RULES = [rule for section in sections().values() for rule in section]
MINIMAL = (PROFILES / "minimal.yaml").read_text(encoding="utf-8")
ENCODINGS = {"not-utf-8": "iso-8859-1", "other-encoding": "iso-8859-1"}


def test_every_rule_has_an_id_of_its_own_and_an_entry() -> None:
    """No two rules share an id, and docs/findings.md has every rule: add a new module to its SECTIONS."""
    package = Path(orthgen.__file__).parent
    modules = set(package.rglob("*.py")) - set(
        package.glob("diagnosis/rules/*.py")
    )  # docs/diagnosis-rules.md
    sources = (path.read_text(encoding="utf-8") for path in modules)
    written = [
        identifier
        for source in sources
        for identifier in re.findall(r"\b(?:Rule|consistency_rule)\(\s*\"([^\"]+)\"", source)
    ]

    assert sorted(written) == sorted(rule.id for rule in RULES)
    assert len(set(written)) == len(written)


def test_rules_are_written_for_people() -> None:
    """An id is in kebab-case; summary and remedy are sentences."""
    odd = [
        rule.id
        for rule in RULES
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
        or not re.fullmatch(r"(?s)[A-Z`].*\.", rule.summary)
        or not re.fullmatch(r"(?s)[A-Z`].*\.", rule.remedy)
    ]

    assert odd == []


def test_silence_knows_every_rule_of_a_profile() -> None:
    """An id that a profile can have is never called unknown, and every warning can be silenced."""
    of_profiles = {
        rule.id
        for title, section in sections().items()
        for rule in section
        if title
        not in {"Rendered files", "Files of an existing deployment", "Files that somebody else wrote"}
    }

    assert of_profiles - set(rules()) == {"nameless-deployment", "storage-in-deployment"}


# -------------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("title", sections())
def test_an_example_has_its_finding(title: str, tmp_path: Path) -> None:
    """Each example has the finding that it is for, those that it names besides, and no other."""
    found = {rule.id: _found(rule, tmp_path / rule.id) for rule in sections()[title]}

    assert found == {rule.id: {rule.id, *rule.also} for rule in sections()[title]}


# A hint that names two changes: the second is the remedy of this finding.
NEXT = {"plain-http": {"no-tls"}}


def test_a_text_that_a_finding_proposes_validates(tmp_path: Path) -> None:
    """The example of a rule with the text that its finding proposes has no error any more, and not the finding."""
    (tmp_path / "minimal.yaml").write_text(MINIMAL, encoding="utf-8")
    refused, followed = [], 0
    for rule in RULES:
        if not rule.file.endswith(".yaml") or rule.id in {"invalid-yaml", "unsupported-yaml"}:
            continue
        example = read(dedent(rule.example))
        tree = merged(read(MINIMAL), example) if isinstance(example, dict) else {}
        for finding in _findings(tmp_path, tree):
            text = proposal(finding) if finding.rule is rule else None
            if text is None:
                continue
            followed += 1
            left = _findings(tmp_path, with_proposal(tree, finding, text))
            refused += [
                f"{finding.hint} -> {each.message}; {each.hint}"
                for each in left
                if each.rule is rule or each.severity is Severity.ERROR
                if each.rule.id not in NEXT.get(rule.id, ())
            ]

    assert refused == []
    assert followed > 20


def _findings(folder: Path, tree: object) -> tuple[Finding, ...]:
    (folder / "example.yaml").write_text(written(tree), encoding="utf-8")
    try:
        return load_profile(str(folder / "example.yaml")).warnings
    except FindingsError as error:
        return error.findings


def _found(rule: Rule, folder: Path) -> set[str]:
    """The ids of what is found in a rule's example."""
    folder.mkdir()
    text = dedent(rule.example).strip("\n")
    if rule is INVALID_SILENCE:
        return _of_silences(rule.file, text)
    if rule.file.endswith(".yaml"):
        return _of_profile(folder, rule.file, text, ENCODINGS.get(rule.id, "utf-8"))
    if rule.file == "orthgen.lock":
        return _of_lock(folder, text)
    if rule.counterexample:
        assert _of_observed(folder / "good", rule, dedent(rule.counterexample).strip("\n")) == set()
        return _of_observed(folder / "bad", rule, text)
    if rule.file in {artifact.path for artifact in _rendered()}:
        return _of_rendered(rule.file, text)
    return _of_existing(rule.file, text)


def _of_profile(folder: Path, file: str, text: str, encoding: str = "utf-8") -> set[str]:
    (folder / "minimal.yaml").write_text(MINIMAL, encoding="utf-8")
    is_complete = text.startswith(("extends:", "- ", "#"))
    whole = text if is_complete else f"extends: minimal.yaml\n{text}"
    (folder / file).write_text(f"{whole}\n", encoding=encoding)
    path = str(folder / file)
    try:
        deployment, loaded = resolve_profile(path, folder=Path("/srv/deployment"))
        check_expectations(path, loaded, access_policy(deployment, loaded))
    except FindingsError as error:
        return {finding.rule.id for finding in error.findings}
    return {finding.rule.id for finding in loaded.warnings}


def _of_silences(file: str, text: str) -> set[str]:
    with pytest.raises(FindingsError) as error:
        read_silences(text, file)
    return {finding.rule.id for finding in error.value.findings}


def _of_lock(folder: Path, difference: str) -> set[str]:
    images = load(releases()[0]).images.values()
    lock = "".join(f"{image}: sha256:{'a' * 64}\n" for image in images)
    (folder / "orthgen.lock").write_text(_changed(lock, difference), encoding="utf-8")
    return _of_profile(folder, "site.yaml", "archive: {}")


def _of_rendered(file: str, difference: str) -> set[str]:
    files = {artifact.path: artifact for artifact in _rendered()}
    files[file] = replace(files[file], text=_changed(files[file].text, difference))
    return {finding.rule.id for finding in inconsistencies(tuple(files.values()))}


@cache
def _rendered() -> tuple[Artifact, ...]:
    return TARGETS["compose"].render(example("paradim.yaml"))


def _of_observed(folder: Path, rule: Rule, text: str) -> set[str]:
    """The ids of what the readers find in a file, or in several that are set apart as `head` does it."""
    folder.mkdir()
    before, parts = split_files(text)
    for name, part in parts or ((rule.file, before),):
        content = part.replace("\N{SYMBOL FOR NULL}", "\0")
        (folder / name).write_text(content, encoding=ENCODINGS.get(rule.id, "utf-8"))
    return {finding.rule.id for finding in observe([str(folder)]).findings}


def _of_existing(file: str, text: str) -> set[str]:
    contents = {
        "orthanc.json": '{"Authorization": {"WebServiceRootUrl": "http://auth:8000/"}}',
        "permissions.json": '{"roles": {}}',
        "resources.json": "{}",
        "anonymous.json": '{"name": "Anonymous", "validity": 60, "permissions": []}',
        file: text,
    }
    documents = [parse_json(content, name)[0] for name, content in contents.items()]
    try:
        return {finding.rule.id for finding in ConfiguredDeployment.compile(ConfigFiles(*documents)).findings}
    except FindingsError as error:
        return {finding.rule.id for finding in error.findings}


def _changed(text: str, difference: str) -> str:
    """The text with each line `- old` of the difference replaced by the line `+ new` after it."""
    old = new = ""
    for line in difference.splitlines():
        if line.startswith("- "):
            old = line[2:]
        else:
            new = line[2:]
    assert old in text
    return text.replace(old, new) if old else f"{text}{new}\n"
