"""Which Prefect a stack works with, and how it is reached from elsewhere."""

import pytest

from meta_prefect.project.place import find_place

CLOUD = "https://api.prefect.test/api"
HERE = "http://127.0.0.1:4200/api"
ELSEWHERE = "https://prefect.example.com/api"


@pytest.mark.parametrize(
    ("api_url", "worker_url", "reached"),
    [
        (CLOUD, "", CLOUD),
        (CLOUD, ELSEWHERE, ELSEWHERE),
        (HERE, "", ""),
        (HERE, ELSEWHERE, ELSEWHERE),
        ("", "", ""),
        ("", ELSEWHERE, ELSEWHERE),
    ],
)
def test_workers_elsewhere(tmp_path, api_url, worker_url, reached):
    """An address of this machine is none for them; another one is, also of a server of ours."""
    environment = {
        "PREFECT_PROFILES_PATH": str(tmp_path / "profiles.toml"),
        **({"PREFECT_API_URL": api_url} if api_url else {}),
        **({"META_PREFECT_WORKER_API_URL": worker_url} if worker_url else {}),
    }

    place = find_place("", environment)

    assert (place.api_url, place.access.api_url) == (api_url, reached)
