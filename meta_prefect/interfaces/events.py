"""
Events: what an engine says while an operation runs.

Both engines emit the same records in the same order; views draw them, logs and JSON are made from
them. Property values in events are already masked: a secret is the text `[secret]`.

Source: section 11 of Pulumi's engine events (`sdk/go/common/apitype/events.go`, 3.260).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.values import PropertyMap


class Op(StrEnum):
    """The kind of a step, in Pulumi's words."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


class DiffKind(StrEnum):
    """What happens to one property."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"

    @property
    def replaces(self) -> bool:
        """Whether the resource must be made anew for it."""
        return self.value.endswith("-replace")

    @property
    def as_replace(self) -> DiffKind:
        """The same change, as one that replaces the resource."""
        return self if self.replaces else DiffKind(f"{self.value}-replace")


@dataclass(frozen=True, slots=True)
class PropertyDiff:
    """
    One entry of a detailed diff.

    input_diff: the new value is an input; False: an output of the provider.
    """

    kind: DiffKind
    input_diff: bool = True


@dataclass(frozen=True, slots=True)
class ResourceView:
    """
    One side of a step, masked.

    id: empty for a component and before a create.
    """

    id: str
    inputs: PropertyMap
    outputs: PropertyMap
    protect: bool = False


@dataclass(frozen=True, slots=True)
class StepMetadata:
    """
    What a step is about.

    old, new: the two sides; None where the resource is not there.
    parent: the parent's URN, empty for the stack and default providers.
    keys: properties that ask for a replacement.
    diffs: changed top-level keys, as the provider gave them.
    detailed_diff: by property path; empty when the provider gives none.
    logical: counted in the summary (the delete half of a replacement is not).
    """

    op: Op
    urn: str
    type: str
    old: ResourceView | None
    new: ResourceView | None
    parent: str = ""
    provider: str = ""
    keys: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    detailed_diff: Mapping[str, PropertyDiff] = field(default_factory=dict)
    logical: bool = True


@dataclass(frozen=True, slots=True)
class Prelude:
    """The operation begins; config is masked."""

    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ResourcePre:
    """A step begins."""

    metadata: StepMetadata


@dataclass(frozen=True, slots=True)
class ResourceOutputs:
    """A step ended well; for a component: its outputs are registered."""

    metadata: StepMetadata


@dataclass(frozen=True, slots=True)
class ResourceFailed:
    """A step failed; the reason was said in a `DiagnosticEvent` before."""

    metadata: StepMetadata


@dataclass(frozen=True, slots=True)
class DiagnosticEvent:
    """
    Somebody has something to say.

    urn: empty when it is about the whole operation.
    message: as said, without a final newline.
    ephemeral: a status that replaces the one before.
    """

    severity: Severity
    urn: str
    message: str
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """
    The operation ended.

    changes: counts by op of the steps that succeeded; default providers are not counted.
    """

    preview: bool
    duration_seconds: float
    changes: Mapping[Op, int]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The operation was interrupted; what ran has been recorded."""


Event: TypeAlias = (
    Prelude | ResourcePre | ResourceOutputs | ResourceFailed | DiagnosticEvent | Summary | Cancelled
)
EventSink: TypeAlias = Callable[[Event], None]
