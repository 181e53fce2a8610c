"""Writing secrets requires more than the action itself: the key, and the permission to tag."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ministack import app as application
from ministack.core import responses
from ministack.services import secretsmanager

from local_cloud.emulator.identity.decryption import NO_KMS, may_not_use, refusal
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local_cloud.emulator.identity.authorization import Authorization
    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(secretsmanager, "handle_request", *SERVICE_PARAMETERS),
    function(secretsmanager, "_resolve", "secret_id", "use_arn_scope"),
)

# Secrets Manager API reference, CreateSecret, "Required permissions"; Secrets Manager user guide,
# "Secret encryption and decryption", for PutSecretValue.
_KEY_ACTIONS = {
    "secretsmanager.CreateSecret": ("kms:GenerateDataKey", "kms:Decrypt"),
    "secretsmanager.PutSecretValue": ("kms:GenerateDataKey",),
}


class SecretWrites:
    """Checks these permissions before a secret is written."""

    def __init__(self, authorization: Authorization) -> None:
        self._authorization = authorization
        self._handle: Callable[..., Awaitable[Answer]] = secretsmanager.handle_request
        secretsmanager.handle_request = self._handle_request

    async def _handle_request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        target = headers.get("x-amz-target", "")
        if target in _KEY_ACTIONS and application.AUTH:
            refused = self._refused(target, json.loads(body or b"{}"), headers, query_params)
            if refused is not None:
                return refused
        return await self._handle(method, path, headers, body, query_params)

    def _refused(
        self,
        target: str,
        asked: Mapping[str, object],
        headers: Mapping[str, str],
        query_params: Mapping[str, list[str]],
    ) -> Answer | None:
        if asked.get("Tags"):
            place = f"{responses.get_region()}:{responses.get_account_id()}"
            arn = f"arn:aws:secretsmanager:{place}:secret:{asked.get('Name', '')}"
            denial = self._authorization.denial(
                "secretsmanager:TagResource", arn, headers, query_params, {}
            )
            if denial is not None:
                return denial
        key = asked.get("KmsKeyId")
        if "SecretId" in asked:
            _, secret = secretsmanager._resolve(asked["SecretId"])  # noqa: SLF001 - no public way in
            key = (secret or {}).get("KmsKeyId")
        for action in _KEY_ACTIONS[target]:
            if may_not_use(
                str(key) if key else None, action, "secretsmanager", headers, query_params
            ):
                return refusal(NO_KMS)
        return None
