"""The flow of the reference stack."""

from prefect import flow

from meta_prefect.implementations.deployer import local_deployer
from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.schedule import cron


@deployment("hourly", cron("0 * * * *", active_in=("prod",)))
@deployment("")
@local_deployer()
@flow
def count_letters(text: str = "hello") -> int:
    """Count the letters of a text."""
    return len(text)
