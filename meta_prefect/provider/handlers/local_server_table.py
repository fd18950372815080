"""The field table of `prefect:local:Server`: what a local server takes and gives."""

from __future__ import annotations

from typing import Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.server_plan import RESERVED_SETTINGS

_HIGHEST_PORT: Final = 65535


def _read_port(value: int) -> int:
    if not 0 < value <= _HIGHEST_PORT:
        raise ValueError(f"must be between 1 and {_HIGHEST_PORT}; leave it out for a free one")
    return value


def _read_auth_string(value: str) -> str:
    user, colon, password = value.partition(":")
    if not (user and colon and password):
        raise ValueError("must have the form user:password")
    return value


def _read_settings(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not name.startswith("PREFECT_"):
            raise ValueError(f"{name} is no setting of Prefect's: these begin with PREFECT_")
        if name in RESERVED_SETTINGS:
            raise ValueError(f"{name} has an input of its own: {RESERVED_SETTINGS[name]}")
    return value


def read_seconds(value: float) -> float:
    """
    Give a time span in seconds.

    Raises:
        ValueError: it is not above 0.
    """
    if value <= 0:
        raise ValueError("must be above 0")
    return value


LOCAL_SERVER: Final = ResourceKind(
    token="prefect:local:Server",  # noqa: S106 - a type's name
    doc="A Prefect server as a background process of this machine; its data outlive it.",
    fields=(
        Field(
            "home",
            FieldType.STRING,
            "Folder of its data; default: `.meta_prefect/prefect` of the project.",
            filled=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
        Field(
            "host",
            FieldType.STRING,
            "Address to listen on; anything but this machine's own needs `authString`. Restarts.",
            default="127.0.0.1",
        ),
        Field(
            "port",
            FieldType.INTEGER,
            "Port; default: a free one, kept afterwards. Restarts, and `url` changes.",
            left_alone=True,
            canonical=_read_port,
        ),
        Field(
            "databaseUrl",
            FieldType.STRING,
            "Database; default: SQLite in `home`.",
            change=Change.REPLACE_DELETE_FIRST,
            secret=True,
        ),
        Field(
            "authString",
            FieldType.STRING,
            "`user:password` that clients must give. Restarts.",
            secret=True,
            canonical=_read_auth_string,
        ),
        Field(
            "settings",
            FieldType.STRING_MAP,
            "`PREFECT_*` settings by name. Restarts.",
            canonical=_read_settings,
        ),
        Field("ui", FieldType.BOOLEAN, "Serve the web pages. Restarts.", default=True),
        Field(
            "python",
            FieldType.STRING,
            "Interpreter with Prefect; default: the running one. Restarts.",
            filled=True,
        ),
        Field(
            "startTimeoutSeconds",
            FieldType.NUMBER,
            "Seconds to wait until it is ready.",
            default=120,
            canonical=read_seconds,
        ),
        Field(
            "deleteData",
            FieldType.BOOLEAN,
            "Delete `home` together with the server.",
            default=False,
            change=Change.NONE,
        ),
    ),
    outputs=(
        Output("url", FieldType.STRING, "URL of the API."),
        Output("uiUrl", FieldType.STRING, "URL of the web pages; empty when there are none."),
        Output("port", FieldType.INTEGER, "Port it listens on."),
        Output("pid", FieldType.INTEGER, "Its process; 0 when it was found dead.", stable=False),
        Output("startTime", FieldType.STRING, "When the process started.", stable=False),
        Output("token", FieldType.STRING, "What marks its processes.", stable=False),
        Output("logFile", FieldType.STRING, "File of its output."),
        Output("version", FieldType.STRING, "Version of Prefect it runs.", stable=False),
    ),
)
"""A server; its id is the token of its first process."""
