"""`orthgen init`: every combination of answers is a valid profile, wrong answers have validate's message, nothing is overwritten."""

from __future__ import annotations

import re
import subprocess
from itertools import cycle, product
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.tasks import init as init_task
from orthgen.errors import RegistryUnavailable
from orthgen.formats.yaml_io import parse_yaml
from orthgen.profile.deployment import TLS_VARIANTS
from orthgen.profile.identity import SignIn
from orthgen.rendering.image_digests import RegistryDigests
from orthgen.report.init_forms import InitForm
from orthgen.repository.files import files_of
from orthgen.repository.first_profile import complaint, file_name, first_profile, validate_text
from orthgen.repository.questions import SETTING, Answers, questions
from orthgen.viewers import VIEWERS
from tests.support.command import orthgen
from tests.support.regenerate import commands, subcommands

METHODS = [str(field.alias) for field in SignIn.model_fields.values()]
TLS = [keys[0] for keys in TLS_VARIANTS]
NAMES = [viewer.name for viewer in VIEWERS]
SETTINGS = {
    "tenant": "6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10",
    "client-id": "pacs",
    "hosted-domain": "clinic.example",
    "issuer": "https://id.clinic.example",
    "authorization": "https://id.clinic.example/auth",
    "token": "https://id.clinic.example/token",
    "jwks": "https://id.clinic.example/keys",
    "entity-id": "http://adfs.clinic.example/adfs/services/trust",
    "sign-on-url": "https://adfs.clinic.example/adfs/ls/",
    "metadata-url": "https://adfs.clinic.example/metadata.xml",
    "url": "ldaps://dc1.clinic.example",
    "bind-dn": "CN=svc,DC=clinic,DC=example",
    "users-dn": "OU=Staff,DC=clinic,DC=example",
    "groups-dn": "OU=Groups,DC=clinic,DC=example",
    "certificate": "/etc/ssl/pacs.pem",
    "key": "/etc/ssl/pacs.key",
    "email": "pacs@clinic.example",
}
ENTRA = ("--sign-in", "entra-id", "--url", "https://pacs.example.org", "--set", "client-id=pacs")


def answered(**given: str) -> Answers:
    """Answers to every question: those of `given`, then `SETTINGS`, then the defaults."""
    answers: Answers = {}
    for question in questions(answers):
        setting = SETTINGS[question.key.removeprefix(SETTING)] if question.key.startswith(SETTING) else None
        answers[question.key] = given.get(question.key.replace("-", "_")) or setting or question.default or ""
    return answers


@pytest.mark.parametrize("method", METHODS)
def test_every_combination_is_a_valid_profile(method: str) -> None:
    """Each sign-in method with each end of TLS, and every viewer with some of them: no error, no warning."""
    viewers = cycle(["none", *NAMES, ",".join(NAMES), ",".join(reversed(NAMES))])
    ends = [("http://localhost", ""), *product(["https://pacs.clinic.example"], TLS)]
    for target, (url, tls) in product(["compose", "kubernetes"], ends):
        if (target, tls) == ("kubernetes", "letsencrypt"):
            continue
        validation = validate_text(
            first_profile(answered(url=url, tls=tls, target=target, sign_in=method, viewers=next(viewers)))
        )

        assert (validation.error, validation.findings) == (None, ()), (target, url, tls)
        assert validation.expectations == 3


@settings(deadline=None, max_examples=5)
@given(
    name=st.text(max_size=60),
    role=st.text(max_size=20),
    languages=st.lists(st.sampled_from(["en", "fr", "de"]), min_size=1),
)
def test_an_answer_is_refused_or_leads_to_a_valid_profile(name: str, role: str, languages: list[str]) -> None:
    """Whatever a person types: the question complains, or the profile with the answer is valid and says it."""
    answers = answered(sign_in="saml", name=name, readers=role, languages=",".join(languages))
    refused = [
        question.key
        for question in questions(answers)
        if question.key in {"name", "readers"} and complaint(question, answers)
    ]
    validation = validate_text(first_profile(answers))

    assert (validation.error is None) == (refused == [])


@pytest.mark.parametrize(
    "role", [":0", "?0", "a, b", "[x]", "{x}", "#x", "it's", "a: b", "\x85", "- a", "&a"]
)
def test_a_role_is_written_as_it_was_typed(role: str) -> None:
    """Readers of YAML 1.1 differ from those of 1.2 on some texts without quotes."""
    text = first_profile(answered(sign_in="saml", readers=role))

    document, _ = parse_yaml(text, "example.yaml")
    value = cast("dict[str, Any]", document.value)
    assert value["roles"]["reader"]["granted-by"] == [{"saml": role}]


