"""Whatever other people do in a deployment's folder while it is rendered is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.workspace import apply as apply_module
from orthgen.workspace import atomic_swap, durable, recovery
from orthgen.workspace import build as build_module
from orthgen.workspace.apply import apply
from orthgen.workspace.cleanup import follow_renames
from orthgen.workspace.journal import Journal
from orthgen.workspace.plan import plan
from tests.support.output_folder import NEW, begin, files, whole

if TYPE_CHECKING:
    from collections.abc import Callable


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[], object], after: Callable[[], object]
) -> None:
    """Let somebody do something right before, and right after the new deployment takes its place."""
    original = apply_module._swap_in  # noqa: SLF001 - the moment is the point

    def take_place(places: Any) -> None:
        before()
        original(places)
        after()

    monkeypatch.setattr(apply_module, "_swap_in", take_place)


def nothing() -> None:
    """Nobody does anything."""


def replace(path: Path, text: str) -> None:
    """Write a file as most programs do: a new one that is renamed."""
    beside = path.with_name("beside")
    beside.write_text(text)
    beside.replace(path)


@pytest.mark.parametrize("path", ["late", "data/late", "nginx/late", "late/deep/down", "secrets/late"])
def test_a_file_that_comes_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Beside the others, in a folder of somebody else's, in one that is going, in a new one."""
    folder = tmp_path / "deployment"
    begin(folder)

    def come() -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("late")

    meanwhile(monkeypatch, come, nothing)
    apply(plan(NEW, folder))

    assert files(folder) == whole(NEW) | {path: "late"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["deployment"]


def test_a_file_that_is_replaced_stays_the_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before or after the exchange; nothing is put beside it."""
    folder = tmp_path / "deployment"
    begin(folder)

    meanwhile(
        monkeypatch, lambda: replace(folder / ".env", "1"), lambda: replace(folder / "nginx/theirs", "2")
    )
    swept = apply(plan(NEW, folder))

    assert files(folder) == whole(NEW) | {".env": "1", "nginx/theirs": "2"}
    assert swept.saved == []


def test_a_file_that_is_replaced_twice_is_kept_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows which of the two is meant: the second has its place, the first is beside it, and that is said."""
    folder = tmp_path / "deployment"
    begin(folder)

    meanwhile(monkeypatch, lambda: replace(folder / ".env", "1"), lambda: replace(folder / ".env", "2"))
    swept = apply(plan(NEW, folder))

    assert files(folder) == whole(NEW) | {".env": "2", ".env.orthgen-saved": "1"}
    assert swept.saved == [folder / ".env.orthgen-saved"]


def test_a_file_of_ours_that_is_edited_is_kept_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor saves at the wrong moment; what is there already under that name is not touched."""
    folder = tmp_path / "deployment"
    begin(folder)
    (folder / "compose.yml.orthgen-saved").write_text("earlier")

    meanwhile(monkeypatch, lambda: replace(folder / "compose.yml", "mine"), nothing)
    swept = apply(plan(NEW, folder))

    saved = {"compose.yml.orthgen-saved": "earlier", "compose.yml.orthgen-saved-2": "mine"}
    assert files(folder) == whole(NEW) | saved
    assert swept.saved == [folder / "compose.yml.orthgen-saved-2"]


def test_a_file_that_is_renamed_has_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two, anybody who writes to the temporary name again would write into the other file."""
    folder = tmp_path / "deployment"
    begin(folder)
    (folder / ".env.tmp").write_text("1")

    meanwhile(monkeypatch, lambda: (folder / ".env.tmp").replace(folder / ".env"), nothing)
    apply(plan(NEW, folder))

    assert files(folder) == whole(NEW) | {".env": "1"}


def test_another_file_of_the_same_name_stays(tmp_path: Path) -> None:
    """Only the file that was linked has an old name to lose; another file with two names keeps both."""
    left, folder = tmp_path / "left", tmp_path / "deployment"
    left.mkdir()
    folder.mkdir()
    (tmp_path / "elsewhere").write_text("theirs")
    (folder / "notes").hardlink_to(tmp_path / "elsewhere")
    linked = (tmp_path / "elsewhere").stat().st_ino + 1

    follow_renames(left, folder, Journal((), {"notes": linked}, {}))

    assert (folder / "notes").read_text() == "theirs"


def test_a_link_of_somebody_s_is_kept_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it leads somewhere or not; one that comes late, too."""
    folder = tmp_path / "deployment"
    begin(folder)
    (folder / "there").symlink_to("compose.yml")
    (folder / "nowhere").symlink_to("gone")

    meanwhile(monkeypatch, lambda: (folder / "late").symlink_to("gone"), nothing)
    apply(plan(NEW, folder))

    links = {path.name: str(path.readlink()) for path in folder.iterdir() if path.is_symlink()}
    assert links == {"there": "compose.yml", "nowhere": "gone", "late": "gone"}


def test_a_pipe_of_somebody_s_does_not_hold_the_work_up(tmp_path: Path) -> None:
    """Nobody writes into it: reading it would wait for ever."""
    folder = tmp_path / "deployment"
    begin(folder)
    os.mkfifo(folder / "pipe")

    apply(plan(NEW, folder))

    assert (folder / "pipe").is_fifo()


def test_what_is_done_is_on_the_disk_before_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New files, folders, the journal, what was moved, the exchange: in this order; only then is anything removed."""
    folder = tmp_path / "deployment"
    begin(folder)
    done: list[str] = []
    parent = folder.parent

    def note(path: Path) -> None:
        name = str(path.relative_to(parent)).replace(".deployment.orthgen-", "")
        done.append(name.split("/")[0] if name.startswith("build") else name)

    monkeypatch.setattr(durable, "sync_file", note)
    for module in (durable, apply_module):
        monkeypatch.setattr(module, "sync_folder", note)
    meanwhile(monkeypatch, lambda: done.append("exchange"), nothing)
    original = recovery.clean_up_leftovers

    def clear_away(*arguments: object) -> object:
        done.append("clear away")
        return original(*arguments)  # type: ignore[arg-type]

    for module in (apply_module, recovery):
        monkeypatch.setattr(module, "clean_up_leftovers", clear_away)
    apply(plan(NEW, folder))

    ordered = list(dict.fromkeys(done))
    assert ordered[:4] == ["clear away", "build", "journal", "."]
    assert {"deployment", "new"} <= set(ordered[4:6])
    assert done[done.index("exchange") :] == ["exchange", ".", "clear away"]


def test_a_temporary_file_that_goes_does_not_stop_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed, and gone before it could be linked, or before it could be moved."""
    folder = tmp_path / "deployment"
    begin(folder)
    (folder / "going").write_text("x")
    original_link, original_move = build_module._link, atomic_swap.move  # noqa: SLF001

    def link(source: Path, target: Path) -> bool:
        if source.name == "going":
            source.unlink()
        return original_link(source, target)

    def move(source: Path, target: Path) -> None:
        if source.name == "empty":
            source.rmdir()
        original_move(source, target)

    monkeypatch.setattr(build_module, "_link", link)
    monkeypatch.setattr(apply_module, "move", move)
    apply(plan(NEW, folder))

    expected = whole(NEW)
    del expected["empty"]
    assert files(folder) == expected
