"""Each knob on a running local cloud, through boto3."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from tests.local_cloud.test_actions import distribution_with, listener_with

from local_cloud import Fault, Knobs, LocalCloud
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

GET = {"ServerCertificateName": "www"}
TAGS = [{"Key": "k", "Value": "v"}]


def refusal(call: Callable[..., Any], **parameters: object) -> tuple[str, str, int]:
    """Call; return code, text and status of the error."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    return (
        response["Error"]["Code"],
        response["Error"]["Message"],
        response["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_the_quota(cloud: LocalCloud, iam: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """The quota is in the refusal and in the account summary, and back to 20 afterwards."""
    iam.upload_server_certificate(**certificates.upload_parameters())
    with cloud.knobs(quota=1) as knobs:
        assert knobs == cloud.get_knobs() == Knobs(quota=1)
        assert refusal(
            iam.upload_server_certificate, **certificates.upload_parameters("other")
        ) == (
            "LimitExceeded",
            "Cannot exceed quota for ServerCertificatesPerAccount: 1",
            409,
        )
        assert iam.get_account_summary()["SummaryMap"]["ServerCertificatesQuota"] == 1
    assert cloud.get_knobs() == Knobs()
    iam.upload_server_certificate(**certificates.upload_parameters("other"))


def test_the_clock(cloud: LocalCloud, iam: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """Validity and upload date go by IAM's clock."""
    with cloud.knobs(clock_offset_seconds=timedelta(days=46).total_seconds()):
        code, text, _ = refusal(iam.upload_server_certificate, **certificates.upload_parameters())
        assert (code, "no longer valid" in text) == ("MalformedCertificate", True)
    with cloud.knobs(clock_offset_seconds=86_400):
        uploaded = iam.upload_server_certificate(**certificates.upload_parameters())
    date = uploaded["ServerCertificateMetadata"]["UploadDate"]
    assert timedelta(hours=23) < date - datetime.now(UTC) < timedelta(hours=25)


def test_no_tags_on_create(cloud: LocalCloud, iam: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """An upload with tags is refused, and one without can be tagged."""
    with cloud.knobs(tag_on_create=False):
        code, _, status = refusal(
            iam.upload_server_certificate, **certificates.upload_parameters(Tags=TAGS)
        )
        assert (code, status) == ("UnsupportedOperation", 400)
        iam.upload_server_certificate(**certificates.upload_parameters())
        iam.tag_server_certificate(**GET, Tags=TAGS)
        assert iam.list_server_certificate_tags(**GET)["Tags"] == TAGS


def test_no_tags_at_all(cloud: LocalCloud, iam: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """The actions about tags don't exist, nor do tags of an upload."""
    with cloud.knobs(tagging=False):
        iam.upload_server_certificate(**certificates.upload_parameters())
        for call, parameters in (
            (iam.tag_server_certificate, {"Tags": TAGS}),
            (iam.untag_server_certificate, {"TagKeys": ["k"]}),
            (iam.list_server_certificate_tags, {}),
        ):
            code, text, status = refusal(call, **GET, **parameters)
            assert (code, status) == ("InvalidAction", 400)
            assert text.startswith("Could not find operation ")
        code, _, _ = refusal(
            iam.upload_server_certificate, **certificates.upload_parameters("other", Tags=TAGS)
        )
        assert code == "UnsupportedOperation"


def test_load_balancers_get_to_know_certificates(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    certificates: Certificates,
) -> None:
    """A new certificate is unknown to them until it has propagated."""
    first = iam.upload_server_certificate(**certificates.upload_parameters())[
        "ServerCertificateMetadata"
    ]
    elb, _, listener = listener_with(cloud, first["Arn"])

    def take(arn: str) -> None:
        elb.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])

    iam.upload_server_certificate(**certificates.upload_parameters("new"))
    arn = first["Arn"].replace("www", "new")
    with cloud.knobs(propagation_seconds=600):
        assert refusal(take, arn=arn) == (
            "CertificateNotFound",
            f"Certificate '{arn}' not found",
            400,
        )
    take(arn)


def test_load_balancers_dont_take_what_isnt_there(cloud: LocalCloud) -> None:
    """A listener with a certificate that doesn't exist is refused."""
    iam_arn = "arn:aws:iam::111122223333:server-certificate/missing"
    with pytest.raises(ClientError, match=f"CertificateNotFound.* Certificate '{iam_arn}' not"):
        listener_with(cloud, iam_arn)


def test_cloudfront_gets_to_know_certificates(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    certificates: Certificates,
) -> None:
    """It takes a certificate by its id once it has propagated, and only one under /cloudfront/."""
    cloudfront = cloud.client("cloudfront")

    def uploaded(name: str, path: str) -> str:
        metadata = iam.upload_server_certificate(**certificates.upload_parameters(name, Path=path))
        found: str = metadata["ServerCertificateMetadata"]["ServerCertificateId"]
        return found

    first = uploaded("first", "/cloudfront/")
    created = cloudfront.create_distribution(DistributionConfig=distribution_with(first))
    unknown = (
        "InvalidViewerCertificate",
        (
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or "
            "doesn't include a valid certificate chain."
        ),
        400,
    )
    update = {
        "Id": created["Distribution"]["Id"],
        "IfMatch": created["ETag"],
        "DistributionConfig": distribution_with(uploaded("second", "/cloudfront/x/")),
    }
    with cloud.knobs(propagation_seconds=600):
        assert refusal(cloudfront.update_distribution, **update) == unknown
    cloudfront.update_distribution(**update)
    for wrong in (uploaded("third", "/"), "ASCAAAAAAAAAAAAAAAAAA"):
        config = distribution_with(wrong) | {"CallerReference": wrong}
        assert refusal(cloudfront.create_distribution, DistributionConfig=config) == unknown


def stack_reason(cloud: LocalCloud, resources: dict[str, Any]) -> str:
    """Create a stack that fails; return the reason of its last resource."""
    client = cloud.client("cloudformation")
    stack = client.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": resources}))[
        "StackId"
    ]

    def status() -> str:
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    wait_for(status, lambda status: "ROLLBACK_COMPLETE" in status)
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    return next(
        event["ResourceStatusReason"]
        for event in events
        if event["ResourceStatus"] == "CREATE_FAILED" and "ResourceStatusReason" in event
    )


