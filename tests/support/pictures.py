"""Copies the screenshots that README and docs show from the tests' stories: `python -m tests.support.pictures`."""

from __future__ import annotations

import shutil

from tests.support.real.parts import REPOSITORY
from tests.support.real.story import FOLDER

IMAGES = REPOSITORY / "docs/images"
LARGEST = 150_000
"""In bytes: a clone of the repository has every version of each picture."""

CHOSEN = {
    "sign-in": "first-steps/sign-in",
    "viewer": "first-steps/viewer",
    "report": "measurement/report",
    "refusal": "refusal/refusal",
}
"""The picture of a story for each picture of docs/images that the tests make."""


def main() -> None:
    """Copy all of them."""
    for name, kept in CHOSEN.items():
        picture = FOLDER / f"{kept}.png"
        if picture.stat().st_size > LARGEST:
            raise SystemExit(f"{picture} has more than {LARGEST} bytes")
        shutil.copyfile(picture, IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
