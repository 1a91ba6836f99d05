"""Files named as those of Orthanc Explorer 2, which is in no registry: a page, and assets with a digest in the name."""

from __future__ import annotations

import random
from pathlib import Path

_WORDS = (
    "function",
    "return",
    "const",
    "=>",
    "patient",
    "study",
    "series",
    "(e,t)",
    "{",
    "}",
    "this.",
    "null,",
)
_SIZES = {"index-C4mRw2hB.js": 1_000_000, "vendor-Bx7-_k2Q.js": 150_000, "index-DkZ81_qa.css": 250_000}
_FONTS = {"bootstrap-icons-BtvjY1KL.woff2": 130_000, "fa-solid-900-CTAAxXor.woff2": 150_000}
PAGE = "/ui/app/index.html"


def write_files(folder: Path) -> None:
    """Write the page and its assets: text that compresses as scripts do, fonts that do not compress."""
    assets = folder / "assets"
    assets.mkdir(parents=True)
    chosen = random.Random(1)  # noqa: S311 - the same bytes in each run
    for name, size in _SIZES.items():
        words = " ".join(chosen.choices(_WORDS, k=size // 5))
        text = f"/* {words[:size]} */"
        if name.endswith(".css"):
            text += "".join(
                f"@font-face {{ font-family: f{number}; src: url({font}); }} .f{number} {{ font-family: f{number}; }}"
                for number, font in enumerate(_FONTS)
            )
        (assets / name).write_text(text)
    for name, size in _FONTS.items():
        (assets / name).write_bytes(chosen.randbytes(size))
    scripts = "".join(
        f'<script type="module" src="assets/{name}"></script>' for name in _SIZES if name.endswith(".js")
    )
    styles = "".join(
        f'<link rel="stylesheet" href="assets/{name}">' for name in _SIZES if name.endswith(".css")
    )
    text = "".join(f'<p class="f{number}">Text</p>' for number in range(len(_FONTS)))
    (folder / "index.html").write_text(f"<!doctype html><title>Explorer</title>{scripts}{styles}{text}")
