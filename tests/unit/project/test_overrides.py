"""What a flow author lays over a deployer: pools, workers, and what stays as it is in Prefect."""

from tests.support.fake_world import World

FLOW = """
from prefect import flow

from meta_prefect.implementations.code import code_local
from meta_prefect.implementations.limits import limit
from meta_prefect.implementations.metadata import describer, tags, versioneer
from meta_prefect.implementations.running import keep, paused
from meta_prefect.implementations.work_pools import work_pool
from meta_prefect.interfaces.components import existing

@keep("tags", "version", "concurrency_limit")
@paused(in_stacks=("dev",))
@tags({tags})
@versioneer(version={version})
@limit({runs})
@describer({text})
@code_local("/srv")
@work_pool(existing("shared"))
@flow
def report(): ...
"""


def test_what_is_kept_is_changed_by_hand_only(tmp_path):
    """Fields count when the deployment is made; afterwards only the others follow the code."""
    world = World(tmp_path)
    world.prefect._make_pool({"name": "shared", "type": "process", "base_job_template": {}})
    world.write(FLOW.format(tags="'a'", version="'1'", runs=1, text="'one'"))
    world.up("report")

    world.write(FLOW.format(tags="'b'", version="'2'", runs=2, text="'two'"))
    steps = world.up("report")

    row = world.deployments["report/dev"]
    assert steps == {"work-pool/shared/pool": "read", "report/deployment": "update"}
    assert (row["tags"], row["version"], row["description"]) == (["a"], "1", "two")
    assert row["global_concurrency_limit"]["limit"] == 1
    assert (row["paused"], row["work_pool_name"]) == (True, "shared")
