"""What an app does with a certificate that it declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from aws_cdk import Names

from cdk_iam_server_certificate.synth.consumers.references import Target

if TYPE_CHECKING:
    from aws_cdk import CfnResource, Stack
    from constructs import IConstruct


@dataclass(eq=False, kw_only=True)
class Usage:
    """A certificate, the attributes that the app has asked for, and the distributions it was added to."""

    construct: IConstruct
    resource: CfnResource
    stack: Stack
    root_stack: Stack
    """The top-level stack that contains the stack, or the stack itself."""

    is_named: bool
    """Whether the name is declared, so that a renewal keeps the ARN."""

    renews: bool
    """Whether it renews automatically, so that no person sees what a renewal doesn't reach."""

    acknowledged: frozenset[str]
    attributes: set[str] = field(default_factory=set)
    """As in the template: ``Ref`` or the name for ``Fn::GetAtt``."""

    distributions: list[IConstruct] = field(default_factory=list)
    """The distributions that got the certificate by an override, which can't be read from their properties."""

    @cached_property
    def target(self) -> Target:
        """What identifies the resource in templates. Only known when the app is synthesized."""
        return Target(
            logical_id=str(self.stack.resolve(self.resource.logical_id)),
            unique_id=Names.node_unique_id(self.resource.node),
        )

    def distributions_outside(self) -> list[str]:
        """Return the paths of the distributions that are in another top-level stack."""
        inside = f"{self.root_stack.node.path}/"
        paths = (str(each.node.path) for each in self.distributions)
        return [path for path in paths if not path.startswith(inside)]
