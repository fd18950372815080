"""Records of who runs a background process, with real children that only sleep."""

import asyncio
import json
import os
import sys

import pytest

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.owner_lock import (
    HeldByOther,
    find_living,
    find_own,
    find_to_stop,
    find_users,
    read_holder,
    read_owner,
    release,
    start_held,
    take_over,
)
from meta_prefect.provider.processes import Launch, is_running, stop_tree

URN = "urn:pulumi:dev::project::prefect:local:Server::local"
OTHER = "urn:pulumi:prod::project::prefect:local:Server::local"
URL = "http://127.0.0.1:1/api"


@pytest.fixture
def path(tmp_path):
    """A record's place; what it names is stopped in the end."""
    path = tmp_path / "home" / "owner.lock"
    yield path
    if holder := read_holder(path):
        asyncio.run(stop_tree(holder.process, 0))


def start(path, urn=URN):
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    launch = Launch(command, dict(os.environ), path.parent.parent, path.parent / "log")
    return start_held(path, launch, urn, URL, "print")


def test_started_process_is_recorded(path):
    """The record names the process, for its owner's eyes only."""
    holder = start(path)

    assert find_living(path) == holder == find_own(path, URN)
    assert is_running(holder.process)
    assert path.stat().st_mode & 0o077 == 0


def test_owner_is_project_and_stack():
    """An owner is the project and the stack of a URN, whatever the resource is called."""
    assert read_owner(URN) == ("project", "dev")
    assert read_owner("no urn") == ("", "no urn")


def test_other_stack_cannot_start(path):
    """While the process lives, another stack can neither start nor stop one there."""
    holder = start(path)

    with pytest.raises(HeldByOther, match="stack dev of project project"):
        start(path, OTHER)
    with pytest.raises(HeldByOther):
        find_to_stop(path, OTHER)
    assert is_running(holder.process)


def test_other_stack_cannot_release(path):
    """The record of a living process is only taken away by its owner."""
    start(path)

    release(path, OTHER)

    assert path.exists()


def test_owner_stops_and_releases(path):
    """Its owner stops the process and takes the record away."""
    holder = start(path)

    asyncio.run(stop_tree(find_to_stop(path, URN), 10))
    release(path, URN)

    assert not is_running(holder.process)
    assert not path.exists()


def test_dead_process_binds_nobody(path):
    """A record whose process is dead is written over by another stack."""
    holder = start(path)
    asyncio.run(stop_tree(holder.process, 10))

    heir = start(path, OTHER)

    assert find_living(path) == heir != holder


def test_start_without_number_is_completed(path):
    """A record from before the start leads to the process by its token, and is completed."""
    holder = start(path)
    record = json.loads(path.read_text())
    record["process"] |= {"pid": 0, "start_time": ""}
    path.write_text(json.dumps(record))

    found = take_over(path, URN)

    assert found == holder
    assert read_holder(path) == holder


def test_broken_record_counts_as_none(path):
    """A record that cannot be read does not keep anybody from starting."""
    path.parent.mkdir()
    path.write_text("{")

    assert read_holder(path) is None
    assert is_running(start(path).process)


def test_record_of_a_later_version_counts_as_none(path):
    """A record with fields that nobody here knows is not half understood."""
    start(path)
    text = path.read_text()
    path.write_text(json.dumps({**json.loads(text), "more": 1}))

    unreadable = read_holder(path)
    path.write_text(text)

    assert unreadable is None


def test_users_of_other_stacks_are_found(path):
    """Living processes of other stacks that work for the URL are found, and no others."""
    holder = start(path, OTHER)
    users = path.parent / "run"
    users.mkdir()
    text = path.read_text()
    (users / "worker-a.json").write_text(text)
    (users / "worker-b.json").write_text(text.replace(URL, "http://127.0.0.1:2/api"))
    (users / "worker-c.json").write_text(text.replace(OTHER, URN))

    assert find_users(users, URL, URN) == [holder]


def test_home_that_cannot_be_made_is_an_error(tmp_path):
    """A home that lies in a file is an error that names it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ProviderError, match="cannot make the folder"):
        start(tmp_path / "file" / "home" / "owner.lock")
