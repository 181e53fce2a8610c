"""Services that take certificates on AWS, and that the local cloud lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.local_stacks import failure_reason, final_status, start_stack

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

CLASSIC = "The local cloud doesn't support Classic Load Balancers."
BEANSTALK = "The local cloud doesn't support Elastic Beanstalk."


@pytest.mark.parametrize(
    ("service", "action", "parameters", "text"),
    [
        pytest.param("elb", "describe_load_balancers", {}, CLASSIC, id="read"),
        pytest.param(
            "elb",
            "set_load_balancer_listener_ssl_certificate",
            {"LoadBalancerName": "x", "LoadBalancerPort": 443, "SSLCertificateId": "y"},
            CLASSIC,
            id="write",
        ),
        pytest.param("elasticbeanstalk", "describe_environments", {}, BEANSTALK, id="beanstalk"),
    ],
)
def test_calls(
    cloud: LocalCloud,
    service: Any,  # noqa: ANN401 - a literal
    action: str,
    parameters: dict[str, Any],
    text: str,
) -> None:
    """A call fails, and says why."""
    with pytest.raises(ClientError) as caught:
        getattr(cloud.client(service), action)(**parameters)
    error = caught.value.response["Error"]
    assert error["Code"] == "UnsupportedOperation"
    assert error["Message"].startswith(text)


def test_stacks(cloud: LocalCloud) -> None:
    """A stack fails with a resource of theirs, and says why."""
    classic = {"Type": "AWS::ElasticLoadBalancing::LoadBalancer", "Properties": {"Listeners": []}}
    application = {"Type": "AWS::ElasticBeanstalk::Application"}
    start_stack(cloud, "classic", {"Resource": classic})
    start_stack(cloud, "beanstalk", {"Resource": application})
    for name, text in (("classic", CLASSIC), ("beanstalk", BEANSTALK)):
        assert final_status(cloud, name) == "ROLLBACK_COMPLETE"
        assert failure_reason(cloud, name).startswith(text)
