"""
One measurement, in a process of its own: prints what it took, with its children, as JSON.

`python -m tests.benchmarks.measure PART FLOWS FOLDER`; later parts need the state that earlier ones
left in the folder. The floor is the SDK by itself, in front of a monitor that answers at once.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from pulumi.runtime import run_in_stack
from pulumi.runtime.settings import ROOT, Settings, configure

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.pace import working_pace
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.embedded.program import ProgramSettings, start_program
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome, Scope
from tests.benchmarks.executable import run_executable
from tests.benchmarks.world import (
    PARALLEL,
    PROJECT,
    STACK,
    CountingDisk,
    TrivialMonitor,
    build_program,
    connect,
)

SDK_THREADS = 4 * PARALLEL
BLOCK_BYTES = 512
FIRST_FLOW = ("**::flow0", "**::flow0/**")


def run_floor(flows):
    """Run the program on the SDK alone, as Pulumi's own language host does."""
    monitor = TrivialMonitor()
    ROOT.set(None)
    configure(Settings(project=PROJECT, stack=STACK, monitor=monitor, engine=monitor))
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=SDK_THREADS))
    loop.run_until_complete(run_in_stack(build_program(range(flows))))
    loop.close()


def run_runner(flows):
    """Run the program as the engine does, without the engine."""
    settings = ProgramSettings(PROJECT, STACK, {}, preview=False, parallel=PARALLEL, root="")
    monitor = TrivialMonitor()
    with working_pace():
        failure = start_program(build_program(range(flows)), settings, monitor, monitor).result()
    assert failure is None, failure


def build_request(part, flows):
    """Make the request of a part that is an operation."""
    everything = build_program(range(flows))
    first = {"scope": Scope(targets=FIRST_FLOW)}
    kind, program, fields = {
        "up": (OperationKind.UP, everything, {}),
        "unchanged": (OperationKind.PREVIEW, everything, {}),
        "unchanged-up": (OperationKind.UP, everything, {}),
        "scoped": (OperationKind.PREVIEW, build_program([0]), first),
        "destroy": (OperationKind.DESTROY, None, {}),
    }[part]
    return OperationRequest(kind, PROJECT, STACK, program, parallel=PARALLEL, **fields)


def run_operation(part, flows, folder, disk):
    """Run one operation; it must succeed."""
    backend = FileBackend(f"file://{folder}", PROJECT, lambda: "", disk=disk)
    place = PluginPlace({}, folder, {}, may_download=False)
    engine = EmbeddedEngine(backend, {"test": connect}, place)
    result = engine.run(build_request(part, flows), lambda event: None)
    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics


def run_part(part, flows, folder, disk):
    """Do what is measured."""
    match part:
        case "floor":
            run_floor(flows)
        case "runner":
            run_runner(flows)
        case "reading":
            FileBackend(f"file://{folder}", PROJECT, lambda: "").load(STACK)
        case "pulumi-up" | "pulumi-unchanged":
            run_executable(part, flows, folder)
        case _:
            run_operation(part, flows, folder, disk)


def main():
    """Measure one part."""
    part, flows, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    disk = CountingDisk()
    start, start_processor = time.perf_counter(), time.process_time()
    run_part(part, flows, folder, disk)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - start_processor
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = {
        "seconds": seconds,
        "processor_seconds": processor_seconds + children.ru_utime + children.ru_stime,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "bytes_written": disk.bytes_written + children.ru_oublock * BLOCK_BYTES,
        "syncs": disk.syncs,
    }
    sys.stdout.write(json.dumps(taken) + "\n")


if __name__ == "__main__":
    main()
