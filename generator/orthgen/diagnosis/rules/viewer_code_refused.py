"""A policy of the reverse proxy that forbids the decoders of a viewer."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import answer_headers, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SERVER = """
    server {
        listen 127.0.0.1:80;
        add_header Content-Security-Policy "default-src 'self'; script-src 'self'SOURCES; worker-src 'self' blob:";
        location /ohif/ {
            proxy_pass http://ohif:80;
        }
    }
"""
RULE = Rule(
    "viewer-code-refused",
    Severity.ERROR,
    summary="The reverse proxy sends a `Content-Security-Policy` with the pages of OHIF, and its `script-src` does not allow WebAssembly, in "
    "which the decoders of images are.",
    consequence="The viewer opens, and images stay black: `Refused to compile or instantiate WebAssembly module`.",
    remedy="Add `'wasm-unsafe-eval'` to `script-src`, or leave the policy out where OHIF is served.",
    file="nginx.conf",
    example=_SERVER.replace("SOURCES", ""),
    counterexample=_SERVER.replace("SOURCES", " 'wasm-unsafe-eval'"),
)
_ALLOWING = ("unsafe-eval", "wasm-unsafe-eval")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The decoders of the viewer run."""
    seen = set()
    for _, _, location in routing.routes(deployment, Product.OHIF):
        for directive in answer_headers.setting(
            location, "Content-Security-Policy", "add_header", "more_set_headers"
        ):
            # `words` leaves the quotes out.
            rules = [part.split() for part in " ".join(answer_headers.words(directive)[1:]).split(";")]
            sources = {rule[0].lower(): rule[1:] for rule in rules if rule}
            scripts = sources.get("script-src", sources.get("default-src"))
            if scripts is None or any(word in scripts for word in _ALLOWING) or directive.location in seen:
                continue
            seen.add(directive.location)
            yield Finding(
                RULE,
                "`script-src` of the policy does not allow the decoders of OHIF (WebAssembly)",
                directive.location,
                "add `'wasm-unsafe-eval'` to `script-src`",
                related=((location.location, "the way to OHIF"),),
            )
