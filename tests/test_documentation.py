"""Documents fail when they lie: generated pages are current, examples run, and every path that is named exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from orthgen.cli.exit_codes import ExitCode
from orthgen.deployment import naming
from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.profile.root import Profile
from orthgen.rendering.pipeline import render_profile
from orthgen.targets import TARGETS
from tests.support import import_graph
from tests.support.builders import EXAMPLES, PROFILES, make_tree
from tests.support.command import orthgen as run_orthgen
from tests.support.profile_schema import validator
from tests.support.regenerate import GENERATED, commands, exit_code_rows, subcommands

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
WRITTEN = [page for page in PAGES if page not in GENERATED]
COMMANDS = commands()


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(page: str, language: str) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", _page(page), re.MULTILINE | re.DOTALL)
    return [text for name, text in blocks if name == language]


# ------------------------------------------------------------------------------------------ generated pages


# tests/test_architecture.py holds the page of imports against the modules, which it parses as well.
@pytest.mark.parametrize("name", [name for name in GENERATED if name != import_graph.PAGE])
def test_generated_files_are_current(name: str) -> None:
    """What is made from the code is what the code makes: run `python -m tests.support.regenerate`."""
    assert _page(name) == GENERATED[name]()


def test_every_exit_code_is_documented() -> None:
    """Every exit code has its comment, from which the table in docs/commands.md is made."""
    assert list(exit_code_rows()) == [code.value for code in ExitCode]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_explained(name: str) -> None:
    """Every command has a help text, and so has each of its arguments and options."""
    for command, context in (COMMANDS[name], *subcommands(*COMMANDS[name])):
        unexplained = [
            parameter.name
            for parameter in command.get_params(context)
            if not (parameter.get_help_record(context) or ("", ""))[1]
        ]

        assert command.help
        assert unexplained == [], context.command_path


def test_every_key_of_the_profile_is_described() -> None:
    """Every field of every model that a profile is made of says what it is for, in a sentence."""
    silent = [
        f"{model.__name__}.{name}"
        for model in _models(Profile)
        for name, field in model.model_fields.items()
        if not (field.description or "").rstrip().endswith((".", "`"))
    ]

    assert silent == []


def _models(annotation: Any) -> dict[type[BaseModel], None]:
    """Every model below an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found: dict[type[BaseModel], None] = {annotation: None}
        for field in annotation.model_fields.values():
            found |= _models(field.annotation)
        return found
    return {model: None for part in get_args(annotation) for model in _models(part)}


# ------------------------------------------------------------------------------------------- what is written


@pytest.mark.parametrize("page", WRITTEN)
def test_named_paths_exist(page: str) -> None:
    """Every path of the project that a page names in back-ticks exists."""
    text = re.sub(r"^```.*?^```", "", _page(page), flags=re.MULTILINE | re.DOTALL)
    named = re.findall(r"`\.?/?([\w.-]+(?:/[\w.-]+)*/?)`", text)
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"secrets", "deployment"}
    paths = [
        name
        for name in named
        if (name.split("/")[0] in folders and "/" in name) or re.fullmatch(r"[\w-]+\.(toml|md)", name)
    ]
    placeholders = re.compile(r"NAME|KIND\b|KIND\.py")
    missing = [name for name in paths if not placeholders.search(name) and not (ROOT / name).exists()]

    assert [name for name in missing if name != "ACCESS.md"] == []


def test_named_modules_exist() -> None:
    """Every Python file that a page for contributors names in back-ticks without its folder exists."""
    folders = ("generator", "tests", "benchmarks", "templates")
    modules = {path.name for folder in folders for path in (ROOT / folder).rglob("*.py")}
    pages = [page for page in WRITTEN if page.startswith("docs/contributing/")]
    named = {(page, name) for page in pages for name in re.findall(r"`(\w+\.py)`", _page(page))}

    assert {(page, name) for page, name in named if name not in modules} == set()


def test_the_page_about_the_authorization_names_modules_of_the_model() -> None:
    """A module that another package has under the same name does not count."""
    model = {path.name for path in (ROOT / "generator/orthgen/authz").glob("*.py")}

    assert set(re.findall(r"`(\w+\.py)`", _page("docs/contributing/authorization.md"))) <= model


