"""
What a run does for its Dask cluster on Kubernetes: brings the project's modules, keeps it awake.

Pods of the cluster start elsewhere and without the code that the run fetched, and the operator
takes a cluster for idle whose run is busy with something else. Not to be confused with
`dask_cluster`, which says what the cluster is like. The last two functions run in the cluster.
"""

from __future__ import annotations

import functools
import importlib
import io
import os
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_NEVER: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
_MADE_UP: Final = "__prefect_loader_"  # prefect.utilities.importtools, 3.8.8
_PULSE_SECONDS: Final = 60.0
_JOIN_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class ProjectModules:
    """
    What a run can import from the folder in which it is.

    archive: a zip of the Python files; empty: there are none.
    folders: where Python looks, in its order, below the archive's root.
    """

    archive: bytes = b""
    folders: tuple[str, ...] = ()


def attend(
    open_cluster: Callable[..., AbstractContextManager[Any]],
    open_client: Callable[..., AbstractContextManager[Any]],
    root: Path,
) -> Callable[..., AbstractContextManager[Any]]:
    """
    Give a class of clusters as Prefect takes it, whose clusters know the project and stay awake.

    open_cluster, open_client: the classes of Dask.
    root: folder of the run's code.
    """

    @contextmanager
    def open_attended(**options: Any) -> Iterator[Any]:
        with (
            open_cluster(**options) as cluster,
            open_client(cluster, set_as_default=False) as client,
        ):
            bring_modules(client, pack_modules(root, sys.path))
            send_by_value(sys.modules)
            with keep_awake(client):
                yield cluster

    # Prefect logs the name of what it opens.
    return functools.update_wrapper(open_attended, open_cluster, updated=())


def pack_modules(root: Path, search_path: Iterable[str]) -> ProjectModules:
    """
    Pack the project's Python files, without hidden folders and installed packages.

    root: folder of the run's code; that of the whole machine is none.
    search_path: of this process.
    """
    root = root.resolve()
    inside = (Path(entry).resolve() for entry in search_path)
    wanted = dict.fromkeys(folder for folder in inside if _is_code(folder, root))
    if not wanted:
        return ProjectModules()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed:
        for file in _list_modules(root):
            packed.write(file, file.relative_to(root))
    folders = tuple(folder.relative_to(root).as_posix() for folder in wanted)
    return ProjectModules(archive.getvalue(), folders)


def bring_modules(client: Any, modules: ProjectModules) -> None:
    """
    Make the modules importable in a cluster: in its scheduler, which reads tasks, and its workers.

    client: of Dask.
    """
    if modules.archive:
        unpack = functools.partial(unpack_modules, modules)
        client.run_on_scheduler(unpack)
        client.register_worker_callbacks(unpack)  # of those that come later, too


def send_by_value(modules: Mapping[str, ModuleType]) -> None:
    """
    Let what is in a flow's file travel with its tasks where the cluster could not import the file.

    modules: of this process. Prefect makes up a name for a file that is called like another one.
    """
    import cloudpickle  # type: ignore[import-untyped]  # it has no annotations

    for name, module in [*modules.items()]:
        if name.startswith(_MADE_UP):
            cloudpickle.register_pickle_by_value(module)


@contextmanager
def keep_awake(client: Any, every_seconds: float = _PULSE_SECONDS) -> Iterator[None]:
    """
    Let a cluster idle only once this process is gone.

    client: of Dask.
    """
    done = threading.Event()

    def stir() -> None:
        while not done.wait(every_seconds):
            with suppress(OSError, RuntimeError):  # the next one may get through
                client.run_on_scheduler(stay_awake)

    thread = threading.Thread(target=stir, daemon=True, name="meta-prefect-dask")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(_JOIN_SECONDS)


def _is_code(folder: Path, root: Path) -> bool:
    if root == Path(root.anchor) or not folder.is_relative_to(root) or not folder.is_dir():
        return False
    return all(_is_wanted(part) for part in folder.relative_to(root).parts)


def _is_wanted(name: str) -> bool:
    return not name.startswith(".") and name not in _NEVER


def _list_modules(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [
            name for name in names if _is_wanted(name) and not (here / name / "pyvenv.cfg").exists()
        ]
        yield from (here / file for file in sorted(files) if file.endswith(".py"))


def unpack_modules(
    modules: ProjectModules, dask_worker: Any = None, dask_scheduler: Any = None
) -> None:
    """
    Make the project importable in this process, from a folder that goes when the process does.

    dask_worker, dask_scheduler: whichever it is; Dask gives it.
    """
    root = Path((dask_worker or dask_scheduler).local_directory) / "project"
    with zipfile.ZipFile(io.BytesIO(modules.archive)) as packed:
        packed.extractall(root)
    sys.path[:0] = [str(root / folder) for folder in modules.folders]
    importlib.invalidate_caches()


def stay_awake(dask_scheduler: Any) -> None:
    """Begin again to count for how long a scheduler has been idle."""
    dask_scheduler.idle_since = None
