"""The files in ci/ that users copy: what they read and what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from orthgen.catalogue import newest
from orthgen.catalogue.digest_lock import with_digests

CI = Path(__file__).parents[1] / "ci"


def test_renovate_reads_every_line_of_a_lock() -> None:
    """With the image's name, its tag and its digest, as `orthgen lock` writes them, and with quotes."""
    config = json.loads((CI / "renovate.json").read_text(encoding="utf-8"))
    (manager,) = config["customManagers"]
    (pattern,) = (re.compile(text.replace("(?<", "(?P<")) for text in manager["matchStrings"])
    (file,) = (re.compile(text.strip("/")) for text in manager["managerFilePatterns"])
    images = sorted(newest().images.values())
    text = with_digests(None, dict.fromkeys(images, f"sha256:{'a' * 64}"))

    for lock in (text, re.sub(r"(?m)^([a-z].+): (sha256.+)$", r"'\1': '\2'", text)):
        lines = [match.groupdict() for match in pattern.finditer(lock)]
        assert [f"{line['depName']}:{line['currentValue']}" for line in lines] == images
        assert {line["currentDigest"] for line in lines} == {f"sha256:{'a' * 64}"}
    assert all(file.search(path) for path in ("orthgen.lock", "sites/orthgen.lock"))
    assert not file.search("orthgen.lock.txt")
