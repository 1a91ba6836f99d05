"""
Field types of the profile: the strict base model, and the values that people write in it.

Keys are written with dashes; an unknown key is an error. A validator here says what is wrong in the
author's words and, where there is one, the remedy: `invalid_value` carries both to `load`.
"""

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from orthgen.formats.yaml_io import typed


def invalid_value(message: str, hint: str, *, is_sensitive: bool = False) -> PydanticCustomError:
    """
    A validation error with a hint. Braces in the texts are literal; `load` makes it a finding.

    `is_sensitive`: what stands there may be a secret, and no excerpt shows it.
    """
    context = {"message": message, "hint": hint, "is_sensitive": is_sensitive}
    return PydanticCustomError("orthgen", "{message}", context)


def quoted(value: object) -> str:
    """A value of the profile in back-ticks; of a long text its beginning."""
    text = str(value)
    return f"`{text}`" if len(text) <= 80 else f"`{text[:60]}…`"


KIND = "x-kind"
"""The schema keyword that says in words what a value is, for the reference page; editors never see it."""


class Model(BaseModel):
    """Base of every mapping in a profile: frozen, no unknown keys, dashes instead of underscores."""

    model_config = ConfigDict(
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        defer_build=True,  # built once, with the root model: each class on its own would double the start-up time
        extra="forbid",
        frozen=True,
        validate_by_alias=True,
        validate_by_name=False,
    )


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model by the keys that people write, in the model's order."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


# ------------------------------------------------------------------------------------------------- words

# They show what follows in another order than it has (Unicode TR36): a reviewer would read another text than people see.
# The marks of direction U+200E and U+200F do not, and texts in Arabic and Hebrew need them.
REORDERING = r"\u202a-\u202e\u2066-\u2069"
_CREDENTIALS = r"(?i)[a-z]+://[^/\s]*@"


class Matching(Struct, frozen=True):
    """
    Marks a string that must match `regex` as a whole.

    `noun` names in messages what it should be: `an email address`.
    """

    regex: str
    noun: str
    hint: str = ""
    is_sensitive: bool = False
    """Whether what was written may be a secret by mistake, and is not repeated."""
    example: str = ""
    """A value that fits, to stand in for one that is wrong while the rest is checked."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check what was written, before pydantic's own words for it."""

        def check(value: Any) -> str:
            # Not compiled before it is needed: most profiles use few of the words.
            if isinstance(value, str) and re.fullmatch(self.regex, value):
                return str(value)
            if isinstance(value, str) and re.match(_CREDENTIALS, value):
                raise invalid_value(
                    "the address carries credentials",
                    "write it without user name and password",
                    is_sensitive=True,
                )
            is_shown = isinstance(value, str) and not self.is_sensitive
            shown = "nothing" if value is None or value == "" else quoted(value) if is_shown else "this"
            if isinstance(value, list | dict):
                kind = "a list" if isinstance(value, list) else "a mapping"
                raise invalid_value(
                    f"{kind} is not {self.noun}",
                    f"write one value, without {'brackets' if isinstance(value, list) else 'braces'}",
                    is_sensitive=self.is_sensitive,
                )
            raise invalid_value(f"{shown} is not {self.noun}", self.hint, is_sensitive=self.is_sensitive)

        return core_schema.no_info_plain_validator_function(check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The pattern that an editor checks, and its message (`patternErrorMessage` is VS Code's keyword)."""
        message = f"not {self.noun}: {self.hint}" if self.hint else f"not {self.noun}"
        return {
            "type": "string",
            "pattern": f"^(?:{self.regex})$",
            "patternErrorMessage": message.replace("`", ""),
            KIND: self.noun,
        }


Name = Annotated[
    str,
    Matching(
        r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
        "a name",
        "names are 1 to 63 lower-case letters, digits and dashes, beginning with a letter and ending with no dash: "
        "`pacs-admin`",
        example="name",
    ),
]
Label = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9_-]{1,64}",
        "a label that Orthanc accepts",
        "Orthanc's labels are 1 to 64 letters, digits, `_` and `-`, without accents or blanks",
        example="label",
    ),
]
AETitle = Annotated[
    str,
    Matching(
        r"(?! )[\x20-\x5b\x5d-\x7e]{1,16}(?<! )",
        "an application entity title",
        "an AET has 1 to 16 ASCII characters, no backslash, no blank at either end",
        example="AET",
    ),
]
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
# The last part is never a number: `10.1.2.999` would be an address with a slip in it.
_HOST = rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*(?![0-9]+$){_LABEL}"