def test_stacks_fail_with_their_consumers(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    certificates: Certificates,
) -> None:
    """What a consumer doesn't know yet fails the stack that has it."""
    with cloud.knobs(propagation_seconds=600):
        uploaded = iam.upload_server_certificate(
            **certificates.upload_parameters(Path="/cloudfront/")
        )
        metadata = uploaded["ServerCertificateMetadata"]
        balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}
        listener = {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Balancer"},
                "Port": 443,
                "Protocol": "HTTPS",
                "Certificates": [{"CertificateArn": metadata["Arn"]}],
                "DefaultActions": [],
            },
        }
        reason = stack_reason(cloud, {"Balancer": balancer, "Listener": listener})
        assert f"Certificate '{metadata['Arn']}' not found" in reason
        distribution = {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Origins": [
                        {
                            "Id": "o",
                            "DomainName": "origin.example.com",
                            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "o",
                        "ViewerProtocolPolicy": "https-only",
                    },
                    "ViewerCertificate": {
                        "IamCertificateId": metadata["ServerCertificateId"],
                        "SslSupportMethod": "sni-only",
                    },
                }
            },
        }
        cloud.client("cloudformation").delete_stack(StackName="s")
        reason = stack_reason(cloud, {"Distribution": distribution})
        assert "The specified SSL certificate doesn't exist" in reason


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "Throttling", 400),
        ("refuse", "AccessDenied", 403),
        ("fail", "ServiceFailure", 500),
    ],
)
def test_calls_are_answered_with_an_error(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    certificates: Certificates,
    kind: Any,  # noqa: ANN401 - a literal, given as a string here
    code: str,
    status: int,
) -> None:
    """The call has no effect, and the next one is fine."""
    fault = Fault("UploadServerCertificate", kind, nth=1, callers="all")
    with cloud.knobs(faults=[fault]):
        found = refusal(iam.upload_server_certificate, **certificates.upload_parameters())
        assert (found[0], found[2]) == (code, status)
        iam.upload_server_certificate(**certificates.upload_parameters())


