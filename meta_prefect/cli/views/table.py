"""Plain tables: columns as wide as what is in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meta_prefect.cli.views.text import Line, Span, line, measure, pad
from meta_prefect.cli.views.theme import Style

_GAP: Final = 3


def draw_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Line]:
    """Draw rows under titles."""
    columns = list(zip(titles, *rows, strict=True))
    widths = [max(map(measure, column)) + _GAP for column in columns]
    head = line(Span(_align(titles, widths), Style.DIM))
    return [head, *(line(_align(row, widths)) for row in rows)]


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(pad(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()
