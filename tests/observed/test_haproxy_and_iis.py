"""HAProxy and IIS are read in the words of nginx."""

from __future__ import annotations

from orthgen.observed.read import observe_texts

HAPROXY = """\
defaults
    mode http
    option forwardfor
frontend www
    bind :443 ssl crt /etc/haproxy/site.pem
    acl is_sso hdr(host) -i sso.example.org
    acl is_viewer path_beg -i /ohif
    http-request set-header X-Forwarded-Proto https
    use_backend keycloak if is_sso
    use_backend viewer if is_viewer { method GET }
    use_backend api if { path /api/dicom } || { path_reg ^/x/[0-9]+ }
    default_backend orthanc
backend orthanc
    server o1 orthanc:8042 check
backend viewer
    http-request replace-path /ohif/(.*) /\\1
    server v1 ohif:443 ssl verify none
backend keycloak
    server k1 keycloak:8080
backend api
    server a1 api:80
frontend dicom
    mode tcp
    bind :104
    default_backend orthanc
"""


def test_haproxy_is_read_in_the_words_of_nginx() -> None:
    """A host of a condition is a server of its own; what no condition takes belongs to every server."""
    (proxy,) = observe_texts({"haproxy.cfg": HAPROXY}).proxies
    sso, others = sorted(proxy.servers, key=lambda server: server.names, reverse=True)

    assert (sso.names, others.names, others.uses_tls) == (("sso.example.org",), (), True)
    assert [(each.modifier, each.path, each.upstream, each.passes_uri) for each in others.locations] == [
        ("", "/ohif", "https://ohif:443/", True),
        ("=", "/api/dicom", "http://api:80", False),
        ("~", "^/x/[0-9]+", "http://api:80", False),
        ("", "/", "http://orthanc:8042", False),
    ]
    assert (sso.locations[0].path, sso.locations[0].upstream) == ("/", "http://keycloak:8080")
    headers = [each.arguments for each in others.locations[0].directive("proxy_set_header")]
    assert headers == [("X-Forwarded-For", "%[src]"), ("X-Forwarded-Proto", "https")]


def test_rules_of_iis_are_read_in_the_words_of_nginx() -> None:
    """A rule that rewrites to another server is a location; a comment, a redirect and a rule of its own site are none."""
    rule = '<rule name="{0}"><match url="{0}" /><serverVariables><set name="HTTP_X_FORWARDED_HOST" value="a" /></serverVariables>{1}</rule>\n'
    rewrite = '<action type="Rewrite" url="{}" />'
    text = "<configuration><system.webServer><rewrite><rules>\n" + "".join(
        [
            rule.format("^pacs/(.*)", rewrite.format("http://127.0.0.1:8042/{R:1}")),
            rule.format("^dicom-web/(.*)", rewrite.format("http://127.0.0.1:8042/{R:0}")),
            rule.format("(.*)", '<action type="Redirect" url="https://{HTTP_HOST}/{R:1}" />'),
            f"<!-- {rule.format('^old/(.*)', rewrite.format('http://127.0.0.1:8043/{R:1}'))} -->",
            rule.format("^app/(.*)", rewrite.format("/index.html")),
        ]
    )
    (proxy,) = observe_texts({"web.config": text}).proxies
    (server,) = proxy.servers

    assert server.uses_tls
    assert [(each.path, each.upstream, each.passes_uri, each.location.line) for each in server.locations] == [
        ("/pacs/", "http://127.0.0.1:8042/", True, 2),
        ("/dicom-web/", "http://127.0.0.1:8042", False, 3),
    ]
    assert server.locations[0].directive("proxy_set_header")[0].arguments == ("X-FORWARDED-HOST", "a")
