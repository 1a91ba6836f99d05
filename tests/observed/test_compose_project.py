"""Compose projects are read as Docker Compose reads them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from orthgen.observed.read import observe, observe_texts
from orthgen.observed.service_model import Product, Service


def _services(**texts: str) -> dict[str, Service]:
    files = {name.replace("_", "."): dedent(text) for name, text in texts.items()}
    return {service.name: service for service in observe_texts(files).services}


def test_an_override_changes_what_it_names() -> None:
    """Mappings merge, lists are joined by target, `!reset` removes and `!override` replaces."""
    services = _services(
        compose_yml="""
            services:
              orthanc:
                image: orthancteam/orthanc:26.4.1
                command: [a]
                ports: ["8042:8042"]
                volumes: ["data:/a", "./b:/b"]
                environment: {A: base, B: base}
                networks: [x]
                labels: {keep: "1"}
        """,
        compose_override_yml="""
            services:
              orthanc:
                image: orthancteam/orthanc:26.8.1
                command: [b]
                ports: ["4242:4242"]
                volumes: ["other:/a:ro"]
                environment: ["A=over", "C="]
                networks: !override [y]
                labels: !reset null
        """,
    )
    orthanc = services["orthanc"]

    assert orthanc.image is not None
    assert orthanc.image.tag == "26.8.1"
    assert orthanc.environment.value == {"A": "over", "B": "base", "C": ""}
    assert [str(place) for place in orthanc.environment.places(("A",))] == [
        "compose.yml:8:22",
        "compose.override.yml:8:19",
    ]
    assert [(port.published, port.location.file) for port in orthanc.ports] == [
        ("8042", "compose.yml"),
        ("4242", "compose.override.yml"),
    ]
    assert [(mount.source, mount.target, mount.read_only) for mount in orthanc.mounts] == [
        ("./b", "/b", False),
        ("other", "/a", True),
    ]
    assert orthanc.definition.get("command") == ["b"]
    assert orthanc.definition.get("networks") == ["y"]
    assert not orthanc.definition.has("labels")
    assert str(orthanc.definition.locate(("image",))) == "compose.override.yml:4:12"


def test_extends_takes_over_services_of_other_files(tmp_path: Path) -> None:
    """A service takes over a service of another file, and paths of that file start from its folder."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common/base.yml").write_text(
        "services:\n  base:\n    extends: root\n    environment: {A: base, B: base}\n    volumes: ['./o.json:/etc/orthanc/o.json']\n"
        "  root: {image: 'orthancteam/orthanc:26.8.1'}\n"
    )
    (tmp_path / "common/o.json").write_text('{"Name": "x"}')
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  orthanc:\n    extends: {file: common/base.yml, service: base}\n    environment: {A: own}\n"
    )
    deployment = observe([str(tmp_path / "docker-compose.yml")])

    assert deployment.findings == ()
    assert deployment.services[0].product is Product.ORTHANC
    assert deployment.services[0].environment.value == {"A": "own", "B": "base"}
    assert deployment.orthancs[0].settings.value == {"Name": "x"}


def test_a_circle_of_extends_is_found() -> None:
    """A service that extends itself, directly or not, or one that is not there, is a finding and no loop."""
    deployment = observe_texts(
        {
            "compose.yml": dedent("""
                services:
                  a: {extends: b}
                  b: {extends: {service: a, file: compose.yml}}
                  c: {extends: {service: none}}
            """)
        }
    )

    assert [(str(finding.location), finding.message) for finding in deployment.findings] == [
        ("compose.yml:4:7", "`b` extends itself"),
        ("compose.yml:3:16", "`a` extends itself"),
        ("compose.yml:5:7", "`c` extends `none`, which `compose.yml` does not have"),
    ]


def test_variables_come_from_the_environment_file() -> None:
    """`.env` fills in variables, with defaults and errors; a variable that nobody sets stays, and is found."""
    deployment = observe_texts(
        {
            ".env": "TAG=26.8.1\nEMPTY=\nTAKEN='from env'\n",
            "compose.yml": dedent("""
                services:
                  orthanc:
                    image: orthancteam/orthanc:${TAG:?set it}
                    environment:
                      A: ${EMPTY:-default}
                      B: "${EMPTY-default}|${TAG:+set}|${NONE:-${TAG}}|$$HOME"
                      C: ${MISSING}
                      TAKEN:
            """),
        }
    )
    (service,) = deployment.services

    assert service.image is not None
    assert service.image.tag == "26.8.1"
    assert service.environment.value == {
        "TAKEN": "from env",
        "A": "default",
        "B": "|set|26.8.1|$HOME",
        "C": "${MISSING}",
    }
    assert str(service.locate_variable("TAKEN")) == ".env:3:1"
    assert [
        f"{finding.location} {finding.rule.id} {finding.confidence}" for finding in deployment.findings
    ] == ["compose.yml:8:10 undefined-variable likely"]


