"""
Drawing of the connections: positions of boxes and lines, in the units of the SVG.

Four columns: whoever comes from outside and what Orthanc reaches outside; the two columns of the host; servers about identity.
A row of the host's columns holds parts that talk to each other, so that most lines are straight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import connections as parts
from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.connections import Connection

_BOX_WIDTH = 150
_BOX_HEIGHT = 40
_ROW = 86
_TOP = 40
_COLUMNS = (10, 280, 530, 790)
WIDTH = 950
_VIEWER = "viewer"

# The rows of each column, from the top; a name with a colon stands for all names that begin so. What is named nowhere is a
# service of a viewer: the first stands above nginx, others below everything.
_ROWS: tuple[tuple[str, ...], ...] = (
    (
        parts.BROWSERS,
        parts.PROXY,
        parts.DICOM_DEVICES,
        parts.OBJECT_STORAGE,
        parts.FILE_SERVER,
        parts.OTHER_SERVERS,
        parts.LETS_ENCRYPT,
    ),
    (_VIEWER, naming.NGINX, naming.ORTHANC, naming.CERTBOT, naming.READER),
    (naming.KEYCLOAK_DB, naming.KEYCLOAK, naming.AUTH_SERVICE, naming.ORTHANC_DB),
    (parts.DATABASE_SERVER, parts.INSTITUTION_KEYCLOAK, parts.PROVIDER, parts.MAIL_SERVER),
)


class Box(Struct, frozen=True):
    """A part of the drawing: its upper left corner and its size."""

    name: str
    x: int
    y: int
    width: int = _BOX_WIDTH
    height: int = _BOX_HEIGHT
    is_outside: bool = False

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


class Line(Struct, frozen=True):
    """A connection as a path, and the place of its label."""

    connection: Connection
    path: str
    x: int
    y: int


class Drawing(Struct, frozen=True):
    """The boxes and lines; `host` is the frame of the parts on the host."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    host: Box
    width: int
    height: int


def drawing(connections: Sequence[Connection]) -> Drawing:
    """The drawing of all connections."""
    names = {name for connection in connections for name in (connection.source, connection.target)}
    rows_of_all = _rows_with_viewers(names)
    boxes = {
        box.name: box
        for column, rows in enumerate(rows_of_all)
        for box in _column(column, rows, sorted(names))
    }
    height = max(box.y + box.height for box in boxes.values()) + 20
    left, right = _COLUMNS[1] - 20, _COLUMNS[2] + _BOX_WIDTH + 20
    host = Box("host", left, 10, right - left, height - 20)
    lines = tuple(_line(connection, boxes) for connection in connections)
    return Drawing(tuple(boxes.values()), lines, host, WIDTH, height)


def _rows_with_viewers(names: set[str]) -> tuple[tuple[str, ...], ...]:
    named = {row for rows in _ROWS for row in rows}
    viewers = sorted(name for name in names if name not in named and not name.startswith(parts.PROVIDER))
    first, *others = viewers or [_VIEWER]
    web = tuple(first if row == _VIEWER else row for row in _ROWS[1])
    return (_ROWS[0], (*web, *others), *_ROWS[2:])


def _column(column: int, rows: tuple[str, ...], names: Sequence[str]) -> list[Box]:
    outside = column in (0, len(_COLUMNS) - 1)
    present = [
        name for row in rows for name in names if name == row or (row.endswith(":") and name.startswith(row))
    ]
    # Parts of the host keep their row, whatever is missing above them.
    numbers = range(len(present)) if outside else [rows.index(name) for name in present]
    return [
        Box(name, _COLUMNS[column], _TOP + number * _ROW, is_outside=outside)
        for name, number in zip(present, numbers, strict=True)
    ]


def _line(connection: Connection, boxes: dict[str, Box]) -> Line:
    source, target = boxes[connection.source], boxes[connection.target]
    if source.x == target.x:
        return _vertical(connection, source, target)
    if source.x < target.x:
        start, end = source.x + source.width, target.x
    else:
        start, end = source.x, target.x + target.width
    # Orthanc's lines to the devices and from them are two: the one outwards runs below the other, with its label.
    outwards = source.x > target.x
    y1, y2 = (
        (source.middle[1] + 8, target.middle[1] + 8) if outwards else (source.middle[1], target.middle[1])
    )
    bend = (start + end) // 2
    label = (bend, (y1 + y2) // 2 + (16 if outwards else -6))
    return Line(connection, f"M{start} {y1} C{bend} {y1} {bend} {y2} {end} {y2}", *label)


def _vertical(connection: Connection, source: Box, target: Box) -> Line:
    x = source.middle[0]
    if source.y < target.y:
        start, end = source.y + source.height, target.y
    else:
        start, end = source.y, target.y + target.height
    return Line(connection, f"M{x} {start} L{x} {end}", x + 30, (start + end) // 2 + 4)
