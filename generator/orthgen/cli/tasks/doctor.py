"""Examination of the machine and of the deployment, and its report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.cli.exit_codes import ExitCode
from orthgen.doctor import examine, has_error
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.doctor.model import ExaminedSystem
from orthgen.errors import OrthgenError
from orthgen.probe.client import parse_address
from orthgen.rendering.pipeline import resolve_rendered
from orthgen.report.console import Console
from orthgen.report.doctor import doctor_form, doctor_text
from orthgen.report.json_text import json_text
from orthgen.targets.kubernetes.manifest import namespace_of
from orthgen.upgrade.model import target_option

if TYPE_CHECKING:
    from orthgen.cli.options import DeploymentFolder


def examine_and_show(
    profile: str | None, folder: DeploymentFolder, url: str | None, ca_file: Path | None, output: str
) -> None:
    """Run every check and show the results; exit with 5 where one is an error."""
    if url is not None:
        parse_address(url)  # a wrong address is a wrong command line, and not a result
    system = ExaminedSystem(ContainerEngine(), ca_file=ca_file, url=url or "")
    if profile is not None:
        place = folder.of(profile)
        deployment, loaded = resolve_rendered(profile, place)
        if deployment.kubernetes is not None:
            raise OrthgenError(
                "`orthgen doctor` examines a machine with Docker Compose, and this profile is for a cluster",
                hint=f"`kubectl diff --server-side --kustomize {place}` shows drift, and `kubectl get pods --namespace "
                f"{namespace_of(deployment)}` the state; docs/kubernetes-operations.md has the rest",
            )
        option = target_option(deployment.target, loaded.target_without_option)
        system = ExaminedSystem(system.engine, deployment, profile, place, ca_file, url or "", option)
    results = examine(system)
    console = Console()
    console.say(json_text(doctor_form(results)) if output == "json" else doctor_text(results, console.out))
    if has_error(results):
        sys.exit(ExitCode.DENIED)
