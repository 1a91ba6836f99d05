"""
Speed of `orthgen render` and `orthgen diagnose`, as ratios within one run: `python benchmarks/render.py [ROUNDS]`.

Whole processes, started in turn, so that a busy machine slows both sides of a ratio alike; the numbers are
medians. CPU time is that of the process and its children, and tells more on a machine that others use too.
The bare imports of a command are the modules of other packages that the command imports, and nothing else.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PARADIM = ROOT / "profiles/paradim.yaml"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)  # or whatever changed last is compiled at every start
ORTHGEN = "from orthgen.cli.entry_point import main; main()"
# The modules of other packages, in the order of their imports. The entry point would end the process before it prints.
IMPORTS_OF_OTHERS = """
import os, sys
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
from orthgen.cli.app import main
sys.stdout = open(os.devnull, "w")
try:
    main()
finally:
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    names = [name for name, file in files.items() if "site-packages" in file and not name.startswith("orthgen")]
    sys.__stdout__.write("import " + ", ".join(names))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one process: on the clock, and of processors."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table: a figure, what it should be, and what it may be at worst."""

    what: str
    figure: float
    goal: float
    worst: float
    note: str = ""


def run(code: str, *arguments: str) -> Cost:
    """One Python process that runs `code`; a failure of it is ours to know about."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def bare_imports(*arguments: str) -> str:
    """The imports that a command makes of other packages, as a program of one line."""
    return subprocess.run(
        [sys.executable, "-c", IMPORTS_OF_OTHERS, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def alone(folder: Path) -> str:
    """A folder for a deployment without another one beside it: two of one name give a warning, and are read."""
    folder.mkdir()
    return str(folder / "deployment")


def middle(costs: list[Cost]) -> Cost:
    """The median of each."""
    return Cost(median(cost.wall for cost in costs), median(cost.cpu for cost in costs))


def one_profile(folder: Path, rounds: int) -> list[Goal]:
    """Rendering paradim.yaml into a new folder, and again, beside the bare import of the libraries."""
    imported = bare_imports("render", str(PARADIM), "--out", str(folder / "paradim"))
    bare, new, again = [], [], []
    for number in range(rounds):
        out = alone(folder / f"round-{number}")
        bare.append(run(imported))
        new.append(run(ORTHGEN, "render", str(PARADIM), "--out", out))
        again.append(run(ORTHGEN, "render", str(PARADIM), "--out", out))
    imports, first, second = middle(bare), middle(new), middle(again)
    note = f"{first.wall:.3f} s to {imports.wall:.3f} s"
    return [
        Goal("render, new folder : bare imports", first.wall / imports.wall, 1.3, 1.6, note),
        Goal("  the same in CPU time", first.cpu / imports.cpu, 1.3, 1.6),
        Goal("render, nothing to do : bare imports", second.wall / imports.wall, 1.3, 1.6),
        Goal("  the same in CPU time", second.cpu / imports.cpu, 1.3, 1.6),
    ]


def whole_deployment(folder: Path, rounds: int) -> list[Goal]:
    """Diagnosing the rendered folder of paradim.yaml, beside the bare imports of its libraries."""
    out = alone(folder / "diagnosis")
    run(ORTHGEN, "render", str(PARADIM), "--out", out)
    imported = bare_imports("diagnose", out)
    bare, whole = [], []
    for _ in range(rounds):
        bare.append(run(imported))
        whole.append(run(ORTHGEN, "diagnose", out))
    imports, diagnosis = middle(bare), middle(whole)
    note = f"{diagnosis.wall:.3f} s to {imports.wall:.3f} s"
    return [
        Goal("diagnose, a whole deployment : bare imports", diagnosis.wall / imports.wall, 2.0, 2.0, note),
        Goal("  the same in CPU time", diagnosis.cpu / imports.cpu, 2.0, 2.0),
    ]


def help_texts(rounds: int) -> list[Goal]:
    """`--help` of the program and of every command, in seconds."""
    shown = subprocess.run(
        [sys.executable, "-c", ORTHGEN, "--help"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    commands = re.findall(
        r"^  ([a-z-]+)  +[A-Z]", shown.partition("Commands:")[2].partition("Options:")[0], re.MULTILINE
    )
    costs: dict[str, list[Cost]] = {name: [] for name in ("", *commands)}
    for _ in range(rounds):
        for name, measured in costs.items():
            measured.append(run(ORTHGEN, *([name] if name else []), "--help"))
    slowest = max(costs, key=lambda name: middle(costs[name]).cpu)
    cost = middle(costs[slowest])
    what = f"slowest --help of {len(costs)}, seconds"
    return [
        Goal(what, cost.wall, 0.15, 0.15, f"`orthgen {slowest} --help`"),
        Goal("  the same in CPU time", cost.cpu, 0.15, 0.15),
    ]


def many_profiles(folder: Path, rounds: int, count: int = 500) -> list[Goal]:
    """`count` profiles in one call: what each further one costs, to the whole process of the first."""
    text = PARADIM.read_text(encoding="utf-8")
    paths = []
    for number in range(count):
        path = folder / f"institution-{number}.yaml"
        path.write_text(text.replace("name: PARADIM", f"name: Institution {number}"), encoding="utf-8")
        paths.append(str(path))
    one, all_of_them = [], []
    for number in range(rounds):
        single, several = alone(folder / f"one-{number}"), folder / f"all-{number}"
        one.append(run(ORTHGEN, "render", paths[0], "--out", single))
        all_of_them.append(run(ORTHGEN, "render", *paths, "--parent", str(several)))
        shutil.rmtree(several)
    first, whole = middle(one), middle(all_of_them)
    further = (whole.wall - first.wall) / (count - 1)
    cores = whole.cpu / whole.wall
    note = f"{whole.wall:.1f} s for {count}, {cores:.1f} of {os.cpu_count()} cores busy"
    return [
        Goal("each further profile : the first one's process", further / first.wall, 0.1, 0.1, note),
        Goal(
            "  the same in CPU time",
            (whole.cpu - first.cpu) / (count - 1) / first.cpu / (os.cpu_count() or 1),
            0.1,
            0.1,
            "divided by the cores",
        ),
    ]


def long_profile(lines: int) -> str:
    """A profile of about that many lines: collections, roles and modalities as they grow in real life."""
    text = PARADIM.read_text(encoding="utf-8")
    collections, roles, modalities = [], [], []
    for number in range(max(0, (lines - text.count("\n")) // 14)):
        collections += [
            f"  cohort-{number}:",
            f"    title: Cohort {number}",
            "    gather:",
            f'      - {{tags: {{InstitutionName: "Site {number}*", Modality: MR}}}}',
        ]
        roles += [
            f"  reader-{number}:",
            f"    title: Reader of cohort {number}",
            "    can: [view, download]",
            f"    collections: [cohort-{number}]",
            "    granted-by:",
            f"      - {{entra-id: Orthanc.Reader.{number}}}",
        ]
        modalities += [
            f"    scanner-{number}:",
            f"      aet: SCAN{number}",
            f"      host: 10.{number // 250 % 250}.{number % 250}.7",
            "      may: [echo, store]",
        ]
    for heading, added in (("\nroles:", collections), ("\nviewers:", roles), ("\ninterface:", modalities)):
        text = text.replace(heading, "".join(f"{line}\n" for line in added) + heading, 1)
    return text


_IN_PROCESS = """
import sys, time
from statistics import median
from orthgen.rendering.pipeline import render_profile
render_profile(sys.argv[1])
seconds = []
for _ in range(5):
    start = time.process_time()
    render_profile(sys.argv[1])
    seconds.append(time.process_time() - start)
