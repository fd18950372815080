"""
An AWS for one test: moto's server on loopback, the double's executable, and the environment.

The server is one for the whole test run, and emptied before each test; the folder of what moto
cannot hold is the test's own.
"""

from __future__ import annotations

import logging
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.plugins.serving import write_launcher

REGION = "eu-central-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class AwsWorld:
    """
    Where the double finds its AWS.

    endpoint: moto's address; bin: the folder of the executable; kept: of what moto cannot hold.
    """

    endpoint: str
    bin: Path
    kept: Path

    @property
    def environment(self):
        """What a process needs to work against this AWS, the double on PATH among it."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "META_PREFECT_AWS_KEPT": str(self.kept),
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
        }

    def client(self, service, region=REGION):
        """Give a boto3 client that asks this AWS."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture(scope="session")
def moto_endpoint():
    """Give the address of moto's server, started with the first test that needs it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_endpoint, tmp_path, monkeypatch):
    """Give an AWS with nothing but AWS's own policies, and the means to work against it."""
    # Read by moto when its IAM is used for the first time after it was emptied.
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    request = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request):
        pass
    folder = tmp_path / "aws"
    write_launcher(folder / "bin", "aws", "tests.support.aws.plugin_main")
    return AwsWorld(moto_endpoint, folder / "bin", folder / "kept")
