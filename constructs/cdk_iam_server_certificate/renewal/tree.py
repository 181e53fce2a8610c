"""Read from the construct tree what a renewal touches, after everything is declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import CfnParameter, CfnResource, CfnStack, Fn, Stack

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.renewal.consumers import kind_of
from cdk_iam_server_certificate.synth.consumers import tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from constructs import IConstruct

    from cdk_iam_server_certificate.renewal.root import Root
    from cdk_iam_server_certificate.synth.consumers import Usage

_FROM_SYSTEMS_MANAGER: Final = "AWS::SSM::Parameter::Value<"
"""The beginning of the types of parameters that CloudFormation resolves in each update."""

_BUCKET_INDEX: Final = 3
"""The position of the bucket in a template's URL that is split at the slashes."""


class RootTree:
    """The constructs of a root stack, and of the stacks that are nested in it."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self.constructs: list[IConstruct] = root.stack.node.find_all()
        self.nested_stacks = [
            cast("Stack", each) for each in self.constructs[1:] if Stack in type(each).__mro__
        ]

    def parameter_arns(self, *, without: Collection[CfnParameter]) -> Iterator[str]:
        """
        Yield the ARNs of the parameters of Systems Manager that CloudFormation reads in each update.

        Args:
            without: Parameters that are of another type, which is asked for with a call to the CDK.
        """
        root, own = self._root, set(without)
        for each in self.constructs:
            if CfnParameter not in type(each).__mro__ or each in own:
                continue
            parameter = cast("CfnParameter", each)
            if parameter.type.startswith(_FROM_SYSTEMS_MANAGER) and parameter.default:
                name = str(parameter.default).removeprefix("/")
                yield f"arn:{root.partition}:ssm:{root.region}:{root.account}:parameter/{name}"

    def consumers(self, usages: Iterable[Usage]) -> Iterator[tuple[CfnResource, str]]:
        """Yield the resources that use a certificate and that the role may update, with their kind."""
        used = [usage for usage in usages if usage.attributes]
        overridden = {_resource_path(each) for usage in used for each in usage.distributions}
        for each in self.constructs if used else ():
            if CfnResource not in type(each).__mro__:
                continue
            resource = cast("CfnResource", each)
            if (kind := kind_of(resource)) and (
                any(used_by(resource, used)) or resource.node.path in overridden
            ):
                yield resource, kind

    def strangers(self, usages: Iterable[Usage]) -> Iterator[tuple[Usage, CfnResource]]:
        """Yield the resources that use a certificate and that the role may not update."""
        used = [usage for usage in usages if usage.attributes]
        for each in self.constructs if used else ():
            classes = type(each).__mro__
            if CfnResource not in classes or CfnStack in classes:
                continue
            resource = cast("CfnResource", each)
            if kind_of(resource) is None:
                for usage in used_by(resource, used):
                    yield usage, resource


def used_by(resource: CfnResource, usages: Iterable[Usage]) -> Iterator[Usage]:
    """Yield the certificates that a resource refers to."""
    stack = resource.stack
    references = tree.used_by(resource, stack)
    for usage in usages:
        is_in_its_stack = stack is usage.stack
        if any(
            usage.target.attribute(each, is_in_its_stack=is_in_its_stack) for each in references
        ):
            yield usage


def _resource_path(construct: IConstruct) -> str:
    child = construct.node.default_child
    return str((construct if child is None else child).node.path)


def template_arn(nested_stack: Stack, root: Root) -> str:
    """Return the ARN of the S3 object with a nested stack's template, from its URL."""
    resource = cast("CfnResource", nested_stack.nested_stack_resource)
    url: str = attribute(resource, "templateUrl")
    # https://HOST/BUCKET/KEY: the key can contain slashes, too.
    slashes = json.dumps(resource.stack.resolve(url)).count("/")
    parts = Fn.split("/", url)
    path = "/".join(Fn.select(index, parts) for index in range(_BUCKET_INDEX, max(slashes, 4) + 1))
    return f"arn:{root.partition}:s3:::{path}"