def test_environment_files_stand_below_the_environment() -> None:
    """A variable of `environment` replaces one of `env_file`; a later file replaces an earlier one."""
    services = _services(
        a_env="A=a\nB=a\nC=a\n",
        b_env="B=b\nexport D='x y' # why\n",
        compose_yml="""
            services:
              orthanc:
                image: orthancteam/orthanc
                env_file: [a.env, {path: b.env, required: false}]
                environment: {C: own}
        """,
    )

    assert services["orthanc"].environment.value == {"A": "a", "B": "b", "C": "own", "D": "x y"}
    assert str(services["orthanc"].locate_variable("D")) == "b.env:2:1"


def test_anchors_and_merge_keys_keep_their_places() -> None:
    """A value that a merge key brings is located where it is written."""
    services = _services(
        compose_yml="""
            x-common: &common
              image: orthancteam/orthanc:26.8.1
              environment: &env {A: "1"}
            services:
              orthanc:
                <<: *common
                environment:
                  <<: *env
                  B: "2"
        """
    )

    assert services["orthanc"].environment.value == {"A": "1", "B": "2"}
    assert str(services["orthanc"].locate_variable("A")) == "compose.yml:4:25"
    assert str(services["orthanc"].definition.locate(("image",))) == "compose.yml:3:10"


def test_ports_and_mounts_of_every_form() -> None:
    """Short and long forms, addresses, protocols, Windows paths, configs, secrets and tmpfs."""
    services = _services(
        compose_yml="""
            services:
              x:
                image: x
                ports:
                  - "8042"
                  - 127.0.0.1:80:8080/tcp
                  - "[::1]:${P}:443"
                  - {target: 4242, published: "104", host_ip: 10.0.0.1, protocol: udp}
                volumes:
                  - data:/data
                  - C:\\orthanc:/etc/orthanc:ro
                  - /anonymous
                  - {type: bind, source: ./a, target: /a, read_only: true}
                configs: [one]
                secrets: [{source: two, target: /x/two}]
                tmpfs: /memory:size=1m
        """
    )
    ports = [(port.host, port.published, port.target, port.protocol) for port in services["x"].ports]
    mounts = [(mount.kind, mount.source, mount.target, mount.read_only) for mount in services["x"].mounts]

    assert ports == [
        ("", "", "8042", "tcp"),
        ("127.0.0.1", "80", "8080", "tcp"),
        ("::1", "${P}", "443", "tcp"),
        ("10.0.0.1", "104", "4242", "udp"),
    ]
    assert mounts == [
        ("volume", "data", "/data", False),
        ("bind", "C:\\orthanc", "/etc/orthanc", True),
        ("volume", "", "/anonymous", False),
        ("bind", "./a", "/a", True),
        ("config", "one", "/one", True),
        ("secret", "two", "/x/two", True),
        ("tmpfs", "", "/memory", False),
    ]


def test_included_files_are_a_part_of_the_project(tmp_path: Path) -> None:
    """`include` brings the services of another file, once, even where files include each other."""
    (tmp_path / "compose.yml").write_text("include: [db.yml]\nservices:\n  a: {image: postgres}\n")
    (tmp_path / "db.yml").write_text(
        "include: [{path: [compose.yml, db.yml]}]\nservices:\n  db: {image: 'postgres:18'}\n"
    )
    deployment = observe([str(tmp_path / "compose.yml")])

    assert [service.name for service in deployment.services] == ["db", "a"]


def test_a_text_in_place_of_a_list_has_a_place() -> None:
    """A path into a list that somebody wrote as one text leads to the text."""
    text = 'services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n    ports: "8042:8042"\n'
    service = observe_texts({"docker-compose.yml": text}).services[0]

    assert service.definition.locate(("ports", 0)).line == 4


_DOCKERFILE = """
    # syntax=docker/dockerfile:1
    ARG VERSION=25.4.2
    FROM orthancteam/orthanc:${VERSION} AS base
    ARG VERSION
    ENV ORTHANC__NAME="A PACS" \\
        # a comment inside
        ORTHANC__DICOM_AET=$VERSION

    FROM base AS tools
    COPY other.json /etc/orthanc/

    FROM base
    WORKDIR /etc
    RUN <<EOF
    COPY ignored.json /etc/orthanc/
    EOF
    COPY --chown=orthanc:orthanc ["settings.json", "orthanc/"]
    COPY *.rules.json /etc/orthanc/
    COPY --from=tools /x.json /etc/orthanc/x.json
    COPY <<EOF /etc/orthanc/inline.json
    {"StableAge": 30}
    EOF
    USER orthanc
"""


