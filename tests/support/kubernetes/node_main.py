"""The node without containers as a process: `python -m tests.support.kubernetes.node_main`."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import signal
from pathlib import Path

from tests.support.kubernetes.api import Api
from tests.support.kubernetes.certificates import KeyPair
from tests.support.kubernetes.images import read_images
from tests.support.kubernetes.kubeconfig import load_kubeconfig, read_access
from tests.support.kubernetes.kubelet import serve_logs
from tests.support.kubernetes.node import Node


def main():
    """Run a node until the process is asked to end."""
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(_read_arguments()))


def _read_arguments():
    parser = argparse.ArgumentParser()
    for name in ("--kubeconfig", "--authority", "--certificate", "--key", "--images", "--folder"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--name", required=True)
    for name in ("--label", "--capacity"):
        parser.add_argument(name, action="append", default=[])
    return parser.parse_args()


async def _run(asked):
    task = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    config = load_kubeconfig(str(asked.kubeconfig))
    api = Api(read_access(config, "", asked.folder))
    node = Node(
        api,
        asked.name,
        asked.folder,
        read_images(asked.images),
        [label.split("=", 1) for label in asked.label],
        [item.split("=", 1) for item in asked.capacity],
    )
    pair = KeyPair(asked.certificate, asked.key)
    server = await serve_logs(node, pair, str(asked.authority))
    authority = base64.b64encode(asked.authority.read_bytes()).decode()
    try:
        await node.run(server.sockets[0].getsockname()[1], authority)
    finally:
        server.close()
        await api.close()


if __name__ == "__main__":
    main()
