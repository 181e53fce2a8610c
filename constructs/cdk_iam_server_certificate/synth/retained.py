"""Whether CloudFormation retains a certificate, which its events don't contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import CfnDeletionPolicy, IStableAnyProducer

from cdk_iam_server_certificate.attributes import attribute

if TYPE_CHECKING:
    from aws_cdk import ICfnResourceOptions


@jsii.implements(IStableAnyProducer)
class Retained:
    """Whether CloudFormation retains the certificate when it is replaced or removed."""

    options: ICfnResourceOptions

    def produce(self) -> str | list[str]:
        """
        Return ``true`` if the deletion policy or update-replace policy retains it, else an empty list.

        Rendered after all aspects. The template passes it to the function, because
        CloudFormation's events don't contain these policies.
        """
        policies = {
            attribute(self.options, name) for name in ("deletionPolicy", "updateReplacePolicy")
        }
        kept = policies & {CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE}
        return "true" if kept else []
