"""
The checkpoint format: snapshots and records as Pulumi's file holds them.

What was read and not replaced is written back as it stood, unknown fields and ciphertexts included,
without a key. Not to be confused with `properties`, which does the values inside a record, and
`json_text`, which knows JSON only.

Source: `sdk/go/common/apitype/core.go` and `pkg/resource/stack/deployment.go` of Pulumi 3.260.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from meta_prefect.engine.state.checkpoint import (
    Manifest,
    PendingOperation,
    ResourceState,
    SecretsProvider,
    Snapshot,
    StoredText,
)
from meta_prefect.engine.state.json_text import parse, render
from meta_prefect.engine.state.properties import Crypter, StoredMap, decode, encode, encode_map
from meta_prefect.interfaces.diagnostics import MetaPrefectError

FENCE: Final = "metaPrefectJournal"
"""The feature that keeps the Pulumi command line off a stack whose journal is not folded yet."""

PLAIN_VERSION: Final = 3
FEATURES_VERSION: Final = 4
_BYTE_STRINGS: Final = "byteString"
_ALWAYS_THERE: Final = frozenset({"urn", "custom", "type"})
_PROPERTY_MAPS: Final = frozenset({"inputs", "outputs"})
_LISTS: Final = frozenset(
    {"dependencies", "initErrors", "additionalSecretOutputs", "aliases", "replaceWith"}
    | {"stackTrace", "ignoreChanges", "hideDiff", "replaceOnChanges"}
)
_FIELDS: Final = {
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "taint": "taint",
    "external": "external",
    "dependencies": "dependencies",
    "initErrors": "init_errors",
    "provider": "provider",
    "propertyDependencies": "property_dependencies",
    "pendingReplacement": "pending_replacement",
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "customTimeouts": "custom_timeouts",
    "importID": "import_id",
    "retainOnDelete": "retain_on_delete",
    "deletedWith": "deleted_with",
    "replaceWith": "replace_with",
    "created": "created",
    "modified": "modified",
    "sourcePosition": "source_position",
    "stackTrace": "stack_trace",
    "ignoreChanges": "ignore_changes",
    "hideDiff": "hide_diff",
    "replaceOnChanges": "replace_on_changes",
    "replacementTrigger": "replacement_trigger",
    "refreshBeforeUpdate": "refresh_before_update",
    "viewOf": "view_of",
    "resourceHooks": "resource_hooks",
    "extensionRef": "extension_ref",
    "snippetID": "snippet_id",
}
"""The record's fields in the order of the file, with our names for them."""
_read_fields: Final = operator.attrgetter(*_FIELDS.values())

_FEATURES: Final[Mapping[str, Callable[[ResourceState], object]]] = {
    "extensionParameterization": lambda state: state.extension_ref,
    "hooks": lambda state: state.resource_hooks,
    "refreshBeforeUpdate": lambda state: state.refresh_before_update,
    "replaceWith": lambda state: state.replace_with,
    "taint": lambda state: state.taint,
    "views": lambda state: state.view_of,
}
_SNIPPETS: Final = "snippets-prototype"
KNOWN_FEATURES: Final = frozenset({*_FEATURES, _BYTE_STRINGS, _SNIPPETS})


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """
    A checkpoint as read.

    stack: the full name that the file gives itself, `organization/PROJECT/STACK`.
    fenced: an operation of ours is running, or was killed.
    """

    stack: str
    snapshot: Snapshot
    fenced: bool


def decode_record(stored: StoredText, crypter: Crypter) -> ResourceState:
    """Read a resource; its inputs and outputs stay undecoded until they are looked at."""
    document = stored.document
    values: dict[str, Any] = {}
    for key, value in document.items():
        name = _FIELDS.get(key)
        if name is not None and value is not None:
            values[name] = _decode_field(key, value, crypter)
    values["extra"] = {key: value for key, value in document.items() if key not in _FIELDS}
    state = ResourceState(**{"urn": "", "type": "", **values})
    state.stored = stored
    return state