def test_the_glossary_names_every_target() -> None:
    """A new target is a new word."""
    (line,) = re.findall(r"(?m)^\| \*\*target\*\* .*$", _page("docs/glossary.md"))

    assert [name for name in TARGETS if f"`{name}`" not in line] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page leads to a file, and to a heading of it where it names one."""
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", _page(page)):
        file, _, anchor = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        if not target.exists() or (anchor and anchor not in _anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)

    assert broken == []


def test_messages_and_comments_name_pages_that_exist() -> None:
    """Every page of docs/ that a module or a template names exists, with the heading that is named."""
    files = [path for folder in ("generator", "templates") for path in (ROOT / folder).rglob("*")]
    broken = set()
    for path in (path for path in files if path.suffix in {".j2", ".js", ".json", ".lua", ".py", ".sh"}):
        for page, anchor in re.findall(
            r"\bdocs/([\w/-]+\.md)(?:#([\w-]+))?", path.read_text(encoding="utf-8")
        ):
            named = ROOT / "docs" / page
            if not named.exists() or (anchor and anchor not in _anchors(named.read_text(encoding="utf-8"))):
                broken.add((path.name, page, anchor))

    assert broken == set()


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: str) -> None:
    """GitHub cuts a cell at every bar that is not escaped, also in code."""
    text = re.sub(r"^```.*?^```", "", _page(page), flags=re.MULTILINE | re.DOTALL)
    wrong = []
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        wrong += [row for row, count in zip(table.splitlines(), rows, strict=True) if count != rows[0]]

    assert wrong == []


@pytest.mark.parametrize("page", WRITTEN)
def test_named_commands_exist(page: str) -> None:
    """Every `orthgen` command line in a page names a command that exists, with options that it has."""
    wrong = []
    text = _page(page).replace(naming.SIGN_IN_FLOW, "").replace(naming.FIRST_SIGN_IN_FLOW, "")
    shell = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"(?:\./|`|\$ )orthgen ([a-z][^`#\n]*)", text)
    for line in lines + re.findall(r"(?:^|\| )orthgen ([a-z][^#\n|&]*)", shell, re.MULTILINE):
        name, *words = line.split()
        command, context = COMMANDS[name]
        all_commands = ((command, context), *subcommands(command, context))
        known = {
            word for each, below in all_commands for item in each.get_params(below) for word in item.opts
        }
        wrong += [f"{name} {word}" for word in words if word.startswith("--") and word not in known]

    assert wrong == []


def test_readme_leads_to_every_page() -> None:
    """No page is left for readers to find by themselves."""
    linked = set(re.findall(r"\]\((?!https?:)([^)#]+)", _page("README.md")))

    assert {page for page in PAGES if page != "README.md"} <= linked


def test_readme_lists_every_command() -> None:
    """The README's table of commands has every command, and no other."""
    assert set(re.findall(r"^\| `orthgen ([a-z-]+)", _page("README.md"), re.MULTILINE)) == set(COMMANDS)


def test_readme_lists_every_example() -> None:
    """The README's table of examples has every profile, and no other."""
    assert set(re.findall(r"^\| `([\w.-]+\.yaml)`", _page("README.md"), re.MULTILINE)) == set(EXAMPLES)


def test_readme_shows_the_tree_that_comes_out() -> None:
    """The tree on the README's first screen is the one that rendering paradim.yaml gives."""
    (block,) = (block for block in _blocks("README.md", "") if block.startswith("deployment/paradim/"))
    folder, shown = "", set()
    for line in block.splitlines()[1:]:
        entry = line.lstrip("│├└─ ")
        depth, name = len(line) - len(entry), entry.split("  ")[0].strip()
        folder = folder if depth > 4 else ""
        if name.endswith("/"):
            folder = name
        else:
            shown.add(folder + name)
    rendered = {artifact.path for artifact in render_profile(str(PROFILES / "paradim.yaml")).artifacts}

    # The guard's modules are one line.
    found = {re.sub(r"^nginx/njs/\w+\.js$", "nginx/njs/*.js", path) for path in rendered}

    assert shown == found | {".orthgen/manifest.json"}


def test_readme_profile_renders(tmp_path: Path) -> None:
    """The profile in the README has about thirty lines, renders without a warning, and its expectations hold."""
    (profile,) = _blocks("README.md", "yaml")
    (tmp_path / "readme.yaml").write_text(profile, encoding="utf-8")

    assert len(profile.splitlines()) <= 35
    rendered = render_profile(str(tmp_path / "readme.yaml"))
    assert rendered.artifacts
    assert rendered.warnings == ()


def test_readme_shows_what_findings_look_like(tmp_path: Path) -> None:
    """The console output in the README is what the command says about the lines that it shows."""
    block = next(block for block in _blocks("README.md", "console") if block.startswith("$ orthgen validate"))
    command, expected = block.split("\n", 1)
    lines = {
        1: "orthgen: 1",
        3: "collections: {cardio: {}}",
        4: "roles:",
        6: "identity: {sign-in: [accounts: {}]}",
    }
    lines |= {int(number): text for number, text in re.findall(r"^  (\d+) \| (.*)$", block, re.MULTILINE)}
    (tmp_path / "broken.yaml").write_text("".join(f"{lines[number]}\n" for number in sorted(lines)))

    outcome = subprocess.run(
        [sys.executable, "-P", "-m", "orthgen", *command.removeprefix("$ orthgen ").split()],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "generator"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.stderr == expected
    assert outcome.returncode == ExitCode.FAILED


def test_readme_shows_the_diagnosis_of_a_report() -> None:
    """The lines of the diagnosis in the README are those of the command, in their order; `[…]` stands for others."""
    block = next(block for block in _blocks("README.md", "console") if block.startswith("$ orthgen diagnose"))
    command, shown = block.split("\n", 1)
    outcome = run_orthgen(*command.removeprefix("$ orthgen ").split(), cwd=ROOT / "tests/data")
    position = 0
    for part in shown.split("[…]\n"):
        assert part in outcome.stdout[position:]
        position = outcome.stdout.index(part, position) + len(part)


# ------------------------------------------------------------------------------------------------ the schema


def _complaints(tree: Any) -> list[str]:
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator().iter_errors(typed(tree))
    ]


