"""
From a path to a profile, or to every finding at once.

Overlays are merged as plain values; each finding points into the file that the value came from. When the
shape is wrong somewhere, that part is set aside and the rest is checked all the same, so that an author
sees everything in one go.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from pydantic import ValidationError

from generator.errors import ProfileError
from generator.findings import Finding, Location, Severity
from generator.profile.checks import Subject, check
from generator.profile.complaints import complaint
from generator.profile.root import Profile
from generator.yaml_io import Document, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.yaml_io import Path as KeyPath


class Sources(Struct, frozen=True):
    """The documents that a profile was made from, the most derived one first."""

    documents: tuple[Document, ...]

    @property
    def texts(self) -> dict[str, str]:
        """The files' contents by name, for excerpts."""
        return {document.file: document.text for document in self.documents}

    def locate(self, path: KeyPath, *, key: bool = False) -> Location:
        """Where the value at `path` (or its key) stands: in the most derived document that says it."""
        document = max(self.documents, key=lambda candidate: candidate.depth(path))
        return document.locate(path, key=key)


class LoadedProfile(Struct, frozen=True):
    """A valid profile, where its values stand, and what is worth a warning."""

    profile: Profile
    sources: Sources
    name: str
    """The file's name, for headers."""
    warnings: tuple[Finding, ...]


def load(path: str, *, read: Callable[[str], bytes] | None = None) -> LoadedProfile:
    """
    The profile at `path`, with its overlays applied.

    `read` delivers a file's bytes (by default from the disk). Raises ProfileError with every finding.
    """
    documents, findings = _read_all(path, read or _read_file)
    if findings:
        raise _error(path, findings, documents)
    sources = Sources(tuple(documents))
    tree: dict[str, Any] = {}
    for document in reversed(documents):
        tree = _merge(tree, document.value)
    tree.pop("extends", None)
    profile, findings, whole = _validate(tree, sources)
    if profile is not None:
        findings += check(Subject(profile, tree, sources.locate, is_whole=whole))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise _error(path, findings, documents)
    assert profile is not None  # noqa: S101 - no finding without a profile is an error
    # It stands in the first line of every file; a line end in it would begin another.
    name = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", "?", Path(path).name)
    return LoadedProfile(profile, sources, name, tuple(findings))


def _error(path: str, findings: Sequence[Finding], documents: Sequence[Document]) -> ProfileError:
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: (finding.location, finding.message))
    return ProfileError(f"`{path}` cannot be rendered", ordered, texts=Sources(tuple(documents)).texts)


def _read_file(path: str) -> bytes:
    return Path(path).read_bytes()


def _read_all(path: str, read: Callable[[str], bytes]) -> tuple[list[Document], list[Finding]]:
    """The profile's document and those that it extends, the most derived first."""
    documents: list[Document] = []
    findings: list[Finding] = []
    seen: list[str] = []
    origin = Location(path, 1, 1)
    while path:
        if path in seen:
            chain = " → ".join([*seen, path])
            message = f"profiles extend each other in a circle: {chain}"
            findings.append(Finding("extends", message, origin, "let one of them extend nothing"))
            break
        seen.append(path)
        document, problems = _read_one(path, origin, read)
        findings += problems
        if document is not None:
            documents.append(document)
        if document is None or not isinstance(document.value, dict):
            break
        base = document.value.get("extends")
        origin = document.locate(("extends",))
        if base is not None and not isinstance(base, str):
            findings.append(Finding("extends", "`extends` is not a path", origin, "name one other profile"))
            break
        path = str(Path(path).parent / base) if base else ""
    return documents, findings


def _read_one(
    path: str, origin: Location, read: Callable[[str], bytes]
) -> tuple[Document | None, list[Finding]]:
    try:
        text = read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        location = Location(path, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return None, [Finding("yaml", "the file is not UTF-8", location, "save it as UTF-8")]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "name a file" if isinstance(error, IsADirectoryError) else "check the path and who may read it"
        return None, [Finding("read", f"cannot read `{path}`: {reason}", origin, hint)]
    document, findings = parse_yaml(text, path)
    if not findings and not isinstance(document.value, dict):
        findings = [
            Finding("shape", "a profile is a mapping", Location(path, 1, 1), "begin with `orthgen: 1`")
        ]
    return document, findings


def _merge(base: Any, derived: Any) -> Any:
    """`derived` over `base`: mappings merge, null removes a key, everything else replaces."""
    if not isinstance(base, dict) or not isinstance(derived, dict):
        return derived
    merged = dict(base)
    for key, value in derived.items():
        if value is None and key in base:
            del merged[key]
        else:
            merged[key] = _merge(base.get(key), value)
    return merged


def _validate(tree: dict[str, Any], sources: Sources) -> tuple[Profile | None, list[Finding], bool]:
    """The profile, the findings, and whether it is the whole one: parts that are wrong are set aside."""
    findings: list[Finding] = []
    remaining = tree
    for _ in range(6):  # what is set aside may leave its parent incomplete, which is then set aside too
        try:
            return Profile.model_validate(remaining), findings, not findings
        except ValidationError as error:
            problems = error.errors(include_url=False)
        if not findings:
            findings = [complaint(problem, sources.locate) for problem in problems]
        remaining = _without(remaining, [tuple(problem["loc"]) for problem in problems])
    return None, findings, False


def _without(tree: Any, paths: Sequence[KeyPath]) -> Any:
    """A copy of `tree` without what stands at `paths`; where a key is missing, without what misses it."""
    if any(len(path) == 0 for path in paths):
        return None
    by_head: dict[str | int, list[KeyPath]] = {}
    for path in paths:
        by_head.setdefault(path[0], []).append(path[1:])
    if isinstance(tree, dict):
        if any(head not in tree for head in by_head):
            return None
        pruned = {
            key: _without(value, by_head.get(key, [])) if key in by_head else value
            for key, value in tree.items()
        }
        return {key: value for key, value in pruned.items() if value is not None or tree[key] is None}
    if isinstance(tree, list):
        kept = [
            _without(item, by_head[index]) if index in by_head else item for index, item in enumerate(tree)
        ]
        return [item for item in kept if item is not None]
    return None
