"""Directives of nginx that do not belong at the level where their file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.observed.proxy_model import Directive

MISPLACED_DIRECTIVE = Rule(
    "misplaced-nginx-directive",
    Severity.ERROR,
    summary="A file of nginx is mounted at the place of another kind of file: a whole configuration (`events`, `http`) in `conf.d`, or "
    "a `server` alone as `nginx.conf`.",
    remedy="Mount a file with `events` and `http` at `/etc/nginx/nginx.conf`, and a file that begins with `server` below "
    "`/etc/nginx/conf.d/`.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./site.conf:/etc/nginx/nginx.conf:ro"]
        ==> site.conf <==
        server {
            listen 80;
            location / { return 204; }
        }
    """,
    consequence='nginx does not start: `"server" directive is not allowed here`, `no "events" section in configuration`.',
    counterexample="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./site.conf:/etc/nginx/conf.d/site.conf:ro"]
        ==> site.conf <==
        server {
            listen 80;
            location / { return 204; }
        }
    """,
)
MAIN = "/etc/nginx/nginx.conf"
# The contexts of directives as nginx's reference has them (nginx.org/en/docs, ngx_core_module and ngx_http_core_module):
# these are not allowed at the top of the main file, and those not inside `http`.
_INSIDE_HTTP = frozenset({"server", "location", "upstream", "map", "listen", "server_name", "proxy_pass"})
_ABOVE_HTTP = frozenset(
    {"http", "events", "stream", "mail", "user", "worker_processes", "pid", "load_module"}
)


def misplaced(directives: Sequence[Directive], *, is_main: bool) -> Iterator[Finding]:
    """The first directive of a file that nginx does not allow there; `is_main` for the file that is nginx's main one."""
    names = [each.name for each in directives]
    foreign = _INSIDE_HTTP if is_main else _ABOVE_HTTP
    first = next((each for each in directives if each.name in foreign), None)
    place = "/etc/nginx/conf.d/default.conf" if is_main else MAIN
    if first is not None:
        yield Finding(
            MISPLACED_DIRECTIVE,
            f"nginx does not allow `{first.name}` at the top of "
            + ("its main file" if is_main else "a file that its main file includes into `http`"),
            first.location,
            f"mount this file at `{place}`",
        )
    elif is_main and directives and not {"events", "include"} & set(names):
        yield Finding(
            MISPLACED_DIRECTIVE,
            "nginx's main file has no `events`",
            directives[0].location,
            "add `events {}`",
        )
