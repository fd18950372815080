"""The generator's decisions, as data in `tests/cases/generator`."""

import asyncio
from pathlib import Path

import pytest
import yaml

from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.goals import AliasSpec, Goal, ReadGoal
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.reports import Refused, Reporter
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.interfaces.engine import Scope
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import (
    Changes,
    CheckFailure,
    CheckResponse,
    DiffResponse,
    ProviderError,
)
from tests.support.state import make_state, urn_of

CASES = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "generator" / "decisions.yaml").read_text()
)
PROVIDER = "urn:pulumi:dev::conf::pulumi:providers:test::default::1"
REFERENCES = ("dependencies", "replace_with")


class ScriptedRegistry:
    """Gives one provider that answers as a case says, and keeps what it was asked."""

    def __init__(self, case):
        self.case = case
        self.checks = []

    def knows(self, reference):
        return not self.case.get("provider_gone", False)

    async def find(self, reference):
        return self

    async def check(self, request):
        self.checks.append(request)
        failed = self.case.get("check_failure")
        failures = (CheckFailure(failed, "no good"),) if failed else ()
        return CheckResponse(request.news, failures)

    async def diff(self, request):
        if self.case.get("diff_error"):
            raise ProviderError("cannot compare")
        keys = self.case["diff"]
        return DiffResponse(
            Changes.SOME if keys else Changes.NONE,
            tuple(key.rstrip("!") for key in keys),
            tuple(key.rstrip("!") for key in keys if key.endswith("!")),
            delete_before_replace=self.case.get("delete_first", False),
        )


def build_record(name="a", **fields):
    for key in REFERENCES:
        if key in fields:
            fields[key] = [urn_of(item) for item in fields[key]]
    if "deleted_with" in fields:
        fields["deleted_with"] = urn_of(fields["deleted_with"])
    found = fields.get("property_dependencies", {})
    fields["property_dependencies"] = {
        key: [urn_of(item) for item in names] for key, names in found.items()
    }
    return make_state(name, provider=PROVIDER, **fields)


def build_goal(name="a", inputs=None, aliases=(), **fields):
    specs = tuple(AliasSpec(name=item) for item in aliases)
    return Goal(
        urn_of(name),
        "test:index:Thing",
        name,
        True,
        inputs or {},
        provider=PROVIDER,
        aliases=specs,
        **fields,
    )


def build_generator(case, registry, reporter):
    scope = {key: tuple(map(urn_of, names)) for key, names in case.get("scope", {}).items()}
    return Generator(
        BaseIndex([build_record(**fields) for fields in case.get("base", ())]),
        registry,
        Targets(Scope(**scope)),
        reporter,
        parallel=4,
        preview=case.get("preview", False),
        blocked=frozenset({urn_of("a")} if case.get("blocked") else ()),
    )


def describe(step):
    keys = f" [{', '.join(step.difference.keys)}]" if step.difference.keys else ""
    told = " (told)" if step.told else ""
    return f"{step.op.value} {step.urn.rpartition('::')[2]}{keys}{told}"


async def plan_in_turn(generator, goal):
    """Plan a goal as a registration does."""
    async with generator.turn():
        return await generator.plan(goal)


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_decision(case):
    """The generator decides what the case says, from record, goal and answers."""
    registry, reporter = ScriptedRegistry(case), Reporter(lambda _: None)
    generator = build_generator(case, registry, reporter)
    try:
        steps = asyncio.run(plan_in_turn(generator, build_goal(**case["goal"])))
    except Refused as refused:
        steps, codes = [], [item.code for item in refused.diagnostics]
    else:
        codes = []

    assert codes == ([case["refused"]] if "refused" in case else [])
    assert [describe(step) for step in steps] == case.get("steps", [])
    assert [item.code for item in reporter.failures] == case.get("complaints", [])
    if "kept_in_world" in case:
        kept = [urn_of(name) for name in case["kept_in_world"]]
        assert [step.urn for step in steps if step.kept_in_world] == kept
    if "checked" in case:
        assert [request.olds for request in registry.checks] == case["checked"]
    if "news" in case:
        assert [request.news for request in registry.checks] == case["news"]


def plan_all(case, *goals, asked=None):
    """Plan several goals, one after the other, with one generator."""

    async def plan():
        registry = asked or ScriptedRegistry(case)
        generator = build_generator(case, registry, Reporter(lambda _: None))
        planned = []
        for goal in goals:
            planned += (
                generator.plan_read(goal)
                if isinstance(goal, ReadGoal)
                else await plan_in_turn(generator, goal)
            )
        return [describe(step) for step in planned]

    return asyncio.run(plan())


def test_a_urn_registers_once():
    """The second resource of a name is refused."""
    with pytest.raises(Refused, match="Duplicate resource URN"):
        plan_all({}, build_goal(), build_goal())


def test_a_record_goes_to_one_resource():
    """Two resources cannot have been the same one before."""
    case = {"base": [{"name": "z"}], "diff": []}
    with pytest.raises(Refused, match="already used"):
        plan_all(case, build_goal("a", aliases=["z"]), build_goal("b", aliases=["z"]))


def test_a_conflict_is_checked_before_it_is_refused():
    """A provider may have more to say of a resource that lays claim to another one's record."""
    case = {"base": [{"name": "z"}], "diff": []}
    registry = ScriptedRegistry(case)
    with pytest.raises(Refused, match="already used"):
        plan_all(
            case,
            build_goal("a", aliases=["z"]),
            build_goal("b", {"x": 1}, aliases=["z"]),
            asked=registry,
        )

    assert [request.news for request in registry.checks] == [{}, {"x": 1}]


