"""Different paths of Keycloak in its address, in Keycloak and in the reverse proxy."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "keycloak-path-differs",
    Severity.ERROR,
    summary="The path of Keycloak's public address, the path that Keycloak serves, and the reverse proxy do not fit together.",
    consequence="The sign-in page is blank or without style, or answers 404; the administration console never ends loading.",
    remedy="Either the proxy removes the path (`location /keycloak/ { proxy_pass http://keycloak:8080/; }`) and Keycloak serves at "
    "`/`; or Keycloak has `KC_HTTP_RELATIVE_PATH: /keycloak` and the proxy passes the path on. `KC_HOSTNAME` has the path in both.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
            ports: ["127.0.0.1:8080:80"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: http://localhost:8080/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
        ==> default.conf <==
        server {
            listen 80;
            proxy_buffer_size 32k;
            location /keycloak/ {
                proxy_pass http://keycloak:8080;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
            }
        }
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
            ports: ["127.0.0.1:8080:80"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: http://localhost:8080/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
        ==> default.conf <==
        server {
            listen 80;
            proxy_buffer_size 32k;
            location /keycloak/ {
                proxy_pass http://keycloak:8080/;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
            }
        }
    """,
)
_OWN = ("/admin/", "/realms/", "/resources/", "/js/")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The path is removed once, by the proxy or by Keycloak."""
    for _, service in keycloak.servers(deployment):
        served, public = keycloak.serves_from(service), keycloak.public_path(service)
        routes = [
            (proxy, location)
            for proxy, _, location in routing.routes(deployment, Product.KEYCLOAK)
            if routing.prefix(location)
        ]
        for proxy, location in routes:
            target = routing.upstream(proxy, location)
            if target is None or routing.is_rewritten(location):
                continue
            given = target.path or location.path
            problem = _problem(location.path, given.rstrip("/") + "/", served)
            if problem:
                place = keycloak.place_of(service, "http-relative-path")
                yield Finding(
                    RULE,
                    problem,
                    location.location,
                    "remove the path once: in the proxy, or by `KC_HTTP_RELATIVE_PATH`",
                    related=((place, "Keycloak"),),
                )
        if public is not None and not routes and served not in {"/", public} and keycloak.hostname(service):
            message = f"the public address has the path `{public}`, and Keycloak serves at `{served}`"
            yield Finding(
                RULE,
                message,
                keycloak.place_of(service, "hostname"),
                "write one path in both places",
                related=((keycloak.place_of(service, "http-relative-path"), "KC_HTTP_RELATIVE_PATH"),),
            )
        if (
            public is not None
            and not keycloak.publishes_its_address(service)
            and routes
            and not any(_covers(location.path, public) for _, location in routes)
        ):
            paths = ", ".join(f"`{location.path}`" for _, location in routes)
            message = f"the public address has the path `{public}`, and the reverse proxy passes {paths} to Keycloak"
            name = str(keycloak.hostname(service))
            whole = f"https://{name}{routes[0][1].path.rstrip('/')}"
            yield Finding(
                RULE,
                message,
                keycloak.place_of(service, "hostname"),
                "write one path in both places"
                if "://" in name
                else f"write the whole address, as `{whole}`",
                related=((routes[0][1].location, "the reverse proxy"),),
            )


def _problem(path: str, given: str, served: str) -> str:
    """The reason why Keycloak does not serve what a location passes on; empty where it does."""
    if given.startswith(served):
        if served == "/" and given != "/" and not given.startswith(_OWN):
            return f"the proxy passes `{path}` on to Keycloak as `{given}`, and Keycloak serves at `/`"
        if served == "/" and given == "/" and path.startswith(_OWN):
            return f"the proxy removes `{path}`, which Keycloak needs"
        return ""
    return f"the proxy passes `{path}` on to Keycloak as `{given}`, and Keycloak serves at `{served}`"


def _covers(path: str, public: str) -> bool:
    """Whether a location takes requests to the public path, or to one of Keycloak's own folders below it."""
    return public.startswith(path) or (
        path.startswith(public) and f"/{path.removeprefix(public)}".startswith(_OWN)
    )
