"""How the functions of a stack run: their architecture, runtime and code, chosen by the app's context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

from aws_cdk import aws_lambda as lambda_

from cdk_iam_server_certificate.provider.context_keys import unknown_keys
from cdk_iam_server_certificate.provider.handler_code import handler_code
from cdk_iam_server_certificate.provider.nag import explain_older_runtime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import CfnResource, Stack

ARCHITECTURE_CONTEXT: Final = "cdk-iam-server-certificate:architecture"
"""
Context key for the function's architecture: ``x86_64`` (the default) or ``arm64``. Set it on an app or
a stack, because one function manages all certificates of a stack."""

RUNTIME_CONTEXT: Final = "cdk-iam-server-certificate:runtime"
"""
Context key for the function's runtime: ``python3.12``, ``python3.13`` or ``python3.14``. Default:
``python3.14``; ``python3.13`` in the isolated partitions, which get new runtimes later."""

BYTECODE_CONTEXT: Final = "cdk-iam-server-certificate:bytecode"
"""Context key for the function's bytecode: with ``false``, its code has the sources alone, which Python
compiles at each cold start. Default: ``true``."""

_CONTEXT_KEYS: Final = (ARCHITECTURE_CONTEXT, RUNTIME_CONTEXT, BYTECODE_CONTEXT)
_ARCHITECTURES: Final = {
    architecture.name: architecture
    for architecture in (lambda_.Architecture.X86_64, lambda_.Architecture.ARM_64)
}
_RUNTIMES: Final = {
    runtime.name: runtime
    for runtime in (
        lambda_.Runtime.PYTHON_3_12,
        lambda_.Runtime.PYTHON_3_13,
        lambda_.Runtime.PYTHON_3_14,
    )
}
_SWITCH: Final = {"true": True, "false": False}
_NEWEST_RUNTIME: Final = "python3.14"
_ISOLATED_REGIONS: Final = ("us-iso", "eu-iso")

Choice = TypeVar("Choice", lambda_.Architecture, lambda_.Runtime, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """What the functions of a stack have in common."""

    architecture: lambda_.Architecture
    runtime: lambda_.Runtime

    code: lambda_.Code
    """One asset for all functions of the stack."""

    @classmethod
    def of(cls, stack: Stack) -> FunctionSettings:
        """
        Return the settings of a stack, which are read once.

        Raises:
            ValueError: A context key is misspelled, or its value is not supported.
            HandlerCodeError: A part of the function is not installed.
        """
        if stack not in _SETTINGS:
            _SETTINGS[stack] = cls._read(stack)
        return _SETTINGS[stack]

    @classmethod
    def _read(cls, stack: Stack) -> FunctionSettings:
        if problem := unknown_keys(stack.node.get_all_context(), _CONTEXT_KEYS):
            raise ValueError(f"[{stack.node.path}] {problem}")
        architecture = _chosen(stack, _ARCHITECTURES, ARCHITECTURE_CONTEXT, default="x86_64")
        is_isolated = stack.region.startswith(_ISOLATED_REGIONS)
        runtime = _chosen(
            stack,
            _RUNTIMES,
            RUNTIME_CONTEXT,
            default="python3.13" if is_isolated else _NEWEST_RUNTIME,
        )
        with_bytecode = _chosen(stack, _SWITCH, BYTECODE_CONTEXT, default="true")
        return cls(
            architecture=architecture,
            runtime=runtime,
            code=handler_code(architecture, runtime, with_bytecode=with_bytecode),
        )

    def finish(self, function: lambda_.Function) -> None:
        """Adapt a function that was created with the settings."""
        resource = cast("CfnResource", function.node.default_child)
        # The CDK adds a dependency on the role, which the function refers to anyway.
        resource.add_deletion_override("DependsOn")
        if self.runtime.name != _NEWEST_RUNTIME:
            explain_older_runtime(resource)


_SETTINGS: dict[Stack, FunctionSettings] = {}
"""The settings of each stack, which live as long as it, just as the CDK's own process keeps its constructs."""


def _chosen(stack: Stack, choices: dict[str, Choice], context: str, *, default: str) -> Choice:
    value = stack.node.try_get_context(context)
    name = default if value is None or value == "" else str(value)
    if isinstance(value, bool):
        name = name.lower()  # as JSON has it, and as it is on the command line
    if name not in choices:
        raise ValueError(
            f"[{stack.node.path}] The context value '{context}' is '{name}', but must be {_listed(choices)}."
        )
    return choices[name]


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"
