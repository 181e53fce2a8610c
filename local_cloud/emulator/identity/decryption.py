"""Reading what a customer-managed KMS key encrypts requires kms:Decrypt on that key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import responses
from ministack.services import s3, secretsmanager, ssm

from local_cloud.emulator.identity.authorization import denied
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function
from local_cloud.emulator.service_calls import ServiceCall, access_denied, refuse_calls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
        self._objects: Callable[..., Awaitable[Answer]] = s3.handle_request
        s3.handle_request = self._read_object
        refuse_calls(secretsmanager, _secret_refusal)
        refuse_calls(ssm, _parameter_refusal)

    async def _read_object(self, *arguments: Any, **more: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        answer = await self._objects(*arguments, **more)
        call = ServiceCall(*arguments)
        status, sent, _ = answer
        key = {name.lower(): value for name, value in sent.items()}.get(_KEY_HEADER)
        is_read = call.method == "GET" and status in {200, 206}
        if is_read and may_not_use(key, "kms:Decrypt", "s3", call):
            message = "User is not authorized to perform: kms:Decrypt on the object's key"
            error = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
            return 403, {"Content-Type": "application/xml"}, error.encode()
        return answer


def _secret_refusal(call: ServiceCall) -> Answer | None:
    if call.target != "secretsmanager.GetSecretValue":
        return None
    _, secret = secretsmanager._resolve(call.fields().get("SecretId"))  # noqa: SLF001 - no public way in
    key = (secret or {}).get("KmsKeyId")
    return (
        access_denied(NO_KMS) if may_not_use(key, "kms:Decrypt", "secretsmanager", call) else None
    )


def _parameter_refusal(call: ServiceCall) -> Answer | None:
    if call.target != "AmazonSSM.GetParameter" or not call.fields().get("WithDecryption"):
        return None
    parameter, _ = ssm._select_parameter(call.fields().get("Name"))  # noqa: SLF001 - the same
    key = (parameter or {}).get("KeyId")
    if not may_not_use(key, "kms:Decrypt", "ssm", call):
        return None
    return access_denied(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this"
        " region, or you are not allowed to access."
    )


def may_not_use(key: str | None, action: str, service: str, call: ServiceCall) -> bool:
    """
    Return whether a caller may not use a key through a service.

    Args:
        key: The key as the service knows it; None if there is none.
        action: The action of KMS.
        service: The service.
        call: The call of the service.
    """
    # Everybody who may use a service may use the service's AWS-managed key.
    if not application.AUTH or not key or key.startswith("alias/aws/"):
        return False
    # The service itself decrypts, on behalf of the caller.
    via = {"kms:ViaService": f"{service}.{responses.get_region()}.amazonaws.com"}
    return bool(denied(action, _key_arn(key), call.headers, call.query_params, via))


def _key_arn(key: str) -> str:
    if key.startswith("arn:"):
        return key
    kind = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:aws:kms:{responses.get_region()}:{responses.get_account_id()}:{kind}"
