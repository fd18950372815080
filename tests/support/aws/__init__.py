"""
A stand-in for AWS: `pulumi-resource-aws`, the provider plugin, on boto3 against moto's server.

Programs run on it unchanged, with the classes of `pulumi_aws`. Inputs are checked against those
classes, so a wrong or missing name fails here as with the official plugin; a resource type outside
the table in `kinds` is refused by its name. What replaces and what updates in place is AWS's rule
as documented, not proven here. Where moto has no call, the double keeps the object itself, and the
row says so.

How a test uses it:

    pytest_plugins = ["tests.support.aws.world"]

    def test_it(aws, tmp_path):
        place = PluginPlace({**os.environ, **aws.environment}, tmp_path, {}, may_download=False)
        bench = EmbeddedBench(tmp_path / "state", plugins=place)
        bench.up(program)
        aws.client("s3").list_buckets()

The fixture `aws` (an `AwsWorld`) starts moto on loopback once for all tests, empties it before
each, and puts the executable into a folder of the test's own. `aws.environment` is all that a
process needs, `meta-prefect` or an engine: PATH with the executable first, AWS_ENDPOINT_URL,
credentials, AWS_REGION (`REGION`, eu-central-1), and META_PREFECT_AWS_KEPT, the folder of what
moto cannot hold.
`aws.client(SERVICE)` is boto3 on the same AWS, to look at it or to change it behind a stack's back.
The account is `ACCOUNT`.

To give EKS clusters the endpoint of a real API server, also set META_PREFECT_EKS_ENDPOINT and
META_PREFECT_EKS_CA (base64). A preview asks AWS nothing but for data sources, so it needs neither
credentials nor an endpoint: leave them out of the environment to see that.
"""
