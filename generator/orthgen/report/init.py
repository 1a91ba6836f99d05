"""Questions of `init`, complaints about answers, and its result as text and JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orthgen.report.console import paint
from orthgen.report.init_forms import InitFileForm, InitForm

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from orthgen.repository.files import Creation
    from orthgen.repository.questions import InitQuestion


def question_text(question: InitQuestion, stream: TextIO) -> str:
    """The question, its numbered choices, and the answer that an empty line gives."""
    hint = ""
    if question.default is not None:
        several = ", or several with commas between" if question.is_list and question.choices else ""
        hint = f" [{question.default}{several}]"
    lines = ["", paint(question.text, "bold", stream=stream) + hint]
    width = max(map(len, question.choices), default=0)
    lines += [
        f"  {number}. {name:{width}}  {meaning}".rstrip()
        for number, (name, meaning) in enumerate(question.choices.items(), start=1)
    ]
    return "\n".join(lines)


def complaint_text(message: str, hint: str, stream: TextIO) -> str:
    """The reason why the profile cannot have an answer, and the remedy."""
    label = paint("error", "bold", "red", stream=stream)
    remedy = f"\n  {paint('=', 'blue', stream=stream)} {hint}" if hint else ""
    return f"{label}: {message}{remedy}"


def existing_text(profile: str, folder: Path) -> str:
    """The line for a folder that has a profile."""
    return f"`{folder}` has the profile `{profile}` already: nothing was changed."


def created_text(creation: Creation, folder: Path, *, has_git: bool, is_locked: bool) -> str:
    """The files that were written and those that stay, and the next commands."""
    width = max(len(file.path) for file in (*creation.created, *creation.kept))
    lines = [f"wrote {len(creation.created)} files into `{folder}`:"]
    lines += [f"  {file.path:{width}}  {file.purpose}" for file in creation.created]
    if creation.kept:
        lines.append("these exist and were not changed; make sure that they do the same:")
        lines += [f"  {file.path:{width}}  {file.purpose}" for file in creation.kept]
    if not has_git:
        lines.append("git is not installed: the folder is not a git repository")
    if is_locked:
        lines.append("pinned the images by digest in `orthgen.lock`")
    lines += ["", "next:", *(f"  {command}" for command in next_commands(creation, folder))]
    if not is_locked:
        lines += [
            "before other people use it, pin the images (asks their registries):",
            f"  orthgen lock {creation.profile}",
        ]
    return "\n".join(lines)


def next_commands(creation: Creation, folder: Path) -> tuple[str, ...]:
    """The three commands that follow."""
    place = shlex.quote(str(folder))
    change = "" if place == "." else f"cd {place} && "
    return (
        f"{change}orthgen render {creation.profile}",
        f"orthgen secrets {creation.profile}",
        f"less deployment/{creation.profile.removesuffix('.yaml')}/secrets/README.md"
        if creation.in_cluster
        else f"orthgen doctor {creation.profile}",
    )


def created_form(creation: Creation, folder: Path) -> InitForm:
    """The same for JSON."""
    files = [InitFileForm(path=file.path, action="created") for file in creation.created]
    files += [InitFileForm(path=file.path, action="kept") for file in creation.kept]
    return InitForm(
        folder=str(folder),
        profile=creation.profile,
        files=tuple(files),
        next=next_commands(creation, folder) if creation.created else (),
    )
