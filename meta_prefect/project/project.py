"""
A project at one stack: what the command line can ask for.

Finds flows, prepares operations, lists and shows what is up. Its collaborators come from `wiring`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import (
    ConfigValue,
    Engine,
    HistoryRecord,
    OperationKind,
    OperationRequest,
    Program,
    ResourceRecord,
    StackReader,
)
from meta_prefect.project.adopting import add_flows, adopt
from meta_prefect.project.discovery import Discovery, FlowSite, discover_flows
from meta_prefect.project.graph import DEPLOYMENT_TYPE, StackGraph
from meta_prefect.project.listings import Fact, FlowListing, list_facts, list_flow, list_outputs
from meta_prefect.project.loading import FlowLoader, refuse_twins
from meta_prefect.project.log_files import find_log_files
from meta_prefect.project.operations import Operation, OperationOptions, Selection, Subject
from meta_prefect.project.place import PrefectPlace
from meta_prefect.project.planning import (
    build_scope,
    exclude_others,
    list_kept,
    merge_parts,
    scope_destroy,
    scope_refresh,
)
from meta_prefect.project.program import PlannedFlow, build_program, plan_flow
from meta_prefect.project.selecting import FlowPart, choose_deployment, parse_selector
from meta_prefect.project.settings import ProjectSettings

if TYPE_CHECKING:
    from meta_prefect.project.beginning import Beginning
    from meta_prefect.project.checks import CheckResult
    from meta_prefect.project.migration.deployed import Snapshot
    from meta_prefect.project.migration.migration import Migration
    from meta_prefect.project.migration.take_over import TakenOver
    from meta_prefect.project.runs import Run
    from meta_prefect.project.state_edits import StateEdits


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """
    A Pulumi program of the team's own, in the place of flows.

    read_config: gives the stack's configuration, in clear.
    """

    program: Program
    read_config: Callable[[], Mapping[str, ConfigValue]]


@dataclass(frozen=True, slots=True)
class Parts:
    """
    What a project works with.

    state: edits stored state by hand; None: only Pulumi's executable can.
    build_engine: makes the engine at the first operation; looking needs none.
    prepare_folder: makes the project's own folder ready, before the first change.
    build_checks: gives the checks of `doctor`, given whether to stay off the network.
    find_place: says which Prefect the stack works with.
    greet_prefect: asks a configured Prefect for its version, to see that it answers.
    look_into_prefect: looks for deployments of some names, for a migration.
    own_program: what to run in the place of flows; None: flows.
    """

    reader: StackReader
    state: StateEdits | None
    build_engine: Callable[[], Engine]
    prepare_folder: Callable[[], None]
    build_checks: Callable[[bool], Iterator[CheckResult]]
    find_place: Callable[[], PrefectPlace]
    greet_prefect: Callable[[], str]
    look_into_prefect: Callable[[Sequence[str]], Snapshot]
    own_program: OwnProgram | None = None


class Project:
    """A project at one stack."""

    def __init__(self, settings: ProjectSettings, parts: Parts) -> None:
        """Keep the collaborators; looks at nothing yet."""
        self.settings = settings
        self._parts = parts
        self._loader = FlowLoader(settings.root)

    @property
    def reader(self) -> StackReader:
        """The stored state, to look at."""
        return self._parts.reader

    @property
    def state(self) -> StateEdits:
        """The stored state, to edit by hand."""
        if self._parts.state is None:
            raise MetaPrefectError(
                "MP5207",
                "state that is not in a folder is edited with Pulumi's own command",
                where=self.settings.backend_url,
                fixes=("pulumi state --help",),
            )
        return self._parts.state

    def find_flows(self) -> tuple[FlowSite, ...]:
        """List the project's flows by their syntax; imports nothing."""
        return self._discover().sites

    def list_flows(self) -> tuple[FlowListing, ...]:
        """List the project's flows and those that are up, by name; imports nothing."""
        graph = self._read_graph()
        sites = self.find_flows()
        gone = graph.flows.keys() - {site.name for site in sites}
        listings = [list_flow(site.name, site, graph) for site in sites]
        listings += [list_flow(name, None, graph) for name in gone]
        return tuple(sorted(listings, key=lambda listing: (listing.name, listing.file)))

    def resources(self, flow: str | None = None) -> tuple[ResourceRecord, ...]:
        """
        Give the resources of the stack, or those that a flow owns and needs, in file order.

        Raises:
            MetaPrefectError: the flow is not up.
        """
        if flow is None:
            return self._read_graph().resources
        return self._find_up(flow)[1]

    def facts(self, flows: Sequence[str] = ()) -> tuple[Fact, ...]:
        """Say what is there now: deployments, pools, workers, where to look."""
        graph = self._read_graph()
        if self._parts.own_program is not None:
            return list_outputs(graph)
        parts = self._list_up(flows or sorted(graph.flows), graph)
        urns = graph.list_needed(urn for part in parts for urn in graph.list_owned(part))
        return tuple(fact for item in graph.select(urns) for fact in list_facts(item) if fact.text)

    def prepare(
        self, kind: OperationKind, selection: Selection, options: OperationOptions
    ) -> Operation:
        """
        Make an operation ready: find and load its flows, decide what it covers.

        Raises:
            MetaPrefectError: a flow is missing, cannot be loaded, or is not up, or a
                configured Prefect does not answer.
        """
        match kind:
            case OperationKind.UP:
                return self._prepare_up(selection, options)
            case OperationKind.DESTROY:
                return self._prepare_destroy(selection, options)
        return self._prepare_refresh(selection, options)

    def plan_beginning(self, flow: str = "") -> Beginning:
        """
        Plan the smallest project, or a deployer for a flow that has none.

        Raises:
            MetaPrefectError: there is no such flow, or it has builders already.
        """
        from meta_prefect.project.beginning import plan_beginning

        return plan_beginning(self.settings, self._find_site(flow) if flow else None)

    def plan_migration(self, path: Path) -> Migration:
        """
        Plan what becomes of a prefect.yaml; reads only.

        Raises:
            MetaPrefectError: it cannot be read, none of its deployments can be converted, or a
                configured Prefect does not answer.
        """
        from meta_prefect.project.migration.migration import plan_migration

        if self._parts.find_place().api_url:
            self._parts.greet_prefect()
        settings = self.settings
        look = self._parts.look_into_prefect
        return plan_migration(path, settings.root, look, settings.excludes)

    def take_over(self, migration: Migration) -> TakenOver:
        """
        Take over what a migration found in Prefect, once its files are written.

        Raises:
            MetaPrefectError: something differs there, or the operation failed.
        """
        from meta_prefect.project.migration.take_over import take_over

        return take_over(migration, self.prepare)

    def start_run(self, flow: str, parameters: Mapping[str, str]) -> Run:
        """
        Start a run of a flow's deployment.

        parameters: texts by name, read as the parameter's type says.

        Raises:
            MetaPrefectError: the flow is not up, a parameter does not fit, Prefect does not answer.
        """
        from meta_prefect.project.runs import start_run

        name, resources = self._find_up(flow)
        return start_run(name, resources, parameters)

    def find_last_run(self, flow: str) -> Run:
        """
        Find the run of a flow's deployment that started last.

        Raises:
            MetaPrefectError: the flow is not up, nothing ran yet, Prefect does not answer.
        """
        from meta_prefect.project.runs import find_last_run

        return find_last_run(*self._find_up(flow))

    def list_pages(self, flow: str) -> tuple[str, ...]:
        """
        Give the addresses of a flow's deployments in the Prefect UI.

        Raises:
            MetaPrefectError: the flow is not up.
        """
        deployments = [item for item in self.resources(flow) if item.type == DEPLOYMENT_TYPE]
        return tuple(str(item.outputs["uiUrl"]) for item in deployments if item.outputs["uiUrl"])

    def list_log_files(self, flow: str, of: str) -> tuple[Path, ...]:
        """
        Give the files that the processes of a flow write, the local ones.

        of: `worker` or `server`.

        Raises:
            MetaPrefectError: the flow is not up.
        """
        return find_log_files(self.resources(flow), of)

    def read_history(self) -> tuple[HistoryRecord, ...]:
        """Give past operations on the stack, the newest first."""
        return tuple(self._parts.reader.read_history(self.settings.stack))

    def check(self, *, offline: bool = False) -> Iterator[CheckResult]:
        """Look at the machine and the project, a result at a time; changes nothing."""
        return self._parts.build_checks(offline)

    def _prepare_up(self, selection: Selection, options: OperationOptions) -> Operation:
        if self._parts.own_program is not None:
            own = self._parts.own_program.program
            return self._build(OperationKind.UP, selection, (), (), options, own)
        place = self._parts.find_place()
        if place.api_url:
            self._parts.greet_prefect()
        flows = self._plan(selection)
        program: Program = build_program(flows, self.settings, place)
        parts = [flow.part for flow in flows]
        asks_what_is_up = bool(options.adopted) or not selection.everything
        graph = self._read_graph() if asks_what_is_up else StackGraph(None)
        if options.adopted:
            program = adopt(program, add_flows(options.adopted, flows, graph.flows))
        others = () if selection.everything else exclude_others(graph, parts)
        return self._build(OperationKind.UP, selection, parts, (), options, program, others=others)

    def _prepare_destroy(self, selection: Selection, options: OperationOptions) -> Operation:
        graph = self._read_graph()
        parts = merge_parts(self._find_part(flow, graph) for flow in selection.flows)
        targets = () if selection.everything else scope_destroy(graph, parts)
        kept = list_kept(graph, targets)
        return self._build(OperationKind.DESTROY, selection, parts, targets, options, kept=kept)

    def _prepare_refresh(self, selection: Selection, options: OperationOptions) -> Operation:
        graph = self._read_graph()
        parts = merge_parts(self._find_part(flow, graph) for flow in selection.flows)
        targets = () if selection.everything else scope_refresh(graph, parts)
        return self._build(OperationKind.REFRESH, selection, parts, targets, options)

    def _build(
        self,
        kind: OperationKind,
        selection: Selection,
        parts: Sequence[FlowPart],
        targets: Sequence[str],
        options: OperationOptions,
        program: Program | None = None,
        *,
        kept: Sequence[str] = (),
        others: Sequence[str] = (),
    ) -> Operation:
        engine = self._parts.build_engine()
        own = self._parts.own_program
        request = OperationRequest(
            kind=kind,
            project=self.settings.project,
            stack=self.settings.stack,
            program=program,
            config=own.read_config() if own is not None else {},
            scope=build_scope(targets, others, options, self.settings),
            refresh=options.refresh,
            parallel=options.parallel,
            continue_on_error=options.continue_on_error,
            expect_no_changes=options.expect_no_changes,
            message=options.message,
            timeout_seconds=options.timeout_seconds,
            root=str(self.settings.root),
        )
        subject = Subject(
            flows=() if selection.everything else _say_parts(parts),
            project=self.settings.project,
            stack=self.settings.stack,
            engine=engine.description,
            backend=self.settings.backend_url,
        )
        words = ("--program", request.root) if own is not None else subject.flows or ("--all",)
        return Operation(engine, request, subject, kept, self._parts.prepare_folder, words)

    def _plan(self, selection: Selection) -> list[PlannedFlow]:
        stack = self.settings.stack
        if selection.everything:
            discovery = self._discover()
            discovery.refuse_broken()
            loaded = self._loader.load_deployable(discovery.sites)
            return [plan_flow(flow, stack) for flow in loaded]
        wanted: dict[FlowSite, list[str]] = {}
        for selector in map(parse_selector, selection.flows):
            wanted.setdefault(self._find_site(selector.flow), []).append(selector.deployment)
        refuse_twins(wanted)
        return [
            plan_flow(self._loader.load(site), stack, names if all(names) else ())
            for site, names in wanted.items()
        ]

    def _find_site(self, flow: str) -> FlowSite:
        """Look into files that mention the name first; the rest only helps with a message."""
        narrow = self._discover(mention=flow)
        try:
            return narrow.find(flow)
        except MetaPrefectError:
            return Discovery(self._discover().sites, narrow.broken).find(flow)

    def _find_part(self, flow: str, graph: StackGraph) -> FlowPart:
        """Find what is up of a flow, which may have left the project meanwhile."""
        selector = parse_selector(flow)
        name = selector.flow if selector.flow in graph.flows else ""
        name = name or self._find_site(selector.flow).name
        if not selector.deployment or name not in graph.flows:
            return FlowPart(name)
        known = graph.list_deployments(name)
        return FlowPart(name, (choose_deployment(name, selector.deployment, known),))

    def _find_up(self, flow: str) -> tuple[str, tuple[ResourceRecord, ...]]:
        """
        Give the logical name of a flow that is up, and the resources that it owns and needs.

        Raises:
            MetaPrefectError: it is not up.
        """
        graph = self._read_graph()
        part = self._find_part(flow, graph)
        return part.flow, graph.select(set(scope_refresh(graph, [part])))

    def _list_up(self, flows: Iterable[str], graph: StackGraph) -> Iterator[FlowPart]:
        """Give what is up of flows; what an operation that failed did not make is passed over."""
        for flow in flows:
            with suppress(MetaPrefectError):
                yield self._find_part(flow, graph)

    def _discover(self, mention: str = "") -> Discovery:
        return discover_flows(self.settings.root, self.settings.excludes, mention)

    def _read_graph(self) -> StackGraph:
        return StackGraph(self._parts.reader.read_stack(self.settings.stack))


def _say_parts(parts: Sequence[FlowPart]) -> tuple[str, ...]:
    return tuple(name for part in parts for name in (part.deployments or (part.flow,)))
