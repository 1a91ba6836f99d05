"""The images of the services: their versions, and their digests with a lock."""

import re

import pytest
from msgspec.structs import replace

from tests.support.builders import EXAMPLES, example
from tests.support.compose_files import compose_file


def test_a_lock_pins_every_image_by_its_digest() -> None:
    """What was tested is what is pulled, anybody who moves a tag."""
    deployment = example("paradim.production.yaml")
    digest = f"sha256:{'0' * 64}"
    locked = replace(deployment, lock=dict.fromkeys(deployment.release.images.values(), digest))

    images = [service["image"] for service in compose_file(locked)["services"].values()]
    assert all(re.fullmatch(r"[a-z0-9/-]+:v?[0-9][0-9.]*@" + digest, image) for image in images)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_images_that_a_lock_has_to_name_are_those_that_run(name: str) -> None:
    """No more, or the lock could not be made; no fewer, or one would run unpinned."""
    deployment = example(name)

    images = {service["image"] for service in compose_file(deployment)["services"].values()}
    assert images == set(deployment.images)


def test_without_a_lock_every_image_has_the_version_of_the_release() -> None:
    """No image is `latest`."""
    deployment = example("paradim.yaml")

    images = {service["image"] for service in compose_file(deployment)["services"].values()}
    assert images <= set(deployment.release.images.values())
