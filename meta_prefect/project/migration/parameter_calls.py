"""
Parameters of prefect.yaml as a call of `parameters`.

`prefect deploy` puts in values of blocks and variables; a run resolves neither in a text. Not to be
confused with `templates`, which knows what a worker resolves in job variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from meta_prefect.project.migration.expressions import Call
from meta_prefect.project.migration.records import Signature

_ROOM: Final = "meta_prefect.implementations"
_VARIABLE: Final = re.compile(r"\{\{\s*prefect\.variables\.(\w+)\s*\}\}")


def convert_parameters(
    values: Any, signature: Signature, say: Callable[[str], None]
) -> Iterator[Call]:
    """
    Give the call that says the same, if there is anything to say.

    values: by name, templates of the environment converted. signature: of the flow.
    say: told what cannot be converted.
    """
    if not isinstance(values, Mapping):
        return
    known = signature.parameters
    wanted = {name: _refer(name, item, say) for name, item in values.items()}
    if known is not None:
        for name in wanted.keys() - known:
            say(f"the flow has no parameter {name}: left out")
        wanted = {name: item for name, item in wanted.items() if name in known}
    if wanted:
        yield Call("parameters", f"{_ROOM}.parameters", (wanted,))


def _refer(name: str, value: Any, say: Callable[[str], None]) -> Any:
    """Refer to a variable of Prefect where a value is nothing else."""
    if not isinstance(value, str) or "{{ prefect." not in value:
        return value
    found = _VARIABLE.fullmatch(value)
    if found:
        say(f"{name} is what Prefect's variable {found[1]} says when a run is made: make it first")
        return Call("variable", f"{_ROOM}.references", (found[1],))
    say(f"{name} is resolved by nobody when a run is made: {value}")
    return value