def _decode_field(key: str, value: Any, crypter: Crypter) -> Any:
    if key in _PROPERTY_MAPS:
        return StoredMap(value, crypter)
    if key in _LISTS:
        return tuple(value)
    return decode(value, crypter) if key == "replacementTrigger" else value


def encode_record(
    state: ResourceState, crypter: Crypter, previous: StoredText | None = None
) -> StoredText:
    """
    Write a resource, or give what is stored of it already.

    `previous` is the record that it replaces, the one it was made from if not given; secrets that
    are still the same keep its ciphertexts.
    """
    if state.stored is not None:
        return state.stored
    previous = previous or state.previous
    olds = {} if previous is None else previous.document
    document = {}
    for key, value in zip(_FIELDS, _read_fields(state), strict=True):
        if value or key in _ALWAYS_THERE or _is_zero(value):
            document[key] = _encode_field(key, value, crypter, olds.get(key))
    document.update(state.extra)
    return StoredText(render(document), document)


def _is_zero(value: Any) -> bool:
    return value is not False and bool(value == 0)


def _encode_field(key: str, value: Any, crypter: Crypter, previous: Any) -> Any:
    if key in _PROPERTY_MAPS:
        return encode_map(value, crypter, previous)
    if key == "replacementTrigger":
        return encode(value, crypter, previous)
    if key in _LISTS:
        return list(value)
    if key == "propertyDependencies":
        return {name: list(value[name]) for name in sorted(value)}
    if key in ("customTimeouts", "resourceHooks"):
        return dict(value)
    return value


def decode_file(
    text: str, open_crypter: Callable[[SecretsProvider | None], Crypter]
) -> CheckpointFile:
    """
    Read a checkpoint file.

    `open_crypter` makes the crypter of the snapshot's secrets.

    Raises:
        ValueError: it is not JSON or not a checkpoint.
        MetaPrefectError: MP4103, its version is not one that this engine reads.
    """
    document = parse(text, ("checkpoint", "latest", "resources"))
    try:
        return _decode_document(document, open_crypter)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _decode_document(
    document: dict[str, Any], open_crypter: Callable[[SecretsProvider | None], Crypter]
) -> CheckpointFile:
    version = document.pop("version")
    features = tuple(document.pop("features", None) or ())
    if version not in (PLAIN_VERSION, FEATURES_VERSION):
        raise MetaPrefectError(
            "MP4103", f"the state file has version {version}, which is not known"
        )
    checkpoint = document.pop("checkpoint")
    stack = checkpoint.pop("stack", "")
    snapshot = decode_latest(checkpoint.pop("latest", None) or {}, open_crypter)
    snapshot.version = version
    snapshot.features = tuple(feature for feature in features if feature != FENCE)
    snapshot.checkpoint_extra = checkpoint
    snapshot.file_extra = document
    return CheckpointFile(stack, snapshot, FENCE in features)


def decode_latest(
    latest: dict[str, Any], open_crypter: Callable[[SecretsProvider | None], Crypter]
) -> Snapshot:
    """Read a snapshot: `latest` of a file, or `deployment` of an export; takes the object apart."""
    provider = decode_secrets_provider(latest.pop("secrets_providers", None))
    crypter = open_crypter(provider)
    resources = [
        decode_record(_as_stored(item), crypter) for item in latest.pop("resources", None) or ()
    ]
    pending = [
        _decode_pending(item, crypter) for item in latest.pop("pending_operations", None) or ()
    ]
    return Snapshot(
        manifest=_decode_manifest(latest.pop("manifest", None)),
        secrets_provider=provider,
        resources=resources,
        pending_operations=pending,
        metadata=latest.pop("metadata", None) or {},
        snippets=latest.pop("snippets", None),
        extensions=latest.pop("extensions", None),
        extra=latest,
    )


