from pathlib import Path

import pytest

from meta_prefect.provider import sdk
from meta_prefect.provider.names import snake_case
from meta_prefect.provider.registry import HANDLERS
from tests.support.goldens import check_golden
from tests.support.sdk_source import render_class

GENERATED = (
    "prefect:cloud:ResourceSla",
    "prefect:cloud:ServiceAccount",
    "prefect:cloud:Team",
    "prefect:cloud:TeamAccess",
    "prefect:cloud:Webhook",
    "prefect:cloud:Workspace",
    "prefect:cloud:WorkspaceAccess",
    "prefect:cloud:WorkspaceRole",
    "prefect:index:Automation",
    "prefect:index:BlockDocument",
    "prefect:index:BlockSchema",
    "prefect:index:BlockType",
)


@pytest.mark.parametrize("token", GENERATED)
def test_class_is_written_from_its_table(token):
    """The text of a class is what its kind's field table gives, documentation included."""
    kind = HANDLERS[token].kind
    folder = Path(sdk.__file__).parent

    check_golden(folder / f"{snake_case(kind.name)}.py", render_class(kind))
