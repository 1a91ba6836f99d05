"""Very large and very hostile deployments are read in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from orthgen.observed.read import observe, observe_texts

GOLDEN = Path(__file__).parents[1] / "golden"
_BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{number}: &a{number} [{','.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 9)
)


def test_aliases_without_end_are_a_finding() -> None:
    """A file of 400 characters that means half a billion values is refused, not expanded."""
    text = f"{_BOMB}services: {{o: {{image: x, labels: *a8}}}}"
    code = (
        "import re, sys; from orthgen.observed.read import observe_texts; "
        "print(observe_texts({'compose.yml': sys.stdin.read()}).findings[0].message); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    # A process of its own, and its memory since it started: the peak of `getrusage` is that of the process before it.
    run = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True)
    message, kilobytes = run.stdout.splitlines()

    assert "without end" in message
    assert int(kilobytes) < 200_000


def test_twenty_thousand_unknown_keys() -> None:
    """As many keys in a file, and variables in an environment, are read without a search for each."""
    keys = ",".join(f'"Key{number}": {number}' for number in range(20_000))
    variables = "".join(f"      ORTHANC__KEY_X{number}: '{number}'\n" for number in range(20_000))
    start = time.process_time()
    deployment = observe_texts(
        {
            "compose.yml": "services:\n  o:\n    image: orthancteam/orthanc\n    volumes: ['./o.json:/etc/orthanc/o.json']\n"
            f"    environment:\n{variables}",
            "o.json": f'{{{keys}, "DicomAet": "A"}}',
        }
    )

    number = len(deployment.orthancs[0].settings.value)
    place = str(deployment.orthancs[0].settings.locate(("KeyX19999",)))
    seconds = time.process_time() - start

    # Only short values: pytest would write out a deployment of 40,000 settings.
    assert (number, place) == (40_001, "compose.yml:20005:28")
    assert seconds < 8


def test_fifty_thousand_unrelated_files_are_passed_over(tmp_path: Path) -> None:
    """The configuration near the root of a folder is read, whatever stands below."""
    (tmp_path / "orthanc.json").write_text('{"DicomAet": "A"}')
    (tmp_path / "data").mkdir()
    for number in range(50_000):
        os.close(os.open(tmp_path / f"data/{number}.json", os.O_CREAT))
    start = time.process_time()
    deployment = observe([str(tmp_path)])
    seconds = time.process_time() - start

    assert deployment.orthancs[0].settings.value == {"DicomAet": "A"}
    assert [sentence.partition(" has ")[2] for sentence in deployment.unseen] == [
        "more than 500 files. The others were not read."
    ]
    assert seconds < 5


def least_ratio(code: str) -> float:
    """The least number that a program prints in three runs, each in a process of its own."""
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs)


def test_a_whole_deployment_is_read_in_the_time_of_the_imports() -> None:
    """Reading every file of a deployment takes at most as long again as importing its readers."""
    code = (
        "import time; start = time.process_time(); import crossplane, dotenv.parser, tree_sitter, tree_sitter_javascript; "
        "from orthgen.observed.read import observe; imported = time.process_time(); "
        f"observe([{str(GOLDEN / 'paradim/compose')!r}]); "
        "print((time.process_time() - start) / (imported - start))"
    )

    assert least_ratio(code) < 2


def test_a_whole_diagnosis_takes_less_than_the_imports_again() -> None:
    """A diagnosis of a deployment, from reading to the report, takes at most as long again as importing its modules."""
    code = (
        "import time; start = time.process_time(); import crossplane, dotenv.parser, tree_sitter, tree_sitter_javascript; "
        "from orthgen.cli.tasks.diagnose import diagnose_paths; from orthgen.diagnosis.rules import rule_modules; rule_modules(); "
        "from orthgen.diagnosis.diagnose import diagnose; from orthgen.observed.read import observe; imported = time.process_time(); "
        f"diagnose(observe([{str(GOLDEN / 'paradim/compose')!r}])); "
        "print((time.process_time() - start) / (imported - start))"
    )

    assert least_ratio(code) < 2
