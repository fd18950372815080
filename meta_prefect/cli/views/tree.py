"""
The tree of resources: rows as aligned lines, parents first.

Pure: from a picture to lines, for the static preview and for every frame of the live view. Columns
are tree, type in plain words, the one fact that matters, time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from meta_prefect.cli.views.facts import describe_plan, describe_progress
from meta_prefect.cli.views.picture import Picture, Row, State
from meta_prefect.cli.views.text import Line, Span, cut, line, measure, pad, say_seconds
from meta_prefect.cli.views.theme import Glyphs, Style
from meta_prefect.cli.views.words import say_type

_INDENT: Final = "  "
_TREE_WIDTH: Final = 34
_TYPE_WIDTH: Final = 19
_FACT_WIDTH: Final = 28
_TIME_WIDTH: Final = 7
_NARROW: Final = 60
_FRAMES_PER_SECOND: Final = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How a tree is drawn.

    show_same: also rows that nothing happens to. urns: URNs in the place of names.
    """

    width: int
    glyphs: Glyphs
    show_same: bool = False
    urns: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """
    A row in its place.

    lasts: for each level below the top, whether the ancestor (or the row, at the end) is a last
        child.
    label: the name, without the parent's part of it.
    """

    row: Row
    lasts: tuple[bool, ...]
    label: str


def grow(rows: Iterable[Row]) -> Iterator[Branch]:
    """Put rows into tree order: parents first, siblings in the order given."""
    rows = tuple(rows)
    urns = {row.urn for row in rows}
    children: dict[str, list[Row]] = {}
    for row in rows:
        parent = row.step.parent
        children.setdefault(parent if parent in urns else "", []).append(row)

    def descend(parent: str, name: str, lasts: tuple[bool, ...]) -> Iterator[Branch]:
        siblings = children.get(parent, [])
        for row in siblings:
            here = (*lasts, row is siblings[-1]) if parent else ()
            yield Branch(row, here, row.name.removeprefix(f"{name}/") if parent else row.name)
            yield from descend(row.urn, row.name, here)

    return descend("", "", ())


def draw_plan(picture: Picture, layout: Layout) -> list[Line]:
    """Draw what a preview found."""

    def fact(row: Row) -> Span:
        return Span(describe_plan(row, layout.glyphs), Style.DIM)

    sign = _build_signs(picture, layout)

    return draw_branches(list_visible(picture, layout), layout, sign, fact)


def draw_progress(picture: Picture, layout: Layout, now: float) -> list[Line]:
    """Draw an operation at this moment, or at its end."""
    over, frames = picture.ended is not None, picture.frames
    sign = _build_signs(picture, layout)
    spinner = layout.glyphs.spinner
    frame = spinner[int(now * _FRAMES_PER_SECOND) % len(spinner)]

    def fact(row: Row) -> Span:
        if row.urn in frames:
            return Span("")
        text = describe_progress(row, frame, layout.glyphs, over=over)
        return Span(text, _PROGRESS_STYLES.get(row.state, Style.PLAIN))

    def time(row: Row) -> str:
        seconds = None if row.is_component or not row.sign.is_change else row.seconds(now)
        return "" if seconds is None else say_seconds(seconds)

    return draw_branches(list_visible(picture, layout), layout, sign, fact, time)


_PROGRESS_STYLES: Final = {State.FAILED: Style.RED, State.WAITING: Style.DIM}


def count_signs(picture: Picture, glyphs: Glyphs, *, words: bool) -> Line:
    """Count rows by sign, `+ 3 create   = 4 same`, the words on request."""
    parts: list[str | Span] = []
    for sign, number in picture.count(done_only=not picture.preview).items():
        text = f"{glyphs.signs[sign]} {number}{f' {sign.word}' if words else ''}"
        parts += [Span(text, sign.style), "   "]
    return line(*parts[:-1])


