"""The programs that the doctor asks: their output, and a reason in words where there is none."""

from __future__ import annotations

import sys

import pytest

from orthgen.doctor.container_engine import ContainerEngine, NoAnswer

PROGRAM = "import sys; sys.stderr.write({said!r}); print(sys.stdin.read()); sys.exit({code})"


def test_a_program_gets_its_input_and_gives_its_output() -> None:
    """Standard error of a program that succeeds is no answer."""
    line = (sys.executable, "-c", PROGRAM.format(said="a warning", code=0))

    assert ContainerEngine().run(*line, stdin="given") == "given"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-c", PROGRAM.format(said="cannot connect\nmore", code=3)), "cannot connect"),
        (("there-is-no-such-program", "ps"), "`there-is-no-such-program` is not installed"),
        (("/", "ps"), "`/` cannot be started: permission denied"),
        (("sleep", "60"), "`sleep 60` did not end within 0.1 seconds"),
    ],
)
def test_a_program_without_an_answer_has_a_reason(command: tuple[str, ...], reason: str) -> None:
    """A code other than 0, a program that is not there, one that may not run, one that does not end."""
    with pytest.raises(NoAnswer) as caught:
        ContainerEngine().run(*command, seconds=10 if command[0] == sys.executable else 0.1)

    assert reason in str(caught.value)
