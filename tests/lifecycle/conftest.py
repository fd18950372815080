"""What several files of lifecycle tests share."""

import pytest

from tests.lifecycle.replay import serving


@pytest.fixture(scope="module")
def served():
    """The provider of the recordings and the port at which it is served."""
    with serving() as provider_and_port:
        yield provider_and_port
