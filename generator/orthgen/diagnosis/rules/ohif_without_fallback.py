"""Pages of OHIF that the reverse proxy looks for as files."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> app-config.js <==
    window.config = {
      routerBasename: '/ohif',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'orthanc',
          configuration: { qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' },
        },
      ],
      defaultDataSourceName: 'orthanc',
    };
    ==> nginx.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        location /ohif/ {
            root /usr/share/nginx/html;
            FALLBACK
            add_header Cross-Origin-Opener-Policy same-origin;
            add_header Cross-Origin-Embedder-Policy require-corp;
        }
    }
"""
RULE = Rule(
    "ohif-without-fallback",
    Severity.ERROR,
    summary="nginx serves the files of OHIF, and has no `try_files` that answers `index.html` for OHIF's pages.",
    consequence="Links to studies (`/ohif/viewer?StudyInstanceUIDs=…`), the return from the sign-in and a reload of the page answer 404.",
    remedy="Write `try_files $uri $uri/ /ohif/index.html;` with OHIF's path.",
    file="nginx.conf",
    example=_FILES.replace("FALLBACK", "index index.html;"),
    counterexample=_FILES.replace("FALLBACK", "try_files $uri $uri/ /ohif/index.html;"),
)
_ANSWERS = ("try_files", "error_page", "rewrite", "return", "proxy_pass", "js_content", "fastcgi_pass")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every page of OHIF is answered by its index."""
    bases = {ohif.settings.get("routerBasename") for ohif in deployment.ohifs}
    paths = {base.rstrip("/") + "/" for base in bases if isinstance(base, str) and base.strip("/")}
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.NGINX else ():
            for location in server.locations:
                is_ohif = location.path.rstrip("/") + "/" in paths and location.modifier in {"", "^~"}
                has_files = location.directive("root") or location.directive("alias")
                if is_ohif and has_files and not any(location.directive(name) for name in _ANSWERS):
                    path = location.path.rstrip("/")
                    yield Finding(
                        RULE,
                        f"nginx looks for OHIF's pages below `{path}/` as files, and answers 404",
                        location.location,
                        f"add `try_files $uri $uri/ {path}/index.html;`",
                    )
