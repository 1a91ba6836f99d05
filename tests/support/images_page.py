"""The page about images, `docs/contributing/images.md`, made from the catalogue's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.catalogue import data
from orthgen.catalogue.release import load, releases

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
# The container images

The facts about each image that a deployment depends on. They come from the Dockerfiles and entrypoints of the versions under
*Sources*; the page is rendered from `generator/orthgen/catalogue/images.json`. Every service runs without root if it can, on a
read-only root file system, and without capabilities except the listed ones.

**Secrets.** Docker Compose mounts a secret from a file with the owner and mode that the file has on the host; it ignores
`uid`, `gid` and `mode` in the compose file. A container that runs as another user cannot read a file of mode 0600 that belongs
to you, and neither can root without capabilities. So every container with a secret runs as user 999, the owner of the files.
The images of Orthanc and PostgreSQL have this user; Keycloak, nginx and the auth-service run as any user. If you may not change
the owner of files, use a closed folder (0700) with readable files (0444): on the host only the folder's owner can open
the files, and a container has only the files that are mounted into it. The `user` below is the image's own.
"""


def images_page() -> str:
    """The whole page, Markdown, with a final newline."""
    lines = [_INTRODUCTION, "## Which release runs which image", "", *_releases()]
    for name, entries in data.read("images").items():
        for index, entry in enumerate(entries):
            until = entries[index + 1]["since"] if index + 1 < len(entries) else None
            lines += ["", *_image(name, entry, until)]
    return "\n".join(lines) + "\n"


def _releases() -> Iterator[str]:
    names = list(load(releases()[0]).images)
    yield "| release | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for release in releases():
        images = load(release).images
        yield f"| {release} | " + " | ".join(f"`{images[name]}`" for name in names) + " |"


def _image(name: str, entry: dict[str, Any], until: str | None) -> Iterator[str]:
    before = f", before {until}" if until else ""
    yield f"## {name} (tag {entry['since']} or newer{before})"
    yield ""
    yield "| fact | value | reason |"
    yield "|---|---|---|"
    for fact, value, why in _facts(entry):
        yield f"| {fact} | {_cell(value)} | {_cell(why)} |"
    yield ""
    yield from (f"- {note}" for note in entry["notes"])
    yield ""
    yield "Sources: " + "; ".join(entry["sources"]) + "."


def _facts(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    user = entry["user"]
    yield "user", f"`{user['run-as']}` (the image starts as `{user['shipped']}`)", user["why"]
    yield "capabilities to add", ", ".join(f"`{name}`" for name in entry["capabilities"]) or "none", ""
    yield "ports", ", ".join(f"{name} {port}" for name, port in entry["ports"].items()) or "none", ""
    if entry["volume"]:
        yield "volume", f"`{entry['volume']['path']}`", entry["volume"]["why"]
    for path in entry["writable"]:
        options = f"{path['size']}, mode {path['mode']}" + (", exec" if path["exec"] else "")
        yield "tmpfs", f"`{path['path']}` ({options})", path["why"]
    for file in entry["mounted"]:
        yield "file to mount", f"`{file['path']}`", file["why"]
    for what, path in entry["paths"].items():
        yield what.replace("-", " "), f"`{path}`", ""
    if entry["health"]:
        yield "health check", f"`{_command(entry['health']['test'])}`", entry["health"]["why"]
    yield from _secrets(entry["secrets"])
    if "entrypoint" in entry:
        yield "entrypoint", f"`{_command(entry['entrypoint'])}`", ""
    for variable, value in entry["environment"].items():
        yield "environment", f"`{variable}={value}`", ""
    for variable, why in entry["never"].items():
        yield "never", f"`{variable}`", why


def _secrets(secrets: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    how = f"{secrets['how']} in `{secrets['directory']}`" if secrets["directory"] else secrets["how"]
    yield "secrets", how, secrets["why"]
    for setting, name in secrets["names"].items():
        yield "secret", f"`{setting}`" + ("" if setting == name else f" as `{name}`"), ""
    if secrets["value"]:
        yield "value of a secret", secrets["value"], ""


def _command(arguments: list[str]) -> str:
    return " ".join(arguments)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
