"""Messages of nginx (1.30), Traefik (3), HAProxy (3.0) and IIS (10) that tell a known cause."""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

PROXIES = (
    Symptom(
        r'cannot load certificate(?: key)? "(?P<path>[^"\n]+)"',
        "nginx has no certificate where its configuration names one",
        "mount the certificate and its key into the container, so that `{path}` exists",
    ),
    Symptom(
        r'"\w+" directive is not allowed here',
        "a file of nginx is at the place of another kind of file, or a brace is missing above the line",
        "mount a file that begins with `server` below `/etc/nginx/conf.d/`, and one with `http` at `/etc/nginx/nginx.conf`",
    ),
    Symptom(
        'no "events" section in configuration',
        "nginx's main file has no `events`",
        "mount the file below `/etc/nginx/conf.d/` if it begins with `server`; else add `events {}`",
    ),
    Symptom(
        r'unknown directive "(?P<name>[^"\n]+)"',
        "nginx knows no directive of that name: it is misspelt, or of a module that the image does not have",
        "correct `{name}`, or take an image with its module",
    ),
    Symptom(
        "auth request unexpected status: 404",
        "no service answers the question of `auth_request`",
        "add a location for its path, with `proxy_pass` to the service of the sign-in",
    ),
    Symptom(
        "upstream sent no valid HTTP/1.0 header",
        "the reverse proxy speaks http to a port that speaks https or DICOM",
        "write `https://` in `proxy_pass`, or Orthanc's HTTP port (8042)",
    ),
    Symptom(
        "directory index of .* is forbidden",
        "nginx serves a folder that has no `index.html`",
        "mount the files of the viewer there, or pass the path on with `proxy_pass`",
    ),
    Symptom(
        r'open\(\) "(?![^"\n]*(?:favicon|robots))[^"\n]+" failed \(2: No such file',
        "nginx looks for the path among its own files",
        "write `try_files $uri /index.html;` for the pages of OHIF, or a location with `proxy_pass` for Orthanc",
    ),
    Symptom(
        r"could not be resolved \([23]: ",
        "the resolver of nginx does not know the name",
        "write `resolver 127.0.0.11;` in a container of Docker Compose",
    ),
    Symptom(
        r"bind\(\) to \S+ failed \(98: ",
        "another program has the port of nginx",
        "end it, or publish another port",
    ),
    Symptom(
        "redirection cycle while internally redirecting",
        "the last file of `try_files` is not there",
        "correct `root` or `alias`, or the path of `index.html`",
    ),
    Symptom(
        r"failed \(99: [^)]+\) while connecting to upstream",
        "`localhost` is the container itself, or an IPv6 address that it does not have",
        "write the name of the service; outside containers `127.0.0.1`",
    ),
    Symptom(
        '"proxy_pass" cannot have URI part in location given by regular expression',
        "`proxy_pass` has a path or a slash behind the host, in a location with an expression or a name",
        "write the host and the port alone, as `proxy_pass http://orthanc:8042;`",
    ),
    Symptom(
        r'unknown "(?P<name>\w+)" variable',
        "nginx knows no variable of that name; it does not read the environment of its container",
        "mount the file below `/etc/nginx/templates/` with the ending `.template`, or correct `{name}`",
    ),
    Symptom(
        'invalid number of arguments in "proxy_set_header" directive',
        "a header has no value: `envsubst` without names has replaced nginx's own variables by nothing",
        "write the names of your variables behind `envsubst`, or mount the file below `/etc/nginx/templates/`",
    ),
    Symptom(
        r"conflicting server name .* ignored",
        "two blocks `server` have the same name and port: nginx takes the first one that it reads",
        "remove one of them; the image of nginx has one in `conf.d/default.conf`",
    ),
    Symptom(
        r'duplicate location "(?P<path>[^"\n]+)"',
        "a server has two locations for one path",
        "write one location for `{path}`",
    ),
    Symptom(
        "error: port is missing|port is missing for container",
        "Traefik does not know on which port the container listens",
        "add the label `traefik.http.services.NAME.loadbalancer.server.port` with the port inside the container",
    ),
    Symptom(
        r"client version [\d.]+ is too old\. Minimum supported API version is",
        "the container engine is newer than Traefik, or another program that asks it, understands",
        "take a newer image of that program",
    ),
    Symptom(
        r"<NOSRV>|has no server available",
        "HAProxy reaches no server of the backend, or its check of the server fails",
        "write the name of the service and the port inside its container; the check may not ask a page that needs a password",
    ),
    Symptom(
        r"HTTP Error 404\.13\b|request that exceeds the request content length",
        "IIS limits the size of requests: to 30 MB by default",
        'write `<requestLimits maxAllowedContentLength="4294967295" />` below `security/requestFiltering` in web.config',
    ),
    Symptom(
        r"HTTP Error 502\.3\b",
        "IIS reaches nobody at the address of its rule, or waited too long for the answer",
        "look whether Orthanc runs at that address, and raise the time-out of the proxy in Application Request Routing",
    ),
    Symptom(
        r'unknown log format "(?P<name>[^"\n]+)"',
        "nginx's main file, which is another one than the image's, defines no log format of that name",
        "define it by `log_format {name} …;` in `http`, or remove the name behind `access_log`",
    ),
    Symptom(
        r'"proxy_busy_buffers_size" must be ',
        "`proxy_buffer_size` was raised, and not the sizes that depend on it",
        "write `proxy_buffer_size 32k;`, `proxy_buffers 8 32k;`, `proxy_busy_buffers_size 64k;` together",
    ),
    Symptom(
        r"bind\(\) to \S+ failed \(13: ",
        "nginx has no right to open this port: it does not run as root",
        "let it listen on a port from 1024 on (`listen 8080;`), and publish that one as 80 or 443",
    ),
    Symptom(
        r"connect\(\) to \S+ failed \(13: ",
        "SELinux forbids nginx to connect to other programs",
        "allow it: `setsebool -P httpd_can_network_connect 1`",
    ),
)
