"""The split of requests between the ingest node and the readers, as docs/replicas.md has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orthgen.deployment.model import Deployment
from orthgen.products.nginx import nginx_files
from orthgen.products.nginx.nodes import ROUTES, Nodes, node_patterns
from tests.support.builders import make_deployment

PAGE = Path(__file__).parents[3] / "docs" / "replicas.md"
READERS = "{replicas: {readers: 2}}"
EVERY_VIEWER = "{ohif: {serve: plugin}, stone: {}, volview: {}, wsi: {}, stl: {}}"
ANSWERS = {
    "a reader": Nodes.READERS,
    "the ingest node, else a reader": Nodes.EITHER,
    "the ingest node": Nodes.INGEST,
}


def documented() -> dict[str, Nodes]:
    """The requests of the page's table, each with the nodes that answer it."""
    rows = re.findall(
        r"^\| (`[A-Z]+ /.*?) \| (.*?) \| .* \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {
        request: ANSWERS[answer.partition(";")[0]]
        for requests, answer in rows
        for request in re.findall(r"`([^`]+)`", requests)
    }


def nodes_of(deployment: Deployment, request: str) -> Nodes:
    """The nodes that the rendered map names for a method and a path."""
    rows = node_patterns(deployment)
    return Nodes(next((row["nodes"] for row in rows if re.search(row["pattern"], request)), Nodes.INGEST))


def sites(**changes: str) -> dict[str, str]:
    """The rendered files of nginx, path to text."""
    return {artifact.path: artifact.text for artifact in nginx_files(make_deployment(**changes))}


def test_the_page_has_the_table_of_the_program() -> None:
    """Each request of the page goes where the page says; each row of the program has a request on the page."""
    deployment = make_deployment(archive=READERS, viewers=EVERY_VIEWER)

    assert {request: nodes_of(deployment, request) for request in documented()} == documented()
    for route in ROUTES:
        pattern = f"^(?:{route.methods}) /{route.path}"
        assert any(re.search(pattern, request) for request in documented()), route.path


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /dicom-web/studies",
        "DELETE /instances/ID",
        "PUT /studies/ID/metadata/Remark",
        "GET /studies/ID/archive/x",
        "GET /jobs/ID/archive",
        "GET /tools/execute-script",
        "GET /plugins/postgresql/audit-logs",
        "GET /auth/audit-logs",
        "POST /auth/tokens",
        "GET /Instances/ID/file",
        "GET /xinstances/ID/file",
    ],
)
def test_only_reads_that_the_table_names_leave_the_ingest_node(request_line: str) -> None:
    """Another method, a longer path or another spelling goes to the ingest node."""
    assert nodes_of(make_deployment(archive=READERS), request_line) is Nodes.INGEST


def test_downloads_reach_the_audit_log() -> None:
    """With an audit log, the ingest node builds archives, because a reader does not write."""
    deployment = make_deployment(archive="{replicas: {readers: 1}, audit-log: true}")

    assert nodes_of(deployment, "GET /studies/ID/archive") is Nodes.INGEST
    assert nodes_of(deployment, "GET /tools/create-archive") is Nodes.INGEST
    assert nodes_of(deployment, "GET /instances/ID/file") is Nodes.READERS


def test_without_readers_nothing_is_split() -> None:
    """One upstream, and neither a map nor an error page."""
    text = "\n".join(sites().values())

    assert set(re.findall(r"proxy_pass http://(\$?orthanc[^;]*);", text)) == {"orthanc"}
    assert "_node" not in text
    assert "orthanc-away" not in text


def test_with_readers_only_writes_name_the_ingest_node() -> None:
    """A fixed upstream is that of a report; a question of the guard does not decide for its request (`volatile`)."""
    files = sites(archive=READERS, viewers="{ohif: {reports: signed-in}}", roles=REPORTERS)
    site = files["nginx/conf.d/site.conf"]

    assert re.findall(r"proxy_pass http://orthanc;", site) == ["proxy_pass http://orthanc;"]
    assert "rewrite ^ /dicom-web/studies$report_folder break;\n        proxy_pass http://orthanc;" in site
    assert files["nginx/snippets/proxy-to-orthanc.conf"].count("proxy_pass http://$orthanc_node;") == 1
    maps = re.findall(r"map [^{]*\$(?:orthanc|asked)_node \{\n +(\w+);", files["nginx/nginx.conf"])
    assert maps == ["volatile", "volatile"]


REPORTERS = "{reader: {can: [view, report], collections: [cardio]}}"


def test_one_reader_is_replaced_by_another_and_at_last_by_the_ingest_node() -> None:
    """Every reader is a server of the first upstream; a failed one is left out for a while."""
    text = sites(archive="{replicas: {readers: 3}}")["nginx/nginx.conf"]

    def servers(upstream: str) -> list[tuple[str, str]]:
        block = re.search(rf"upstream {upstream} \{{(.*?)\}}", text, re.DOTALL)
        assert block is not None
        return re.findall(r"server (\S+?):8042 resolve max_fails=1 fail_timeout=5s( backup)?;", block[1])

    readers = [f"orthanc-reader-{number}" for number in (1, 2, 3)]
    assert servers("orthanc-readers") == [*((name, "") for name in readers), ("orthanc", " backup")]
    assert servers("orthanc-or-reader") == [("orthanc", ""), *((name, " backup") for name in readers)]


def test_unused_connections_leave_threads_for_requests() -> None:
    """All kept connections of nginx's four processes to one Orthanc are fewer than its fifty threads."""
    for readers in (1, 2, 16):
        text = sites(archive=f"{{replicas: {{readers: {readers}}}}}")["nginx/nginx.conf"]
        kept = dict(re.findall(r"upstream (orthanc\S*) \{.*?keepalive (\d+);", text, re.DOTALL))
        assert 4 * int(kept["orthanc-readers"]) < 50
        assert 4 * (int(kept["orthanc"]) + int(kept["orthanc-or-reader"])) < 50
