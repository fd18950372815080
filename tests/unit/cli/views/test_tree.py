from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.text import measure, plain
from meta_prefect.cli.views.theme import UNICODE, Sign
from meta_prefect.cli.views.tree import Layout, draw_plan, draw_progress, grow, list_visible
from meta_prefect.interfaces.events import Op
from tests.views import recordings as r
from tests.views import stage


def row(thing):
    return Row(Sign.CREATE, r.step(Op.CREATE, thing), State.WAITING)


def test_parents_come_first():
    """Children stand below their parents though their events came before, as in a destroy."""
    branches = list(grow(map(row, reversed(r.THINGS))))

    assert [branch.row.name for branch in branches][:5] == [
        "my_flow",
        "my_flow/deployment",
        "my_flow/flow",
        "worker/process",
        "worker/process/process",
    ]


def test_labels_leave_out_the_parents_part():
    """A child is named without its parent's name; a row without its parent keeps it."""
    below = {branch.row.name: branch.label for branch in grow(map(row, r.THINGS))}
    alone = list(grow([row(r.POOL_ITSELF)]))

    assert below["work-pool/process/pool"] == "pool"
    assert alone[0].label == "work-pool/process/pool"


def test_only_changes_and_their_parents_are_visible():
    """What stays as it is does not show, but for the parents of what changes."""
    layout = Layout(100, UNICODE)

    names = [branch.row.name for branch in list_visible(stage.preview(r.TAGS), layout)]

    assert names == ["my_flow", "my_flow/deployment"]


@given(st.integers(20, 140), st.sampled_from(["FIRST_UP", "REPLACED", "FAILED"]))
def test_no_line_is_wider_than_the_terminal(width, name):
    """Whatever the width, plan and progress fit, and the tree keeps its order."""
    recording, layout = getattr(r, name), Layout(width, UNICODE)

    lines = draw_plan(stage.preview(recording), layout)
    lines += draw_progress(stage.apply(recording), layout, 120.0)

    assert max(measure(plain(item).rstrip()) for item in lines) <= width


def test_long_names_are_cut():
    """A name that takes more than its column ends in an ellipsis; the columns stay aligned."""
    long = replace(r.SERVER, name="server/" + "x" * 100)
    picture = stage.play(r.create(long) + r.create(r.PREFECT), stage.Picture(preview=True, began=0))

    lines = [plain(item) for item in draw_plan(picture, Layout(80, UNICODE))]

    assert "…" in lines[0]
    assert lines[0].index("Prefect server") == lines[1].index("Prefect connection")


def test_wide_characters_are_measured():
    """Characters of two columns keep the columns aligned."""
    wide = replace(r.SERVER, name="server/東京")
    picture = stage.play(r.create(wide) + r.create(r.PREFECT), stage.Picture(preview=True, began=0))

    first, second = (plain(item) for item in draw_plan(picture, Layout(80, UNICODE)))

    start = first.index("Prefect server")
    assert measure(first[:start]) == second.index("Prefect connection")
