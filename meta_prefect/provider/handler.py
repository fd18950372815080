"""
The handler contract: what a kind of resource must know so that `provider` can route to it.

A handler sees plain values: secrets come without their envelope, unknown parts are `UNKNOWN`, and
`Inputs` lists the paths of both. It gets client, log and settings once, when it is made; making one
is free of side effects. Check and diff follow from the kind's field table and are seldom overridden
as a whole. Not to be confused with `provider`, which speaks the engine's protocol.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar, TypeAlias

from meta_prefect.interfaces.provider import CheckFailure, ProviderLog, ReadRequest
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, has_unknowns
from meta_prefect.provider.batches import FilterRoute
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.differences import Path
from meta_prefect.provider.fields import DECLARED, Field, ResourceKind
from meta_prefect.provider.flow_book import FlowBook
from meta_prefect.provider.read_ahead import Lookup
from meta_prefect.provider.settings import ProviderSettings

Values: TypeAlias = Mapping[str, Any]  # plain JSON values, and `UNKNOWN` at any depth


@dataclass(frozen=True, slots=True)
class Context:
    """
    What a handler works with.

    client: speaks to the API; every call fails with a clear text when no URL is known.
    log: takes severity, URN and message.
    settings: of the provider resource, resolved.
    flows: those that were met already.
    schedule_owners: URNs by id of the deployments that manage their whole list of schedules.
    in_state: inputs by URN, as they came, of what the engine has in its state; a create of one
        replaces it, and finds it here if the two have the same natural key.
    """

    client: PrefectClient
    log: ProviderLog
    settings: ProviderSettings
    flows: FlowBook
    schedule_owners: dict[str, str] = field(default_factory=dict)
    in_state: dict[str, PropertyMap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    Inputs as a handler sees them.

    values: plain; `UNKNOWN` where a value comes later; `__declared` lists the keys the user gave.
    secrets, unknowns: paths of such parts.
    """

    values: Values
    secrets: frozenset[Path] = frozenset()
    unknowns: frozenset[Path] = frozenset()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Look a value up."""
        return self.values.get(key, default)

    def knows(self, *keys: str) -> bool:
        """Say whether these values have no unknown part."""
        return not any(has_unknowns(self.values.get(key)) for key in keys)

    @property
    def declared(self) -> frozenset[str]:
        """Keys the user gave."""
        return frozenset(self.values.get(DECLARED) or ())


@dataclass(frozen=True, slots=True)
class Stored:
    """
    A resource as state has it.

    outputs: those beyond the inputs.
    """

    id: str
    urn: str
    inputs: Inputs
    outputs: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """
    What a create made.

    outputs: those beyond the inputs.
    inputs: given when it differs from what was asked for; None otherwise.
    """

    id: str
    outputs: Values
    inputs: Values | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """
    What is in the world.

    inputs: every field's value, canonical, whoever set it; the caller keeps the declared ones.
    secrets: paths of inputs that are secret in the world, beyond what the field table says.
    repeated: inputs that say what another one says: an import keeps their values, and a program
        does not have to give them.
    """

    id: str
    inputs: Values
    outputs: Values
    secrets: frozenset[Path] = frozenset()
    repeated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What a closer look at inputs says.

    secrets: paths that are secret, beyond what the field table says.
    """

    failures: tuple[CheckFailure, ...] = ()
    secrets: frozenset[Path] = frozenset()


