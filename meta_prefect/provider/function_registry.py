"""The registry of functions: what a program may ask, by token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meta_prefect.provider.cloud_lookups import CLOUD_LOOKUPS
from meta_prefect.provider.functions import Function
from meta_prefect.provider.lookups import LOOKUPS
from meta_prefect.provider.searches import SEARCHES

FUNCTIONS: Final[Mapping[str, Function]] = {
    function.token: function for function in (*LOOKUPS, *SEARCHES, *CLOUD_LOOKUPS)
}
