"""Exit codes of the commands. docs/commands.md lists them; a test compares the two."""

from __future__ import annotations

from enum import IntEnum

from orthgen.errors import (
    DeploymentUnreachable,
    KeycloakRefused,
    KeycloakUnavailable,
    OrthgenError,
    Refused,
    RegistryRefused,
    RegistryUnavailable,
    UnsafePlan,
)


class ExitCode(IntEnum):
    """One code for each kind of outcome."""

    DONE = 0  # done, or nothing to do
    FAILED = 1  # failed; the message has the reason
    USAGE = 2  # the command line is wrong (click's own code)
    CHANGES = 3  # `--check`, `render --diff`: changes; `secrets`: a secret or a file needs somebody; `upgrade`: a migration
    REFUSED = 4  # refused: the command would destroy other people's work, or the server refused credentials or rights
    DENIED = 5  # `explain`: denied; `access --diff`: a gain; `check-token`: a broken rule; `verify`: a weakness is open, or an answer differs; `diagnose`: a finding; `doctor`: an error
    UNREACHABLE = 6  # the server could not be reached
    UNSAFE = 7  # unsafe plan: it needs an option of its own
    REPORTED = 8  # the realm gives more access than the profile, by objects that a run leaves as they are


def exit_code(error: OrthgenError) -> ExitCode:
    """The exit code for the kind of failure that `error` is."""
    codes = (
        (Refused | KeycloakRefused | RegistryRefused, ExitCode.REFUSED),
        (KeycloakUnavailable | DeploymentUnreachable | RegistryUnavailable, ExitCode.UNREACHABLE),
        (UnsafePlan, ExitCode.UNSAFE),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), ExitCode.FAILED)
