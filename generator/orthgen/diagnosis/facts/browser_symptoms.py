"""Messages of a browser's console that tell a known cause."""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

BROWSERS = (
    Symptom(
        "Mixed Content:|Blocked loading mixed (?:active|display) content",
        "a page with https is given an `http://` address",
        "let the reverse proxy forward the public scheme and host, and write https addresses into the configuration",
    ),
    Symptom(
        "Timeout when waiting for 3rd party check iframe",
        "Keycloak's page does not open in a frame of the page that signs in",
        "open `OrthancExplorer2.Keycloak.Url` in the browser: it has to answer by https, on the same site as Orthanc, and may not "
        "forbid frames",
    ),
    Symptom(
        "Web Crypto API is not available|crypto.subtle is undefined",
        "the page is neither on https nor on `localhost`, and the sign-in needs one of them",
        "serve the deployment by https",
    ),
    Symptom(
        "SharedArrayBuffer is not defined|NOT cross-origin isolated",
        "the pages of OHIF have no headers that isolate them",
        "add `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` where OHIF is served, by https",
    ),
    Symptom(
        r"/realms/\S* (?!.*contains multiple values).*(?:blocked by CORS policy|CORS header .Access-Control-Allow-Origin. missing)",
        "Keycloak's client does not list the address of the page",
        "add the scheme, host and port of the page to `webOrigins` of the client",
    ),
    Symptom(
        "contains multiple values .*but only one is allowed",
        "the header `Access-Control-Allow-Origin` is set twice: by two programs, or by two lines",
        "set it in one place; a viewer on the same host needs none",
    ),
    Symptom(
        r"\b413\b.{0,3}(?:Request Entity|Content|Payload) Too Large",
        "the reverse proxy limits the size of uploads",
        "write `client_max_body_size 0;` in nginx",
    ),
    Symptom(
        "does not have HTTP ok status",
        "the browser asks by OPTIONS first, without a token, and the server refuses it",
        "serve the viewer on the host of DICOMweb, or let the reverse proxy itself answer OPTIONS",
    ),
    Symptom(
        r"^(?!.*/realms/).*(?:blocked by CORS policy: (?:Response to preflight request doesn't pass access control check: )?"
        r"No 'Access-Control-Allow-Origin'|CORS header .Access-Control-Allow-Origin. missing)",
        "the page and what it asks for are on different hosts or ports",
        "serve both by the reverse proxy, on one host and port",
    ),
    Symptom(
        "Redirect is not allowed for a preflight request",
        "the browser asks by OPTIONS first, and gets a redirect: to https, to a slash at the end, or to a page for the sign-in",
        "write the final address, and let the reverse proxy answer OPTIONS without a sign-in",
    ),
    Symptom(
        r"must not be the wildcard '\*' when the request's credentials mode",
        "the page sends a token or a cookie, and `Access-Control-Allow-Origin` is `*`",
        "write the origin of the page, and `Access-Control-Allow-Credentials: true`; a viewer on the same host needs neither",
    ),
    Symptom(
        r"Request header field (?P<name>[\w-]+) is not allowed by Access-Control-Allow-Headers",
        "the answer to OPTIONS does not allow a header of the request",
        "add `{name}` to `Access-Control-Allow-Headers`; a viewer on the same host needs none",
    ),
    Symptom(
        "Refused to compile or instantiate WebAssembly",
        "a policy of the page forbids the decoders of the viewer",
        "add `'wasm-unsafe-eval'` to `script-src` of `Content-Security-Policy`",
    ),
    Symptom(
        "Refused to (?:frame|display) .*(?:frame-ancestors|frame-src|X-Frame-Options)",
        "the page in the frame forbids other sites to show it",
        "serve both pages on one host, or allow the other one in `frame-ancestors`",
    ),
    Symptom(
        r"MIME type (?:of |\()?[\"'(]{0,2}text/html|Unexpected token '<'",
        "a script or a style was not found, and a page came in its place",
        "write the public path into `routerBasename`, `PUBLIC_URL` or the location of the reverse proxy",
    ),
    Symptom(
        "ERR_TOO_MANY_REDIRECTS",
        "two parts send the browser back and forth: one takes the request for http, the other one for https",
        "let the reverse proxy set `X-Forwarded-Proto` to the public scheme, and write https into every public address",
    ),
    Symptom(
        "ERR_CERT_AUTHORITY_INVALID",
        "the browser does not trust the certificate, and asks nobody for requests in the background",
        "install the certificate of the authority on the machines, or take one of a public authority",
    ),
    Symptom(
        "Refused to (?:load|connect|execute|apply|create) .*Content Security Policy",
        "a policy of the page forbids what the page loads",
        "remove `Content-Security-Policy` from the reverse proxy, or allow what the line names",
    ),
    Symptom(
        "ERR_NAME_NOT_RESOLVED|DNS_PROBE_FINISHED_NXDOMAIN",
        "the browser was given a name that its machine cannot look up, as that of a container",
        "write the public address in place of the container's name",
    ),
    Symptom(
        r"Crypto\.subtle is available only in secure contexts|Web Crypto API is not available",
        "the page is at an `http://` address, where browsers have no means to sign people in with PKCE",
        "serve the pages with https; only `http://localhost` works without it",
    ),
)
