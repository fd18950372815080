"""What a run does for its Dask cluster, without one."""

import functools
import os
import pickle
import sys
import threading
import zipfile
from contextlib import contextmanager
from io import BytesIO
from types import ModuleType, SimpleNamespace

import cloudpickle
import pytest

from meta_prefect.implementations.dask_run import (
    ProjectModules,
    attend,
    keep_awake,
    pack_modules,
    send_by_value,
    stay_awake,
    unpack_modules,
)


@pytest.fixture
def project(tmp_path):
    """A folder with the code of a run, and with what is none of it."""
    for name in (
        "flows/orders_on_dask.py",
        "helpers_on_dask.py",
        "notes.txt",
        ".git/hook.py",
        "venv/pyvenv.cfg",
        "venv/lib/site-packages/other.py",
    ):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"NAME = {name!r}\n")
    return tmp_path / "project"


@pytest.fixture
def kept_path(monkeypatch):
    """Let a test change where Python looks."""
    monkeypatch.setattr(sys, "path", [*sys.path])


class Cluster:
    """Stands for a Dask cluster and for its client; notes what was asked of it."""

    def __init__(self, told, **options):
        self.told = told
        self.options = options
        self.stirred = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.told.append("closed")

    def run_on_scheduler(self, function):
        self.told.append(("scheduler", function))
        self.stirred.set()

    def register_worker_callbacks(self, function):
        self.told.append(("workers", function))


@contextmanager
def open_client(cluster, **_):
    yield cluster


def list_archive(modules):
    with zipfile.ZipFile(BytesIO(modules.archive)) as archive:
        return sorted(archive.namelist())


def test_modules_are_those_that_a_run_finds_in_its_own_folder(project):
    """Its search path counts, below its folder; hidden folders and environments do not."""
    search = ["/usr/lib/python3", str(project / "flows"), str(project), str(project / "venv/lib")]

    modules = pack_modules(project, [*search, str(project / "venv/lib/site-packages")])

    assert list_archive(modules) == ["flows/orders_on_dask.py", "helpers_on_dask.py"]
    assert modules.folders[:2] == ("flows", ".")


def test_code_that_is_installed_is_not_packed(project):
    """A run that looks nowhere below its folder, or is in that of the machine, brings nothing."""
    assert pack_modules(project, ["/usr/lib/python3"]) == ProjectModules()
    assert pack_modules(project.parents[-1], sys.path) == ProjectModules()


def test_what_was_packed_can_be_imported_elsewhere(project, tmp_path, kept_path):
    """The modules are found in the folder of the process that unpacks them."""
    modules = pack_modules(project, [str(project / "flows"), str(project)])
    worker = SimpleNamespace(local_directory=str(tmp_path / "worker"))

    unpack_modules(modules, dask_worker=worker)
    import helpers_on_dask
    import orders_on_dask

    assert helpers_on_dask.NAME == "helpers_on_dask.py"
    assert orders_on_dask.__file__.startswith(worker.local_directory)


def test_old_files_can_be_packed(project):
    """An image may have files from before a zip's time begins."""
    os.utime(project / "helpers_on_dask.py", (0, 0))

    assert "helpers_on_dask.py" in list_archive(pack_modules(project, [str(project)]))


def test_a_cluster_has_the_modules_before_its_first_task(project, monkeypatch):
    """Its scheduler and all workers of now and later get them, and it closes with the run."""
    told = []
    monkeypatch.syspath_prepend(str(project))
    opened = attend(functools.partial(Cluster, told), open_client, project)

    with opened(namespace="n") as cluster:
        asked = [where for where, _ in told]
        unpack = pickle.loads(pickle.dumps(told[1][1]))

    assert asked == ["scheduler", "workers"]
    assert cluster.options == {"namespace": "n"}
    assert unpack.func is unpack_modules
    assert told[-1] == "closed"


def test_a_run_keeps_its_cluster_awake():
    """The operator would take a cluster away while its run does something else."""
    told = []
    cluster = Cluster(told)
    scheduler = SimpleNamespace(idle_since=1.0)

    with keep_awake(cluster, every_seconds=0.01):
        assert cluster.stirred.wait(60)
    told[0][1](scheduler)

    assert told[0] == ("scheduler", stay_awake)
    assert scheduler.idle_since is None


def test_a_scheduler_that_does_not_answer_is_asked_again():
    """One lost message ends no run."""
    cluster = Cluster([])
    failures = iter([OSError("closed")])

    def run(function):
        for failure in failures:
            raise failure
        Cluster.run_on_scheduler(cluster, function)

    client = SimpleNamespace(run_on_scheduler=run)
    with keep_awake(client, every_seconds=0.01):
        answered = cluster.stirred.wait(60)

    assert answered


def test_a_file_called_like_another_module_travels_with_its_tasks():
    """Prefect makes up its module's name, by which no other process finds it."""
    module = ModuleType("__prefect_loader_0123__")
    exec("def double(x): return 2 * x", module.__dict__)
    sys.modules[module.__name__] = module

    send_by_value({module.__name__: module, "json": sys.modules["json"]})
    sent = cloudpickle.dumps(module.double)
    cloudpickle.unregister_pickle_by_value(module)
    del sys.modules[module.__name__]

    assert pickle.loads(sent)(2) == 4
