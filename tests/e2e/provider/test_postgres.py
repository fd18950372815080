"""A Prefect server on PostgreSQL, where several writers may help each other."""

import asyncio
import itertools

import pytest

from meta_prefect.interfaces.provider import ConfigureRequest
from meta_prefect.provider.provider import PrefectProvider
from tests.support.postgres import run_postgres, why_no_postgres
from tests.support.prefect_server import run_prefect_server
from tests.support.provider_bench import Bench

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(why_no_postgres()), reason=why_no_postgres()),
]
COUNT = 60


def test_several_writers_double_and_lose_nothing(tmp_path_factory):
    """Sixty deployments of two flows are made once each by as many writers as are found to help."""
    folder = tmp_path_factory.mktemp("postgres")
    for parent in itertools.takewhile(lambda path: path.name.startswith("pytest"), folder.parents):
        parent.chmod(0o755)  # the database runs as another user
    folder.chmod(0o755)
    (folder / "home").mkdir()
    with (
        run_postgres(folder / "data") as database_url,
        run_prefect_server(folder / "home", database_url) as server,
    ):
        made, again = asyncio.run(_make(server.url, database_url))

    assert len({thing.id for thing in made}) == COUNT
    assert [thing.inputs for thing in again] == [thing.inputs for thing in made]


async def _make(api_url, database_url):
    """Make all at once; gives them as made, and as read back."""
    environment = {
        "PREFECT_HOME": "/nonexistent",
        "PREFECT_API_DATABASE_CONNECTION_URL": database_url,
    }
    provider = PrefectProvider(lambda *_: None, environment=environment)
    await provider.configure(ConfigureRequest({"apiUrl": api_url}))
    bench = Bench(provider)
    values = [{"name": f"d{at}", "flowName": f"e2e-postgres-{at % 2}"} for at in range(COUNT)]
    made = await asyncio.gather(
        *(bench.create("prefect:index:Deployment", item, item["name"]) for item in values)
    )
    again = await asyncio.gather(*(bench.refresh(thing) for thing in made))
    await provider.close()
    return made, again
