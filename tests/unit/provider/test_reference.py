from pathlib import Path

from meta_prefect import provider
from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.registry import HANDLERS
from tests.support.goldens import check_golden
from tests.support.reference import render_reference


def test_manual_has_every_kind_and_field():
    """The tables of the manual are those that the provider works by."""
    kinds = [handler.kind for handler in HANDLERS.values()]

    text = render_reference(kinds, FUNCTIONS.values())

    assert all(f"`{token}`" in text for token in (*HANDLERS, *FUNCTIONS))
    check_golden(Path(provider.__file__).parent / "REFERENCE.md", text)
