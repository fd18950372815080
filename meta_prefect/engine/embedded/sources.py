"""
Sources: where providers come from, one after the other.

The registry asks them in order; the first that knows a package makes its provider. In-process ones
are here; plugins that have to be found and started are `plugin_host`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.interfaces.provider import ProviderFactory


class PluginSource(Protocol):
    """A place where providers come from."""

    def find(self, need: PluginNeed) -> ProviderFactory | None:
        """Give what makes providers of a package, or None."""
        ...


@dataclass(frozen=True, slots=True)
class InProcess:
    """Providers of this process, by package; they serve every version."""

    factories: Mapping[str, ProviderFactory]

    def find(self, need: PluginNeed) -> ProviderFactory | None:
        """Give the factory of a package."""
        return self.factories.get(need.package)