def list_visible(picture: Picture, layout: Layout) -> list[Branch]:
    """Give the rows to draw, in tree order: those with work, and the parents they need."""
    branches = list(grow(picture.rows))
    if layout.show_same:
        return branches
    needed: set[str] = set()
    for branch in branches:
        row: Row | None = branch.row
        if branch.row.sign.is_change:
            while row is not None and row.urn not in needed:
                needed.add(row.urn)
                row = picture.find(row.step.parent)
    return list(grow(branch.row for branch in branches if branch.row.urn in needed))


def draw_branches(
    branches: Sequence[Branch],
    layout: Layout,
    sign: Callable[[Row], Span | None],
    fact: Callable[[Row], Span],
    time: Callable[[Row], str] = lambda _: "",
) -> list[Line]:
    """Draw rows that stand in tree order, one line each."""
    heads = [_draw_head(branch, sign(branch.row), layout) for branch in branches]
    columns = _Columns.fit(layout, heads)
    return [
        columns.put(head, say_type(branch.row.step.type), fact(branch.row), time(branch.row))
        for branch, head in zip(branches, heads, strict=True)
    ]


def _draw_head(branch: Branch, sign: Span | None, layout: Layout) -> Line:
    """Draw branch lines, sign and name."""
    glyphs, row = layout.glyphs, branch.row
    trunks = ["   " if last else glyphs.trunk for last in branch.lasts[:-1]]
    fork = (glyphs.last if branch.lasts[-1] else glyphs.branch) if branch.lasts else ""
    label = row.urn if layout.urns else branch.label
    parts: list[str | Span] = [Span(_INDENT + "".join(trunks) + fork, Style.DIM)]
    if sign is not None:
        parts += [sign, " "]
    return line(*parts, Span(label, Style.BOLD if row.is_component else Style.PLAIN))


def _build_signs(picture: Picture, layout: Layout) -> Callable[[Row], Span | None]:
    """Choose signs: what became of a row, or what is to become of it; none for frames."""
    glyphs, frames, over = layout.glyphs, picture.frames, picture.ended is not None

    def sign(row: Row) -> Span | None:
        if row.urn in frames or not (row.sign.is_change or layout.show_same):
            return None
        if row.state is State.FAILED:
            return Span(glyphs.failed, Style.RED)
        if over and row.state is State.WAITING:
            return Span(glyphs.waiting, Style.DIM)
        return Span(glyphs.signs[row.sign], row.sign.style)

    return sign


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths of the columns; 0 is a column that is left out."""

    tree: int
    type: int
    fact: int
    ellipsis: str

    @classmethod
    def fit(cls, layout: Layout, heads: Sequence[Line]) -> _Columns:
        """Give the tree what it needs, as long as something is left for the rest."""
        widest = max((sum(measure(span.text) for span in head) for head in heads), default=0)
        type_width = 0 if layout.width < _NARROW else _TYPE_WIDTH
        most = max(layout.width - type_width - _TIME_WIDTH, layout.width // 2)
        tree = min(max(widest + 2, min(_TREE_WIDTH, layout.width // 2)), most)
        return cls(tree, type_width, layout.width - tree - type_width, layout.glyphs.ellipsis)

    def put(self, head: Line, kind: str, fact: Span, time: str) -> Line:
        """Align one row."""
        *start, label = head
        room = self.tree - sum(measure(span.text) for span in start)
        name = cut(label.text, room - 1, self.ellipsis)
        parts = [*start, Span(name, label.style), Span(" " * (room - measure(name)))]
        if self.type:
            parts.append(Span(pad(cut(kind, self.type - 1, self.ellipsis), self.type), Style.DIM))
        room = min(_FACT_WIDTH, self.fact - _TIME_WIDTH) if time else self.fact
        text = cut(fact.text, room, self.ellipsis)
        parts.append(Span(text, fact.style))
        if time:
            parts.append(Span(pad("", room - measure(text)) + time.rjust(_TIME_WIDTH), Style.DIM))
        return tuple(parts)
