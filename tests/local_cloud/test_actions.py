"""The eight actions through the wire with boto3."""

from __future__ import annotations

import re
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local_cloud import Fault
from support.consumers import distribution_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_iam import IAMClient

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud


def names(answer: dict[str, Any]) -> list[str]:
    """Return the names in a listing."""
    return [item["ServerCertificateName"] for item in answer["ServerCertificateMetadataList"]]


def listener_with(cloud: LocalCloud, arn: str) -> tuple[Any, str, str]:
    """Create a load balancer with a listener; return the client and both ARNs."""
    elb = cloud.client("elbv2")
    load_balancer = elb.create_load_balancer(Name="lb", Subnets=["subnet-1", "subnet-2"])
    load_balancer_arn = load_balancer["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=load_balancer_arn,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    return elb, load_balancer_arn, listener["Listeners"][0]["ListenerArn"]


def distribution_with(certificate_id: str) -> dict[str, Any]:
    """Return a DistributionConfig that refers to a certificate."""
    return distribution_config(
        {
            "IAMCertificateId": certificate_id,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        }
    )


def test_a_certificate_lives(iam: IAMClient, certificates: Certificates) -> None:
    """A new name and path keep id and upload date, and change the ARN."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    uploaded = iam.upload_server_certificate(
        **certificates.upload_parameters(Path="/cloudfront/a/")
    )
    metadata = uploaded["ServerCertificateMetadata"]
    assert metadata["Arn"].endswith(":server-certificate/cloudfront/a/www")
    assert re.fullmatch("ASCA[A-Z2-7]{17}", metadata["ServerCertificateId"])
    assert before <= metadata["UploadDate"] <= datetime.now(UTC)
    assert metadata["Expiration"] == certificates.self_signed.certificate.not_valid_after_utc

    iam.update_server_certificate(
        ServerCertificateName="www", NewServerCertificateName="new", NewPath="/"
    )
    moved = iam.get_server_certificate(ServerCertificateName="new")["ServerCertificate"]
    assert moved["ServerCertificateMetadata"] == metadata | {
        "Path": "/",
        "ServerCertificateName": "new",
        "Arn": "arn:aws:iam::111122223333:server-certificate/new",
    }
    iam.delete_server_certificate(ServerCertificateName="new")
    assert names(iam.list_server_certificates()) == []


def test_an_update_of_nothing_is_fine(iam: IAMClient, certificates: Certificates) -> None:
    """Neither no change nor the same name nor another case of it is a conflict with itself."""
    iam.upload_server_certificate(**certificates.upload_parameters())
    iam.update_server_certificate(ServerCertificateName="www")
    iam.update_server_certificate(ServerCertificateName="www", NewServerCertificateName="www")
    iam.update_server_certificate(ServerCertificateName="www", NewServerCertificateName="WWW")
    assert names(iam.list_server_certificates()) == ["WWW"]


def test_lists_are_sorted_filtered_and_paged(iam: IAMClient, certificates: Certificates) -> None:
    """Paging by opaque markers finds each certificate once, also while some are deleted."""
    for name, path in (("c", "/x/y/"), ("a", "/x/"), ("b", "/z/"), ("d", "/xx/")):
        iam.upload_server_certificate(**certificates.upload_parameters(name, Path=path))
    assert names(iam.list_server_certificates()) == ["a", "b", "c", "d"]
    assert names(iam.list_server_certificates(PathPrefix="/x")) == ["a", "c", "d"]
    assert names(iam.list_server_certificates(PathPrefix="/x/")) == ["a", "c"]

    first = iam.list_server_certificates(MaxItems=2)
    assert first["IsTruncated"]
    for name in names(first):
        iam.delete_server_certificate(ServerCertificateName=name)
    second = iam.list_server_certificates(MaxItems=2, Marker=first["Marker"])
    assert names(second) == ["c", "d"]
    assert not second["IsTruncated"]
    assert "Marker" not in second


def test_tags(iam: IAMClient, certificates: Certificates) -> None:
    """Keys are case-sensitive, and tags come back paged, in the order in which they were added."""
    given = [{"Key": "team", "Value": ""}, {"Key": "a", "Value": "1"}]
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters(Tags=given))
    assert uploaded["Tags"] == given
    long_key = "\u00fc" * 128
    iam.tag_server_certificate(
        ServerCertificateName="www",
        Tags=[{"Key": "Team", "Value": "2"}, {"Key": long_key, "Value": "3"}],
    )
    iam.tag_server_certificate(ServerCertificateName="www", Tags=[{"Key": "team", "Value": "4"}])
    expected = [
        {"Key": "team", "Value": "4"},
        {"Key": "a", "Value": "1"},
        {"Key": "Team", "Value": "2"},
        {"Key": long_key, "Value": "3"},
    ]
    paginator = iam.get_paginator("list_server_certificate_tags")
    pages = list(paginator.paginate(ServerCertificateName="www", PaginationConfig={"PageSize": 1}))
    assert [tag for page in pages for tag in page["Tags"]] == expected
    assert len(pages) == 4

    keys = ["team", "absent", long_key]
    iam.untag_server_certificate(ServerCertificateName="www", TagKeys=keys)
    found = iam.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]
    assert found["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "Team", "Value": "2"}]
    iam.tag_server_certificate(ServerCertificateName="www", Tags=[])


def test_a_load_balancer_holds_its_certificate(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """A listener's certificate can be deleted once the listener has another one or is gone."""
    arns = [
        iam.upload_server_certificate(**certificates.upload_parameters(name))[
            "ServerCertificateMetadata"
        ]
        for name in ("one", "two")
    ]
    elb, load_balancer_arn, listener_arn = listener_with(cloud, arns[0]["Arn"])
    with pytest.raises(ClientError) as caught:
        iam.delete_server_certificate(ServerCertificateName="one")
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert error["Error"]["Code"] == "DeleteConflict"
    assert error["Error"]["Message"] == (
        f"Certificate: {arns[0]['ServerCertificateId']} is currently in use by "
        f"{load_balancer_arn}. Please remove it first before deleting it from IAM."
    )

    elb.modify_listener(ListenerArn=listener_arn, Certificates=[{"CertificateArn": arns[1]["Arn"]}])
    iam.delete_server_certificate(ServerCertificateName="one")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_server_certificate(ServerCertificateName="two")
    elb.delete_listener(ListenerArn=listener_arn)
    iam.delete_server_certificate(ServerCertificateName="two")


def test_a_load_balancer_of_any_region_holds_its_certificate(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """IAM is global: the region in which a call to it is signed makes no difference."""
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters())
    listener_with(cloud, uploaded["ServerCertificateMetadata"]["Arn"])
    elsewhere = cloud.client("iam", region="us-east-1")
    with pytest.raises(elsewhere.exceptions.DeleteConflictException):
        elsewhere.delete_server_certificate(ServerCertificateName="www")


def test_a_distribution_holds_its_certificate(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """A distribution refers to its certificate by id, so a new name doesn't free it."""
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters(Path="/cloudfront/"))
    certificate_id = uploaded["ServerCertificateMetadata"]["ServerCertificateId"]
    cloudfront = cloud.client("cloudfront")
    created = cloudfront.create_distribution(DistributionConfig=distribution_with(certificate_id))
    distribution = created["Distribution"]
    iam.update_server_certificate(ServerCertificateName="www", NewServerCertificateName="new")
    with pytest.raises(iam.exceptions.DeleteConflictException) as caught:
        iam.delete_server_certificate(ServerCertificateName="new")
    assert caught.value.response["Error"]["Message"] == (
        f"Certificate: {certificate_id} is being used by CloudFront."
    )
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=created["ETag"])
    iam.delete_server_certificate(ServerCertificateName="new")


