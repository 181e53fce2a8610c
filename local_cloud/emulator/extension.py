"""The emulator of this process, extended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as application

from local_cloud.emulator import (
    authorization,
    certificates,
    consumers,
    custom_resources,
    decryption,
    gateway,
    iam_service,
    inline_code,
    native_certificates,
    node_functions,
    resource_status,
    stacks,
    workers,
)
from local_cloud.emulator.authorization import Authorization
from local_cloud.emulator.certificates import CertificateStores
from local_cloud.emulator.consumers import Consumers
from local_cloud.emulator.custom_resources import CustomResources
from local_cloud.emulator.decryption import Decryption
from local_cloud.emulator.gateway import Gateway
from local_cloud.emulator.iam_service import IamService
from local_cloud.emulator.inline_code import InlineCode
from local_cloud.emulator.internals import check, function
from local_cloud.emulator.native_certificates import NativeCertificates
from local_cloud.emulator.node_functions import NodeFunctions
from local_cloud.emulator.resource_status import ResourceStatus
from local_cloud.emulator.stacks import Stacks
from local_cloud.emulator.workers import Workers
from local_cloud.knobs import Knobs
from local_cloud.switchboard import Switchboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

INTERNALS = (
    function(application, "_reset_all_state"),
    *authorization.INTERNALS,
    *certificates.INTERNALS,
    *consumers.INTERNALS,
    *resource_status.INTERNALS,
    *custom_resources.INTERNALS,
    *decryption.INTERNALS,
    *gateway.INTERNALS,
    *iam_service.INTERNALS,
    *inline_code.INTERNALS,
    *native_certificates.INTERNALS,
    *node_functions.INTERNALS,
    *stacks.INTERNALS,
    *workers.INTERNALS,
)


class Emulator:
    """The extended emulator; created once."""

    def __init__(self, knobs: Knobs | None = None) -> None:
        """
        Extend the emulator.

        Args:
            knobs: The knobs at the start and after a reset; default: as on AWS.

        Raises:
            EmulatorChangedError: Another version of the emulator is installed.
        """
        check(INTERNALS)
        self._switchboard = Switchboard(knobs or Knobs())
        self._stores = CertificateStores(self._switchboard)
        self._gateway = Gateway(self._switchboard, Workers())
        IamService(self._switchboard, self._stores, Authorization(self._stores))
        Consumers(self._stores)
        NativeCertificates(self._stores)
        InlineCode()
        NodeFunctions()
        Decryption()
        resource_status = ResourceStatus()
        self._custom_resources = CustomResources(self._switchboard, resource_status)
        Stacks(self._custom_resources, resource_status)
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
        self._switchboard.reset()
        self._stores.clear()
        self._reset_emulator()
