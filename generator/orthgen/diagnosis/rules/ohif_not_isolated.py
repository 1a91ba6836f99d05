"""Pages of OHIF that browsers do not isolate."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ohif-not-isolated",
    Severity.WARNING,
    summary="The reverse proxy serves OHIF's files without the headers that isolate its pages from other sites.",
    consequence="Volumes and 3-D views of OHIF before 3.9 do not open (`Your page is NOT cross-origin isolated`), later ones are slow.",
    remedy="Write `add_header Cross-Origin-Opener-Policy same-origin;` and `add_header Cross-Origin-Embedder-Policy require-corp;` in "
    "the location. An `add_header` there hides all those above it.",
    file="nginx.conf",
    example="""
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location /ohif/ {
                alias /usr/share/nginx/ohif/;
                try_files $uri /ohif/index.html;
                add_header Cache-Control no-cache;
            }
        }
    """,
    counterexample="""
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location /ohif/ {
                alias /usr/share/nginx/ohif/;
                try_files $uri /ohif/index.html;
                add_header Cache-Control no-cache;
                add_header Cross-Origin-Opener-Policy same-origin;
                add_header Cross-Origin-Embedder-Policy require-corp;
            }
        }
    """,
    is_about_absence=True,
)
_HEADERS = ("Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF's pages are isolated."""
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for location in server.locations:
                is_ohif = "ohif" in location.path.lower() and (
                    location.directive("alias")
                    or location.directive("root")
                    or location.directive("try_files")
                )
                if (
                    not is_ohif
                    or not routing.prefix(location)
                    or location.upstream
                    or location.directive("return")
                ):
                    continue
                given = {
                    directive.arguments[0].lower()
                    for directive in location.directive("add_header")
                    if directive.arguments
                }
                missing = [name for name in _HEADERS if name.lower() not in given]
                if missing:
                    yield Finding(
                        RULE,
                        f"the pages of OHIF below `{location.path}` have no {' and no '.join(f'`{name}`' for name in missing)}",
                        location.location,
                        "add both headers",
                        replacement="\n".join(
                            f"add_header {name} {value};"
                            for name, value in zip(_HEADERS, ("same-origin", "require-corp"), strict=True)
                            if name in missing
                        ),
                        change=EditKind.ADDITION,
                    )
