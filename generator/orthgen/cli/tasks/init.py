"""First profile and repository of an institution: answers from options, from a person, or defaults."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from orthgen.cli.terminal import is_interactive
from orthgen.errors import OrthgenError, RegistryError
from orthgen.rendering.digest_lock_state import lock_plans
from orthgen.rendering.image_digests import RegistryDigests
from orthgen.report.console import Console
from orthgen.report.init import complaint_text, created_form, created_text, existing_text, question_text
from orthgen.report.json_text import json_text
from orthgen.repository.files import Creation, create, existing_profile, files_of
from orthgen.repository.first_profile import complaint, validate_text
from orthgen.repository.questions import KUBERNETES, SETTING, questions
from orthgen.secret_detection import is_secret_name
from orthgen.spelling import did_you_mean
from orthgen.workspace.digest_lock_file import write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.cli.init_options import Additions, GivenAnswers
    from orthgen.repository.questions import Answers, InitQuestion


def start_repository(
    folder: Path, given: GivenAnswers, additions: Additions, output: str, *, yes: bool
) -> None:
    """Ask, write the files that are missing, and show the next commands. Raises RegistryError without a lock."""
    console = Console()
    profile = existing_profile(folder)
    if profile is not None:
        creation = Creation(profile, False, (), ())
        console.say(
            json_text(created_form(creation, folder)) if output == "json" else existing_text(profile, folder)
        )
        return
    answers = _answers(given, console, ask=is_interactive() and not yes)
    files = files_of(answers, additions.age)
    validation = validate_text(files[0].text, files[0].path)
    if validation.error is not None:
        raise validation.error
    creation = create(files, folder, in_cluster=answers["target"] == KUBERNETES)
    has_git = _make_git_repository(folder)
    failure = _lock(creation, folder) if additions.lock else None
    is_locked = additions.lock and failure is None
    if output == "text":
        console.say(created_text(creation, folder, has_git=has_git, is_locked=is_locked))
    elif failure is None:
        console.say(json_text(created_form(creation, folder)))
    if failure is not None:
        raise failure


def _lock(creation: Creation, folder: Path) -> RegistryError | None:
    """Write the lock of the new profile; the error where a registry does not show an image."""
    digests = RegistryDigests()
    try:
        for plan in lock_plans([str(folder / creation.profile)], digests, update=False, prune=False):
            write_lock(plan.path, plan.after)
    except RegistryError as error:
        hint = "; ".join(
            filter(
                None, [error.hint, f"the other files are written; later: `orthgen lock {creation.profile}`"]
            )
        )
        return type(error)(f"`orthgen.lock` is not written: {error.message}", hint=hint)
    return None


def _answers(given: GivenAnswers, console: Console, *, ask: bool) -> Answers:
    """The answer to each question; click's usage error for a wrong option, or a missing one where nobody is asked."""
    options = _options(given)
    answers: Answers = {}
    for question in questions(answers):
        if question.key in options:
            answers[question.key] = options.pop(question.key).strip()
            if problem := complaint(question, answers):
                message, hint = problem
                raise click.UsageError(f"{question.option}: {message}; {hint}")
        elif ask:
            _ask(question, answers, console)
        elif question.default is not None:
            answers[question.key] = question.default
        else:
            raise click.UsageError(f"`{question.option}` is missing: {question.text}")
    for key in options:
        raise click.UsageError(_unused(key, answers))
    return answers


def _ask(question: InitQuestion, answers: Answers, console: Console) -> None:
    """Ask until the answer is one that the profile can have."""
    console.tell(question_text(question, console.err))
    while True:
        answer = click.prompt(
            "", prompt_suffix="> ", default=question.default or "", show_default=False, err=True
        )
        answers[question.key] = _chosen(answer.strip(), question)
        problem = complaint(question, answers) if answers[question.key] else ("an answer is missing", "")
        if problem is None:
            return
        console.tell(complaint_text(*problem, console.err))


def _chosen(answer: str, question: InitQuestion) -> str:
    """The answer; a number becomes the choice that has it in the list."""
    names = list(question.choices)
    words = [word.strip() for word in answer.split(",")] if question.is_list else [answer]
    chosen = [
        names[int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(names) else word for word in words
    ]
    return ",".join(chosen)


def _options(given: GivenAnswers) -> dict[str, str]:
    values = {key.replace("_", "-"): value for key, value in asdict(given).items() if key != "settings"}
    options = {key: value for key, value in values.items() if value is not None}
    for setting in given.settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set takes KEY=VALUE, not `{setting}`")
        options[SETTING + key] = value
    return options


def _unused(key: str, answers: Answers) -> str:
    """The message about an option that answers no question."""
    if not key.startswith(SETTING):
        return f"`--{key}` does not fit the other answers: leave it out"
    keys = [question.key for question in questions(answers) if question.key.startswith(SETTING)]
    name = key.removeprefix(SETTING)
    if is_secret_name(name):
        return f"`{name}`: a secret is no answer: the profile has its name, and `orthgen secrets` asks for the value"
    hint = did_you_mean(name, [each.removeprefix(SETTING) for each in keys]) or "they need none"
    return f"`{name}` is not a setting of these answers; {hint}"


def _make_git_repository(folder: Path) -> bool:
    """Make the folder a git repository, unless it is in one; False where there is no git."""
    try:
        inside = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--git-dir"], capture_output=True, check=False
        )
        if inside.returncode == 0:
            return True
        made = subprocess.run(
            ["git", "-C", str(folder), "init", "--quiet", "--initial-branch=main"],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    if made.returncode:
        reason = made.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise OrthgenError(f"the files are written, and git made no repository of `{folder}`: {reason}")
    return True
