"""Exit codes of the commands. docs/commands.md lists them; a test compares the two."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """One code for each kind of outcome."""

    DONE = 0  # done, or nothing to do
    FAILED = 1  # it could not be done; the message says why
    USAGE = 2  # the command line is wrong (click's own code)
    CHANGES = 3  # `render --check`, `provision-keycloak --check`: there are changes
    REFUSED = 4  # going on would destroy somebody else's work, or the server refused credentials or rights
    DENIED = 5  # `explain`: denied; `access --diff`: something is gained; `verify`: something is open
    UNREACHABLE = 6  # the server could not be reached
    UNSAFE = 7  # the plan does more than is safe without its own flag
    REPORTED = 8  # the realm gives more than the profile says, by what is others' to change
