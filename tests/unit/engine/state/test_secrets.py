from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from time import sleep

import pytest

from meta_prefect.engine.state.checkpoint import SecretsProvider
from meta_prefect.engine.state.secrets import PassphraseSecrets
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

PASSPHRASE = "correct horse"
SALT = "v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:Lsv0Mq4P43OA9/CWlvPiZJXoK3BhFA=="
CIPHERTEXT = "v1:DA0ODxAREhMUFRYX:lbx7O4iTueaX88IxL839gddvIOdc9jhlaupX8w=="
PLAINTEXT = '{"a":["pw"]}'


class Asked:
    """A passphrase source that counts how often it was asked."""

    def __init__(self, passphrase=PASSPHRASE):
        self.times = 0
        self._passphrase = passphrase

    def __call__(self):
        self.times += 1
        return self._passphrase


def test_known_ciphertext_is_decrypted():
    """A ciphertext made elsewhere, with PBKDF2 and AES-GCM as documented, is read."""
    secrets = PassphraseSecrets.from_state(SALT, Asked())

    assert secrets.decrypt(CIPHERTEXT) == PLAINTEXT


def test_own_ciphertext_is_decrypted_by_another_process():
    """What a new stack encrypts is read with its salt and passphrase, and never looks the same."""
    new = PassphraseSecrets.new(Asked())
    first, second = new.encrypt(PLAINTEXT), new.encrypt(PLAINTEXT)

    other = PassphraseSecrets.from_state(new.salt, Asked())

    assert other.decrypt(first) == other.decrypt(second) == PLAINTEXT
    assert first != second


def test_passphrase_is_asked_for_once_and_late():
    """Nobody is asked before the first secret, and only once then."""
    ask = Asked()
    secrets = PassphraseSecrets.from_state(SALT, ask)
    before = ask.times

    secrets.decrypt(CIPHERTEXT)
    secrets.decrypt(CIPHERTEXT)

    assert (before, ask.times) == (0, 1)


def test_wrong_passphrase_is_told_before_anything():
    """The check value in the salt tells a wrong passphrase, before a secret is touched."""
    secrets = PassphraseSecrets.from_state(SALT, Asked("wrong"))

    with pytest.raises(MetaPrefectError) as found:
        secrets.check()

    assert found.value.diagnostic.code == "MP4301"
    assert found.value.exit_code is ExitCode.AUTHENTICATION


@pytest.mark.parametrize(
    "ciphertext", ["", "v2:a:b", "v1:DA0ODxAREhMUFRYX", CIPHERTEXT.replace("lbx7", "lbx8")]
)
def test_damaged_ciphertext_is_told_apart_from_a_wrong_passphrase(ciphertext):
    """A text that was changed is damaged, and never read as something else."""
    secrets = PassphraseSecrets.from_state(SALT, Asked())

    with pytest.raises(MetaPrefectError) as found:
        secrets.decrypt(ciphertext)

    assert found.value.diagnostic.code == "MP4302"


def test_stack_without_secrets_has_no_provider():
    """A salt is made with the first secret, not before; checking asks nobody until then."""
    ask = Asked()
    secrets = PassphraseSecrets.new(ask)
    secrets.check()
    before = (secrets.provider, ask.times)

    secrets.encrypt("x")

    assert before == (None, 0)
    assert secrets.provider == SecretsProvider("passphrase", {"salt": secrets.salt})


def test_secrets_of_other_providers_need_pulumi():
    """A stack whose secrets are with a cloud's key service is refused, with the way out."""
    adopt = partial(PassphraseSecrets.new(Asked()).adopt, SecretsProvider("awskms", {}))

    with pytest.raises(MetaPrefectError) as found:
        adopt()

    assert found.value.diagnostic.code == "MP4303"
    assert "get.pulumi.com" in found.value.diagnostic.fixes[0]


def test_unknown_version_of_the_salt_is_refused():
    """A salt of a form of the future is not guessed at."""
    with pytest.raises(MetaPrefectError) as found:
        PassphraseSecrets.from_state("v9:x:y", Asked()).check()

    assert found.value.diagnostic.code == "MP4304"


def test_two_first_secrets_at_once_have_one_key():
    """Threads that encrypt the first secrets of a stack together make one salt for all of them."""
    both_are_here = Barrier(2)
    new = PassphraseSecrets.new(lambda: (sleep(0.05), PASSPHRASE)[1])

    def encrypt(text):
        both_are_here.wait()
        return new.encrypt(text)

    with ThreadPoolExecutor(2) as pool:
        ciphertexts = list(pool.map(encrypt, ("a", "b")))
    other = PassphraseSecrets.from_state(new.salt, Asked())

    assert [other.decrypt(text) for text in ciphertexts] == ["a", "b"]
