"""Reader of nginx's configuration: virtual hosts, locations, and the directives that are in force in each."""

from __future__ import annotations

import fnmatch
import re
import tempfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.nginx_contexts import MAIN, misplaced
from orthgen.observed.proxy_model import MAX_INHERITED, Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product, Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthgen.observed.container_file import ContainerFile
    from orthgen.observed.files import TextFile
    from orthgen.observed.inclusion import IncludedFiles

INVALID_NGINX = Rule(
    "invalid-nginx",
    Severity.ERROR,
    summary="A configuration file of nginx cannot be parsed.",
    remedy="Look at the line that the finding shows, and at the line above it: most often a semicolon or a brace is missing.",
    file="nginx.conf",
    example="""
        server {
          listen 80;
          location /orthanc/ {
            proxy_pass http://orthanc:8042/;
        }
    """,
    consequence="nginx does not start, or keeps its old configuration.",
    counterexample="""
        server {
          listen 80;
          location /orthanc/ {
            proxy_pass http://orthanc:8042/;
          }
        }
    """,
)

_MAX_NESTING = 40
_MAX_INCLUDES = 200
_MAX_CHARACTERS = 512 * 1024
# Directives that belong to their own level. All others hold below it too, until one of the same name replaces them.
_OWN = frozenset(
    {
        "proxy_pass",
        "return",
        "rewrite",
        "try_files",
        "listen",
        "server_name",
        "js_content",
        "if",
        "alias",
        "default_type",
    }
)
# Directives that are no arguments of another one.
_COMMON = frozenset(
    {
        "listen",
        "server_name",
        "location",
        "proxy_pass",
        "proxy_set_header",
        "client_max_body_size",
        "add_header",
        "root",
    }
    | {
        "ssl_certificate",
        "ssl_certificate_key",
        "proxy_read_timeout",
        "proxy_http_version",
        "include",
        "return",
        "rewrite",
    }
)
_UNFINISHED = 'unexpected end of file, expecting "}"'


class Statement(Struct, frozen=True):
    """A directive with its arguments, and the directives of its block."""

    directive: Directive
    block: tuple[Statement, ...] | None = None

    @property
    def name(self) -> str:
        """The name of the directive."""
        return self.directive.name


def parse(file: TextFile) -> tuple[tuple[Statement, ...], list[Finding]]:
    """The directives of a file. A brace that is missing at its end is a finding, and added."""
    if len(file.text) > _MAX_CHARACTERS:
        place = Location(file.name, 1, 1)
        return (), [Finding(INVALID_NGINX, f"not read: longer than {_MAX_CHARACTERS // 1024} kB", place)]
    text = file.text.removeprefix("\ufeff")
    lines = text.split("\n")
    bare = _without_comments(text)
    if deep := _too_deep_line(bare):
        error = {"line": deep, "error": f"nested too deeply: at most {_MAX_NESTING} levels are read"}
        return (), [_finding(error, file, lines)]
    config = _parsed(bare)
    errors = config["errors"]
    for missing in range(1, _MAX_NESTING):
        if not config["errors"] or not str(config["errors"][-1]["error"]).startswith(_UNFINISHED):
            break
        config = _parsed(bare + "\n" + "}" * missing)
    statements = tuple(_statements(config["parsed"], file.name, lines))
    findings = [_finding(error, file, lines) for error in errors]
    return statements, [*findings, *_swallowed(statements, lines)]


def _swallowed(statements: Sequence[Statement], lines: Sequence[str]) -> Iterator[Finding]:
    """Directives that became arguments of the one above, because a semicolon is missing there."""
    for statement in statements:
        directive = statement.directive
        for argument in directive.arguments:
            line = directive.location.line
            below = lines[line : line + 2]
            if argument in _COMMON and any(text.lstrip().startswith(argument) for text in below):
                message = f"not valid nginx configuration: no `;` ends `{directive.name}` before `{argument}`"
                yield Finding(INVALID_NGINX, message, directive.location, "write `;` at the end of the line")
                break
        yield from _swallowed(statement.block or (), lines)


def _parsed(bare: str) -> Any:
    import crossplane  # type: ignore[import-untyped]  # noqa: PLC0415 - seldom needed

    # The parser reads files only.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf", errors="replace") as copy:
        copy.write(bare)
        copy.flush()
        payload = crossplane.parse(copy.name, single=True, check_ctx=False)
    return payload["config"][0]


# Comments and strings begin where a word does; a string may have a `#` at the start of a line.
_COMMENT_OR_INDENTATION = re.compile(
    r"""(?m)(?:^|(?<=[\s;{}]))(?:(?P<string>"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"|'[^'\\]*+(?:\\[\s\S][^'\\]*+)*+')|\#.*)|^[ \t]+"""
)
_BRACE_OR_STRING = re.compile(r"""(?s)"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\\.|[{}]""")


