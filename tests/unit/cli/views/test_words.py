import pytest

from meta_prefect.cli.views.words import say_property, say_type


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("prefect:index:WorkPool", "work pool"),
        ("prefect:index:Deployment", "deployment"),
        ("prefect:local:Server", "Prefect server"),
        ("prefect:local:ProcessWorker", "process worker"),
        ("pulumi:providers:prefect", "Prefect connection"),
        ("pulumi:providers:aws", "aws provider"),
        ("meta-prefect:components:DeployedFlow", "flow"),
        ("meta-prefect:components:WorkPool", "work pool"),
        ("aws:s3/bucketV2:BucketV2", "bucket v2"),
        ("kubernetes:core/v1:ConfigMap", "config map"),
        ("aws:iam/openIdConnectProvider:OpenIDProvider", "open id provider"),
    ],
)
def test_types(token, words):
    """A type is said as people say it, an unknown one by its last part."""
    assert say_type(token) == words


def test_properties():
    """A property is written as in Python."""
    assert say_property("parameterOpenapiSchema") == "parameter_openapi_schema"
    assert say_property("apiURL") == "api_url"
    assert say_property("name") == "name"