def _decode_pending(document: Mapping[str, Any], crypter: Crypter) -> PendingOperation:
    resource = decode_record(_as_stored(document["resource"]), crypter)
    return PendingOperation(resource, document["type"], _without(document, "resource", "type"))


def _without(document: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {key: item for key, item in document.items() if key not in known}


def _as_stored(item: Any) -> StoredText:
    return item if isinstance(item, StoredText) else StoredText(render(item), item)


def _decode_manifest(document: Mapping[str, Any] | None) -> Manifest | None:
    if not document:
        return None
    own = {field.name: document.get(field.name, "") for field in fields(Manifest)[:3]}
    return Manifest(**own, extra=_without(document, *own))


def decode_secrets_provider(document: Mapping[str, Any] | None) -> SecretsProvider | None:
    """Read how secrets are encrypted; None when nothing says so."""
    if not document or not document.get("type"):
        return None
    rest = _without(document, "type", "state")
    return SecretsProvider(document["type"], document.get("state") or {}, rest)


def encode_file(stack: str, snapshot: Snapshot, crypter: Crypter, *, fenced: bool = False) -> str:
    """Write a checkpoint file; `fenced` keeps the Pulumi command line off it."""
    features = [*compute_features(snapshot), *([FENCE] if fenced else [])]
    document: dict[str, Any] = {"version": FEATURES_VERSION if features else PLAIN_VERSION}
    if features:
        document["features"] = sorted(features)
    document["checkpoint"] = {
        "stack": stack,
        **snapshot.checkpoint_extra,
        "latest": encode_latest(snapshot, crypter),
    }
    return render({**document, **snapshot.file_extra})


def encode_latest(snapshot: Snapshot, crypter: Crypter) -> dict[str, Any]:
    """Write a snapshot: `latest` of a file, or `deployment` of an export."""
    latest: dict[str, Any] = {}
    if snapshot.manifest is not None:
        latest["manifest"] = _encode_manifest(snapshot.manifest)
    provider = snapshot.secrets_provider
    if provider is not None:
        own = {"type": provider.type, "state": provider.state}
        latest["secrets_providers"] = {**own, **provider.extra}
    parts = {
        "resources": _encode_records(snapshot.resources, crypter),
        "pending_operations": _encode_pending(snapshot.pending_operations, crypter),
    }
    latest.update({key: items for key, items in parts.items() if items})
    latest["metadata"] = snapshot.metadata
    rest = {"snippets": snapshot.snippets, "extensions": snapshot.extensions}
    latest.update({key: item for key, item in rest.items() if item})
    return {**latest, **snapshot.extra}


def _encode_records(states: Iterable[ResourceState], crypter: Crypter) -> list[StoredText]:
    return [encode_record(state, crypter) for state in states]


def _encode_pending(
    operations: Sequence[PendingOperation], crypter: Crypter
) -> list[dict[str, Any]]:
    return [
        {
            "resource": encode_record(operation.resource, crypter),
            "type": operation.type,
            **operation.extra,
        }
        for operation in operations
    ]


def _encode_manifest(manifest: Manifest) -> dict[str, Any]:
    own = {"time": manifest.time, "magic": manifest.magic, "version": manifest.version}
    return {**own, **manifest.extra}


def compute_features(snapshot: Snapshot) -> list[str]:
    """List what a reader of the file must understand, sorted; unknown features stay."""
    used = {feature for feature in snapshot.features if feature not in _FEATURES}
    used.discard(_SNIPPETS)
    for feature, reads in _FEATURES.items():
        if any(reads(state) for state in snapshot.resources):
            used.add(feature)
    if snapshot.snippets:
        used.add(_SNIPPETS)
    return sorted(used)


def to_plain(value: Any) -> Any:
    """Turn encoded parts into plain JSON values, for whoever wants a document and not its text."""
    return json.loads(render(value))
