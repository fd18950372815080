"""
Compression of state files, as the Pulumi command line has it: gzip and Zstandard.

What a file is, its first bytes say; what it is to be, its name. Zstandard is in Python from 3.14
on; before that it takes a package, which is only needed where somebody chose that compression.

Source: `pkg/backend/diy/state.go` and `sdk/go/common/encoding` of Pulumi 3.260.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from meta_prefect.interfaces.diagnostics import MetaPrefectError

_GZIP_START: Final = b"\x1f\x8b"
_ZSTD_START: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_MODULES: Final = ("compression.zstd", "backports.zstd")


def decompress(data: bytes) -> bytes:
    """
    Give a file's content; what is not compressed stays as it is.

    Raises:
        ValueError: it is damaged.
        MetaPrefectError: MP4120, nothing here reads Zstandard.
    """
    try:
        if data.startswith(_GZIP_START):
            return gzip.decompress(data)
        if data.startswith(_ZSTD_START):
            content: bytes = find_zstd().decompress(data)
            return content
    except MetaPrefectError:
        raise
    except Exception as error:  # every module has errors of its own
        raise ValueError(str(error)) from error
    return data


def compress(data: bytes, suffix: str) -> bytes:
    """Give the bytes of a file whose name ends with `.json`, `.gz` or `.zst`."""
    if suffix == ".gz":
        return gzip.compress(data, mtime=0)
    if suffix == ".zst":
        content: bytes = find_zstd().compress(data)
        return content
    return data


def find_zstd(modules: Sequence[str] = _ZSTD_MODULES) -> Any:  # has no type before 3.14
    """
    Import what reads and writes Zstandard.

    Raises:
        MetaPrefectError: MP4120, there is nothing.
    """
    for name in modules:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise MetaPrefectError(
        "MP4120",
        "the state is compressed with Zstandard, which this Python does not read",
        fixes=("pip install backports.zstd",),
    )