def test_google_is_limited_to_the_institutions_domain() -> None:
    """Without the domain, everybody with a Google account gets an account."""
    assert "hosted-domain: clinic.example" in first_profile(answered(sign_in="google"))


def test_commented_parts_are_valid() -> None:
    """The examples at the end of the profile are valid when their comment signs are removed."""
    head, marker, tail = first_profile(answered()).partition("# What most institutions add next")
    examples = re.sub(r"^# ?", "", tail[tail.index("# collections:") :], flags=re.MULTILINE)

    assert marker
    assert "called-aet: CARDIO" in examples
    assert validate_text(head + examples).error is None


@pytest.mark.parametrize(
    ("institution", "file"),
    [
        ("Lakeside Heart Centre", "lakeside-heart-centre.yaml"),
        ("CHU de Québec – Université", "chu-de-quebec-universite.yaml"),
        ("3rd Hospital", "pacs-3rd-hospital.yaml"),
        ("病院", "pacs.yaml"),
        ("A" * 60, "a" * 40 + ".yaml"),
    ],
)
def test_the_file_has_the_institutions_name(institution: str, file: str) -> None:
    """The name of the file names the deployment, so that it has only letters, digits and dashes."""
    assert file_name(institution) == file
    assert validate_text(first_profile(answered(name=institution)), file).error is None


# -------------------------------------------------------------------------------------------- the command


