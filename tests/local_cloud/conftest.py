"""A running local cloud for all tests, emptied for each, and certificates to upload."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from local_cloud import LocalCloud
from support.uploads import Certificates

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """Return certificates that are valid now."""
    return Certificates.valid_at(datetime.now(UTC))


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloud]:
    """Run one local cloud for all tests."""
    with LocalCloud.running() as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud: LocalCloud) -> LocalCloud:
    """Return the local cloud, empty."""
    running_cloud.reset()
    return running_cloud


@pytest.fixture(scope="session")
def guarded_cloud() -> Iterator[LocalCloud]:
    """Run a local cloud that enforces policies, for all tests; each resets it."""
    with LocalCloud.running(auth=True) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def iam_client(running_cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return an IAM client that leaves every check to the server."""
    return running_cloud.client(
        "iam", parameter_validation=False, retries={"total_max_attempts": 1}
    )


@pytest.fixture
def iam(cloud: LocalCloud, iam_client: Any) -> Any:  # noqa: ANN401, ARG001 - boto3's; emptied first
    """Return an IAM client of an empty cloud."""
    return iam_client
