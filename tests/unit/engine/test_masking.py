"""What of property values is shown."""

from meta_prefect.engine.masking import mask
from meta_prefect.interfaces.values import UNKNOWN, Secret


def test_mask():
    """Secrets and unknowns are shown as such, at any depth."""
    shown = mask({"a": [Secret("x")], "b": {"c": UNKNOWN}, "d": "plain"})

    assert shown == {"a": ["[secret]"], "b": {"c": "[unknown]"}, "d": "plain"}


def test_nothing_to_mask():
    """A map with nothing to hide is passed on as it is."""
    values = {"a": [1, {"b": "x"}]}

    assert mask(values) is values
