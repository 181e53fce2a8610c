"""A stack's resources are changed with the permissions of its service role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from local_cloud.emulator.cloudformation import handler_errors
from local_cloud.emulator.cloudformation.handler_errors import failure_reason, service_error
from local_cloud.emulator.cloudformation.needed_permissions import Place, needed_permissions
from local_cloud.emulator.identity import service_sessions
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.emulator.cloudformation.needed_permissions import Operation, Permission

_UPDATE_PARAMETERS = (
    *("resource_type", "physical_id", "old_props", "new_props", "stack_name"),
    *("logical_id", "old_attrs"),
)
INTERNALS = (
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(
        stacks, "_provision_resource", *("resource_type", "logical_id", "props", "stack_name")
    ),
    function(stacks, "_update_resource", *_UPDATE_PARAMETERS),
    function(
        stacks,
        "_delete_resource",
        *("resource_type", "physical_id", "props", "stack_name", "logical_id"),
    ),
    *handler_errors.INTERNALS,
    *service_sessions.INTERNALS,
)

# The name of CloudFormation's sessions in the role.
_SESSION = "AWSCloudFormation"
_FORBIDDEN = 403
_SDK_NAMES = {
    "elasticloadbalancing": "ElasticLoadBalancingV2",
    "cloudfront": "CloudFront",
    "cloudformation": "CloudFormation",
    "lambda": "Lambda",
    "s3": "S3",
    "ssm": "Ssm",
}
# The types whose status reasons are the service's error, without that of a handler.
_WITHOUT_HANDLER = ("Custom::", "AWS::CloudFormation::")


class RolePermissions:
    """Lets a change of a resource fail that the role of its stack doesn't allow."""

    def __init__(self) -> None:
        self._create: Callable[..., Any] = stacks._provision_resource  # noqa: SLF001 - no public way in
        self._update: Callable[..., Any] = stacks._update_resource  # noqa: SLF001 - the same
        self._delete: Callable[..., Any] = stacks._delete_resource  # noqa: SLF001 - the same
        stacks._provision_resource = self._provision_resource  # noqa: SLF001 - the same
        stacks._update_resource = self._update_resource  # noqa: SLF001 - the same
        stacks._delete_resource = self._delete_resource  # noqa: SLF001 - the same

    def _provision_resource(
        self, resource_type: str, logical_id: str, props: dict[str, Any], stack_name: str
    ) -> Any:  # noqa: ANN401 - the emulator's
        _check("Create", resource_type, "", props, stack_name)
        return self._create(resource_type, logical_id, props, stack_name)

    def _update_resource(
        self,
        resource_type: str,
        physical_id: str,
        old_props: dict[str, Any],
        new_props: dict[str, Any],
        stack_name: str,
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        if old_props != new_props:
            _check("Update", resource_type, physical_id, new_props, stack_name)
        return self._update(resource_type, physical_id, old_props, new_props, stack_name, *more)

    def _delete_resource(
        self,
        resource_type: str,
        physical_id: str,
        props: dict[str, Any],
        stack_name: str = "",
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        _check("Delete", resource_type, physical_id, props, stack_name)
        return self._delete(resource_type, physical_id, props, stack_name, *more)


def place() -> Place:
    """Return where the current operation is."""
    return Place(responses.get_account_id(), responses.get_region())


def session_denial(role_arn: str, permission: Permission, *, service: str) -> str | None:
    """
    Return the error that CloudFormation gets in a role that lacks a permission; None if it has it.

    Args:
        role_arn: The role.
        permission: The permission.
        service: The service that answers, as the SDK calls it.
    """
    message = service_sessions.denial(
        role_arn, _SESSION, permission.action, permission.resource_arn
    )
    if message is None:
        return None
    return service_error(message, service=service, status=_FORBIDDEN)


def _check(
    operation: Operation,
    resource_type: str,
    physical_id: str,
    props: Mapping[str, Any],
    stack_name: str,
) -> None:
    """
    Check that the role of a stack, if it has one, allows a change.

    Raises:
        ValueError: It doesn't; the message is the status reason.
    """
    stack = cloudformation._stacks.get(stack_name)  # noqa: SLF001 - no public way in
    role_arn = (stack or {}).get("RoleARN")
    if not role_arn:
        return
    for permission in needed_permissions(operation, resource_type, physical_id, props, place()):
        message = service_sessions.denial(
            role_arn, _SESSION, permission.action, permission.resource_arn
        )
        if message is not None:
            raise ValueError(_reason(resource_type, permission, message))


def _reason(resource_type: str, permission: Permission, message: str) -> str:
    namespace = permission.action.partition(":")[0]
    service = _SDK_NAMES.get(namespace, namespace.capitalize())
    if resource_type.startswith(_WITHOUT_HANDLER):
        return service_error(message, service=service, status=_FORBIDDEN)
    return failure_reason(message, service=service, kind="AccessDenied", status=_FORBIDDEN)
