"""The emulator of this process, extended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as application

from local_cloud.emulator import (
    answer_urls,
    attributes,
    authorization,
    boundaries,
    certificates,
    consumers,
    custom_resources,
    decryption,
    deletion,
    exports,
    function_start,
    gateway,
    iam_service,
    inline_code,
    log_groups,
    native_certificates,
    nested_stacks,
    node_functions,
    request_ids,
    resource_status,
    signatures,
    stack_listing,
    stack_records,
    stacks,
    workers,
)
from local_cloud.emulator.answer_urls import AnswerUrls
from local_cloud.emulator.attributes import Attributes
from local_cloud.emulator.authorization import Authorization
from local_cloud.emulator.boundaries import Boundaries
from local_cloud.emulator.certificates import CertificateStores
from local_cloud.emulator.consumers import Consumers
from local_cloud.emulator.custom_resources import CustomResources
from local_cloud.emulator.decryption import Decryption
from local_cloud.emulator.deletion import Deletion
from local_cloud.emulator.exports import Exports
from local_cloud.emulator.function_start import FunctionStart
from local_cloud.emulator.gateway import Gateway
from local_cloud.emulator.iam_service import IamService
from local_cloud.emulator.inline_code import InlineCode
from local_cloud.emulator.internals import check, function
from local_cloud.emulator.log_groups import LogGroups
from local_cloud.emulator.native_certificates import NativeCertificates
from local_cloud.emulator.nested_stacks import NestedStacks
from local_cloud.emulator.node_functions import NodeFunctions
from local_cloud.emulator.request_ids import RequestIds
from local_cloud.emulator.resource_status import ResourceStatus
from local_cloud.emulator.signatures import Signatures
from local_cloud.emulator.stack_listing import StackListing
from local_cloud.emulator.stacks import Stacks
from local_cloud.emulator.workers import Workers
from local_cloud.knobs import Knobs
from local_cloud.switchboard import Switchboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from local_cloud.environment import Connection

INTERNALS = (
    function(application, "_reset_all_state"),
    *answer_urls.INTERNALS,
    *attributes.INTERNALS,
    *authorization.INTERNALS,
    *boundaries.INTERNALS,
    *certificates.INTERNALS,
    *consumers.INTERNALS,
    *resource_status.INTERNALS,
    *custom_resources.INTERNALS,
    *decryption.INTERNALS,
    *function_start.INTERNALS,
    *gateway.INTERNALS,
    *iam_service.INTERNALS,
    *signatures.INTERNALS,
    *request_ids.INTERNALS,
    *stack_listing.INTERNALS,
    *deletion.INTERNALS,
    *exports.INTERNALS,
    *gateway.INTERNALS,
    *iam_service.INTERNALS,
    *log_groups.INTERNALS,
    *nested_stacks.INTERNALS,
    *stack_records.INTERNALS,
    *inline_code.INTERNALS,
    *native_certificates.INTERNALS,
    *node_functions.INTERNALS,
    *stacks.INTERNALS,
    *workers.INTERNALS,
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
        IamService(self._switchboard, self._stores, Authorization(self._stores))
        Consumers(self._stores)
        RequestIds()
        NativeCertificates(self._stores)
        InlineCode()
        NodeFunctions()
        Decryption()
        Boundaries()
        LogGroups()
        resource_status = ResourceStatus()
        FunctionStart()
        self._attributes = Attributes()
        self._answer_urls = AnswerUrls(self._attributes)
        self._custom_resources = CustomResources(
            self._switchboard, resource_status, self._answer_urls
        )
        StackListing(self._switchboard)
        exports = Exports()
        deletion = Deletion(self._custom_resources, exports)
        NestedStacks(deletion)
        Stacks(resource_status, deletion, exports)
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
        self._answer_urls.forget()
        self._attributes.forget()
        self._switchboard.reset()
        self._stores.clear()
        self._reset_emulator()
