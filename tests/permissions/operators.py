"""A person who runs the command with the rights of a role."""

from __future__ import annotations

import json
import os
import uuid
from typing import TYPE_CHECKING

from permissions.declaring import actions_of
from permissions.guarded import Role
from permissions.printed import ACCOUNT_ID, KEY, printed_policies
from server_certificate.contract.ownership import LOGICAL_ID_TAG, SECRET_VERSION_TAG, STACK_ID_TAG
from support.command import run, write_certbot
from support.consumers import ANSWER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from types_boto3_cloudformation.client import CloudFormationClient

    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud
    from permissions.declaring import Statement
    from support.command import Ended

OPERATOR_ACCOUNT = "444455556666"
"""Not that of the function: its tests delete all certificates of their account."""


class Operator:
    """A person with a role in an account with a stack, a listener, certificates and a secret."""

    def __init__(self, cloud: LocalCloud, issue: Callable[[], Issued]) -> None:
        self._cloud = cloud
        self._issue = issue
        self._role = Role(cloud, account_id=OPERATOR_ACCOUNT)
        self._iam = cloud.client("iam", account_id=OPERATOR_ACCOUNT)
        template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
        stacks = cloud.client("cloudformation", account_id=OPERATOR_ACCOUNT)
        self._stack = stacks.create_stack(StackName="operated", TemplateBody=template)["StackId"]
        stacks.get_waiter("stack_create_complete").wait(
            StackName=self._stack, WaiterConfig={"Delay": 1}
        )
        key = cloud.client("kms", account_id=OPERATOR_ACCOUNT).create_key()["KeyMetadata"]
        self._key_id = key["KeyId"]
        self._secret = cloud.client("secretsmanager", account_id=OPERATOR_ACCOUNT).create_secret(
            Name="www/kept", SecretString="{}", KmsKeyId=key["Arn"]
        )
        self.policies = printed_policies({ACCOUNT_ID: OPERATOR_ACCOUNT, KEY: self._key_id})
        self._upload("used")
        self._upload("unowned")
        self._hold(stacks, self._upload("current", STACK_ID_TAG, SECRET_VERSION_TAG))
        balancing = cloud.client("elbv2", account_id=OPERATOR_ACCOUNT)
        balancer = balancing.create_load_balancer(Name="lb", Subnets=["subnet-1", "subnet-2"])
        balancing.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            Certificates=[
                {"CertificateArn": f"arn:aws:iam::{OPERATOR_ACCOUNT}:server-certificate/used"}
            ],
            DefaultActions=[ANSWER],
        )

    def begin(self, folder: Path) -> None:
        """Leave the certificate of the stack as if it was just left behind, and new files in a folder."""
        self._folder = write_certbot(folder, self._issue())
        for listed in self._iam.list_server_certificates()["ServerCertificateMetadataList"]:
            if listed["ServerCertificateName"] == "www":
                self._iam.delete_server_certificate(ServerCertificateName="www")
        self._id = self._upload("www", STACK_ID_TAG, LOGICAL_ID_TAG)

    def may(self, policy: str, *missing: str) -> None:
        """Have a policy of the page, without some actions."""
        kept: list[Statement] = []
        for statement in self.policies[policy]:
            actions = [each for each in actions_of(statement) if each not in missing]
            kept += [{**statement, "Action": actions}] if actions else []
        self._role.may(kept)

    def run(self, command: str) -> Ended:
        """Run a command."""
        words = command.format(
            new=uuid.uuid4(), key=self._key_id, folder=self._folder, id=self._id
        ).split()
        mine = {name: None for name in os.environ if name.startswith("AWS_")}
        credentials = {
            "AWS_ACCESS_KEY_ID": self._role.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self._role.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self._role.credentials["SessionToken"],
        }
        return run(*words, env={**mine, **self._cloud.environment(), **credentials})

    def _hold(self, stacks: CloudFormationClient, certificate_id: str) -> None:
        """Let a resource of the stack have the id of a certificate: the name of a parameter is its id."""
        parameter = {"Name": certificate_id, "Type": "String", "Value": "-"}
        resource = {"Type": "AWS::SSM::Parameter", "Properties": parameter}
        template = json.dumps({"Resources": {"Certificate": resource}})
        stacks.update_stack(StackName=self._stack, TemplateBody=template)
        stacks.get_waiter("stack_update_complete").wait(
            StackName=self._stack, WaiterConfig={"Delay": 1}
        )

    def _upload(self, name: str, *tags: str) -> str:
        issued = self._issue()
        values = {
            STACK_ID_TAG: self._stack,
            LOGICAL_ID_TAG: "Certificate1234",
            SECRET_VERSION_TAG: f"{self._secret['ARN']} {self._secret['VersionId']}",
        }
        uploaded = self._iam.upload_server_certificate(
            ServerCertificateName=name,
            CertificateBody=issued.pem,
            CertificateChain=issued.chain_pem(root=False),
            PrivateKey=issued.key_pem(),
            Tags=[{"Key": key, "Value": values[key]} for key in tags],
        )
        return str(uploaded["ServerCertificateMetadata"]["ServerCertificateId"])
