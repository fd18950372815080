"""The flows of the reference stack: they name the team's pool, and do not make it."""

from prefect import flow

from meta_prefect.implementations.code import code_local
from meta_prefect.implementations.deployments import compose, deployment
from meta_prefect.implementations.metadata import tags
from meta_prefect.implementations.schedule import cron
from meta_prefect.implementations.work_pools import work_pool, worker
from meta_prefect.interfaces.components import existing

team_flow = compose(code_local(), work_pool(existing("team")), tags("team"))(flow)


@deployment("nightly", cron("0 2 * * *", active_in=("prod",)))
@worker()
@team_flow
def orders(region: str) -> str:
    """Load the orders of a region."""
    return f"orders of {region}"


@team_flow
def invoices(region: str) -> str:
    """Send the invoices of a region."""
    return f"invoices of {region}"
