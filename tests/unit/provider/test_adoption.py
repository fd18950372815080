import pytest

from meta_prefect.provider.adoption import is_of_same_stack
from tests.support.provider_bench import urn_of

URN = urn_of("prefect:index:WorkPool", "pool")


@pytest.mark.parametrize(
    ("labels", "is_own"),
    [
        ({"owner": urn_of("prefect:index:Deployment", "d")}, True),
        ({"owner": urn_of("prefect:index:Deployment", "d", stack="prod")}, False),
        ({"owner": ""}, False),
        (None, False),
    ],
)
def test_label_tells_the_stack(labels, is_own):
    """A deployment belongs to a stack when its owner label names stack and project."""
    assert is_of_same_stack({"labels": labels}, "owner", URN) is is_own