def test_a_folder_becomes_a_repository_once(tmp_path: Path) -> None:
    """The first run writes every file into a git repository; the second run changes nothing and says so."""
    first = orthgen("init", "site", "--yes", "--name", "Clinic", cwd=tmp_path, stdin="")
    written = {path: path.read_bytes() for path in (tmp_path / "site").iterdir() if path.is_file()}
    second = orthgen("init", "site", "--yes", "--name", "Other", cwd=tmp_path, stdin="")

    assert first.returncode == 0, first
    assert "cd site && orthgen render clinic.yaml" in first.stdout
    assert {path.name for path in written} == {
        "clinic.yaml",
        "profile.schema.json",
        "README.md",
        ".gitignore",
    }
    assert (tmp_path / "site/.git").is_dir()
    assert "`site` has the profile `clinic.yaml` already: nothing was changed" in second.stdout
    assert {path: path.read_bytes() for path in (tmp_path / "site").iterdir() if path.is_file()} == written
    assert orthgen("validate", "site/clinic.yaml", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("target", ["compose", "kubernetes"])
def test_the_readme_has_the_commands_of_the_target(target: str, tmp_path: Path) -> None:
    """And so have the next commands: neither names the programs of the other target."""
    done = orthgen("init", "--yes", "--name", "Clinic", "--target", target, cwd=tmp_path, stdin="")
    rendered = orthgen("render", "clinic.yaml", cwd=tmp_path)
    readme = (tmp_path / "README.md").read_text()
    text = readme + done.stdout

    assert (done.returncode, rendered.returncode) == (0, 0), (done, rendered)
    assert ("kubectl apply --server-side --kustomize deployment/clinic" in text) is (target == "kubernetes")
    assert ("docker compose" in text, "orthgen doctor" in text) == (target == "compose",) * 2
    named = re.findall(r"deployment/clinic/[\w./-]+\w", text)
    assert all((tmp_path / path).exists() for path in named if path != "deployment/clinic/secrets")
    namespaces = {*re.findall(r"--namespace (\S+)", text)}
    assert namespaces == ({"clinic"} if target == "kubernetes" else set())


RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def test_secrets_in_git_are_prepared_on_request(tmp_path: Path) -> None:
    """`.sops.yaml` names the keys, and a hook refuses plain files; without `--age` there is neither."""
    answers = ("--yes", "--name", "Clinic", "--age", RECIPIENT, "--age", RECIPIENT)
    outcome = orthgen("init", "site", *answers, cwd=tmp_path, stdin="")

    assert outcome.returncode == 0, outcome
    (rule,) = yaml.safe_load((tmp_path / "site/.sops.yaml").read_text())["creation_rules"]
    assert rule["age"] == f"{RECIPIENT},{RECIPIENT}"
    assert re.search(rule["path_regex"], "secrets.enc.yaml")
    (repository,) = yaml.safe_load((tmp_path / "site/.pre-commit-config.yaml").read_text())["repos"]
    assert repository["hooks"][0]["id"] == "sops-encrypted"


def test_images_are_pinned_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--lock` a registry is asked; without, none is, and the last line names the command."""
    digest = f"sha256:{'a' * 64}"
    monkeypatch.setattr(RegistryDigests, "__call__", lambda _, images: dict.fromkeys(images, digest))

    plain = orthgen("init", "plain", "--yes", "--name", "Clinic", cwd=tmp_path, stdin="")
    locked = orthgen("init", "locked", "--yes", "--name", "Clinic", "--lock", cwd=tmp_path, stdin="")

    assert (plain.returncode, locked.returncode) == (0, 0), locked
    assert plain.stdout.endswith("  orthgen lock clinic.yaml\n")
    assert not (tmp_path / "plain/orthgen.lock").exists()
    assert digest in (tmp_path / "locked/orthgen.lock").read_text()
    assert "pinned the images by digest" in locked.stdout
    assert "orthgen lock" not in locked.stdout


def test_a_registry_that_does_not_answer_costs_only_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are there, and the message names the command for later."""

    def unreachable(_: RegistryDigests, __: object) -> None:
        raise RegistryUnavailable("`docker.io` cannot be reached", hint="pass `--mirror`")

    monkeypatch.setattr(RegistryDigests, "__call__", unreachable)

    outcome = orthgen("init", "site", "--yes", "--name", "Clinic", "--lock", cwd=tmp_path, stdin="")

    assert outcome.returncode == ExitCode.UNREACHABLE
    assert "`orthgen.lock` is not written: `docker.io` cannot be reached" in outcome.stderr
    assert "later: `orthgen lock clinic.yaml`" in outcome.stderr
    assert "next:" in outcome.stdout
    assert orthgen("validate", "site/clinic.yaml", cwd=tmp_path).returncode == 0


def test_existing_files_stay(tmp_path: Path) -> None:
    """A folder with files of its own keeps them, and programs can read which."""
    (tmp_path / "README.md").write_text("# ours\n")
    outcome = orthgen("init", "--yes", "--pipeline", "none", "--format", "json", cwd=tmp_path, stdin="")

    form = msgspec.json.decode(outcome.stdout, type=InitForm)
    assert (tmp_path / "README.md").read_text() == "# ours\n"
    assert {file.path for file in form.files if file.action == "kept"} == {"README.md"}
    assert form.next[0] == f"orthgen render {form.profile}"


def test_the_purpose_of_a_kept_file_is_not_promised(tmp_path: Path) -> None:
    """A `.gitignore` of others may let secrets into git."""
    (tmp_path / ".gitignore").write_text("*.log\n")
    outcome = orthgen("init", "--yes", "--pipeline", "none", cwd=tmp_path, stdin="")

    assert "these exist and were not changed; make sure that they do the same:" in outcome.stdout


@pytest.mark.parametrize("folder", ["ours", "ours/inner"])
def test_a_file_is_not_taken_for_a_folder(folder: str, tmp_path: Path) -> None:
    """The message names the file, and it stays."""
    (tmp_path / "ours").write_text("mine")
    outcome = orthgen("init", folder, "--yes", "--pipeline", "none", cwd=tmp_path, stdin="")

    assert (outcome.returncode, outcome.stderr) == (
        ExitCode.FAILED,
        f"error: `{folder}` is a file\n  = name a folder\n",
    )
    assert (tmp_path / "ours").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--url", "http://pacs.example.org"), "--url: plain http outside localhost"),
        (("--sign-in", "entra"), "--sign-in: `entra` is not one of the answers; did you mean `entra-id`?"),
        ((*ENTRA, "--set", "tenant=common"), "--set tenant=…: `common` is not a tenant of Entra ID"),
        (ENTRA, "`--set tenant=…` is missing: `tenant`: The directory (tenant) id"),
        (("--set", "tennant=x"), "`tennant` is not a setting of these answers"),
        (
            ("--set", "client-secret=x"),
            "a secret is no answer: the profile has its name, and `orthgen secrets` asks",
        ),
        (
            ("--target", "kubernetes", "--url", "https://pacs.example.org", "--tls", "letsencrypt"),
            "`letsencrypt` is not one of the answers",
        ),
        (("--tls", "letsencrypt"), "`--tls` does not fit the other answers: leave it out"),
        (("--set", "tenant"), "--set takes KEY=VALUE, not `tenant`"),
        (("--viewers", "ohif,none"), "`none` is not an answer beside others"),
        (("--name", "a\nb"), "--name: `a\nb` is not a line of at most 255 characters"),
        (("--age", "age1short"), "`age1short` is not a public key of age"),
        (("--age", "AGE-SECRET-KEY-1QQQ"), "this is the private part of a key"),
    ],
)
def test_a_wrong_option_writes_nothing(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """The message is that of validate, with the option's name; the folder stays empty."""
    outcome = orthgen("init", *arguments, cwd=tmp_path, stdin="")

    assert (outcome.returncode, message in outcome.stderr) == (ExitCode.USAGE, True), outcome
    assert list(tmp_path.iterdir()) == []


def test_a_person_answers_question_by_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer is asked again with validate's message; a number chooses; an empty line is the default."""
    monkeypatch.setattr(init_task, "is_interactive", lambda: True)
    lines = [
        "Clinic",
        "http://pacs.example.org",
        "https://pacs.example.org",
        "",
        "1",
        "pacs",
        "common",
        SETTINGS["tenant"],
    ]
    lines += ["", "Orthanc.Reader", "1", "2", "pacs@example.org", "1,2", "2"]
    outcome = orthgen("init", cwd=tmp_path, stdin="\n".join([*lines, ""]))

    profile = (tmp_path / "clinic.yaml").read_text()
    assert outcome.returncode == 0, outcome
    assert outcome.stderr.count("error: ") == 2
    assert "`common` is not a tenant of Entra ID" in outcome.stderr
    assert "- {entra-id: Orthanc.Reader}" in profile
    assert "client-secret: {secret: entra-id-client-secret}" in profile
    assert "stone: {}" in profile
    assert (tmp_path / ".gitlab-ci.yml").exists()


@pytest.mark.parametrize("method", METHODS)
def test_every_sign_in_method_can_be_chosen(method: str) -> None:
    """Before its settings are known, which are the next questions."""
    answers: Answers = {}
    for question in questions(answers):
        answers[question.key] = method if question.key == "sign-in" else question.default or ""
        if question.key == "sign-in":
            assert complaint(question, answers) is None
            break


def test_two_minutes_of_answers_make_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    In an empty folder, with the sign-in method that has most settings, and without an error on the way.

    A person reads 200 words and types 200 characters a minute, and pastes what is longer than 12 characters.
    """
    monkeypatch.setattr(init_task, "is_interactive", lambda: True)
    methods = [answered(name="Clinic", url="https://pacs.clinic.example", sign_in=name) for name in METHODS]
    lines = list(max(methods, key=len).values())
    outcome = orthgen("init", cwd=tmp_path, stdin="\n".join([*lines, ""]))

    assert (outcome.returncode, "error: " in outcome.stderr) == (0, False), outcome
    assert orthgen("validate", "clinic.yaml", cwd=tmp_path).returncode == 0
    words, characters = len(outcome.stderr.split()), sum(min(len(line), 12) for line in lines)
    assert words / 200 + characters / 200 < 2


def test_git_keeps_every_secret_out(tmp_path: Path) -> None:
    """After render and secrets, git would add the list of secrets, and no value, key or dump."""
    orthgen("init", "--yes", "--name", "Clinic", cwd=tmp_path, stdin="")
    secret = ["deployment/clinic/secrets/orthanc-db-password", "key.pem", ".env", "orthanc-db-26.7.dump"]
    kept = ["deployment/clinic/secrets/README.md", "deployment/clinic/.env.example", "clinic.yaml"]
    ignored = subprocess.run(
        ["git", "check-ignore", *secret, *kept], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ignored.stdout.split() == secret


# ------------------------------------------------------------------------------------------ the other files


@pytest.mark.parametrize("pipeline", ["github", "gitlab"])
def test_named_commands_exist(pipeline: str) -> None:
    """Every `orthgen` command line in the README and the pipelines names a command and options that exist."""
    texts = [file.text for file in files_of(answered(pipeline=pipeline)) if not file.path.endswith(".json")]
    lines = [line for text in texts for line in re.findall(r"orthgen ([a-z-]+(?: [^`#\n]*)?)", text)]
    known = {
        name: {
            word
            for each, below in ((command, context), *subcommands(command, context))
            for parameter in each.get_params(below)
            for word in parameter.opts
        }
        for name, (command, context) in commands().items()
    }
    used = [line.split() for line in lines if line.split()[0] in known]

    assert len(used) > 8
    assert [
        (name, word)
        for name, *words in used
        for word in words
        if word.startswith("--") and word not in known[name]
    ] == []


@pytest.mark.parametrize(("pipeline", "jobs"), [("github", ["jobs"]), ("gitlab", ["check"])])
def test_pipelines_are_yaml(pipeline: str, jobs: list[str]) -> None:
    """The pipeline's file is YAML with its jobs, and asks for no right to write."""
    (file,) = [file for file in files_of(answered(pipeline=pipeline)) if file.path.endswith(".yml")]
    tree = yaml.safe_load(file.text)

    assert set(jobs) <= tree.keys()
    assert tree.get("permissions", {"contents": "read"}) == {"contents": "read"}
