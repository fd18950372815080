from dataclasses import replace

from meta_prefect.cli.views.changes import list_changes
from meta_prefect.cli.views.picture import Picture, State, find_name, is_hidden
from meta_prefect.cli.views.theme import Sign
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import Cancelled, DiagnosticEvent, DiffKind, Op, Summary
from tests.views import recordings as r
from tests.views import stage


def fold(*events, preview=False):
    return stage.play(events, Picture(preview=preview, began=0.0))


def test_a_replacement_is_one_row():
    """The halves of a replacement are one row, whichever comes first."""
    create_first = fold(*r.replacement(r.POOL_ITSELF, "type", type="docker"))
    delete_first = fold(
        *r.delete_old(r.POOL_ITSELF), *r.replacement(r.POOL_ITSELF, "type", type="docker")
    )

    for picture in (create_first, delete_first):
        (row,) = picture.rows
        assert (row.sign, row.state) == (Sign.REPLACE, State.DONE)
        assert row.step.detailed_diff["type"].kind is DiffKind.UPDATE_REPLACE
        assert row.step.new.inputs["type"] == "docker"


def test_a_replacement_is_done_with_its_new_half():
    """The time of a replacement ends when the new one is there, not when the old one is gone."""
    events = r.replacement(r.POOL_ITSELF, "type", type="docker")

    picture = fold(*events, *r.delete_old(r.POOL_ITSELF), Summary(False, 1.0, {}))

    assert picture.rows[0].seconds(99.0) == stage.SECONDS_PER_EVENT


def test_an_old_half_alone():
    """What an earlier replacement left behind is shown as work, and done at the end."""
    picture = fold(*r.delete_old(r.POOL_ITSELF), Summary(False, 1.0, {}))

    assert (picture.rows[0].sign, picture.rows[0].state) == (Sign.REPLACE, State.DONE)


def test_the_stack_and_default_providers_are_hidden():
    """Nobody asked for the stack or a default provider; a provider of one's own is shown."""
    default = replace(r.PREFECT, name="default_3_1")

    assert is_hidden(r.step(Op.CREATE, r.THE_STACK))
    assert is_hidden(r.step(Op.CREATE, default))
    assert not is_hidden(r.step(Op.CREATE, r.PREFECT))


def test_an_operation_begins_with_its_preview():
    """All that was shown is there and waits, in the same order; what stays is done."""
    expected = Picture.expecting(stage.preview(r.TAGS), 0.0)

    assert [row.urn for row in expected.rows] == [thing.urn for thing in r.THINGS]
    assert [row.state for row in expected.changes] == [State.WAITING]
    assert expected.rows[0].state is State.DONE


def test_frames_do_not_count():
    """A component whose insides change is no work of its own; one without insides is."""
    picture = stage.preview(r.FIRST_UP)
    alone = fold(*r.create(r.POOL_PART), preview=True)

    assert picture.frames == {r.POOL_PART.urn, r.WORKER_PART.urn, r.FLOW_PART.urn}
    assert picture.count() == {Sign.CREATE: 6}
    assert alone.count() == {Sign.CREATE: 1}


def test_a_component_that_changes_by_itself_counts():
    """When only the component changes, it is the work."""
    picture = fold(*r.delete(r.POOL_PART), *r.same(r.POOL_ITSELF), preview=True)

    assert [row.urn for row in picture.work] == [r.POOL_PART.urn]


def test_messages():
    """A passing message is a row's status, an error its problem; what stays said is kept."""
    begin = r.create(r.POOL_ITSELF)[0]
    passing = DiagnosticEvent(Severity.INFO, r.POOL_ITSELF.urn, "waiting", ephemeral=True)
    error = DiagnosticEvent(Severity.ERROR, r.POOL_ITSELF.urn, "refused")
    other = DiagnosticEvent(Severity.INFO, "", "hello")

    picture = fold(begin, passing, error, other)

    (row,) = picture.rows
    assert (row.status, row.problem) == ("waiting", "refused")
    assert picture.messages == [error, other]


def test_what_still_runs_at_the_end():
    """A resource that never ended is not done; a component needs no end."""
    things = (r.POOL_PART, r.POOL_ITSELF)

    picture = fold(*(r.create(item)[0] for item in things), Cancelled(), Summary(False, 1.0, {}))

    assert [row.state for row in picture.rows] == [State.DONE, State.RUNNING]
    assert picture.cancelled
    assert picture.count(done_only=True) == {}


def test_drift():
    """In a refresh a change is the world's, and what did not move is the same."""
    picture = stage.preview(r.DRIFTED)

    assert picture.count() == {Sign.DRIFT: 1, Sign.SAME: 5}


def test_names():
    """The name is what stands last in a URN, colons included; other text is a name itself."""
    assert find_name("urn:pulumi:dev::shop::a:b:C::my::flow") == "my::flow"
    assert find_name("plain") == "plain"


def test_an_import_that_changes_stays_an_import():
    """What is taken over and changed in one go is one row, with what changes in it."""
    taken = [r.begin(Op.IMPORT, r.DEPLOYMENT, None, r.DEPLOYMENT.view())]
    changed = r.change(r.DEPLOYMENT, {"version": DiffKind.UPDATE}, version="2")
    picture = stage.play([*taken, *changed], Picture(preview=True, began=0))

    (row,) = picture.rows
    assert (row.sign, row.state) == (Sign.IMPORT, State.DONE)
    assert [change.text for change in list_changes(row)] == ["version"]
