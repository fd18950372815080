"""
The bytes of a tar archive, exactly as Go's `archive/tar` writes them.

Pulumi hashes a folder as the tar file it would become, so the hash depends on every byte of every
header. Python's `tarfile` writes other ones, and is used for reading only. Pure.

Source: `archive/tar` of Go 1.24 (`writer.go`, `common.go`), with what Pulumi fills in: a name, a
size and the mode 0600.
"""

from __future__ import annotations

import posixpath
from typing import Final

BLOCK_BYTES: Final = 512
END: Final = bytes(2 * BLOCK_BYTES)
"""What comes after the last file."""
_NAME_BYTES: Final = 100
_PREFIX_BYTES: Final = 155
_MODE: Final = 0o600
_FILE: Final = b"0"
_EXTENDED: Final = b"x"
_CHECKSUM_AT: Final = 148


def build_header(name: str, size: int) -> bytes:
    """Give what comes before a file's content; a long name makes several blocks."""
    if name.isascii() and len(name) <= _NAME_BYTES:
        return _build_block(name, size)
    split = _split(name)
    if split is not None:
        return _build_block(split[1], size, prefix=split[0])
    return _build_extension(name) + _build_block(_to_ascii(name), size)


def build_padding(size: int) -> bytes:
    """Give what comes after a file's content of some size."""
    return bytes(-size % BLOCK_BYTES)


def _build_block(name: str, size: int, *, prefix: str = "") -> bytes:
    devices = (_octal(0, 8), _octal(0, 8))
    return _assemble(name, _MODE, size, _FILE, devices, prefix)


def _build_extension(name: str) -> bytes:
    folder, file = posixpath.split(name)
    record = _build_record("path", name).encode()
    shown = _to_ascii(posixpath.join(folder, "PaxHeaders.0", file))[:_NAME_BYTES].rstrip("/")
    header = _assemble(shown, 0, len(record), _EXTENDED, (bytes(8), bytes(8)), "")
    return header + record + build_padding(len(record))


def _assemble(
    name: str, mode: int, size: int, kind: bytes, devices: tuple[bytes, bytes], prefix: str
) -> bytes:
    before = [
        _text(name, _NAME_BYTES),
        *(_octal(number, 8) for number in (mode, 0, 0)),
        *(_octal(number, 12) for number in (size, 0)),
    ]
    after = [kind, bytes(100), b"ustar\x0000", bytes(64), *devices, _text(prefix, _PREFIX_BYTES)]
    block = b"".join([*before, b" " * 8, *after]).ljust(BLOCK_BYTES, b"\0")
    checksum = b"%06o\0 " % sum(block)
    return block[:_CHECKSUM_AT] + checksum + block[_CHECKSUM_AT + len(checksum) :]


def _build_record(key: str, value: str) -> str:
    """Give a line that begins with its own length in bytes."""
    rest = f" {key}={value}\n"
    rest_bytes = len(rest.encode())
    size = rest_bytes + len(str(rest_bytes))
    size = rest_bytes + len(str(size))
    return f"{size}{rest}"


def _split(name: str) -> tuple[str, str] | None:
    """Part a name where its halves fit into a header; None if there is no such place."""
    if not name.isascii():
        return None
    at = name.rfind("/", 0, min(len(name), _PREFIX_BYTES + 1))
    tail = len(name) - at - 1
    if at <= 0 or at > _PREFIX_BYTES or not 0 < tail <= _NAME_BYTES:
        return None
    return name[:at], name[at + 1 :]


def _to_ascii(name: str) -> str:
    return "".join(letter for letter in name if "\0" < letter < "\x80")


def _text(text: str, width: int) -> bytes:
    return text.encode()[:width].ljust(width, b"\0")


def _octal(number: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, number)
