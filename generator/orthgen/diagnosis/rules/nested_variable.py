"""A variable of a container whose value is a list or a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__DICOM_MODALITIES: VALUE
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "nested-variable",
    Severity.ERROR,
    summary="A variable in `environment` is a list or a mapping of YAML. Docker Compose takes texts, numbers and truth values only.",
    consequence="Compose refuses the file: `services.orthanc.environment.… must be a string`.",
    remedy="Write the value as JSON between single quotes.",
    file="docker-compose.yml",
    example=_FILES.replace("VALUE", '{ct: ["CT1", "10.0.0.21", 104]}'),
    counterexample=_FILES.replace("VALUE", """'{"ct": ["CT1", "10.0.0.21", 104]}'"""),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each variable has one value."""
    for service in deployment.services:
        variables = service.definition.get("environment")
        for name, value in variables.items() if isinstance(variables, Mapping) else ():
            if isinstance(value, list | Mapping):
                yield Finding(
                    RULE,
                    f"`{name}` is a {'list' if isinstance(value, list) else 'mapping'} of YAML",
                    service.definition.locate(("environment", name)),
                    "write it as JSON between single quotes",
                    is_sensitive=True,
                )
