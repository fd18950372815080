"""Version ranges that programs ask for."""

import grpc
import pytest

from meta_prefect.engine.embedded.engine_service import is_in_range
from meta_prefect.engine.embedded.failures import CallFailed


@pytest.mark.parametrize(
    ("ranges", "inside"),
    [
        (">=3.0.0", True),
        ("<3.0.0", False),
        (">=3.0.0 <3.200.0", False),
        ("<3.0.0 || >=3.200.0", True),
        ("!3.260.0", False),
        ("=3.260.0", True),
        ("3.260.0", True),
        (">v3.1.2", True),
    ],
)
def test_version_ranges(ranges, inside):
    """A program's demand on the version is held against the engine that is mirrored."""
    assert is_in_range("3.260.0", ranges) is inside


def test_no_version_range():
    """What is no range fails the call."""
    with pytest.raises(CallFailed) as failed:
        is_in_range("3.260.0", "latest")

    assert failed.value.code() is grpc.StatusCode.UNKNOWN
    assert "latest" in failed.value.details()
