"""
Service level agreements of Prefect Cloud: all of one resource's at once.

The API has no way to read them, so that a change by hand is never seen. Never run against Prefect
Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.fields import Change, Field, FieldType, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    UNTRIED,
    WORKSPACE_ID,
    CloudHandler,
    Scope,
)
from meta_prefect.provider.names import snake_case

_RULES: Final = ("duration", "staleAfter", "within")
_KEYS: Final = ("name", "severity", "enabled", *_RULES, "expectedEvent", "resourceMatch")
_SEVERITIES: Final = ("minor", "low", "moderate", "high", "critical")
_DEFAULTS: Final = {"severity": "high", "enabled": True}

RESOURCE_SLA: Final = ResourceKind(
    token="prefect:cloud:ResourceSla",  # noqa: S106 - a type's name
    doc=f"All service level agreements of one resource. {UNTRIED} They cannot be read back.",
    fields=(
        Field(
            "resourceId",
            FieldType.STRING,
            "What they are about, like `prefect.deployment.UUID`.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "slas",
            FieldType.LIST,
            "Each with `name`, `severity` (high), `enabled` and one of `duration`, `staleAfter` "
            "and `within` in seconds, the last also with `expectedEvent` and `resourceMatch`.",
            required=True,
        ),
        WORKSPACE_ID,
        ACCOUNT_ID,
    ),
    outputs=(),
)


class ResourceSlaHandler(CloudHandler):
    """Manages agreements; the Pulumi id is the resource's."""

    kind: ClassVar[ResourceKind] = RESOURCE_SLA

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in the server's defaults."""
        slas = values.get("slas")
        if not isinstance(slas, list):
            return values
        filled = [{**_DEFAULTS, **sla} if isinstance(sla, Mapping) else sla for sla in slas]
        return {**values, "slas": filled}

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Find what is wrong with each of them."""
        yield from super().judge(urn, values)
        slas = values.get("slas")
        for at, sla in enumerate(slas if isinstance(slas, list) else ()):
            if isinstance(sla, Mapping):
                yield from _judge_one(f"slas[{at}]", sla)
            elif sla is not UNKNOWN:
                yield CheckFailure(f"slas[{at}]", "must be an object")

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Apply them in the place of those that are there."""
        await self._apply(inputs, inputs["slas"])
        return Made(inputs["resourceId"], {})

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Believe what is stored: there is no route to look."""
        if stored is None:
            raise ProviderError("Prefect Cloud has no way to read agreements: declare them anew")
        return Found(id, {}, {})

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Apply all of them."""
        await self._apply(new, new["slas"])
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Apply none."""
        await self._apply(old.inputs, [])

    async def _apply(self, inputs: Inputs, slas: list[Mapping[str, Any]]) -> None:
        parts = ("slas", "apply-resource-slas", inputs["resourceId"])
        body = [{snake_case(key): value for key, value in sla.items()} for sla in slas]
        doing = f"apply the agreements of {inputs['resourceId']}"
        await self.client.post(self.url(Scope.WORKSPACE, inputs.values, *parts), body, doing=doing)


def _judge_one(path: str, sla: Mapping[str, Any]) -> Iterator[CheckFailure]:
    for key in sla:
        if key not in _KEYS:
            close = get_close_matches(key, _KEYS, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield CheckFailure(f"{path}.{key}", f"is no key of an agreement{hint}")
    if not sla.get("name"):
        yield CheckFailure(f"{path}.name", "is required")
    if sla["severity"] not in (*_SEVERITIES, UNKNOWN):
        yield CheckFailure(f"{path}.severity", f"must be one of {', '.join(_SEVERITIES)}")
    if sum(rule in sla for rule in _RULES) != 1:
        yield CheckFailure(path, f"needs exactly one of {', '.join(_RULES)}")
