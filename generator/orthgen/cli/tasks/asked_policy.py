"""The policy that `access`, `explain` and `verify --expect` ask: of a profile, or of an observed deployment."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.cli.options import STANDARD_INPUT
from orthgen.diagnosis.filter_model import filter_of, orthanc_of_people, policy_of
from orthgen.diagnosis.responses import time_of
from orthgen.errors import OrthgenError
from orthgen.products.access_page.model import access_policy
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.console import Console
from orthgen.report.diagnosis import assumptions_text

if TYPE_CHECKING:
    from orthgen.authz.policy import Policy
    from orthgen.deployment.model import Deployment
    from orthgen.observed.model import ObservedDeployment

_JSON = frozenset({".json", ".jsonc"})
_YAML = frozenset({".yaml", ".yml"})
# Keys of which every profile has some, and keys that no profile has.
_PROFILE = re.compile(rb"^(?:orthgen|extends|institution|roles|deployment):", re.MULTILINE)
_COMPOSE_OR_CHART = re.compile(rb"^(?:services|image|ingress|env|kind|apiVersion|orthanc\w*):", re.MULTILINE)
_MAX_LOOKED_AT = 1_000_000


class AskedPolicy(Struct, frozen=True):
    """The policy to ask, with what it was made from: a resolved profile or observed files."""

    policy: Policy
    deployment: Deployment | None = None
    observed: ObservedDeployment | None = None


def read_asked_policy(path: str, read: Callable[[str], bytes] | None = None) -> AskedPolicy:
    """The policy at a path: a profile, or a folder, a Compose file or an orthanc.json of an existing deployment."""
    if read is None and is_observed(path):
        return _observed_policy(path)
    deployment, loaded = resolve_profile(path, read=read)
    return AskedPolicy(access_policy(deployment, loaded), deployment=deployment)


def is_observed(path: str) -> bool:
    """Whether a path is of an existing deployment rather than a profile: a folder, a JSON or Compose file, a pasted text, a chart."""
    file = Path(path)
    if path == STANDARD_INPUT or file.is_dir():
        return path != STANDARD_INPUT
    if file.suffix.lower() in _JSON:
        return True
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        start = opened.read(_MAX_LOOKED_AT)
    if _PROFILE.search(start) is not None:
        return False
    return file.suffix.lower() not in _YAML or _COMPOSE_OR_CHART.search(start) is not None


def _observed_policy(path: str) -> AskedPolicy:
    # A profile needs neither these readers nor the adoption.
    from orthgen.adoption.recognised_guard import guarded, observed_guard  # noqa: PLC0415
    from orthgen.observed.read import observe  # noqa: PLC0415

    deployment = observe([path])
    orthanc = orthanc_of_people(deployment)
    if orthanc is None:
        raise OrthgenError(
            f"`{path}` shows no whole Orthanc and none with an `Authorization` section, so that there are no rights to ask about",
            hint="give the folder with orthanc.json, permissions.json and the Compose file",
        )
    guard = observed_guard(deployment)
    times = filter(None, map(time_of, deployment.exchanges))
    date = max((f"{time:%Y-%m-%d}" for time in times), default="")
    others = [each.name for each in deployment.orthancs if each is not orthanc]
    assumed = assumptions_text(
        path, filter_of(deployment, orthanc, date), guard, others, has_proxy=bool(deployment.proxies)
    )
    Console().tell(assumed)
    return AskedPolicy(guarded(policy_of(deployment, orthanc, date), guard), observed=deployment)
