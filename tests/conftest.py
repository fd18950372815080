"""Fixtures that several rooms' tests share."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.prefect_server"]

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], parent=settings.default
)
settings.load_profile("steady")