def is_address(host: str) -> bool:
    """Whether a host is given by its IP address, and not by a name. A zone (`fe80::1%eth0`) means another link to each machine."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return getattr(address, "scope_id", None) is None


def _is_an_address(value: str) -> str:
    if value and not is_address(value):
        raise invalid_value(f"`{value}` is not an IP address", "write it as `10.1.2.3` or `fd00::1`")
    return value


def _is_a_host(value: str) -> str:
    return value if re.fullmatch(_HOST, value) else _is_an_address(value)


_IP = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+"
HostName = Annotated[
    str,
    Matching(
        rf"{_HOST}|{_IP}",
        "a host name or IP address",
        "write `pacs.example.org` or `10.1.2.3`, without scheme or port",
        example="host",
    ),
    AfterValidator(_is_a_host),
]
IpAddress = Annotated[
    str,
    Matching(
        _IP,
        "an IP address",
        "write it as `10.1.2.3`: Orthanc compares the address of the caller (DicomCheckModalityHost), so a name is not possible here",
        example="192.0.2.1",
    ),
    AfterValidator(_is_an_address),
]
BindAddress = Annotated[
    str,
    Matching(
        f"|{_IP}",
        "an IP address of the host",
        "write the address of one of the host's own networks, such as `192.0.2.20`",
    ),
    AfterValidator(_is_an_address),
]
"""An address that ports are published on; empty for all."""


def host_of(url: str) -> str:
    """The host as browsers send it: in small letters, in ASCII, an IPv6 address in brackets."""
    host = urlsplit(url).hostname or ""
    if ":" in host:
        return f"[{_is_an_address(host)}]"
    if not host.isascii():
        raise invalid_value(f"`{host}` has letters that browsers write otherwise", _ascii_form(host))
    if not re.fullmatch(rf"{_HOST}|{_IP}", host):
        raise invalid_value(
            f"`{host}` is not a host name", "write letters, digits, dots and dashes: `pacs.example.org`"
        )
    return _is_a_host(host)


def port_of(url: str) -> int | None:
    """The port that the address names."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise invalid_value(f"`{url}` has no valid port", "a port is a number from 1 to 65535")
    return port


def _ascii_form(host: str) -> str:
    try:
        return f"write its ASCII form: `{host.encode('idna').decode('ascii')}`"
    except UnicodeError:
        return "write its ASCII form (`xn--…`)"


def names_a_host(value: str) -> str:
    """Hold the host and the port of a URL against what they can be."""
    try:
        urlsplit(value)
    except ValueError as error:
        raise invalid_value(
            f"`{value}` is not a web address", "an IPv6 address is written in brackets"
        ) from error
    port_of(value)
    host_of(value)
    return value


