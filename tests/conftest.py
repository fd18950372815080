"""Fixtures that several rooms' tests share."""

pytest_plugins = ["tests.support.prefect_server"]