def test_services_have_their_own_errors(cloud: LocalCloud) -> None:
    """SDKs read the errors of JSON services and of S3."""
    once = {"retries": {"total_max_attempts": 1}}
    secrets, objects = cloud.client("secretsmanager", **once), cloud.client("s3", **once)
    with cloud.knobs(faults=[Fault("*", "throttle", callers="all")]):
        assert refusal(secrets.get_secret_value, SecretId="s")[0] == "ThrottlingException"
        found = refusal(objects.get_object, Bucket="bucket", Key="k")
        assert (found[0], found[2]) == ("SlowDown", 503)


@pytest.mark.parametrize(
    ("kind", "code"), [("reset", "NoSuchEntity"), ("lose-answer", "EntityAlreadyExists")]
)
def test_connections_are_closed_without_an_answer(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    certificates: Certificates,
    kind: Any,  # noqa: ANN401 - a literal, given as a string here
    code: str,
) -> None:
    """The caller learns nothing, whether the call had its effect or not."""
    with cloud.knobs(faults=[Fault("UploadServerCertificate", kind, nth=1, callers="all")]):
        with pytest.raises(ConnectionClosedError):
            iam.upload_server_certificate(**certificates.upload_parameters())
        if code == "NoSuchEntity":
            assert refusal(iam.get_server_certificate, **GET)[0] == code
        else:
            assert (
                refusal(iam.upload_server_certificate, **certificates.upload_parameters())[0]
                == code
            )


def test_sdks_try_again(cloud: LocalCloud) -> None:
    """Every second call of the eight actions fails, and nobody notices."""
    iam = cloud.client("iam")
    faults = [Fault("iam:*ServerCertificate*", "throttle", every=2, callers="all")]
    with cloud.knobs(faults=faults):
        for _ in range(3):
            iam.list_server_certificates()
    assert cloud.calls()["ListServerCertificates"] == 5
    assert cloud.calls("function") == {}


def test_faults_are_meant_for_functions(cloud: LocalCloud, iam: Any) -> None:  # noqa: ANN401 - boto3's
    """Calls of others neither count nor suffer, unless a fault says so."""
    with cloud.knobs(faults=[Fault("*", "refuse")]):
        iam.list_server_certificates()


def test_a_wrong_knob_is_said_in_a_sentence(cloud: LocalCloud) -> None:
    """Over HTTP it is a 400."""
    address = urllib.parse.urlsplit(cloud.endpoint_url)
    connection = http.client.HTTPSConnection(
        address.netloc, context=ssl.create_default_context(cafile=str(cloud.ca_bundle))
    )
    headers = {"Authorization": f"Bearer {cloud.environment()['AWS_SECRET_ACCESS_KEY']}"}
    connection.request("PUT", "/_local_cloud/knobs", body=b'{"quota": -1}', headers=headers)
    with connection.getresponse() as answer:
        assert answer.status == 400
        message = "quota must be a whole number of at least 0, not -1."
        assert json.load(answer) == {"message": message}
    connection.close()


def test_knobs_of_the_start_come_back(certificates: Certificates) -> None:
    """A reset brings back the knobs of the start."""
    with LocalCloud.running(knobs=Knobs(quota=0, faults=(Fault("X", "kill"),))) as cloud:
        cloud.set_knobs(Knobs())
        cloud.client("iam").upload_server_certificate(**certificates.upload_parameters())
        cloud.reset()
        assert cloud.get_knobs() == Knobs(quota=0, faults=(Fault("X", "kill"),))
        assert cloud.calls() == {}
