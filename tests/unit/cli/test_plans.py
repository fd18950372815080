"""Saved plans: written, read, held against what a later preview shows."""

import json
from dataclasses import replace

import pytest

from meta_prefect.cli.main import run
from meta_prefect.cli.options import build_call
from meta_prefect.cli.plans import build_plan, read_plan, write_plan
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind
from meta_prefect.project.operations import Selection
from tests.support.fake_project import FakeProject, build_screen
from tests.views import recordings, stage

CALL = build_call("preview", {"words": ["my_flow"], "only": ["pool"]})


def plan_of(recording, call=CALL):
    return build_plan("shop", "dev", call, stage.preview(recording))


def save(path, recording=recordings.FIRST_UP):
    screen = build_screen(FakeProject(recording=recording))
    assert run(["preview", "my_flow", "--save-plan", str(path)], screen.context) == ExitCode.OK
    return screen


def test_a_plan_survives_its_file(tmp_path):
    """What is read is what was written, the flags that narrow it included."""
    path, plan = str(tmp_path / "plan.json"), plan_of(recordings.REPLACED)

    write_plan(path, plan)

    assert read_plan(path) == plan
    assert read_plan(path).scope["only"] == ("pool",)


def test_a_plan_holds_no_values(tmp_path):
    """It may lie where many can read it: there are names and digests in it."""
    path = tmp_path / "plan.json"

    write_plan(str(path), plan_of(recordings.FIRST_UP))

    steps = json.loads(path.read_text())["steps"]
    assert {key for step in steps for key in step} == {"urn", "op", "inputs"}
    assert all(len(step["inputs"]) == 16 for step in steps)


@pytest.mark.parametrize("now", [recordings.FIRST_UP, recordings.UNCHANGED])
def test_the_same_or_less_is_covered(now):
    """What was done meanwhile needs not be done again."""
    plan_of(recordings.FIRST_UP).check("shop", "dev", stage.preview(now))


@pytest.mark.parametrize(
    ("planned", "now", "part"),
    [
        (recordings.UNCHANGED, recordings.TAGS, "the plan has nothing for it"),
        (recordings.FIRST_UP, recordings.REPLACED, "and the plan says create"),
        (recordings.TAGS, recordings.REPLACED, "to other inputs than in the plan"),
    ],
)
def test_more_is_refused(planned, now, part):
    """Another resource, another step or other inputs: nothing is done, with the reason."""
    with pytest.raises(MetaPrefectError, match="MP3902") as caught:
        plan_of(planned).check("shop", "dev", stage.preview(now))

    assert part in caught.value.diagnostic.why
    assert caught.value.exit_code is ExitCode.MOVED


def test_a_plan_is_for_one_stack():
    """That of another stack or project covers nothing."""
    with pytest.raises(MetaPrefectError, match="not for stack prod of shop"):
        plan_of(recordings.FIRST_UP).check("shop", "prod", stage.preview(recordings.UNCHANGED))


@pytest.mark.parametrize(
    "build_inputs",
    [
        lambda number: {"bucket": f"b-{number}", "__defaults": ["bucket"]},
        lambda number: {
            "metadata": {"name": f"p-{number}", "annotations": {"pulumi.com/autonamed": "true"}}
        },
    ],
)
def test_names_that_a_provider_makes_up_do_not_count(build_inputs):
    """They are others at each look, and the inputs say so themselves."""

    def look(number):
        thing = replace(recordings.SERVER, inputs=build_inputs(number))
        recording = recordings.record(OperationKind.UP, recordings.create(thing))
        return stage.preview(recording)

    plan = build_plan("shop", "dev", CALL, look(1))

    plan.check("shop", "dev", look(2))
    assert len(plan.steps) == 1


def test_up_does_what_was_planned(tmp_path):
    """The plan says which flow; nobody is asked, as it was read before."""
    path = tmp_path / "plan.json"
    shown = save(path)
    fake = FakeProject(recording=recordings.FIRST_UP)
    screen = build_screen(fake)

    code = run(["up", "--plan", str(path)], screen.context)

    assert f"Do it:   meta-prefect up --plan {path}" in shown.out
    assert (code, fake.operation.applied) == (ExitCode.OK, True)
    assert fake.asked[0][1] == Selection(flows=("my_flow",))


def test_up_stops_at_what_was_not_planned(tmp_path):
    """More than the plan says is refused before anything is touched."""
    path = tmp_path / "plan.json"
    save(path, recordings.TAGS)
    fake = FakeProject(recording=recordings.REPLACED)
    screen = build_screen(fake)

    code = run(["up", "--plan", str(path)], screen.context)

    assert code == ExitCode.MOVED
    assert not fake.operation.applied
    assert "MP3902" in screen.err


def test_a_plan_of_another_flow(tmp_path):
    """A flow beside a plan that is about another one is a contradiction."""
    path = tmp_path / "plan.json"
    save(path)
    screen = build_screen(FakeProject(recording=recordings.FIRST_UP))

    code = run(["up", "other", "--plan", str(path)], screen.context)

    assert code == ExitCode.MOVED
    assert "the plan is not about other" in screen.err


@pytest.mark.parametrize("text", [None, "[]", "{}", '{"schema": "x"}', "no"])
def test_a_file_that_is_no_plan(tmp_path, text):
    """A missing file and a wrong one are named."""
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(MetaPrefectError, match="MP1316"):
        read_plan(str(path))


def test_a_plan_that_cannot_be_written(tmp_path):
    """The folder is missing: one diagnostic with the reason."""
    with pytest.raises(MetaPrefectError, match="MP1316") as caught:
        write_plan(str(tmp_path / "none" / "plan.json"), plan_of(recordings.TAGS))

    assert caught.value.diagnostic.why == "No such file or directory"
