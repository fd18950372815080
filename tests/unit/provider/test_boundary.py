from meta_prefect.interfaces.values import UNKNOWN, ResourceReference, Secret
from meta_prefect.provider.boundary import close_values, open_inputs
from meta_prefect.provider.fields import Field, FieldType, Output, ResourceKind

KIND = ResourceKind(
    "prefect:index:X",
    "",
    (Field("key", FieldType.STRING, "", secret=True), Field("data", FieldType.OBJECT, "")),
    (Output("token", FieldType.STRING, "", secret=True),),
)


def test_handlers_see_no_envelope():
    """Secrets are opened, references become ids, and the places of secrets and unknowns stay."""
    opened = open_inputs(
        {
            "data": Secret({"a": [Secret("hush"), UNKNOWN]}),
            "ref": ResourceReference("urn:x", "id"),
            "component": ResourceReference("urn:c"),
        }
    )

    assert opened.values == {
        "data": {"a": ["hush", UNKNOWN]},
        "ref": "id",
        "component": "urn:c",
    }
    assert opened.secrets == {("data",), ("data", "a", 0)}
    assert opened.unknowns == {("data", "a", 1)}
    assert not opened.knows("data")


def test_secrets_leave_closed():
    """What was secret, or is by the table, leaves in an envelope; a list as a whole."""
    values = {"key": "k", "token": "t", "data": {"a": {"b": "hush", "c": 1}, "list": ["x", "y"]}}

    closed = close_values(values, KIND, [("data", "a", "b"), ("data", "list", 1), ("gone", "x")])

    assert closed == {
        "key": Secret("k"),
        "token": Secret("t"),
        "data": {"a": {"b": Secret("hush"), "c": 1}, "list": Secret(["x", "y"])},
    }
