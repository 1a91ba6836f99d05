"""The viewers, in their default order."""

from typing import Any, Self

from pydantic import Field, PrivateAttr, model_validator

from orthgen.field_types import Model, Name
from orthgen.viewers.base import Viewer, ViewerOptions
from orthgen.viewers.ohif import OHIF, OhifOptions
from orthgen.viewers.stl import STL, StlOptions
from orthgen.viewers.stone import STONE, StoneOptions
from orthgen.viewers.volview import VOLVIEW, VolViewOptions
from orthgen.viewers.wsi import WSI, WsiOptions

VIEWERS: tuple[Viewer, ...] = (OHIF, STONE, VOLVIEW, WSI, STL)
CLIENT_IDS = tuple(viewer.client_id for viewer in VIEWERS if viewer.client_id)
"""The Keycloak clients of viewers that may have one of their own."""


class Viewers(Model):
    """The viewers that people can open. Their order is the order of the buttons."""

    # One field for each of VIEWERS, written out so that editors and mypy see them; a test keeps the two equal.
    ohif: OhifOptions | None = Field(None, description="OHIF.")
    stone: StoneOptions | None = Field(None, description="The Stone Web viewer.")
    volview: VolViewOptions | None = Field(None, description="VolView.")
    wsi: WsiOptions | None = Field(None, description="The whole-slide viewer.")
    stl: StlOptions | None = Field(None, description="The viewer of 3-D models.")
    default: Name | None = Field(None, description="The viewer whose button comes first.")

    _order: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="wrap")
    @classmethod
    def _keeps_the_order(cls, value: Any, handler: Any) -> Self:
        viewers: Self = handler(value)
        if isinstance(value, dict):
            viewers._order = tuple(value)
        return viewers

    def enabled(self) -> tuple[tuple[Viewer, ViewerOptions], ...]:
        """The viewers that the profile enables, the default first, then in the profile's order."""
        kinds = {viewer.name: viewer for viewer in VIEWERS}
        names = [name for name in self._order if name in kinds]
        names.sort(key=lambda name: name != self.default)
        return tuple((kinds[name], options) for name in names if (options := getattr(self, name)) is not None)
