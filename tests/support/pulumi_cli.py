"""Pulumi's own executable, where there is one: the mark of tests that drive it."""

import shutil

import pytest

NEEDS_PULUMI = [
    pytest.mark.pulumi,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no pulumi on PATH"),
]
