"""
The tags that CloudFormation itself gives to resources: the name and the ID of the stack, and the logical ID.

They depend on the resource type ("cloudFormationSystemTags" in its schema). Listeners and their
rules have them since July 2026 (CloudFormation's coverage roadmap, issues 1460 and 1526);
distributions don't (issue 2126).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import alb
from ministack.services.cloudformation import provisioners, stacks

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    instance(alb, "_tags", responses.AccountScopedDict),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
    instance(provisioners, "_STACK_TAG_PROPERTY", dict),
    function(
        stacks,
        "_with_stack_tags",
        *("resource_type", "props", "stack_tags", "stack_name", "stack_id", "logical_id"),
    ),
)

_PREFIX = "aws:cloudformation:"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_WITHOUT = frozenset({"AWS::CloudFront::Distribution"})


class SystemTags:
    """Takes them from the types that don't have them, and tags listener rules, which the emulator doesn't."""

    def __init__(self) -> None:
        self._tagged: Callable[..., dict[str, Any]] = stacks._with_stack_tags  # noqa: SLF001 - no public way in
        stacks._with_stack_tags = self._with_stack_tags  # noqa: SLF001 - the same
        provisioners._STACK_TAG_PROPERTY[_RULE] = ("Tags", "list")  # noqa: SLF001 - the same
        handlers = provisioners._RESOURCE_HANDLERS[_RULE]  # noqa: SLF001 - the same
        handlers["create"] = _created(handlers["create"])
        handlers["update"] = _updated(handlers["update"])

    def _with_stack_tags(self, resource_type: str, *more: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on as they came
        props = self._tagged(resource_type, *more)
        if resource_type in _WITHOUT:
            kept = [tag for tag in props["Tags"] if not tag["Key"].startswith(_PREFIX)]
            props = {**props, "Tags": kept}
        return props


def _created(create: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:  # noqa: ANN401 - the emulator's
        made = create(logical_id, props, stack_name)
        alb._tags[made[0]] = list(props.get("Tags") or [])  # noqa: SLF001 - no public way in
        return made

    return wrapped


def _updated(update: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
    ) -> Any:  # noqa: ANN401 - the emulator's
        made = update(physical_id, old, new, stack_name, logical_id)
        alb._tags[made[0]] = list(new.get("Tags") or [])  # noqa: SLF001 - no public way in
        return made

    return wrapped
