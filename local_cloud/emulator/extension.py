"""The emulator of this process, extended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as application

from local_cloud.emulator.calls import gateway, request_ids, signatures
from local_cloud.emulator.calls.gateway import Gateway
from local_cloud.emulator.calls.request_ids import RequestIds
from local_cloud.emulator.calls.signatures import Signatures
from local_cloud.emulator.cloudformation import (
    answer_urls,
    attributes,
    busy_stacks,
    change_set_hierarchy,
    conditions,
    custom_resources,
    deletion,
    exports,
    native_certificates,
    nested_change_sets,
    nested_stacks,
    replacements,
    resource_status,
    role_permissions,
    service_roles,
    stack_listing,
    stack_records,
    stacks,
    system_tags,
)
from local_cloud.emulator.cloudformation.answer_urls import AnswerUrls
from local_cloud.emulator.cloudformation.attributes import Attributes
from local_cloud.emulator.cloudformation.busy_stacks import BusyStacks
from local_cloud.emulator.cloudformation.change_set_hierarchy import ChangeSetHierarchy
from local_cloud.emulator.cloudformation.conditions import Conditions
from local_cloud.emulator.cloudformation.custom_resources import CustomResources
from local_cloud.emulator.cloudformation.deletion import Deletion
from local_cloud.emulator.cloudformation.exports import Exports
from local_cloud.emulator.cloudformation.native_certificates import NativeCertificates
from local_cloud.emulator.cloudformation.nested_change_sets import NestedChangeSets
from local_cloud.emulator.cloudformation.nested_stacks import NestedStacks
from local_cloud.emulator.cloudformation.replacements import Replacements
from local_cloud.emulator.cloudformation.resource_status import ResourceStatus
from local_cloud.emulator.cloudformation.role_permissions import RolePermissions
from local_cloud.emulator.cloudformation.service_roles import ServiceRoles
from local_cloud.emulator.cloudformation.stack_listing import StackListing
from local_cloud.emulator.cloudformation.stacks import Stacks
from local_cloud.emulator.cloudformation.system_tags import SystemTags
from local_cloud.emulator.consumers import services
from local_cloud.emulator.consumers.services import Consumers
from local_cloud.emulator.functions import (
    event_targets,
    function_start,
    inline_code,
    log_groups,
    node_functions,
    python_functions,
    workers,
)
from local_cloud.emulator.functions.event_targets import EventTargets
from local_cloud.emulator.functions.function_start import FunctionStart
from local_cloud.emulator.functions.inline_code import InlineCode
from local_cloud.emulator.functions.log_groups import LogGroups
from local_cloud.emulator.functions.node_functions import NodeFunctions
from local_cloud.emulator.functions.python_functions import PythonFunctions
from local_cloud.emulator.functions.workers import Workers
from local_cloud.emulator.identity import (
    authorization,
    boundaries,
    certificates,
    condition_keys,
    decryption,
    foreign_secrets,
    iam_service,
    secret_writes,
)
from local_cloud.emulator.identity.authorization import Authorization
from local_cloud.emulator.identity.boundaries import Boundaries
from local_cloud.emulator.identity.certificates import CertificateStores
from local_cloud.emulator.identity.condition_keys import ConditionKeys
from local_cloud.emulator.identity.decryption import Decryption
from local_cloud.emulator.identity.foreign_secrets import ForeignSecrets
from local_cloud.emulator.identity.iam_service import IamService
from local_cloud.emulator.identity.secret_writes import SecretWrites
from local_cloud.emulator.internals import check, function
from local_cloud.knobs import Knobs
from local_cloud.switchboard import Switchboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from local_cloud.environment import Connection

_MODULES = (
    answer_urls,
    attributes,
    authorization,
    boundaries,
    busy_stacks,
    certificates,
    change_set_hierarchy,
    condition_keys,
    conditions,
    custom_resources,
    decryption,
    deletion,
    event_targets,
    exports,
    foreign_secrets,
    function_start,
    gateway,
    iam_service,
    inline_code,
    log_groups,
    native_certificates,
    nested_change_sets,
    nested_stacks,
    node_functions,
    python_functions,
    replacements,
    request_ids,
    resource_status,
    role_permissions,
    secret_writes,
    service_roles,
    services,
    signatures,
    stack_listing,
    stack_records,
    stacks,
    system_tags,
    workers,
)
INTERNALS = (
    function(application, "_reset_all_state"),
    *(internal for module in _MODULES for internal in module.INTERNALS),
)


class Emulator:
    """The extended emulator; created once."""

    def __init__(self, connection: Connection, knobs: Knobs | None = None) -> None:
        """
        Extend the emulator.

        Args:
            connection: Where it is served, and the secret that requests must prove.
            knobs: The knobs at the start and after a reset; default: as on AWS.

        Raises:
            EmulatorChangedError: Another version of the emulator is installed.
        """
        check(INTERNALS)
        self._switchboard = Switchboard(knobs or Knobs())
        self._stores = CertificateStores(self._switchboard)
        self._gateway = Gateway(
            self._switchboard,
            Workers(),
            Signatures(connection.secret_access_key),
            port=connection.port,
        )
        RequestIds()
        policies = Authorization(self._stores)
        IamService(self._switchboard, self._stores, policies)
        ConditionKeys()
        Boundaries()
        ForeignSecrets()
        Decryption()
        SecretWrites(policies)
        Consumers(self._stores)
        FunctionStart()
        InlineCode()
        NodeFunctions()
        PythonFunctions()
        LogGroups()
        self._event_targets = EventTargets()
        self._attributes = Attributes()
        self._answer_urls = AnswerUrls(self._attributes)
        resource_status = ResourceStatus()
        self._custom_resources = CustomResources(
            self._switchboard, resource_status, self._answer_urls
        )
        Conditions()
        SystemTags()
        NativeCertificates(self._stores)
        StackListing()
        exports = Exports()
        Replacements()
        NestedChangeSets()
        ChangeSetHierarchy()
        BusyStacks()
        RolePermissions()
        # After the exports, which answer DeleteStack without what others have made of it.
        ServiceRoles()
        deletion = Deletion(self._custom_resources, exports)
        NestedStacks(deletion)
        Stacks(self._switchboard, resource_status, deletion, exports)
        self._reset_emulator: Callable[[], None] = application._reset_all_state  # noqa: SLF001 - what its own reset request runs
        application._reset_all_state = self._reset  # noqa: SLF001 - the same

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serve one ASGI connection."""
        await self._gateway(scope, receive, send)

    def stop(self) -> None:
        """Delete everything, and end the processes of Lambda functions."""
        self._reset()

    def _reset(self) -> None:
        # Must be first: the emulator's reset ends functions, and they must not be tried again.
        self._custom_resources.forget()
        self._event_targets.forget()
        self._answer_urls.forget()
        self._attributes.forget()
        self._switchboard.reset()
        self._stores.clear()
        self._reset_emulator()
