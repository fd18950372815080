"""Whether a container is ready and alive, asked as its pod says: by HTTP, TCP or a command."""

from __future__ import annotations

import asyncio
import contextlib

import httpx

_PERIOD_SECONDS = 10
_TIMEOUT_SECONDS = 1


async def keep_probing(container, environment, ports, on_change):
    """
    Ask again and again while a container runs; without a probe it is ready at once.

    A container that is not alive is stopped, which its pod then sees. `ports` are the real ones,
    by those that the probes name.
    """
    ready, alive = (
        _place(container.spec.get(f"{kind}Probe"), ports) for kind in ("readiness", "liveness")
    )
    if ready is None:
        container.ready = True
        await on_change()
    probes = [_watch_readiness(container, ready, environment, on_change)] if ready else []
    if alive:
        probes.append(_watch_life(container, alive, environment))
    await asyncio.gather(*probes)


def _place(probe, ports):
    """Give a probe with the port that is really listened on."""
    for kind in ("httpGet", "tcpSocket"):
        if probe and kind in probe:
            port = probe[kind]["port"]
            return {**probe, kind: {**probe[kind], "port": ports.get(port, port)}}
    return probe


async def _watch_readiness(container, probe, environment, on_change):
    await asyncio.sleep(probe.get("initialDelaySeconds", 0))
    while container.is_running:
        ready = await succeeds(probe, environment)
        if ready != container.ready:
            container.ready = ready
            await on_change()
        await asyncio.sleep(probe.get("periodSeconds", _PERIOD_SECONDS) if ready else 1)


async def _watch_life(container, probe, environment):
    await asyncio.sleep(probe.get("initialDelaySeconds", 0))
    failures = 0
    while container.is_running:
        failures = 0 if await succeeds(probe, environment) else failures + 1
        if failures >= probe.get("failureThreshold", 3):
            await container.stop(1)
            return
        await asyncio.sleep(probe.get("periodSeconds", _PERIOD_SECONDS))


async def succeeds(probe, environment):
    """Ask once; everything listens on loopback here."""
    seconds = probe.get("timeoutSeconds", _TIMEOUT_SECONDS)
    with contextlib.suppress(OSError, httpx.TransportError, TimeoutError):
        if "httpGet" in probe:
            return await _get(probe["httpGet"], seconds)
        if "tcpSocket" in probe:
            return await _connect(probe["tcpSocket"]["port"], seconds)
        return await _run(probe["exec"]["command"], environment, seconds)
    return False


async def _get(request, seconds):
    scheme = request.get("scheme", "HTTP").lower()
    url = f"{scheme}://127.0.0.1:{request['port']}{request.get('path', '/')}"
    async with httpx.AsyncClient(verify=False, timeout=seconds) as client:
        return (await client.get(url)).status_code < httpx.codes.BAD_REQUEST


async def _connect(port, seconds):
    _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), seconds)
    writer.close()
    return True


async def _run(command, environment, seconds):
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(process.wait(), seconds) == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