print(median(seconds))
"""


def growth(folder: Path) -> list[Goal]:
    """What a line costs in a profile of 10,000 lines, to what it costs in one of 100; start-up left out."""
    per_line = {}
    for lines in (100, 1_000, 10_000):
        path = folder / f"lines-{lines}.yaml"
        path.write_text(long_profile(lines), encoding="utf-8")
        measured = subprocess.run(
            [sys.executable, "-c", _IN_PROCESS, str(path)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        per_line[lines] = float(measured) / path.read_text(encoding="utf-8").count("\n")
    microseconds = ", ".join(f"{cost * 1e6:.0f} µs in {lines:,}" for lines, cost in per_line.items())
    return [
        Goal("a line of 10,000 : a line of 100", per_line[10_000] / per_line[100], 1.0, 1.5, microseconds)
    ]


def main() -> None:
    """Print the table; exit with 1 where a figure is worse than it may be."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        goals = [
            *one_profile(folder, rounds),
            *whole_deployment(folder, rounds),
            *help_texts(rounds),
            *many_profiles(folder, max(1, rounds // 4)),
            *growth(folder),
        ]
    width = max(len(goal.what) for goal in goals)
    sys.stdout.write(f"{'':{width}}  figure   goal  worst\n")
    for goal in goals:
        mark = (
            "" if goal.figure <= goal.goal else " over the goal" if goal.figure <= goal.worst else " TOO SLOW"
        )
        line = f"{goal.what:{width}}  {goal.figure:6.2f} {goal.goal:6.2f} {goal.worst:6.2f}{mark}"
        sys.stdout.write(f"{line}  ({goal.note})\n" if goal.note else f"{line}\n")
    sys.exit(any(goal.figure > goal.worst for goal in goals))


if __name__ == "__main__":
    main()