def test_a_built_image_has_its_base_variables_and_files(tmp_path: Path) -> None:
    """The last stage counts, with what it takes over; the Compose file's arguments and variables stand above it."""
    (tmp_path / "image").mkdir()
    files = {
        "compose.yml": """
            services:
              pacs:
                image: hospital/pacs:7
                build: {context: image, args: {VERSION: 26.8.1}}
                environment: {ORTHANC__DICOM_AET: OVER}
              tools:
                build: {context: ./image, target: tools}
              missing:
                build: nowhere
        """,
        "image/Dockerfile": _DOCKERFILE,
        "image/settings.json": '{"DicomPort": 104}',
        "image/lua.rules.json": '{"HttpPort": 80}',
        "image/other.json": '{"DicomPort": 105}',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(dedent(text))
    deployment = observe([str(tmp_path)])
    pacs, tools = deployment.orthancs
    service = pacs.service
    assert service is not None
    assert service.image is not None
    values = {
        name: pacs.settings.get(name) for name in ("Name", "DicomAet", "DicomPort", "HttpPort", "StableAge")
    }

    assert (service.image.repository, service.image.tag) == ("orthancteam/orthanc", "26.8.1")
    assert values == {"Name": "A PACS", "DicomAet": "OVER", "DicomPort": 104, "HttpPort": 80, "StableAge": 30}
    assert pacs.settings.locate(("StableAge",)).line == 22
    assert service.definition.get("user") == "orthanc"
    assert tools.settings.get("DicomPort") == 105
    assert tools.settings.get("DicomAet") == "25.4.2"
    assert deployment.unseen == (
        "`Dockerfile` in `nowhere`, from which the image of `missing` is built, is not there.",
    )


def test_files_that_only_a_command_names_are_not_read(tmp_path: Path) -> None:
    """Beside a default file and its override, other Compose files are listed as not read, unless the default includes them."""
    texts = {
        "compose.yaml": "include: [db.compose.yml]\nservices: {orthanc: {image: orthancteam/orthanc}}",
        "compose.override.yaml": "services: {orthanc: {image: 'orthancteam/orthanc:26.8.1'}}",
        "db.compose.yml": "services: {db: {image: postgres}}",
        "docker-compose.prod.yml": "services: {orthanc: {image: 'orthancteam/orthanc:24.1.0'}}",
        "docker-compose.yml": "services: {old: {image: orthancteam/orthanc}}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    deployment = observe([str(tmp_path)])
    tags = {service.name: service.image.tag for service in deployment.services if service.image}

    assert tags == {"db": "", "orthanc": "26.8.1"}
    assert [text.split("`")[1].rpartition("/")[2] for text in deployment.unseen] == [
        "docker-compose.yml",
        "docker-compose.prod.yml",
    ]


def test_paths_start_in_the_project_directory(tmp_path: Path) -> None:
    """Where the paths start in the folder above, as with `--project-directory`, the files and `.env` are read from there."""
    (tmp_path / "setup").mkdir()
    texts = {
        "setup/docker-compose.yml": """
            services:
              orthanc:
                image: orthancteam/orthanc:${TAG}
                env_file: [./setup/common.env]
                volumes: ["./setup/orthanc.json:/etc/orthanc/orthanc.json"]
        """,
        "setup/common.env": "ORTHANC__DICOM_AET=ABOVE",
        "setup/orthanc.json": '{"Name": "above"}',
        ".env": "TAG=26.8.1",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(dedent(text))
    deployment = observe([str(tmp_path / "setup")])
    [orthanc] = deployment.orthancs

    assert (orthanc.release, orthanc.settings.get("DicomAet"), orthanc.settings.get("Name")) == (
        "26.8",
        "ABOVE",
        "above",
    )
    assert [text.endswith("as with `--project-directory ..`.") for text in deployment.unseen] == [True]


def test_programs_beside_orthanc_are_none() -> None:
    """A viewer with settings about Orthanc is no Orthanc; an image of an unknown name with Orthanc's variables is."""
    services = _services(
        compose_yml="""
            services:
              meddream:
                image: orthancteam/meddream-viewer
                environment: {ORTHANC_MEDDREAM_PYTHON_PLUGIN_ENABLED: "true", ORTHANC_BASE_URL: "http://orthanc:8042"}
              tokens: {image: orthancteam/meddream-token-service}
              own:
                image: hospital/viewer:2
                environment: {ORTHANC_HIS_PLUGIN_ENABLED: "true"}
              ohif: {image: "ohif/viewer:v3.9.1"}
              archive:
                image: hospital/archive:2
                environment: {DICOM_WEB_PLUGIN_ENABLED: "true"}
        """
    )

    assert {name: service.product for name, service in services.items()} == {
        "meddream": Product.OTHER,
        "tokens": Product.OTHER,
        "own": Product.OTHER,
        "ohif": Product.OHIF,
        "archive": Product.ORTHANC,
    }
