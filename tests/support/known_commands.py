"""What the commands with many options take: ``server-certificate``, ``aws`` and ``cdk``."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore.session
import click
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from server_certificate_cli.main import group

if TYPE_CHECKING:
    from collections.abc import Sequence

AWS_OPTIONS: Final = frozenset(
    [
        "--ca-bundle",
        "--cli-binary-format",
        "--endpoint-url",
        "--no-cli-pager",
        "--no-paginate",
        "--output",
        "--profile",
        "--query",
        "--region",
        "--max-items",
        "--cli-input-json",
        "--generate-cli-skeleton",
    ]
)
AWS_ADDITIONS: Final = frozenset(("configure", "s3", "sso"))
"""Commands that the AWS CLI has in addition to the services' operations."""

CDK_COMMANDS: Final = (
    Path(sys.prefix) / "cdk-cli/node_modules/aws-cdk/lib/cli/cli-type-registry.json"
)
CDK_ALIASES: Final = {"synthesize": "synth", "ls": "list", "ack": "acknowledge"}


class CommandLineError(ValueError):
    """What a command line names doesn't exist."""


def server_certificate(arguments: Sequence[str]) -> None:
    """Complain of a sub-command, an option or a choice that our command doesn't have."""
    # With the group's settings: click keeps the help option that a command is first asked for, so
    # that other settings would change the help of this process.
    settings = group.context_settings
    with click.Context(group, info_name="server-certificate", **settings) as context:
        try:
            _, rest, _ = group.make_parser(context).parse_args(list(arguments))
            if not rest:
                return
            name, *words = rest
            command = group.get_command(context, name)
            if command is None:
                raise CommandLineError(f"server-certificate has no command {name}")
            # What stands for any value can't be compared with what is allowed.
            values, _, _ = command.make_parser(context).parse_args(words)
            for parameter in command.params:
                _choose(parameter, values.get(parameter.name or ""), context)
        except click.UsageError as error:
            raise CommandLineError(error.format_message()) from error


def _choose(parameter: click.Parameter, value: object, context: click.Context) -> None:
    if isinstance(parameter.type, click.Choice):
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(each, str):
                parameter.type.convert(each, parameter, context)


def aws(arguments: Sequence[str]) -> None:
    """Complain of a service, an operation or an option that the AWS CLI doesn't have."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words or words[0] in AWS_ADDITIONS:
        return
    service, operation, *_ = [*words, ""]
    if operation in {"deploy", "wait"}:
        return
    operations = _operations(service)
    if operation not in operations:
        raise CommandLineError(f"aws {service} has no operation {operation!r}")
    options = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    known = {*AWS_OPTIONS, *operations[operation]}
    known |= {f"--no-{name.removeprefix('--')}" for name in operations[operation]}
    if unknown := sorted(options - known):
        raise CommandLineError(f"aws {service} {operation} has no option {', '.join(unknown)}")


@functools.cache
def _operations(service: str) -> dict[str, frozenset[str]]:
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError as error:
        raise CommandLineError(f"aws has no service {service!r}") from error
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        members = shape.members if shape else {}
        found[xform_name(name, "-")] = frozenset(f"--{xform_name(each, '-')}" for each in members)
    return found


def cdk(arguments: Sequence[str]) -> None:
    """Complain of a command or an option that the CDK CLI doesn't have."""
    registry = _cdk_registry()
    words = [word for word in arguments if not word.startswith("-")]
    named = [CDK_ALIASES.get(word, word) for word in words]
    command = next((word for word in named if word in registry["commands"]), None)
    options = dict(registry["globalOptions"])
    if command:
        options |= registry["commands"][command].get("options", {})
    elif words:
        raise CommandLineError(f"cdk has no command {words[0]!r}")
    known = {"--version", "--help", *(f"--{name}" for name in options)}
    known |= {f"--no-{name}" for name in options}
    for each in options.values():
        aliases = each.get("alias", ())
        known |= {f"-{alias}" for alias in ([aliases] if isinstance(aliases, str) else aliases)}
    given = {word.partition("=")[0] for word in arguments if word.startswith("-")}
    if unknown := sorted(given - known):
        raise CommandLineError(f"cdk {command or ''} has no option {', '.join(unknown)}")


@functools.cache
def _cdk_registry() -> dict[str, Any]:
    registry: dict[str, Any] = json.loads(CDK_COMMANDS.read_text("utf-8"))
    return registry
