"""
Secrets under a passphrase, in the format of Pulumi's passphrase provider.

Asks for the passphrase and derives the key (about half a second) when the first secret is
encrypted or decrypted, not before. Knows texts only; what is secret in a resource, `properties`
knows.

Source: `pkg/secrets/passphrase/manager.go` and `sdk/go/common/resource/config/crypt.go` of Pulumi
3.260.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias

from meta_prefect.engine.state.checkpoint import SecretsProvider
from meta_prefect.engine.state.location import INSTALL_PULUMI
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PassphraseSource: TypeAlias = Callable[[], str]
"""Gives the passphrase; may ask a person, and raises `MetaPrefectError` when there is none."""

PROVIDER_TYPE: Final = "passphrase"
_VERSION: Final = "v1"
_ITERATIONS: Final = 1_000_000
_SALT_BYTES: Final = 8
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_CHECK_TEXT: Final = "pulumi"


class PassphraseSecrets:
    """
    The secrets of one stack.

    Made without a salt, it makes one when the first secret is encrypted.
    """

    def __init__(self, salt: str, passphrase: PassphraseSource) -> None:
        """`salt` is the text `v1:SALT:CHECK` of a checkpoint or stack file; empty for none yet."""
        self._salt = salt
        self._passphrase = passphrase
        self._cipher: AESGCM | None = None
        self._opening = Lock()  # two first secrets at once must not make two salts

    @classmethod
    def new(cls, passphrase: PassphraseSource) -> PassphraseSecrets:
        """Make the secrets of a stack that has none yet."""
        return cls("", passphrase)

    @classmethod
    def from_state(cls, salt: str, passphrase: PassphraseSource) -> PassphraseSecrets:
        """Open the secrets of a stack that has some."""
        return cls(salt, passphrase)

    @property
    def salt(self) -> str:
        """The text to store; empty as long as nothing was encrypted."""
        return self._salt

    @property
    def provider(self) -> SecretsProvider | None:
        """What a checkpoint says about its secrets; None as long as there are none."""
        return SecretsProvider(PROVIDER_TYPE, {"salt": self._salt}) if self._salt else None

    def adopt(self, provider: SecretsProvider | None) -> PassphraseSecrets:
        """
        Open what a checkpoint says about its secrets; None: it has none yet.

        Raises:
            MetaPrefectError: MP4303, they are not under a passphrase.
        """
        if provider is not None and provider.type != PROVIDER_TYPE:
            raise MetaPrefectError(
                "MP4303",
                f"secrets of this stack are encrypted with {provider.type}",
                why="the embedded engine knows secrets under a passphrase only",
                fixes=(INSTALL_PULUMI,),
            )
        if provider is not None:
            self._salt = provider.state["salt"]
        return self

    def check(self) -> None:
        """
        See whether the passphrase fits what is stored; asks for it, unless nothing is.

        Raises:
            MetaPrefectError: MP4301, it does not.
        """
        if self._salt:
            self._open()

    def open(self) -> None:
        """
        Derive the key; the first time for a stack, this makes its salt.

        Raises:
            MetaPrefectError: MP4301, the passphrase does not fit what is stored.
        """
        self._open()

    def encrypt(self, plaintext: str) -> str:
        """Encrypt a text; the same text gives another ciphertext each time."""
        return _encrypt(self._open(), plaintext)

    def decrypt(self, ciphertext: str) -> str:
        """
        Decrypt a text.

        Raises:
            MetaPrefectError: MP4301, the passphrase does not fit; MP4302, the text is damaged.
        """
        try:
            return _decrypt(self._open(), ciphertext)
        except ValueError as error:
            raise MetaPrefectError(
                "MP4302", "a stored secret cannot be decrypted", why=str(error)
            ) from error

    def _open(self) -> AESGCM:
        with self._opening:
            if self._cipher is None:
                self._cipher = self._unlock() if self._salt else self._begin()
            return self._cipher

    def _begin(self) -> AESGCM:
        salt = os.urandom(_SALT_BYTES)
        cipher = _build_cipher(self._passphrase(), salt)
        self._salt = f"{_VERSION}:{b64encode(salt).decode()}:{_encrypt(cipher, _CHECK_TEXT)}"
        return cipher

    def _unlock(self) -> AESGCM:
        version, salt, check = self._salt.split(":", 2)
        if version != _VERSION:
            raise MetaPrefectError(
                "MP4304", f"secrets are encrypted in an unknown way, version {version}"
            )
        cipher = _build_cipher(self._passphrase(), b64decode(salt))
        try:
            fits = _decrypt(cipher, check) == _CHECK_TEXT
        except ValueError:
            fits = False
        if not fits:
            raise _wrong_passphrase()
        return cipher


def _wrong_passphrase() -> MetaPrefectError:
    return MetaPrefectError(
        "MP4301",
        "the passphrase does not fit the secrets of this stack",
        why="it was encrypted with another one",
        fixes=("export PULUMI_CONFIG_PASSPHRASE=...",),
        exit_code=ExitCode.AUTHENTICATION,
    )


def _build_cipher(passphrase: str, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(_derive_key(passphrase, salt))


@lru_cache(maxsize=16)
def _derive_key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS, _KEY_BYTES)


def _encrypt(cipher: AESGCM, plaintext: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    data = cipher.encrypt(nonce, plaintext.encode(), None)
    return f"{_VERSION}:{b64encode(nonce).decode()}:{b64encode(data).decode()}"


def _decrypt(cipher: AESGCM, ciphertext: str) -> str:
    """
    Decrypt `v1:NONCE:DATA`.

    Raises:
        ValueError: it has another form, or was encrypted with another key.
    """
    from cryptography.exceptions import InvalidTag

    version, _, rest = ciphertext.partition(":")
    nonce, _, data = rest.partition(":")
    if version != _VERSION:
        raise ValueError(f"unknown form of ciphertext: {version!r}")
    try:
        return cipher.decrypt(b64decode(nonce), b64decode(data), None).decode()
    except InvalidTag as error:
        raise ValueError("it is damaged, or was encrypted with another key") from error
