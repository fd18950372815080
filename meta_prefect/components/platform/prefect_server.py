"""
A Prefect server in a cluster, for those who run their own, with PostgreSQL.

One pod does everything, or the API is apart from the background services and both may have several.
Its version goes up only: migrations are not undone. Not to be confused with `components.server`, a
server on this machine. Source: the Helm chart `prefect-server`, 2026-08.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import pulumi
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.databases import Database, build_database
from meta_prefect.components.platform.handles import NamespaceHandle
from meta_prefect.components.platform.pods import (
    HOME_ENV,
    PREFECT_UID,
    SECURE,
    WRITABLE_MOUNTS,
    WRITABLE_VOLUMES,
    build_deployment_spec,
    build_env,
    build_http_probe,
    build_labels,
    build_resources,
    build_secret_env,
    build_security,
)

_PORT: Final = 4200
_URL_KEY, _AUTH_KEY = "url", "auth"
_FULL_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_MIGRATION_RETRIES: Final = 5
_MIGRATION_SECONDS: Final = 300
_SPLIT_ENV: Final[Mapping[str, str]] = {
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
}


class PrefectServerOnKubernetes(PlatformComponent):
    """
    Children: those of the database (`databases`), `connection`, `server`, `service`, `ingress`,
    `budget`; when split `migrate`, `services`.

    api_url: from outside; without a host, the one inside.
    internal_api_url: for workers in the cluster.
    auth_string: secret; None: everybody may do everything.
    ready: what must be there before somebody talks to it.
    """

    KIND: ClassVar[str] = "prefect-server"

    def __init__(
        self,
        name: str,
        *,
        namespace: NamespaceHandle,
        version: str,
        database: Database,
        replicas: int = 1,
        redis_url: pulumi.Input[str] | None = None,
        auth_string: pulumi.Input[str] | None = None,
        host: str = "",
        ingress_class: str = "",
        tls_secret: str = "",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Start the server.

        version: of Prefect, all three numbers.
        replicas: of the API; above 1 the background services are apart, which needs Redis.
        redis_url: `redis://HOST:PORT/NUMBER`; given, the services are apart with one replica too.
        auth_string: `USER:PASSWORD`.
        host: name in DNS; empty: it is reached inside the cluster only.

        Raises:
            ValueError: the version is not whole, or Redis is missing.
        """
        _check(version, replicas, redis_url)
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._namespace = namespace
        self._inside = pulumi.ResourceOptions(provider=namespace.cluster.provider)
        self._object_name = build_name(OBJECT, name, "prefect-server")
        self._image = f"prefecthq/prefect:{version}-python3.12"
        self._is_split = redis_url is not None
        self.auth_string = None if auth_string is None else pulumi.Output.secret(auth_string)
        self.internal_api_url = pulumi.Output.concat(
            "http://", self._object_name, ".", namespace.name, f".svc:{_PORT}/api"
        )
        scheme = "https" if tls_secret else "http"
        self.api_url = (
            pulumi.Output.from_input(f"{scheme}://{host}/api") if host else self.internal_api_url
        )
        connection = build_database(self, self._object_name, namespace, database)
        secret = self._build_connection(connection.url)
        before = [secret, *connection.ready]
        self._env = self._build_env(redis_url, secret.metadata.name)
        if self._is_split:
            before = [self._build_migration(version, before)]
            self._build_pods("services", ["prefect", "server", "services", "start"], before)
        self._build_server(replicas, before)
        self._build_service(host, ingress_class, tls_secret)
        self.finish(apiUrl=self.api_url, internalApiUrl=self.internal_api_url)

    def _metadata(
        self, suffix: str = "", labels: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        name = f"{self._object_name}-{suffix}" if suffix else self._object_name
        return {
            "name": name,
            "namespace": self._namespace.name,
            "labels": {**self.tags, **(labels or {})} or None,
        }

    def _build_connection(self, url: pulumi.Input[str]) -> kubernetes.core.v1.Secret:
        auth = {} if self.auth_string is None else {_AUTH_KEY: self.auth_string}
        self._checksum = pulumi.Output.all(url, *auth.values()).apply(_digest)
        return self.make(
            "connection",
            kubernetes.core.v1.Secret,
            after=self._namespace.ready,
            metadata=self._metadata("connection"),
            string_data={_URL_KEY: pulumi.Output.secret(url), **auth},
            opts=self._inside,
        )

    def _build_env(
        self, redis_url: pulumi.Input[str] | None, secret: pulumi.Input[str]
    ) -> list[dict[str, Any]]:
        split = {} if redis_url is None else {**_SPLIT_ENV, "PREFECT_SERVER_DOCKET_URL": redis_url}
        values: dict[str, pulumi.Input[str]] = {
            "PREFECT_SERVER_API_HOST": "0.0.0.0",  # noqa: S104 - in its pod
            "PREFECT_SERVER_API_PORT": str(_PORT),
            # What the browser reaches: the pages would call their own localhost without it.
            "PREFECT_UI_API_URL": self.api_url,
            **split,
        }
        auth = (
            []
            if self.auth_string is None
            else [build_secret_env("PREFECT_SERVER_API_AUTH_STRING", secret, _AUTH_KEY)]
        )
        url = build_secret_env("PREFECT_API_DATABASE_CONNECTION_URL", secret, _URL_KEY)
        return [*HOME_ENV, *build_env(values), url, *auth]

    def _build_pod(self, args: list[str], **more: Any) -> dict[str, Any]:
        container = {
            "name": "prefect",
            "image": self._image,
            "args": args,
            "env": self._env,
            "resources": build_resources(0.5, 0.5, 1.0),
            "security_context": SECURE,
            "volume_mounts": WRITABLE_MOUNTS,
            **more,
        }
        return {
            "security_context": build_security(PREFECT_UID),
            "containers": [container],
            "volumes": WRITABLE_VOLUMES,
        }

    def _build_migration(self, version: str, before: list[Any]) -> pulumi.Resource:
        pod = self._build_pod(["prefect", "server", "database", "upgrade", "-y"])
        job: pulumi.Resource = self.make(
            "migrate",
            kubernetes.batch.v1.Job,
            after=before,
            metadata=self._metadata(f"migrate-{version.replace('.', '-')}"),
            spec={
                "backoff_limit": _MIGRATION_RETRIES,
                "active_deadline_seconds": _MIGRATION_SECONDS,
                "template": {"spec": {**pod, "restart_policy": "Never"}},
            },
            opts=self._inside,
        )
        return job

    def _build_pods(
        self, child: str, args: list[str], before: list[Any], replicas: int = 1, **more: Any
    ) -> pulumi.Resource:
        labels = build_labels(f"prefect-{child}", self._object_name)
        deployment: pulumi.Resource = self.make(
            child,
            kubernetes.apps.v1.Deployment,
            after=before,
            metadata=self._metadata("" if child == "server" else child, labels),
            spec=build_deployment_spec(
                labels,
                self._build_pod(args, **more),
                replicas=replicas,
                annotations={"meta-prefect.io/connection": self._checksum},
            ),
            opts=self._inside,
        )
        return deployment

    def _build_server(self, replicas: int, before: list[Any]) -> None:
        self._labels = build_labels("prefect-server", self._object_name)
        alone = ["--no-services"] if self._is_split else []
        server = self._build_pods(
            "server",
            ["prefect", "server", "start", *alone],
            before,
            replicas,
            ports=[{"name": "http", "container_port": _PORT}],
            startup_probe=build_http_probe(
                "/api/health", _PORT, period_seconds=10, failure_threshold=30
            ),
            liveness_probe=build_http_probe("/api/health", _PORT, period_seconds=30),
            readiness_probe=build_http_probe("/api/ready", _PORT, period_seconds=10),
        )
        self.ready: tuple[pulumi.Resource, ...] = (server,)
        self.make(
            "budget",
            kubernetes.policy.v1.PodDisruptionBudget,
            after=self._namespace.ready,
            metadata=self._metadata(),
            spec={"max_unavailable": 1, "selector": {"match_labels": self._labels}},
            opts=self._inside,
        )

    def _build_service(self, host: str, ingress_class: str, tls_secret: str) -> None:
        service = self.make(
            "service",
            kubernetes.core.v1.Service,
            after=self._namespace.ready,
            metadata=self._metadata(),
            spec={
                "selector": self._labels,
                "ports": [{"name": "http", "port": _PORT, "target_port": _PORT}],
            },
            opts=self._inside,
        )
        self.ready = (*self.ready, service)
        if not host:
            return
        backend = {"service": {"name": self._object_name, "port": {"number": _PORT}}}
        ingress = self.make(
            "ingress",
            kubernetes.networking.v1.Ingress,
            after=[service],
            metadata=self._metadata(),
            spec={
                "ingress_class_name": ingress_class or None,
                "rules": [
                    {
                        "host": host,
                        "http": {
                            "paths": [{"path": "/", "path_type": "Prefix", "backend": backend}]
                        },
                    }
                ],
                "tls": [{"hosts": [host], "secret_name": tls_secret}] if tls_secret else None,
            },
            opts=self._inside,
        )
        self.ready = (*self.ready, ingress)


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _check(version: str, replicas: int, redis_url: pulumi.Input[str] | None) -> None:
    if not _FULL_VERSION.fullmatch(version):
        raise ValueError(f'version="{version}": all three numbers, such as "3.8.8"')
    if replicas > 1 and redis_url is None:
        raise ValueError(f"replicas={replicas}: several servers meet in Redis: redis_url=...")
