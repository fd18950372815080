from meta_prefect.interfaces.values import Secret
from tests.unit.provider.test_provider import run

VARIABLE = "prefect:index:Variable"


def test_secret_value_is_warned_of():
    """A secret value is masked in state, and the user is told that the server keeps it in clear."""

    async def create(fake, bench):
        made = await bench.create(VARIABLE, {"name": "v", "value": Secret("hush")})

        assert made.outputs["value"] == Secret("hush")
        ((severity, urn, text),) = bench.messages
        assert (severity, urn) == ("warning", made.urn)
        assert "in clear" in text
        assert "hush" not in text

    run(create)


def test_null_is_a_value():
    """A null set by hand over a value is drift, and a value set over a null as well."""

    async def refresh(fake, bench):
        made = await bench.create(VARIABLE, {"name": "v", "value": None})
        fake.variables[made.id]["value"] = "by hand"
        refreshed = await bench.refresh(made)
        found = await bench.diff(refreshed, {"name": "v"})

        assert refreshed.inputs["value"] == "by hand"
        assert found.diffs == ("value",)

    run(refresh)