def test_the_account_summary_counts(iam: IAMClient, certificates: Certificates) -> None:
    """GetAccountSummary has all keys of the API, and counts the certificates."""
    iam.upload_server_certificate(**certificates.upload_parameters())
    iam.create_instance_profile(InstanceProfileName="profile")
    summary = iam.get_account_summary()["SummaryMap"]
    keys = iam.meta.service_model.shape_for("summaryKeyType").enum
    assert sorted(summary) == sorted(keys)
    assert (summary["ServerCertificates"], summary["ServerCertificatesQuota"]) == (1, 20)
    assert (summary["InstanceProfiles"], summary["Providers"]) == (1, 0)


def test_an_answer_has_one_request_id(cloud: LocalCloud, iam: IAMClient) -> None:
    """Body and header have the same id, in answers and errors, also of the emulator's actions."""

    def ids_of(answer: dict[str, Any]) -> tuple[str, str]:
        metadata = answer["ResponseMetadata"]
        return metadata["RequestId"], metadata["HTTPHeaders"]["x-amzn-requestid"]

    def error_of(call: Callable[..., object], **parameters: str) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        response: Any = caught.value.response
        found: dict[str, Any] = response
        return found

    missing = {"ServerCertificateName": "missing"}
    answers: list[Any] = [
        iam.list_server_certificates(),
        iam.list_roles(),
        error_of(iam.get_server_certificate, **missing),
        error_of(iam.get_role, RoleName="missing"),
    ]
    with cloud.knobs(faults=[Fault("GetServerCertificate", "throttle", callers="all")]):
        answers.append(error_of(iam.get_server_certificate, **missing))
    found = [ids_of(answer) for answer in answers]
    assert [header for _, header in found] == [body for body, _ in found]
    assert len(set(found)) == len(answers)


