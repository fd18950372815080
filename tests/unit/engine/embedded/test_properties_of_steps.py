"""What holds of every run: who gets which old record, and in what order things are deleted."""

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.embedded.aliases import list_alias_urns
from meta_prefect.engine.embedded.claims import Claims
from meta_prefect.engine.embedded.goals import AliasSpec, Goal
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.leftovers import list_needed, sort_into_layers
from meta_prefect.engine.embedded.reports import Refused
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.state.checkpoint import ResourceState, iterate_references
from meta_prefect.engine.urn import build_child_urn
from meta_prefect.interfaces.engine import Scope
from tests.support.state import make_state, urn_of

TYPES = ("t:m:A", "t:m:B")
NAMES = ("a", "a-b", "b")


def build(parent, type, name):
    return build_child_urn("dev", "conf", parent, type, name)


specs = st.builds(
    AliasSpec,
    name=st.sampled_from(("", *NAMES)),
    type=st.sampled_from(("", *TYPES)),
    no_parent=st.booleans(),
)


@st.composite
def programs(draw):
    """Draw goals, parents first, under a few names, with aliases among the same names."""
    goals = []
    for _ in range(draw(st.integers(1, 7))):
        parent = draw(st.sampled_from(["", *(goal.urn for goal in goals)]))
        type, name = draw(st.sampled_from(TYPES)), draw(st.sampled_from(NAMES))
        aliases = tuple(draw(st.lists(specs, max_size=2)))
        goals.append(Goal(build(parent, type, name), type, name, True, {}, parent, aliases=aliases))
    return goals


@st.composite
def bases(draw):
    """Draw records whose URNs a program may own or name as aliases."""
    urns = [build("", type, name) for type in TYPES for name in NAMES]
    urns += [build(parent, type, name) for parent in urns for type in TYPES for name in NAMES]
    chosen = draw(st.lists(st.sampled_from(urns), unique=True, max_size=12))
    return [ResourceState(urn, urn.split("::")[2].rpartition("$")[2]) for urn in chosen]


def enter_all(goals, base):
    """Register goals one by one; gives who got which record."""
    claims, found = Claims(BaseIndex(base)), []
    for goal in goals:
        try:
            record = claims.enter(goal)
        except Refused:
            continue
        if record is not None and goal.urn not in claims.conflicts:
            found.append((goal.urn, record))
    return claims, found


@given(programs(), bases())
def test_no_record_goes_to_two(goals, base):
    """Whatever the aliases, an old record is found by one resource, which finds no other."""
    _, found = enter_all(goals, base)

    owners, records = [urn for urn, _ in found], [id(record) for _, record in found]
    assert len(set(owners)) == len(owners)
    assert len(set(records)) == len(records)


@given(programs(), bases())
def test_own_record_comes_before_aliases(goals, base):
    """A resource whose URN is in state gets that record, and no other under an alias."""
    claims, found = enter_all(goals, base)

    known = {state.urn for state in base}
    assert all(record.urn == urn for urn, record in found if urn in known)
    assert all(urn not in known for urn in claims.renamed)


@given(programs(), bases())
def test_aliases_come_to_an_end(goals, base):
    """Former URNs are few, each once, never the own one, and inherited names are counted."""
    claims, _ = enter_all(goals, base)

    for goal in goals:
        urns = list_alias_urns(goal, claims.renamed)
        assert len(urns) == len(set(urns)) <= 2 * len(goal.aliases) + 1
        assert goal.urn not in urns


@st.composite
def condemned(draw):
    """Draw records in file order, each needing earlier ones; a URN may come twice."""
    states = []
    for number in range(draw(st.integers(1, 9))):
        earlier = st.sampled_from([urn_of("outside"), *(state.urn for state in states)])
        some = st.lists(earlier, max_size=2).map(tuple)
        fields = {
            "dependencies": draw(some),
            "parent": draw(earlier),
            "property_dependencies": {"x": draw(some)},
            "deleted_with": draw(earlier),
        }
        states.append(make_state(f"r{number}", **fields))
        if draw(st.booleans()):
            states.append(make_state(f"r{number}", delete=True, dependencies=draw(some)))
    return states


@given(condemned())
def test_layers_respect_needs(states):
    """What needs a URN is deleted in an earlier layer than every record of it that comes before."""
    layers = sort_into_layers(states)
    place = {state: number for number, layer in enumerate(layers) for state in layer}

    assert sorted(map(id, place)) == sorted(map(id, states))
    assert all(layers)
    for at, state in enumerate(states):
        for _, urn in iterate_references(state):
            needed = [other for other in states[:at] if other.urn == urn]
            assert all(place[state] < place[other] for other in needed)


@given(condemned(), st.data())
def test_what_a_failed_deletion_needs_stays(states, data):
    """Nothing that a record needs, directly or not, goes when its own deletion failed."""
    failed = data.draw(st.lists(st.sampled_from(states), max_size=2))
    kept = list_needed(failed, states)

    assert {state.urn for state in failed} <= kept
    for state in states:
        if state.urn in kept:
            assert {urn for _, urn in iterate_references(state)} <= kept


patterns = st.lists(
    st.sampled_from([*(urn_of(f"r{number}") for number in range(4)), "**::r1", "**", "*"]),
    max_size=2,
).map(tuple)


@given(condemned(), patterns, st.booleans())
def test_exclusion_is_the_complement(states, named, dependents):
    """What targets admit is what the same excludes do not, dependents included."""
    inside = Targets(Scope(targets=named, target_dependents=dependents))
    outside = Targets(Scope(excludes=named, exclude_dependents=dependents))

    for state in states:
        needs = [urn for _, urn in iterate_references(state)]
        admitted = inside.admit_stored(state.urn, needs)
        assert outside.admit_stored(state.urn, needs) == (not admitted or not named)
