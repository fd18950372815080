"""What all tests of the platform need before any of them."""

import importlib
import warnings

import pytest

from tests.support.aws.kinds import KINDS
from tests.support.aws.provider import build_module_name


@pytest.fixture(scope="session", autouse=True)
def whole_packages():
    """
    Load the AWS SDK's lazy packages as wholes.

    One of which a single module was imported first, as the double does, stays without its classes
    for the rest of the process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for token in KINDS:
            package = build_module_name(token.split(":")[1]).rpartition(".")[0]
            getattr(importlib.import_module(package), "__all__", None)