def test_accounts_are_apart(cloud: LocalCloud, iam: IAMClient, certificates: Certificates) -> None:
    """An account sees its own certificates only."""
    iam.upload_server_certificate(**certificates.upload_parameters())
    other = cloud.client("iam", account_id="444455556666")
    assert names(other.list_server_certificates()) == []
    uploaded = other.upload_server_certificate(**certificates.upload_parameters())
    assert "444455556666" in uploaded["ServerCertificateMetadata"]["Arn"]


def test_a_reset_empties_it(cloud: LocalCloud, iam: IAMClient, certificates: Certificates) -> None:
    """A reset forgets server certificates with everything else."""
    iam.upload_server_certificate(**certificates.upload_parameters())
    cloud.reset()
    assert names(iam.list_server_certificates()) == []


def test_the_error_on_the_wire(iam: IAMClient) -> None:
    """An error is IAM's XML in IAM's namespace."""
    seen: list[bytes] = []
    iam.meta.events.register_last(
        "after-call.iam.GetServerCertificate",
        lambda http_response, **_: seen.append(http_response.content),
    )
    with pytest.raises(ClientError):
        iam.get_server_certificate(ServerCertificateName="missing")
    body = seen[0].decode()
    assert re.fullmatch(
        r'<ErrorResponse xmlns="https://iam\.amazonaws\.com/doc/2010-05-08/"><Error>'
        r"<Type>Sender</Type><Code>NoSuchEntity</Code>"
        r"<Message>The Server Certificate with name missing cannot be found\.</Message></Error>"
        r"<RequestId>[0-9a-f-]{36}</RequestId></ErrorResponse>",
        body,
    )


def test_the_private_key_never_comes_back(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """The key isn't in any answer, nor in the log."""
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters())
    found = iam.get_server_certificate(ServerCertificateName="www")
    secret = certificates.self_signed.key_pem().splitlines()[1]
    assert secret not in str(uploaded) + str(found) + cloud.log_file.read_text()
    assert urllib.parse.quote_plus(secret) not in cloud.log_file.read_text()
