"""Collaborators of the state room for tests: a crypter without keys, a disk that dies, records."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.urn import build_urn
from meta_prefect.interfaces.values import (
    Archive,
    Asset,
    ResourceReference,
    Secret,
    without_secrets,
)

STACK = "dev"
PROJECT = "conf"
STACK_URN = build_urn(STACK, PROJECT, "", "pulumi:pulumi:Stack", "conf-dev")


def urn_of(name):
    """Give the URN of a resource of the type that `make_state` uses."""
    return build_urn(STACK, PROJECT, "", "test:index:Thing", name)


def make_state(name, **fields):
    """Make a custom resource below the stack."""
    values = {"custom": True, "id": f"{name}-1", **fields}
    return ResourceState(urn_of(name), "test:index:Thing", **values)


def make_stack(**fields):
    """Make the stack's own record."""
    return ResourceState(STACK_URN, "pulumi:pulumi:Stack", **fields)


def make_backend(folder, passphrase=lambda: "pw", **collaborators):
    """Make a backend in a folder, for a stack with a passphrase."""
    return FileBackend(f"file://{folder}", PROJECT, passphrase, **collaborators)


class NumberingCrypter:
    """Encrypts by putting a number before the text: every ciphertext is another."""

    def __init__(self):
        self._numbers = count()
        self.decrypted = []

    def encrypt(self, plaintext):
        return f"{next(self._numbers)}:{plaintext}"

    def decrypt(self, ciphertext):
        self.decrypted.append(ciphertext)
        return ciphertext.partition(":")[2]


class Died(BaseException):
    """The process ends here; nothing of it runs any more."""


class LonelyDisk(Disk):
    """A disk of a process that holds every other one for dead."""

    def is_held(self, path):
        return False


class DyingDisk(LonelyDisk):
    """A disk of a process that dies before its write number `last`; counts writes from one."""

    def __init__(self, last=0):
        super().__init__()
        self._last = last
        self.writes = 0

    def _count(self):
        self.writes += 1
        if self._last and self.writes >= self._last:
            raise Died

    def write(self, path, data):
        self._count()
        super().write(path, data)

    def append(self, path, data):
        self._count()
        super().append(path, data)

    def copy(self, source, target):
        self._count()
        super().copy(source, target)

    def remove(self, path):
        self._count()
        super().remove(path)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.text("abcxyz$.:-", min_size=1, max_size=6)
numbers = st.one_of(
    st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=64)
).map(lambda number: int(number) if float(number).is_integer() and abs(number) < 1e21 else number)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    texts,
    st.builds(Asset, text=texts, hash=texts),
    st.builds(Archive, path=texts, hash=texts),
    st.builds(ResourceReference, urn=names, id=st.one_of(st.none(), names), package_version=texts),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(texts, inner, max_size=3),
        inner.map(lambda value: Secret(without_secrets(value))),
    ),
    max_leaves=8,
)
property_maps = st.dictionaries(texts, values, max_size=4)
