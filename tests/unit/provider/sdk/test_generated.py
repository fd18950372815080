from pathlib import Path

import pytest

from meta_prefect.provider import sdk
from meta_prefect.provider.names import snake_case
from meta_prefect.provider.registry import HANDLERS
from tests.support.goldens import check_golden
from tests.support.sdk_source import render_class


@pytest.mark.parametrize("token", sorted(HANDLERS))
def test_class_is_written_from_its_table(token):
    """The text of a class is what its kind's field table gives, documentation included."""
    kind = HANDLERS[token].kind
    folder = Path(sdk.__file__).parent

    check_golden(folder / f"{snake_case(kind.name)}.py", render_class(kind))
