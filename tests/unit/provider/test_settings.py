import pytest

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.settings import check_config, replaces_provider, resolve_settings

CLOUD = "https://api.prefect.cloud/api/accounts/a/workspaces/w"


def _profiles(folder, text):
    (folder / "profiles.toml").write_text(text)
    return {"PREFECT_HOME": str(folder)}


def test_input_wins_over_environment_and_profile(tmp_path):
    """A value is taken from the inputs, then the environment, then the profile."""
    environment = _profiles(
        tmp_path, 'active = "p"\n[profiles.p]\nPREFECT_API_URL = "http://profile/api"\n'
    )
    both = {**environment, "PREFECT_API_URL": "http://environment/api"}

    assert resolve_settings({}, environment).api_url == "http://profile/api"
    assert resolve_settings({}, both).api_url == "http://environment/api"
    assert resolve_settings({"apiUrl": "http://input/api"}, both).api_url == "http://input/api"


def test_named_profile_must_exist(tmp_path):
    """A profile that is asked for and is not there is an error, not an empty one."""
    environment = _profiles(tmp_path, "[profiles.p]\n")

    with pytest.raises(ProviderError, match="profile 'q' is not in"):
        resolve_settings({"profile": "q"}, environment)


def test_profile_that_is_built_into_prefect_gives_nothing(tmp_path):
    """An active profile that the file does not hold counts as empty."""
    environment = _profiles(tmp_path, 'active = "ephemeral"\n')

    assert resolve_settings({}, environment).api_url == ""


def test_unknown_url_is_not_looked_up_elsewhere():
    """A URL that a server of the same operation will have is not replaced by the environment's."""
    settings = resolve_settings({"apiUrl": UNKNOWN}, {"PREFECT_API_URL": "http://other/api"})

    assert settings.url_unknown
    assert settings.api_url == ""


@pytest.mark.parametrize(
    ("values", "property", "reason"),
    [
        ({"apiUrl": "prefect.example/api"}, "apiUrl", "must begin with http"),
        ({"apiUrl": "http://prefect.example"}, "apiUrl", "must end with /api"),
        ({"apiKey": "k", "authString": "a:b"}, "", "exclude each other"),
        ({"maxConnections": "0"}, "maxConnections", "above 0"),
        ({"retries": "many"}, "retries", "must be a whole number, not text"),
        ({"adopt": "maybe"}, "adopt", "one of never, own, always"),
    ],
)
def test_check_refuses(values, property, reason):
    """Each wrong setting is named with its reason."""
    _, failures = check_config(values)

    assert [failure.property for failure in failures] == [property]
    assert reason in failures[0].reason


def test_check_reads_text():
    """Settings of Pulumi's configuration come as text and leave with their type."""
    values, failures = check_config(
        {"apiUrl": "http://h/api/", "retries": "3", "customHeaders": '{"A": "b"}'}
    )

    assert failures == []
    assert values == {"apiUrl": "http://h/api", "retries": 3, "customHeaders": {"A": "b"}}


def test_cloud_needs_a_key():
    """Prefect Cloud without a key is refused before the first request."""
    with pytest.raises(ProviderError, match="needs a key"):
        resolve_settings({"apiUrl": CLOUD}, {"PREFECT_HOME": "/nonexistent"})


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        ("http://a:4200/api", "http://a:4300/api", False),
        ("http://a/api", "http://b/api", True),
        (CLOUD, CLOUD.replace("/w", "/v"), True),
        (UNKNOWN, "http://b/api", False),
    ],
)
def test_another_prefect_replaces_the_provider(old, new, replaced):
    """Another host or workspace is another Prefect; another port is the same one restarted."""
    assert replaces_provider({"apiUrl": old}, {"apiUrl": new}) is replaced


@pytest.mark.parametrize(
    ("url", "database", "writers"),
    [
        ("http://127.0.0.1:4200/api", "", 1),
        ("http://127.0.0.1:4200/api", "sqlite+aiosqlite:////tmp/prefect.db", 1),
        ("http://127.0.0.1:4200/api", "postgresql+asyncpg://u@localhost/prefect", 16),
        ("http://prefect.example/api", "", 16),
    ],
)
def test_one_writer_on_sqlite(url, database, writers):
    """A server on this machine gets one writer, unless Prefect's settings name PostgreSQL."""
    environment = {
        "PREFECT_HOME": "/nonexistent",
        "PREFECT_API_DATABASE_CONNECTION_URL": database,
    }

    assert resolve_settings({"apiUrl": url}, environment).max_writers == writers


def test_settings_do_not_show_secrets():
    """A settings record in a log shows neither key nor headers."""
    settings = resolve_settings({"apiUrl": CLOUD, "apiKey": "hush"}, {})

    assert "hush" not in repr(settings)
