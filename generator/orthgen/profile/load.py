"""
Loader of a profile: from its path to the profile, or to every finding at once.

Overlays are merged as plain values; each finding points into the file that the value came from. When the
shape is wrong somewhere, that part is set aside and the rest is checked all the same, so that an author
sees everything in one go.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from orthgen.errors import ProfileError
from orthgen.field_types import fields_of
from orthgen.findings import Finding, Severity
from orthgen.profile.checks import CheckContext, check
from orthgen.profile.model_lookup import is_of_the_language, loose_scalars
from orthgen.profile.pruned_tree import PrunedTree
from orthgen.profile.root import Profile
from orthgen.profile.silencing import check_silences, silenced, unused_silences
from orthgen.profile.sources import (
    STANDARD_INPUT,
    STANDARD_INPUT_TITLE,
    Sources,
    empty_values,
    for_target,
    merged_tree,
    read_all,
    read_file,
)
from orthgen.profile.validation_errors import UNKNOWN_KEY, empty_value, finding_of, mistyped_value
from orthgen.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthgen.formats.yaml_io import Document


class LoadedProfile(Struct, frozen=True):
    """A valid profile, where its values stand, and what is worth a warning."""

    profile: Profile
    sources: Sources
    name: str
    """The file's name, for headers."""
    warnings: tuple[Finding, ...]
    """Warnings, silenced ones included."""

    @property
    def target_without_option(self) -> str:
        """The target of `orthgen render` without `--target`."""
        settings = merged_tree(self.sources).get("deployment")
        is_for_cluster = isinstance(settings, dict) and "kubernetes" in settings
        return "kubernetes" if is_for_cluster else "compose"

    def with_warnings(self, findings: tuple[Finding, ...], document: Document) -> LoadedProfile:
        """A copy with findings in a file that lies beside the profile."""
        sources = Sources((*self.sources.documents, document))
        warnings = (*self.warnings, *silenced(findings, self.profile.silence))
        return LoadedProfile(self.profile, sources, self.name, warnings)

    def with_unused_silences(self) -> LoadedProfile:
        """A copy with a warning for each unused silence; all other warnings have to be present."""
        context = CheckContext(self.profile, {}, self.sources.locate)
        warnings = (*self.warnings, *unused_silences(context, self.warnings))
        return LoadedProfile(self.profile, self.sources, self.name, warnings)


def load(
    path: str, *, read: Callable[[str], bytes] | None = None, target: str | None = None
) -> LoadedProfile:
    """
    The profile at `path`, with its overlays applied.

    `read` delivers a file's bytes (by default from the disk). `target` is the target of a command line, which counts more than
    the profile. Raises ProfileError with every finding.
    """
    sources, findings = read_all(path, read or read_file)
    if findings:
        raise _error(path, findings, sources)
    tree = for_target(merged_tree(sources), target)
    profile, findings, pruned = _validate(tree, sources)
    if profile is not None:
        locate = pruned.locating(sources.locate)
        context = CheckContext(profile, tree, locate, is_whole=not findings, malformed=_malformed(findings))
        # What stands in for a value that is wrong or missing may be wrong as well; the author knows already.
        places = {finding.location for finding in findings}
        is_malformed = any(finding.path[:1] == ("silence",) for finding in findings)
        silences = [] if is_malformed else profile.silence
        further = [*check(context), *check_silences(context)]
        findings += [
            replace(finding, path=pruned.original(finding.path))
            for finding in further
            if finding.location not in places
        ]
        findings = silenced(findings, silences)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise _error(path, findings, sources)
    assert profile is not None  # noqa: S101 - no finding without a profile is an error
    # It stands in the first line of every file, where a line end, a quote or `-->` would begin something else.
    title = STANDARD_INPUT_TITLE if path == STANDARD_INPUT else Path(path).name
    name = re.sub(r"[^\w .,+@=()~#'-]", "?", title)
    return LoadedProfile(profile, sources, name, tuple(findings))


def _malformed(findings: Sequence[Finding]) -> tuple[tuple[str | int, ...], ...]:
    """Where something is malformed or missing; for a misspelt top-level key, where it was meant to be."""
    sections = fields_of(Profile)
    return tuple(
        (nearest(str(finding.path[0]), sections) or finding.path[0],)
        if finding.rule is UNKNOWN_KEY and len(finding.path) == 1
        else finding.path
        for finding in findings
    )


def _error(path: str, findings: Sequence[Finding], sources: Sources) -> ProfileError:
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: (finding.location, finding.message))
    return ProfileError(f"`{path}` is not valid", ordered, texts=sources.texts)


def _validate(tree: dict[str, Any], sources: Sources) -> tuple[Profile | None, list[Finding], PrunedTree]:
    """The profile, the findings, and what was set aside for it because it is wrong."""
    empty = [path for path in empty_values(tree) if is_of_the_language(path)]
    findings = [empty_value(path, sources) for path in empty]
    mistyped = loose_scalars(tree)
    findings += [mistyped_value(path, expected, tree, sources) for path, expected in mistyped]
    pruned = PrunedTree(tree)
    pruned.remove([*empty, *(path for path, _ in mistyped)])
    is_first = True
    for _ in range(12):  # what is set aside may leave its parent incomplete, which is then set aside too
        try:
            return Profile.model_validate(pruned.tree), findings, pruned
        except ValidationError as error:
            problems = error.errors(include_url=False)
        paths = [pruned.original(tuple(problem["loc"])) for problem in problems]
        if is_first:
            findings += [
                finding_of(problem, path, sources.locate, tree)
                for problem, path in zip(problems, paths, strict=True)
                if not any(
                    removed[: len(path)] == path for removed in (*empty, *(place for place, _ in mistyped))
                )
            ]
        is_first = False
        pruned.repair(problems)
    return None, findings, pruned