def test_an_aliased_record_cannot_register_too():
    """What was renamed cannot register under its old name as well."""
    case = {"base": [{"name": "z"}], "diff": []}
    with pytest.raises(Refused, match="was taken by"):
        plan_all(case, build_goal("a", aliases=["z"]), build_goal("z"))


def test_a_parent_comes_first():
    """A child of something that never registered is refused."""
    with pytest.raises(Refused, match="was not registered before"):
        plan_all({}, build_goal(parent=urn_of("nobody")))


def test_what_was_taken_along_comes_back_with_its_keys():
    """A dependent that was deleted with a replacement is made anew, for the reason it had then."""
    case = {
        "base": [
            {},
            {
                "name": "b",
                "inputs": {"x": "v"},
                "property_dependencies": {"x": ["a"]},
                "dependencies": ["a"],
            },
        ],
        "diff": ["x!"],
    }

    registry = ScriptedRegistry(case)
    steps = plan_all(case, build_goal(delete_before_replace=True), build_goal("b"), asked=registry)

    assert steps[-2:] == ["replace b", "create-replacement b [x]"]
    assert registry.checks[-1].olds == {}


def test_what_was_taken_along_comes_back_out_of_scope_as_it_was():
    """A dependent that was deleted with a target is made anew, though it is none, and unasked."""
    dependent = {"name": "b", "inputs": {"x": "v"}, "property_dependencies": {"x": ["a"]}}
    case = {
        "base": [{}, {**dependent, "dependencies": ["a"]}],
        "diff": ["x!"],
        "scope": {"targets": ["a"]},
    }

    registry = ScriptedRegistry(case)
    goals = build_goal(delete_before_replace=True), build_goal("b", {"x": "new"})
    steps = plan_all(case, *goals, asked=registry)

    assert steps[-2:] == ["replace b", "create-replacement b [x]"]
    assert {request.urn for request in registry.checks} == {urn_of("a")}


def test_a_skipped_create_cannot_be_needed():
    """A target that needs something out of scope that is not there is refused."""
    case = {"scope": {"targets": ["b"]}}
    with pytest.raises(Refused, match="was not specified in --target list"):
        plan_all(case, build_goal("a"), build_goal("b", dependencies=[urn_of("a")]))


def test_replace_with():
    """A resource that is to be replaced with another one follows it."""
    case = {"base": [{}, {"name": "b"}], "diff": ["x!"]}

    steps = plan_all(case, build_goal(), build_goal("b", replace_with=(urn_of("a"),)))

    assert steps[2:] == ["create-replacement b [replaceWith]", "replace b [replaceWith]"]


def test_deleted_with_what_is_replaced():
    """A resource that goes with one that is replaced is replaced too."""
    case = {"base": [{}, {"name": "b"}], "diff": ["x!"]}

    steps = plan_all(case, build_goal(), build_goal("b", deleted_with=urn_of("a")))

    assert steps[2:] == ["create-replacement b [deletedWith]", "replace b [deletedWith]"]


@pytest.mark.parametrize(
    ("base", "steps"),
    [
        ([], ["read a"]),
        ([{"id": "i-1", "external": True}], ["read a"]),
        ([{"id": "i-2"}], ["read-replacement a", "replace a"]),
    ],
)
def test_read(base, steps):
    """A resource is read on every run; one that was managed before is let go."""
    goal = ReadGoal(urn_of("a"), "test:index:Thing", "a", "i-1", {}, provider=PROVIDER)

    assert plan_all({"base": base}, goal) == steps


def test_import_that_would_replace():
    """An imported resource whose goal asks for a replacement is refused."""
    case = {"diff": ["x!"]}
    generator = build_generator(case, ScriptedRegistry(case), Reporter(lambda _: None))
    goal, found = build_goal(import_id="i-1"), make_state("a", provider=PROVIDER)

    with pytest.raises(Refused, match="importing it would replace it"):
        asyncio.run(generator.plan_imported(goal, found))


def test_import_with_other_inputs():
    """An imported resource with other inputs is updated in the same run."""
    case = {"diff": ["x"]}
    generator = build_generator(case, ScriptedRegistry(case), Reporter(lambda _: None))
    goal, found = build_goal(import_id="i-1"), make_state("a", provider=PROVIDER)

    steps = asyncio.run(generator.plan_imported(goal, found))

    assert [step.op for step in steps] == [Op.UPDATE]
    assert steps[0].old is found


def test_what_was_carried_over_may_still_register():
    """What an untouched resource needed to stay before it is `same`, and told of only once."""
    case = {
        "base": [{"name": "b"}, {"dependencies": ["b"]}],
        "scope": {"targets": ["z"]},
    }

    planned = plan_all(case, build_goal(), build_goal("b"))

    assert planned == ["same b", "same a", "same b (told)"]


def test_what_was_carried_over_cannot_change_any_more():
    """A target that had to stay before something untouched is refused, as by Pulumi."""
    case = {
        "base": [{"name": "b"}, {"dependencies": ["b"]}],
        "scope": {"targets": ["b"]},
        "diff": [],
    }
    with pytest.raises(Refused, match="Duplicate resource URN"):
        plan_all(case, build_goal(), build_goal("b"))