def test_schema_is_a_schema() -> None:
    """The schema follows the draft that it names."""
    Draft202012Validator.check_schema(validator().schema)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_fit_the_schema(name: str) -> None:
    """An editor finds no fault with any example or overlay, and knows the schema from its first line."""
    text = (PROFILES / name).read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=../profile.schema.json\n")
    assert _complaints(parse_yaml(text, name)[0].value) == []


@pytest.mark.parametrize(
    ("part", "text"),
    [
        pytest.param("orthgen", "2", id="another version of the language"),
        pytest.param("instituton", "{}", id="misspelled key at the top"),
        pytest.param("institution", "{name: X}", id="missing key"),
        pytest.param("institution", "{name: X, url: pacs.example.org}", id="address without scheme"),
        pytest.param(
            "institution", '{name: X, url: "https://x.org", paths: {ohif: ohif}}', id="path without slashes"
        ),
        pytest.param("release", '"25.1"', id="unknown release"),
        pytest.param("identity", "{sign-in: [{saml: {}, accounts: {}}]}", id="two ways in one item"),
        pytest.param(
            "identity",
            "{sign-in: [{oidc: {issuer: https://x.org/realms/x}}]}",
            id="incomplete item of a list",
        ),
        pytest.param(
            "identity", "{smtp: {host: h, sender: a@b.ch, password: geheim}}", id="secret in the profile"
        ),
        pytest.param("collections", "{Cardio: {}}", id="name of the wrong shape"),
        pytest.param(
            "collections",
            "{cardio: {gather: [{called-aet: A, tags: {Modality: CT}}]}}",
            id="two rules in one",
        ),
        pytest.param("collections", "{cardio: {label: a, renamed-from: b}}", id="two labels in one"),
        pytest.param("roles", "{reader: {can: [look], collections: all}}", id="unknown permission"),
        pytest.param("roles", "{reader: {can: [view]}}", id="role without collections"),
        pytest.param("roles", "{reader: null}", id="empty role"),
        pytest.param("viewers", "null", id="heading without contents"),
        pytest.param("viewers", "{weasis: {}}", id="unknown viewer"),
        pytest.param("viewers", "{ohif: {modes: [mpr]}}", id="unknown mode"),
        pytest.param("sharing", "{viewer: ohif, expires-after: 15}", id="time span without unit"),
        pytest.param("archive", "{dicom: {port: 70000}}", id="impossible port"),
        pytest.param("archive", "{storage: {files: tape}}", id="unknown place for files"),
        pytest.param("archive", "{modalities: {ct1: {aet: CT1}}}", id="modality without address"),
        pytest.param(
            "expectations", "[{role: reader, can: view, cannot: view}]", id="expectation that says two things"
        ),
    ],
)
def test_editors_show_typical_mistakes(part: str, text: str) -> None:
    """What people get wrong is wrong by the schema, at the part where they wrote it."""
    tree = make_tree() | {part: parse_yaml(f"x: {text}", "test.yaml")[0].value["x"]}

    assert _complaints(make_tree()) == []
    assert any(complaint.startswith((part, ":")) for complaint in _complaints(tree))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{extends: base.yaml, roles: {external: null}}", id="remove a name"),
        pytest.param("{extends: base.yaml, roles: {external: {can: [view, download]}}}", id="change one key"),
        pytest.param(
            "{extends: base.yaml, archive: {storage: {files: {s3: {bucket: images}}}}}",
            id="change deep inside",
        ),
        pytest.param("{extends: base.yaml, sharing: null}", id="remove a part"),
        pytest.param(
            "{extends: base.yaml, identity: {sign-in: [accounts]}}", id="a way of signing in as a word"
        ),
        pytest.param("{extends: base.yaml, archive: {storage: {files: volume}}}", id="a place as a word"),
    ],
)
def test_overlays_may_say_little(text: str) -> None:
    """An overlay is not told that something is missing which the other profile may have."""
    assert _complaints({"orthgen": 1} | parse_yaml(text, "test.yaml")[0].value) == []
