"""Sections of plugins that do not load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.catalogue import Plugin, newest
from orthgen.catalogue.image_versions import ORTHANC_IMAGE
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Service

RULE = Rule(
    "plugin-not-loaded",
    Severity.ERROR,
    summary="The configuration has a section of a plugin that the image does not carry, or does not load.",
    consequence="The section has no effect. Where it is `Authorization`, nothing checks who sends a request.",
    remedy="Take the image `orthancteam/orthanc`, or set the variable that enables the plugin there.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: jodogne/orthanc:1.12.10
            volumes:
              - orthanc:/var/lib/orthanc/db
              - ./orthanc.json:/etc/orthanc/orthanc.json:ro
        volumes: {orthanc: }
        ==> orthanc.json <==
        {"RemoteAccessAllowed": true, "RegisteredUsers": {"reception": "a-long-password-1"}, "DicomWeb": {"Enable": true}}
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            volumes:
              - orthanc:/var/lib/orthanc/db
              - ./orthanc.json:/etc/orthanc/orthanc.json:ro
        volumes: {orthanc: }
        ==> orthanc.json <==
        {"RemoteAccessAllowed": true, "RegisteredUsers": {"reception": "a-long-password-1"}, "DicomWeb": {"Enable": true}}
    """,
)

_WITHOUT_PYTHON = frozenset({"jodogne/orthanc", "jodogne/orthanc-plugins"})
_FOLDERS = ("/usr/share/orthanc/plugins", "/usr/local/share/orthanc/plugins")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A plugin with a section loads."""
    for orthanc in deployment.orthancs:
        yield from _without_python(orthanc)
        plugins, service = orthancs.known_plugins(orthanc), orthanc.service
        if plugins is None or service is None or any(containers.mounts_at(service, *_FOLDERS)):
            continue
        if service.definition.has("build"):
            continue  # a command of the build may install the plugin
        for plugin in newest().plugins().values():
            section = orthanc.settings.get(plugin.section) if plugin.section else None
            if not isinstance(section, Mapping) or section.get("Enable") is False:
                continue
            if any(
                each.section == plugin.section and each.name in plugins
                for each in newest().plugins().values()
            ):
                continue
            yield Finding(
                RULE,
                f"the section `{plugin.section}` has no effect: `{containers.repository(service)}` does not load its plugin",
                orthancs.place(orthanc, str(plugin.section)),
                _remedy(service, plugin),
                related=((service.image_place, "the image"),),
            )


def _without_python(orthanc: Orthanc) -> Iterator[Finding]:
    """A script in Python in an image without the plugin for it (Orthanc Book, "jodogne/orthanc Docker images")."""
    service, image = orthanc.service, containers.repository(orthanc.service)
    if service is None or image not in _WITHOUT_PYTHON or any(containers.mounts_at(service, *_FOLDERS)):
        return
    if orthanc.settings.has("PythonScript") and not service.definition.has("build"):
        yield Finding(
            RULE,
            f"`PythonScript` has no effect: `{image}` does not have the Python plugin",
            orthancs.place(orthanc, "PythonScript"),
            f"take the image `jodogne/orthanc-python` or `{ORTHANC_IMAGE}`",
            related=((service.image_place, "the image"),),
        )


def _remedy(service: Service, plugin: Plugin) -> str:
    if containers.repository(service) != ORTHANC_IMAGE:
        return f"take the image `{ORTHANC_IMAGE}`"
    if service.variable(plugin.variable) == "false":
        return f'remove `{plugin.variable}: "false"`'
    return (
        "take the image with `-full` in its tag" if plugin.full_image else f'set `{plugin.variable}: "true"`'
    )
