"""What background processes see of the caller's environment."""

from pathlib import Path

from meta_prefect.provider.child_environment import (
    build_api_access,
    build_base,
    build_fingerprint,
)
from meta_prefect.provider.settings import ProviderSettings

FOLDER = Path("/project")


def test_settings_and_keys_stay_behind():
    """Prefect's and Pulumi's settings and keys of clouds do not go along, the rest does."""
    caller = {
        "PATH": "/bin",
        "AWS_REGION": "eu-central-1",
        "PREFECT_API_URL": "x",
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "GOOGLE_APPLICATION_CREDENTIALS": "x",
    }

    assert build_base(caller, FOLDER) == {"PATH": "/bin", "AWS_REGION": "eu-central-1"}


def test_import_paths_are_bound():
    """Relative import paths keep their meaning in another working folder."""
    base = build_base({"PYTHONPATH": ".:lib:/abs"}, FOLDER)

    assert base["PYTHONPATH"] == "/project:/project/lib:/abs"


def test_worker_knows_the_api_and_its_login():
    """A worker gets the URL and the login of the provider, and nothing that is not set."""
    settings = ProviderSettings(
        api_url="https://prefect.example/api",
        auth_string="user:password",
        custom_headers={"X-Team": "a"},
    )

    assert build_api_access(settings, {}) == {
        "PREFECT_API_URL": "https://prefect.example/api",
        "PREFECT_API_AUTH_STRING": "user:password",
        "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Team": "a"}',
    }


def test_worker_reaches_this_machine_without_proxy():
    """A server on this machine is reached past a proxy, next to what was excepted before."""
    settings = ProviderSettings(api_url="http://127.0.0.1:4200/api")

    access = build_api_access(settings, {"NO_PROXY": "intern"})

    assert access["no_proxy"] == access["NO_PROXY"] == "intern,127.0.0.1,localhost,::1"


def test_fingerprint_tells_changes_and_no_secrets():
    """A fingerprint changes with command and variables, not with their order, and hides both."""
    one = build_fingerprint(("a", "b"), {"x": "secret", "y": "1"})

    assert one == build_fingerprint(("a", "b"), {"y": "1", "x": "secret"})
    assert one != build_fingerprint(("a", "b"), {"x": "other", "y": "1"})
    assert one != build_fingerprint(("a", "c"), {"x": "secret", "y": "1"})
    assert "secret" not in one
