"""Who owns what in a stored stack, and what nobody needs any more."""

from meta_prefect.components.naming import FLOW_TYPE
from meta_prefect.interfaces.engine import ResourceRecord, StackRecord
from meta_prefect.project.graph import STACK_TYPE, StackGraph
from meta_prefect.project.planning import exclude_others, list_kept, merge_parts, scope_destroy
from meta_prefect.project.selecting import FlowPart

PREFIX = "urn:pulumi:dev::p::"
PROVIDER = f"{PREFIX}pulumi:providers:prefect::provider/prefect"


def record(type, name, *, parent="stack", needs=(), provider=True, custom=True):
    """Give a resource whose URN is made from a short name; `needs` are short names."""
    return ResourceRecord(
        urn=urn(type, name),
        type=type,
        id=f"id-{name}" if custom else "",
        parent="" if parent is None else parent,
        provider=f"{PROVIDER}::1" if provider else "",
        custom=custom,
        inputs={"home": "/home/of/server"} if type == "prefect:local:Server" else {},
        outputs={},
        dependencies=tuple(needs),
    )


def urn(type, name):
    return f"{PREFIX}{type}::{name}"


STACK = urn(STACK_TYPE, "p-dev")
POOL = urn("prefect:index:WorkPool", "work-pool/process/pool")
HEAVY = urn("prefect:index:WorkPool", "work-pool/heavy/pool")


def flow_records(name, pool):
    component = urn(FLOW_TYPE, name)
    return [
        record(FLOW_TYPE, name, parent=STACK, provider=False, custom=False),
        record("prefect:index:Flow", f"{name}/flow", parent=component),
        record("prefect:index:Deployment", f"{name}/deployment", parent=component, needs=[pool]),
    ]


def stack(*flows):
    return StackRecord(
        "dev",
        [
            record(STACK_TYPE, "p-dev", parent=None, provider=False, custom=False),
            record("prefect:local:Server", "server/local", parent=STACK, provider=False),
            record(
                "pulumi:providers:prefect",
                "provider/prefect",
                parent=STACK,
                provider=False,
                needs=[urn("prefect:local:Server", "server/local")],
            ),
            record("prefect:index:WorkPool", "work-pool/process/pool", parent=STACK),
            record("prefect:index:WorkPool", "work-pool/heavy/pool", parent=STACK),
            *[item for name, pool in flows for item in flow_records(name, pool)],
        ],
    )


def test_a_flow_owns_its_component_and_all_below():
    """Ownership follows parents, not names."""
    graph = StackGraph(stack(("f", POOL), ("g", POOL)))

    assert len(graph.list_owned(FlowPart("f"))) == 3
    assert urn("prefect:index:Deployment", "f/deployment") in graph.list_owned(FlowPart("f"))


def test_what_another_flow_needs_stays():
    """Destroying one of two flows takes its own things, and the pool that only it used."""
    graph = StackGraph(stack(("f", HEAVY), ("g", POOL)))

    targets = set(scope_destroy(graph, [FlowPart("f")]))

    assert targets == graph.list_owned(FlowPart("f")) | {HEAVY}


def test_the_last_flow_takes_everything_but_the_stack():
    """With no flow left, server, connection and pools go too."""
    graph = StackGraph(stack(("f", POOL)))

    targets = set(scope_destroy(graph, [FlowPart("f")]))

    assert targets == {item.urn for item in graph.resources} - {STACK}


def test_an_up_leaves_alone_what_other_flows_own():
    """All that another flow owns is out; shared things are in, whoever needs them."""
    graph = StackGraph(stack(("f", HEAVY), ("g", POOL)))

    out = set(exclude_others(graph, [FlowPart("f")]))

    assert out == graph.list_owned(FlowPart("g"))
    assert not out & {HEAVY, POOL}
    assert exclude_others(graph, [FlowPart("f"), FlowPart("g")]) == ()


def test_a_destroy_says_what_stays():
    """The data of a local server stay, and things that others use are named."""
    alone = StackGraph(stack(("f", POOL)))
    shared = StackGraph(stack(("f", POOL), ("g", POOL)))

    assert "/home/of/server" in list_kept(alone, scope_destroy(alone, [FlowPart("f")]))[0]
    kept = list_kept(shared, scope_destroy(shared, [FlowPart("f")]))
    assert kept[-1] == "shared with g: server/local, work-pool/process/pool"


def test_parts_of_one_flow_are_one():
    """Deployments of a flow come together; the whole flow swallows them."""
    day, night = FlowPart("f", ("f/day",)), FlowPart("f", ("f/night",))

    assert merge_parts([day, night]) == [FlowPart("f", ("f/day", "f/night"))]
    assert merge_parts([day, FlowPart("f")]) == [FlowPart("f")]
    assert merge_parts([FlowPart("f"), day, FlowPart("g")]) == [FlowPart("f"), FlowPart("g")]


def test_a_deployment_owns_what_is_named_after_it_and_nothing_else():
    """Resources below its name belong to it; a deployment whose name begins alike does not."""
    component = urn(FLOW_TYPE, "f")
    records = [
        record(FLOW_TYPE, "f", parent=STACK, provider=False, custom=False),
        record("prefect:index:Deployment", "f/night", parent=component),
        record("test:index:Thing", "f/night/alarm", parent=component),
        record("prefect:index:Deployment", "f/nightly", parent=component),
    ]
    graph = StackGraph(StackRecord("dev", records))

    owned = graph.list_owned(FlowPart("f", ("f/night",)))

    assert owned == {
        urn("prefect:index:Deployment", "f/night"),
        urn("test:index:Thing", "f/night/alarm"),
    }


def test_a_shared_component_is_kept_as_a_whole():
    """A flow needs one part of it; the part that nothing names stays, too."""
    network = urn("team:index:Network", "network/main")
    subnet = urn("aws:ec2/subnet:Subnet", "network/main/private-0")
    parts = [
        record("team:index:Network", "network/main", parent=STACK, provider=False, custom=False),
        record("aws:ec2/subnet:Subnet", "network/main/private-0", parent=network),
        record("aws:ec2/route:Route", "network/main/public-default", parent=network),
    ]
    graph = StackGraph(
        StackRecord("dev", [*parts, *flow_records("a", subnet), *flow_records("b", subnet)])
    )

    alone = graph.list_unneeded([FlowPart("a")])
    both = graph.list_unneeded([FlowPart("a"), FlowPart("b")])

    assert not [item for item in alone if "network/main" in item]
    assert len([item for item in both if "network/main" in item]) == 3