class Handler(ABC):
    """
    Manages one kind of resource.

    `create`, `update`, `delete` raise `ProviderError` with a text for the user; the first two may
    raise `PartlyDone`. None of them is called in a preview.

    batch: where `read` looks a stored object up by its Pulumi id; None where it asks otherwise.
    """

    kind: ClassVar[ResourceKind]
    batch: ClassVar[FilterRoute | None] = None

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.log = context.log
        self.settings = context.settings
        self.flows = context.flows
        self.schedule_owners = context.schedule_owners
        self.in_state = context.in_state

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - for overriders
        """
        Fill in defaults that depend on other inputs; reads may be asked for.

        Called in check, after the field table's defaults; `values` may hold unknowns. Raises
        `ProviderError` when an answer is needed and cannot be had.
        """
        return values

    def judge(self, urn: str, values: Values) -> Iterable[CheckFailure]:  # noqa: ARG002 - for overriders
        """Find what is wrong across fields; `values` may hold unknowns."""
        return ()

    async def inspect(self, urn: str, values: Values) -> Inspection:  # noqa: ARG002 - for overriders
        """
        Look closer at inputs whose table is sound; reads may be asked for.

        Raises `ProviderError` when an answer is needed and cannot be had.
        """
        return Inspection()

    def spread_secrets(self, secrets: frozenset[Path]) -> frozenset[Path]:  # noqa: ARG002 - for overriders
        """Give the paths of inputs into which `complete` has put secret ones."""
        return frozenset()

    def foresee_create(self, urn: str, inputs: Inputs) -> Values:  # noqa: ARG002 - for overriders
        """Say the outputs of a create in a preview; by default none is known."""
        return {output.name: UNKNOWN for output in self.kind.outputs}

    def foresee_update(self, old: Stored, new: Inputs) -> Values:  # noqa: ARG002 - for overriders
        """Say the outputs of an update in a preview; by default stable ones stay."""
        unstable = {output.name: UNKNOWN for output in self.kind.outputs if not output.stable}
        return {**old.outputs, **unstable}

    def find_drift(self, old: Stored) -> frozenset[str]:  # noqa: ARG002 - for overriders
        """
        Name the outputs that hold no longer; each asks for an update.

        Called by every diff, so it looks at this machine at most, never at the network.
        """
        return frozenset()

    @abstractmethod
    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make it, or take it over where the settings allow that."""

    @abstractmethod
    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """
        Look at it; None when it is gone.

        stored: None for an import, and `id` is then one of the import forms.
        """

    def list_lookups(self, request: ReadRequest) -> Iterable[Lookup]:
        """List what a read of a stored object will look up in batches; asks nobody."""
        return () if self.batch is None else ((self.batch, request.id),)

    @abstractmethod
    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """
        Change it in place and give the outputs.

        changed: top-level input keys that differ, never one that asks for a replacement, and what
            `find_drift` names.
        """

    @abstractmethod
    async def delete(self, old: Stored) -> None:
        """Take it away; one that is gone already is a success."""

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:  # noqa: ARG002 - for overriders
        """
        Look by natural key for what a create with a lost answer may have made.

        Gives what there is; False when it is surely not there; True when nobody can say.
        """
        return True


@dataclass(frozen=True, slots=True)
class Checked:
    """
    Inputs with defaults in canonical form, and all that is wrong with them.

    secrets: paths that the world keeps secret, beyond what the field table says.
    """

    values: dict[str, Any]
    failures: tuple[CheckFailure, ...] = ()
    secrets: frozenset[Path] = frozenset()


async def check_inputs(handler: Handler, urn: str, news: Values) -> Checked:
    """Check by the field table, then by the handler; its own part needs a sound table."""
    kind = handler.kind
    given = _keep_given(news)
    failures = [*_check_names(kind, given), *_check_required(kind, given)]
    values: dict[str, Any] = {}
    for item in kind.fields:
        try:
            values[item.name] = item.read(_given_or_default(item, given))
        except ValueError as error:
            failures.append(CheckFailure(item.name, str(error)))
    values = {key: value for key, value in values.items() if value is not None}
    values[DECLARED] = sorted(given.keys() & values.keys())
    if failures:
        return Checked(values, tuple(failures))
    values = await handler.complete(urn, values)
    closer = await handler.inspect(urn, values)
    return Checked(values, (*handler.judge(urn, values), *closer.failures), closer.secrets)


def _keep_given(news: Values) -> dict[str, Any]:
    """Leave what the user gave; inputs that a read has made say it themselves."""
    declared = news.get(DECLARED, news)
    return {
        key: value
        for key, value in news.items()
        if key != DECLARED and value is not None and key in declared
    }


def _given_or_default(item: Field, given: Values) -> Any:
    return given.get(item.name, None if item.left_alone else item.default)


def _check_names(kind: ResourceKind, given: Values) -> Iterable[CheckFailure]:
    names = [item.name for item in kind.fields]
    for key in given:
        if key not in names:
            close = get_close_matches(key, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield CheckFailure(key, f"{kind.name} has no input of this name{hint}")


def _check_required(kind: ResourceKind, given: Values) -> Iterable[CheckFailure]:
    for item in kind.fields:
        if item.required and item.name not in given:
            yield CheckFailure(item.name, "is required")
