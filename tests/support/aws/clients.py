"""boto3 clients, each made once: making one is slow and not safe in several threads."""

from __future__ import annotations

import threading
from functools import cache

import boto3
from botocore.config import Config

_CONNECTIONS = 64


@cache
def find_session():
    """Give the session of this process, which has read AWS's models once."""
    return boto3.session.Session()


class Clients:
    """
    Clients by service and region.

    settings: arguments for every client (`aws_access_key_id` and so on).
    endpoints: addresses of services that have one of their own.
    """

    def __init__(self, settings, endpoints):
        self._settings = settings
        self._endpoints = endpoints
        self._lock = threading.Lock()
        self._made = {}

    def find(self, service, region):
        """Give a client, making it with the first call."""
        key = (service, region)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._build(service, region)
            return self._made[key]

    def _build(self, service, region):
        config = Config(max_pool_connections=_CONNECTIONS, retries={"total_max_attempts": 2})
        return find_session().client(
            service,
            region_name=region,
            config=config,
            endpoint_url=self._endpoints.get(service),
            **self._settings,
        )
