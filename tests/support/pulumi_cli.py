"""Pulumi's own executable, where there is one: the marks of tests that drive it."""

import shutil

import pytest

# The SDK's own server for inline programs drops what it stops half done. When that is collected,
# in whatever test, Python says so.
DROPS_PROGRAMS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
NEEDS_PULUMI = [
    DROPS_PROGRAMS,
    pytest.mark.pulumi,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no pulumi on PATH"),
]
