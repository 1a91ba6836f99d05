"""Any valid profile keeps its meaning when a role or a collection gets another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orthgen.editing.profiles import Chain
from orthgen.editing.rename import rename_entry
from orthgen.formats.yaml_io import dump_yaml, parse_yaml
from orthgen.profile.root import Profile
from orthgen.profile.sources import Sources
from tests.support.strategies import profiles

if TYPE_CHECKING:
    from pathlib import Path


@settings(deadline=None, max_examples=6)
@given(tree=profiles(), data=st.data())
def test_a_new_name_changes_nothing_else(
    tree: dict[str, Any], data: st.DataObject, tmp_path_factory: Any
) -> None:
    """The profile with the new name is valid, has no trace of the old one but its origin, and the same lines otherwise."""
    folder: Path = tmp_path_factory.mktemp("site")
    kind = data.draw(st.sampled_from(["role", "collection"]) if tree["collections"] else st.just("role"))
    old = data.draw(st.sampled_from(sorted(tree[f"{kind}s"])))
    path = folder / "site.yaml"
    text = "# first\n" + dump_yaml(tree) + "\n# last\n"
    path.write_text(text, encoding="utf-8")
    chain = Chain(str(path), Sources((parse_yaml(text, str(path))[0],)))
    edit, _ = rename_entry(chain, kind, old, "new-name")  # type: ignore[arg-type]
    (file,) = edit.files
    after = parse_yaml(file.after, "site.yaml")[0].value
    profile = Profile.model_validate(after)

    assert list(after[f"{kind}s"]) == ["new-name" if name == old else name for name in tree[f"{kind}s"]]
    assert file.after.startswith("# first\n")
    assert file.after.endswith("\n# last\n")
    entries: dict[str, Any] = getattr(profile, f"{kind}s")
    assert entries["new-name"].title == str(tree[f"{kind}s"][old]["title"])
    assert abs(len(file.after.splitlines()) - len(text.splitlines())) <= 1
