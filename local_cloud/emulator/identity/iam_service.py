"""The emulator's IAM with server certificates."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ministack.services import iam

from local_cloud.emulator.identity import account_summary
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function
from local_cloud.iam import wire
from local_cloud.iam.actions import ACTIONS, answer
from local_cloud.iam.authorization import needed_permissions
from local_cloud.iam.errors import IamError
from local_cloud.iam.tag_support import check_tag_support

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local_cloud.emulator.identity.authorization import Authorization
    from local_cloud.emulator.identity.certificates import CertificateStores
    from local_cloud.emulator.internals import Answer
    from local_cloud.switchboard import Switchboard

INTERNALS = (function(iam, "handle_request", *SERVICE_PARAMETERS), *account_summary.INTERNALS)

_FORM = "application/x-www-form-urlencoded"


class IamService:
    """Answers the eight actions; the emulator answers the others."""

    def __init__(
        self, switchboard: Switchboard, stores: CertificateStores, authorization: Authorization
    ) -> None:
        self._switchboard = switchboard
        self._stores = stores
        self._authorization = authorization
        self._handle: Callable[..., Awaitable[Answer]] = iam.handle_request
        iam.handle_request = self._handle_request

    async def _handle_request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        # The emulator evaluates no permission for an action in another body than a form.
        is_form = headers.get("content-type", "").startswith(_FORM)
        query = wire.read_query(body if is_form else b"", query_params)
        action = query.get("Action", "")
        if action in ACTIONS:
            return self._answer(action, query, headers, query_params)
        status, reply_headers, reply = await self._handle(method, path, headers, body, query_params)
        if action == "GetAccountSummary":
            reply = account_summary.completed(reply, self._stores.current())
        return status, reply_headers, reply

    def _answer(
        self,
        action: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        request_id = str(uuid.uuid4())
        store = self._stores.current()
        # The emulator has already checked the first permission.
        for permission in needed_permissions(action, query, store)[1:]:
            denial = self._authorization.denial(
                f"iam:{permission.action}", permission.resource_arn, headers, query_params, query
            )
            if denial is not None:
                return denial
        knobs = self._switchboard.knobs
        try:
            check_tag_support(
                action, query, tagging=knobs.tagging, tag_on_create=knobs.tag_on_create
            )
        except IamError as error:
            response = wire.failure(error, request_id=request_id)
        else:
            response = answer(action, query, store, request_id=request_id)
        return response.status, response.headers, response.body
