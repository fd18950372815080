"""
The records of stored state: a snapshot of a stack and the resources in it.

They are the same in memory as in the file, with Python names; how they are written is `codec`'s
business. Not to be confused with `interfaces.engine.ResourceRecord`, which is for looking only.

Source: `sdk/go/common/apitype/core.go` of Pulumi 3.260.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from meta_prefect.engine import urn as urns
from meta_prefect.interfaces.values import PropertyMap

ENGINE_VERSION: Final = "3.260.0"
"""The release of Pulumi whose engine and file format this room mirrors."""
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class StoredText:
    """
    A record as it stands in the file.

    text: its JSON text, on one line.
    document: the same, parsed.
    """

    text: str
    document: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class ResourceState:
    """
    One resource; two are the same only if they are one object.

    A record that was read from a file is never changed in place, only with `dataclasses.replace`:
    its stored text is written back as it was.

    inputs, outputs: decoded when first looked at, where they come from a file.
    parent, deleted_with, view_of: URNs; provider: `URN::ID`; empty when there is none.
    protect, retain_on_delete: None when nobody said.
    delete: replaced already, still to be deleted.
    pending_replacement: deleted already, still to be made anew.
    property_dependencies: URNs by input key; a key without dependencies is kept.
    custom_timeouts: seconds by `create`, `update`, `delete`.
    aliases: URNs under which this run found the old record.
    created, modified: RFC 3339 in UTC; empty when unknown.
    extra: fields of the file that this engine does not know.
    previous: the stored form of what this was made from; its ciphertexts are kept.
    stored: set for what was read from a file or is encoded already.
    """

    urn: str
    type: str
    custom: bool = False
    id: str = ""
    inputs: PropertyMap = field(default_factory=dict)
    outputs: PropertyMap = field(default_factory=dict)
    parent: str = ""
    protect: bool | None = None
    taint: bool = False
    external: bool = False
    delete: bool = False
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    provider: str = ""
    init_errors: Sequence[str] = ()
    pending_replacement: bool = False
    additional_secret_outputs: Sequence[str] = ()
    aliases: Sequence[str] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    replace_with: Sequence[str] = ()
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: Sequence[Any] = ()
    ignore_changes: Sequence[str] = ()
    hide_diff: Sequence[str] = ()
    replace_on_changes: Sequence[str] = ()
    replacement_trigger: Any = None  # a property value
    refresh_before_update: bool = False
    view_of: str = ""
    resource_hooks: Mapping[str, Any] = field(default_factory=dict)
    extension_ref: str = ""
    snippet_id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    previous: StoredText | None = field(default=None, repr=False)
    stored: StoredText | None = field(default=None, init=False, repr=False)


def amend(state: ResourceState, **changes: Any) -> ResourceState:
    """Make a record that differs in some fields and keeps the ciphertexts of the rest."""
    return replace(state, previous=state.stored or state.previous, **changes)


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """
    A step whose end is unknown.

    type: `creating`, `updating`, `deleting`, `reading` or `importing`.
    extra: fields nobody here knows.
    """

    resource: ResourceState
    type: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecretsProvider:
    """
    How a snapshot's secrets are encrypted: a type of Pulumi's and its state.

    extra: fields nobody here knows.
    """

    type: str
    state: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Who wrote a snapshot, and when.

    magic: the SHA-256 of `version`, in hex.
    """

    time: str
    magic: str
    version: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Snapshot:
    """
    The state of a stack, in file order.

    version, features: of the file; features without the fence of a running operation.
    metadata, snippets, extensions: JSON, kept as it is.
    extra, checkpoint_extra, file_extra: fields nobody here knows, by level, innermost first.
    """

    manifest: Manifest | None = None
    secrets_provider: SecretsProvider | None = None
    resources: list[ResourceState] = field(default_factory=list)
    pending_operations: list[PendingOperation] = field(default_factory=list)
    metadata: Any = field(default_factory=dict)
    snippets: Any = None
    extensions: Any = None
    version: int = 3
    features: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    checkpoint_extra: Mapping[str, Any] = field(default_factory=dict)
    file_extra: Mapping[str, Any] = field(default_factory=dict)


def build_manifest(moment: str) -> Manifest:
    """Make the manifest of a snapshot that this engine writes."""
    return Manifest(moment, build_magic(ENGINE_VERSION), ENGINE_VERSION)


def build_magic(version: str) -> str:
    """Give the check value of a manifest."""
    return hashlib.sha256(version.encode()).hexdigest()


def build_timestamp(nanoseconds: int | None = None) -> str:
    """Write a moment as the checkpoint does; nanoseconds since the epoch, None for now."""
    moment = time.time_ns() if nanoseconds is None else nanoseconds
    seconds, fraction = divmod(moment, _NANOSECONDS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09d}".rstrip("0")
    return f"{text}.{digits}Z" if digits else f"{text}Z"


def iterate_references(state: ResourceState) -> Iterator[tuple[str, str]]:
    """
    Give every URN a resource needs, with the name of the field that says so.

    The provider's URN is included; none is empty; one URN may come several times.
    """
    if state.provider:
        yield "provider", urns.split_reference(state.provider)[0]
    if state.parent:
        yield "parent", state.parent
    for urn in state.dependencies:
        yield "dependencies", urn
    for dependencies in state.property_dependencies.values():
        for urn in dependencies:
            yield "propertyDependencies", urn
    if state.deleted_with:
        yield "deletedWith", state.deleted_with
    for urn in state.replace_with:
        yield "replaceWith", urn
