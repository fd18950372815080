"""
Which inputs an object in the world would have, told from the outputs that were read.

AWS gives documents back with other spaces, sets in another order, and much that nobody asked for;
none of this is drift. What it does not give back at all is taken to be as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.plugins.differences import is_same

# Maps whose keys are the user's own: a key that is not among the inputs is drift.
_OPEN = frozenset({"tags", "labels"})


def find_inputs(inputs, outputs):
    """Give inputs that say what was read: the old ones, but for what differs."""
    return {key: reconcile(value, outputs.get(key), key) for key, value in inputs.items()}


def reconcile(asked, found, key=""):
    """Give what was asked for where what was found means the same, else what was found."""
    if found is None or is_same(asked, found):
        return asked
    if isinstance(asked, Mapping) and isinstance(found, Mapping):
        return found if key in _OPEN else find_inputs(asked, found)
    if isinstance(asked, list) and isinstance(found, list):
        return _reconcile_lists(asked, found)
    return asked if _means_same(asked, found) else found


def _reconcile_lists(asked, found):
    if len(asked) != len(found):
        return found
    if all(isinstance(item, str) for item in asked):
        return asked if sorted(asked) == sorted(map(str, found)) else found
    return [reconcile(item, other) for item, other in zip(asked, found, strict=True)]


def _means_same(asked, found):
    """Say whether two scalars differ only in their type, as 1 and "1" do."""
    scalars = str | int | float | bool
    both = isinstance(asked, scalars) and isinstance(found, scalars)
    return both and str(asked).lower() == str(found).lower()