def _without_comments(text: str) -> str:
    """The text without comments and indentation, line by line: crossplane's lexer takes each character through three generators."""
    return _COMMENT_OR_INDENTATION.sub(lambda match: match["string"] or "", text)


def _too_deep_line(bare: str) -> int | None:
    """The line of the brace that is one too deep for crossplane, which reads each block within the one around it."""
    depth = 0
    for match in _BRACE_OR_STRING.finditer(bare):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth > _MAX_NESTING:
            return match.string.count("\n", 0, match.start()) + 1
    return None


def _finding(error: Mapping[str, Any], file: TextFile, lines: Sequence[str]) -> Finding:
    line = error["line"] or len(lines)
    text = lines[min(line, len(lines)) - 1]
    place = Location(file.name, line, len(text) - len(text.lstrip()) + 1)
    problem = str(error["error"]).partition(f" in {tempfile.gettempdir()}")[0].rstrip(".")
    message = f"not valid nginx configuration: {problem or 'the file ends within a directive'}"
    return Finding(
        INVALID_NGINX, message, place, "look at the lines above, too: a `;` or a brace may be missing"
    )


def _statements(parsed: Sequence[Mapping[str, Any]], file: str, lines: Sequence[str]) -> Iterator[Statement]:
    for each in parsed:
        name, line = each["directive"], each["line"]
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        column = max(text.find(name), 0) + 1
        directive = Directive(name, tuple(each["args"]), Location(file, line, column))
        block = each.get("block")
        inside = None if block is None else tuple(_statements(block, file, lines))
        yield Statement(directive, inside)


def proxy_of(
    entries: Sequence[TextFile], files: IncludedFiles, service: Service | None, *, is_main: bool | None = None
) -> tuple[Proxy, list[Finding]]:
    """
    The proxy whose configuration begins with these files, and what is wrong in them.

    `is_main` tells whether they are nginx's main file, or files that it includes; None where that is not known.
    """
    reader = _Reader(files)
    statements = [each for entry in entries for each in reader.expanded(entry)]
    reader.walk(statements, ())
    proxy = Proxy(Product.NGINX, tuple(reader.servers), reader.upstreams, service)
    if is_main is not None:
        for entry in entries:
            own = [each.directive for each in reader.read[entry.name]]
            reader.findings += misplaced(own, is_main=is_main)
    return proxy, reader.findings


class _Reader:
    """The state of reading one nginx."""

    def __init__(self, files: IncludedFiles) -> None:
        self.files = files
        self.findings: list[Finding] = []
        self.servers: list[ProxyServer] = []
        self.upstreams: dict[str, tuple[str, ...]] = {}
        self.read: dict[str, tuple[Statement, ...]] = {}
        self.includes = 0

    def expanded(self, file: TextFile, above: tuple[str, ...] = ()) -> Iterator[Statement]:
        """The directives of a file, those of included files in place of `include`."""
        if file.name not in self.read:
            self.read[file.name], findings = parse(file)
            self.findings += findings
        yield from self._with_includes(self.read[file.name], file, (*above, file.name))

    def _with_includes(
        self, statements: Sequence[Statement], file: TextFile, above: tuple[str, ...]
    ) -> Iterator[Statement]:
        for statement in statements:
            if statement.name == "include" and statement.directive.arguments:
                included = self.files.included(statement.directive.arguments[0], file)
                if not included:
                    yield from _unread(statement.directive)
                for other in included:
                    self.includes += 1
                    if other.name in above:
                        message = f"`{other.name}` includes itself"
                        self.findings.append(Finding(INVALID_NGINX, message, statement.directive.location))
                    elif self.includes <= _MAX_INCLUDES:
                        yield from self.expanded(other, above)
            elif statement.block is not None:
                block = tuple(self._with_includes(statement.block, file, above))
                yield Statement(statement.directive, block)
            else:
                yield statement

    def walk(self, statements: Sequence[Statement], inherited: tuple[Directive, ...]) -> None:
        """Collect servers and upstreams at this level and below; a location outside any server is one of its own."""
        directives = in_force(inherited, statements)
        loose = []
        for statement in statements:
            if statement.name == "server" and statement.block is not None:
                self.servers.append(_server(statement, statement.block, directives))
            elif (
                statement.name == "upstream" and statement.block is not None and statement.directive.arguments
            ):
                name = statement.directive.arguments[0]
                self.upstreams[name] = tuple(
                    inner.directive.arguments[0]
                    for inner in statement.block
                    if inner.name == "server" and inner.directive.arguments
                )
            elif statement.name in {"http", "stream"} and statement.block is not None:
                self.walk(statement.block, directives)
            elif statement.name == "location":
                loose.append(statement)
        if loose:
            # A snippet that is included from a file that was not seen.
            locations = tuple(each for statement in loose for each in _locations(statement, directives))
            place = loose[0].directive.location
            self.servers.append(
                ProxyServer(
                    (), (), uses_tls=False, locations=locations, directives=directives, location=place
                )
            )


