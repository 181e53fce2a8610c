"""Read from the construct tree what leaves a stack, and what other stacks use."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import CfnOutput, CfnResource, Stack, Stage

from cdk_iam_server_certificate.synth.consumers.references import (
    GET_ATT,
    GET_STACK_OUTPUT,
    IMPORT_VALUE,
    Reference,
    references,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs import IConstruct

_PUBLISHED: Final = "Publish"
"""The CDK's scope for the outputs that weak references read."""

_WRITER: Final = "Custom::CrossRegionExportWriter"
"""The type of the CDK's resource that writes parameters for references from other Regions."""

_WRITERS_PROVIDER: Final = f"{_WRITER}CustomResourceProvider"

_LISTENERS: Final = (
    ("aws_cdk.aws_elasticloadbalancingv2", ("CfnListener", "CfnListenerCertificate")),
    ("aws_cdk.aws_elasticloadbalancing", ("CfnLoadBalancer",)),
    ("aws_cdk.aws_elasticbeanstalk", ("CfnEnvironment", "CfnConfigurationTemplate")),
)
"""The resources that configure listeners, by the module of the CDK."""

_GENERATED_IDS: Final = ("/Resource", "/Default")
"""The ends of the path of a resource in the construct that the user declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A value that leaves a stack."""

    references: tuple[Reference, ...]
    stack: Stack
    """The stack in whose template the value is: the stack, or one that is nested in it."""

    source: Reference
    """How other stacks refer to it."""

    export: str | None
    """The name of the export or of the parameter; None for a weak reference."""


def outgoing(stack: Stack, constructs: Sequence[IConstruct]) -> Iterator[Outgoing]:
    """
    Yield the values that leave a top-level stack.

    Args:
        stack: The stack, after the CDK has resolved the references between stacks.
        constructs: All its constructs.
    """
    for output in constructs:
        # Read the rest only if it is exported: each attribute is a call to the CDK's process.
        if isinstance(output, CfnOutput) and (name := output.export_name) is not None:
            holder = output.stack
            export = holder.resolve(name)
            if isinstance(export, str):
                yield _of_output(output, holder, (IMPORT_VALUE, export), export)
    for output in _children(stack, _PUBLISHED):
        if isinstance(output, CfnOutput):
            logical_id = stack.resolve(output.logical_id)
            source = (GET_STACK_OUTPUT, str(stack.resolve(stack.stack_name)), str(logical_id))
            yield _of_output(output, stack, source, None)
    if stack.node.try_find_child(_WRITERS_PROVIDER) is not None:
        yield from _written(stack, constructs)


def consumers(
    others: Iterable[Stack], wanted: frozenset[Reference]
) -> Iterator[tuple[Reference, str]]:
    """
    Yield the constructs of other stacks that use a value, with the reference to the value.

    Args:
        others: The other top-level stacks.
        wanted: The references to find.
    """
    for other in others:
        constructs = other.node.find_all()
        has_nested = any(isinstance(each, Stack) for each in constructs[1:])
        resources = [each for each in constructs if isinstance(each, CfnResource)]
        for resource in resources:
            holder = resource.stack if has_nested else other
            for reference in used_by(resource, holder):
                if reference in wanted:
                    yield reference, declared_path(resource)


def depending_on(stack: Stack) -> list[Stack]:
    """Return the top-level stacks that depend on a stack. A reference to a stack is a dependency on it."""
    stage = Stage.of(stack)
    constructs = stage.node.find_all() if stage else []
    return [
        each
        for each in constructs
        if isinstance(each, Stack)
        and each is not stack
        and any(other is stack for other in each.dependencies)
    ]


def listeners(constructs: Iterable[IConstruct]) -> list[CfnResource]:
    """Return the resources that configure the listeners of load balancers."""
    # An app that has such a resource has loaded its module, which takes a while for the others.
    kinds = tuple(
        getattr(module, name)
        for module_name, names in _LISTENERS
        if (module := sys.modules.get(module_name))
        for name in names
    )
    return [each for each in constructs if isinstance(each, kinds)]


def used_by(resource: CfnResource, stack: Stack) -> set[Reference]:
    """Return the references in the properties of a resource of a stack."""
    try:
        properties: Any = stack.resolve(resource._cfn_properties)  # noqa: SLF001 - protected, for extensions
    except Exception:  # noqa: BLE001 - one warning less, rather than an app that can't be synthesized
        return set()
    return {_parameter(each) for each in references(properties)}


def declared_path(resource: IConstruct) -> str:
    """Return the path of the construct that the user declared, for a resource in it."""
    path: str = resource.node.path
    for end in _GENERATED_IDS:
        path = path.removesuffix(end)
    return path


def _parameter(reference: Reference) -> Reference:
    """Return the name of the parameter that a reference from another Region reads; or the reference itself."""
    function, *arguments = reference
    is_parameter = function == GET_ATT and arguments[-1].startswith("/cdk/exports/")
    return (GET_ATT, arguments[-1]) if is_parameter else reference


def _of_output(output: CfnOutput, stack: Stack, source: Reference, export: str | None) -> Outgoing:
    value = stack.resolve(output.value)
    return Outgoing(references=tuple(references(value)), stack=stack, source=source, export=export)


def _written(stack: Stack, constructs: Iterable[IConstruct]) -> Iterator[Outgoing]:
    """Yield the values that the CDK writes to parameters in other Regions."""
    for resource in constructs:
        if type(resource) is not CfnResource or resource.cfn_resource_type != _WRITER:
            continue
        properties: Any = stack.resolve(resource._cfn_properties)  # noqa: SLF001 - as above
        for name, value in properties.get("WriterProps", {}).get("exports", {}).items():
            yield Outgoing(
                references=tuple(references(value)),
                stack=stack,
                source=(GET_ATT, name),
                export=name,
            )


def _children(stack: Stack, construct_id: str) -> list[IConstruct]:
    scope = stack.node.try_find_child(construct_id)
    return [] if scope is None else list(scope.node.children)
