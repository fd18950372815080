"""
An API server over plain HTTPS: paths of kinds by discovery, and the few calls that are needed.

Not to be confused with the `kubernetes` packages, whose models change what they carry.
"""

from __future__ import annotations

import json

import httpx
import yaml

_APPLY = "application/apply-patch+yaml"
_SECONDS = 60


class ApiError(Exception):
    """The API server refused; its text is the server's own."""

    def __init__(self, status, reason, message):
        super().__init__(message)
        self.status = status
        self.reason = reason


class Api:
    """One API server, asked with one kind of access."""

    def __init__(self, access):
        self.access = access
        self._http = httpx.AsyncClient(
            base_url=access.server, verify=access.tls, headers=access.headers, timeout=_SECONDS
        )
        self._groups = {}

    async def close(self):
        await self._http.aclose()

    async def find_kind(self, version, kind):
        """
        Find a kind's path segment and whether it lies in namespaces; asks again for what is new.

        Raises:
            ApiError: the server has no such kind.
        """
        if (version, kind) not in self._groups:
            root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
            found = await self.call("GET", root)
            for item in found["resources"]:
                if "/" not in item["name"]:
                    self._groups[version, item["kind"]] = (root, item["name"], item["namespaced"])
        if (version, kind) not in self._groups:
            raise ApiError(404, "NotFound", f"the server has no kind {kind} in {version}")
        return self._groups[version, kind]

    async def build_path(self, version, kind, namespace, name=""):
        """Give the path of an object, or of all of a kind when no name is given."""
        root, plural, namespaced = await self.find_kind(version, kind)
        place = f"/namespaces/{namespace}" if namespaced and namespace else ""
        return f"{root}{place}/{plural}{f'/{name}' if name else ''}"

    async def get(self, path):
        """Give an object; None when there is none."""
        try:
            return await self.call("GET", path)
        except ApiError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def apply(self, path, body, manager, *, force=False, dry_run=False):
        """Make or change an object by server-side apply; gives what it has become."""
        parameters = {"fieldManager": manager, "force": json.dumps(force)}
        if dry_run:
            parameters["dryRun"] = "All"
        return await self.call(
            "PATCH", path, parameters, yaml.safe_dump(body), {"Content-Type": _APPLY}
        )

    async def delete(self, path, propagation):
        """Begin to take an object away; fine when there is none."""
        body = json.dumps({"propagationPolicy": propagation})
        try:
            await self.call("DELETE", path, content=body)
        except ApiError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    async def watch(self, path, parameters, version):
        """Give events as they come, until the server ends the answer or no longer knows them."""
        asked = {**parameters, "watch": "true", "resourceVersion": version}
        limits = httpx.Timeout(_SECONDS, read=None)
        async with self._http.stream("GET", path, params=asked, timeout=limits) as answer:
            async for line in answer.aiter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                yield event

    async def call(self, method, path, parameters=None, content=None, headers=None):
        """
        Make one request; gives the answer's object.

        Raises:
            ApiError: the server refused.
            httpx.TransportError: it is not to be reached.
        """
        headers = headers or ({"Content-Type": "application/json"} if content else {})
        answer = await self._http.request(
            method, path, params=parameters, content=content, headers=headers
        )
        if answer.is_success:
            return answer.json()
        raise _read_error(answer)


def _read_error(answer):
    try:
        status = answer.json()
    except ValueError:
        status = {}
    if not isinstance(status, dict):
        status = {}
    text = status.get("message") or answer.text or f"status {answer.status_code}"
    return ApiError(answer.status_code, status.get("reason", ""), text)