WebUrl = Annotated[
    str,
    Matching(
        r"https?://[^\s/?#@\x22'<>\\^`{|}]+(?:/[^\s?#\x22'<>\\^`{|}]*)?",
        "a web address",
        "write the whole address, such as `https://www.example.org`",
        example="https://www.example.org",
    ),
    AfterValidator(names_a_host),
]
Email = Annotated[
    str,
    Matching(
        rf"[^@\s\x22'<>;,\x00-\x1f\x7f-\x9f{REORDERING}]+@(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}",
        "an e-mail address",
        "write `name@example.org`",
        example="name@example.org",
    ),
]
Language = Annotated[
    str, Matching(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})?", "a language code", "write `en`, `fr`, `de`, …")
]
UrlPath = Annotated[
    str,
    Matching(
        r"/|(?:/[A-Za-z0-9_-]+)+/",
        "a path on the public origin",
        "a path begins and ends with `/`, and has letters, digits, `-` and `_` between: `/orthanc/`",
    ),
]
# Control characters and every kind of blank.
_NO_END = rf"\x00-\x20\x7f-\xa0\u1680\u2000-\u200b\u2028\u2029{REORDERING}\u202f\u205f\u3000\ufeff"
FilePath = Annotated[
    str,
    Matching(
        # A folder is no file: no `/` at the end, neither `.` nor `..` there.
        rf"(?!~|\.\.?$)[^{_NO_END}\x22'`$\\;{{}}<>|*?]+(?<!/)(?<!/\.)(?<!/\.\.)",
        "a file's path",
        "write the path of a file, without blanks, quotes or `$`; a person's own folder (`~`) is written out",
        example="file",
    ),
]
_MIDDLE = rf"\x00-\x1f\x7f-\x9f\u2028\u2029{REORDERING}"


def _line_of_text(most: str, what: str, hint: str) -> Matching:
    """One line; `most`: how many characters stand between the first and the last, as a quantifier."""
    return Matching(
        rf"[^{_NO_END}](?:[^{_MIDDLE}]{most}[^{_NO_END}])?",
        what,
        f"write {hint}, without control characters (also those of the direction of writing), or blanks (no-break spaces too) at its "
        "ends",
        example="text",
    )


Text = Annotated[str, _line_of_text("*", "a line of text", "one line")]
ShortText = Annotated[
    str, _line_of_text("{0,253}", "a line of at most 255 characters", "one line of at most 255 characters")
]
"""A text for a column of Keycloak's database that takes 255 characters (26.2 to 26.7): with more, no realm is imported."""
DistinguishedName = Annotated[
    str,
    Matching(
        rf"[A-Za-z0-9][A-Za-z0-9.-]* *=(?:[^{_MIDDLE}]*[^{_NO_END}])?",
        "a distinguished name",
        "write the whole DN: `ou=people,dc=example,dc=org`",
        example="ou=people",
    ),
]


def _port(value: Any) -> int:
    is_number = isinstance(value, int) or (isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value))
    if not is_number or isinstance(value, bool) or not 0 < int(value) < 65536:
        raise invalid_value(f"`{value}` is not a port", "a port is a number from 1 to 65535")
    return int(value)


Port = Annotated[
    int,
    BeforeValidator(_port),
    WithJsonSchema(
        {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 65535, KIND: "a port"}
    ),
]


_SECRET_NAME = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"  # noqa: S105 - what a name is made of
SecretName = Annotated[
    str,
    Matching(
        _SECRET_NAME,
        "the name of a secret",
        "write the name of a file below `secrets/`, such as `entra-client-secret`; never the secret itself",
        is_sensitive=True,
        example="name",
    ),
]


class SecretRef(Model):
    """Where a secret is found, never the secret: the name of a file below `secrets/`."""

    secret: SecretName = Field(
        description="The name of a file below `secrets/`, such as `entra-client-secret`."
    )


WHERE_SECRETS_GO = (
    "write `{secret: name-of-the-secret}` and put the value into `secrets/name-of-the-secret` of the deployment; "
    "if this profile was ever shared, change the secret"
)


def _secret_ref(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    raise invalid_value("a profile cannot contain a secret", WHERE_SECRETS_GO, is_sensitive=True)


Secret = Annotated[SecretRef, BeforeValidator(_secret_ref)]


def _settings(value: Any) -> Any:
    """Plain scalars as JSON has them, and `{secret: name}` as the reference that it is; a misspelt one stays as it is."""
    if isinstance(value, dict):
        name = value.get("secret")
        if len(value) == 1 and isinstance(name, str) and re.fullmatch(_SECRET_NAME, name):
            return SecretRef.model_construct(secret=str(name))
        return {str(key): _settings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_settings(item) for item in value]
    return typed(value)


Settings = Annotated[dict[str, Any], BeforeValidator(_settings)]
"""Raw configuration keys, handed through; a secret in them is named."""
