"""Reading what a customer-managed KMS key encrypts requires kms:Decrypt on that key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import responses
from ministack.services import s3, secretsmanager, ssm

from local_cloud.emulator.identity.authorization import denied
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(
        s3,
        "handle_request",
        *(*SERVICE_PARAMETERS, "signed_path", "enforce_bucket_region", "internal"),
        *("access_point_region", "access_point"),
    ),
    function(secretsmanager, "handle_request", *SERVICE_PARAMETERS),
    function(secretsmanager, "_resolve", "secret_id", "use_arn_scope"),
    function(ssm, "handle_request", *SERVICE_PARAMETERS),
    function(ssm, "_select_parameter", "name_or_arn"),
)

NO_KMS = "Access to KMS is not allowed"
"""What Secrets Manager answers if its key can't be used."""

_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


class Decryption:
    """Checks the keys of secrets, parameters and objects before their content is returned."""

    def __init__(self) -> None:
        self._secrets: Callable[..., Awaitable[Answer]] = secretsmanager.handle_request
        self._parameters: Callable[..., Awaitable[Answer]] = ssm.handle_request
        self._objects: Callable[..., Awaitable[Answer]] = s3.handle_request
        secretsmanager.handle_request = self._read_secret
        ssm.handle_request = self._read_parameter
        s3.handle_request = self._read_object

    async def _read_secret(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        if headers.get("x-amz-target") == "secretsmanager.GetSecretValue":
            _, secret = secretsmanager._resolve(_field(body, "SecretId"))  # noqa: SLF001 - no public way in
            key = (secret or {}).get("KmsKeyId")
            if _may_not_decrypt(key, "secretsmanager", headers, query_params):
                return refusal(NO_KMS)
        return await self._secrets(method, path, headers, body, query_params)

    async def _read_parameter(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        if headers.get("x-amz-target") == "AmazonSSM.GetParameter" and _field(
            body, "WithDecryption"
        ):
            parameter, _ = ssm._select_parameter(_field(body, "Name"))  # noqa: SLF001 - the same
            key = (parameter or {}).get("KeyId")
            if _may_not_decrypt(key, "ssm", headers, query_params):
                return refusal(
                    "The ciphertext refers to a customer master key that does not exist, does not"
                    " exist in this region, or you are not allowed to access."
                )
        return await self._parameters(method, path, headers, body, query_params)

    async def _read_object(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
        **more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Answer:
        answer = await self._objects(method, path, headers, body, query_params, **more)
        status, sent, _ = answer
        key = {name.lower(): value for name, value in sent.items()}.get(_KEY_HEADER)
        is_read = method == "GET" and status in {200, 206}
        if is_read and _may_not_decrypt(key, "s3", headers, query_params):
            message = "User is not authorized to perform: kms:Decrypt on the object's key"
            error = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
            return 403, {"Content-Type": "application/xml"}, error.encode()
        return answer


def _may_not_decrypt(
    key: str | None,
    service: str,
    headers: Mapping[str, str],
    query_params: Mapping[str, list[str]],
) -> bool:
    return may_not_use(key, "kms:Decrypt", service, headers, query_params)


def may_not_use(
    key: str | None,
    action: str,
    service: str,
    headers: Mapping[str, str],
    query_params: Mapping[str, list[str]],
) -> bool:
    """
    Return whether a caller may not use a key through a service.

    Args:
        key: The key as the service knows it; None if there is none.
        action: The action of KMS.
        service: The service.
        headers: The call's headers, which identify the caller.
        query_params: The call's query string, which can identify the caller instead.
    """
    # Everybody who may use a service may use the service's AWS-managed key.
    if not application.AUTH or not key or key.startswith("alias/aws/"):
        return False
    # The service itself decrypts, on behalf of the caller.
    via = {"kms:ViaService": f"{service}.{responses.get_region()}.amazonaws.com"}
    return bool(denied(action, _key_arn(key), headers, query_params, via))


def _key_arn(key: str) -> str:
    if key.startswith("arn:"):
        return key
    kind = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:aws:kms:{responses.get_region()}:{responses.get_account_id()}:{kind}"


def _field(body: bytes, name: str) -> object:
    return json.loads(body or b"{}").get(name)


def refusal(message: str) -> Answer:
    """Return the answer of a JSON service that denies access."""
    error = {"__type": "AccessDeniedException", "Message": message}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(error).encode()