# Files that come with nginx or with other programs, and say nothing about what is passed on.
_HARMLESS = re.compile(
    r"[*?]|mime\.types|ssl|tls|letsencrypt|modules|(?:fastcgi|uwsgi|scgi)_params|acme|gzip|errors?\b"
)
# The file `proxy_params` of Debian's package (nginx-common 1.26).
_PROXY_PARAMS = (
    ("Host", "$http_host"),
    ("X-Real-IP", "$remote_addr"),
    ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    ("X-Forwarded-Proto", "$scheme"),
)


def _unread(directive: Directive) -> Iterator[Statement]:
    """What stands in place of a file that was not read: its directives where they are known, else `unread_include`."""
    name = directive.arguments[0]
    if PurePosixPath(name).name == "proxy_params":
        for arguments in _PROXY_PARAMS:
            yield Statement(Directive("proxy_set_header", arguments, directive.location))
    elif not _HARMLESS.search(name):
        yield Statement(Directive("unread_include", directive.arguments, directive.location))


def in_force(inherited: Sequence[Directive], statements: Sequence[Statement]) -> tuple[Directive, ...]:
    """The directives of a level, above those of the levels around it that they do not replace."""
    own = [each.directive for each in statements if each.block is None or each.name == "if"]
    names = {each.name for each in own} - {"set"}
    outer = inherited[-MAX_INHERITED:]
    kept = (each for each in outer if each.name not in names and each.name not in _OWN)
    return (*kept, *own)


def _server(statement: Statement, block: Sequence[Statement], inherited: Sequence[Directive]) -> ProxyServer:
    directives = in_force(inherited, block)
    listens = tuple(each.directive for each in block if each.name == "listen")
    names = tuple(name for each in block if each.name == "server_name" for name in each.directive.arguments)
    uses_tls = any("ssl" in each.arguments or "quic" in each.arguments for each in listens) or any(
        each.name == "ssl" and each.arguments == ("on",) for each in directives
    )
    locations = tuple(
        location for each in block if each.name == "location" for location in _locations(each, directives)
    )
    return ProxyServer(listens, names, uses_tls, locations, directives, statement.directive.location)


def _locations(statement: Statement, inherited: Sequence[Directive]) -> Iterator[ProxyLocation]:
    """A location, and those inside it."""
    arguments = statement.directive.arguments
    if not arguments:
        return
    block = statement.block or ()
    directives = in_force(inherited, block)
    modifier, path = (arguments[0], arguments[1]) if len(arguments) > 1 else ("", arguments[0])
    match = re.match(r"(=|\^~|~\*|~)(.+)", path)
    if not modifier and match is not None:  # nginx takes `location =/path`, too
        modifier, path = match[1], match[2]
    upstream = _upstream(directives)
    yield ProxyLocation(
        path, modifier, upstream, _passes_uri(upstream), directives, statement.directive.location
    )
    for inner in block:
        if inner.name == "location":
            yield from _locations(inner, directives)


def _upstream(directives: Sequence[Directive]) -> str:
    """The address of `proxy_pass`, with variables that `set` gives a text."""
    values: dict[str, str] = {}
    address = ""
    for directive in directives:
        if directive.name == "set" and len(directive.arguments) == 2:
            values[directive.arguments[0].removeprefix("$")] = directive.arguments[1]
        elif directive.name == "proxy_pass" and directive.arguments:
            address = directive.arguments[0]
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), address)


_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


def _passes_uri(upstream: str) -> bool:
    return re.match(r"https?://[^/]+/", upstream) is not None


class ContainerNginxFiles:
    """The files that are mounted into an nginx container."""

    def __init__(self, files: Sequence[ContainerFile]) -> None:
        self.files = {file.path: file.file for file in files}

    def add(self, path: str, file: TextFile) -> None:
        """A file that nobody mounts but that must belong here."""
        self.files[path] = file

    @property
    def has_main(self) -> bool:
        """Whether nginx's main file is mounted."""
        return MAIN in self.files

    def entries(self) -> list[TextFile]:
        """The main file, or what the image's own main file includes."""
        if self.has_main:
            return [self.files[MAIN]]
        return [file for path, file in sorted(self.files.items()) if _INCLUDED.fullmatch(path)]

    def included(self, pattern: str, by: TextFile) -> Sequence[TextFile]:  # noqa: ARG002 - nginx starts from its prefix
        """The files of an `include` directive; a relative path starts from /etc/nginx."""
        whole = str(PurePosixPath("/etc/nginx") / pattern)
        if whole in self.files:  # no pattern, as most of them
            return [self.files[whole]]
        return [self.files[path] for path in sorted(fnmatch.filter(self.files, whole))]


_INCLUDED = re.compile(
    r"/etc/nginx/(?:conf\.d/[^/]+\.conf|templates/[^/]+\.template|http\.d/[^/]+\.conf|sites-enabled/[^/]+)"
)
