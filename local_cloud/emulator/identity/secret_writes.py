"""Writing secrets requires more than the action itself: the key, and the permission to tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack import app as application
from ministack.core import responses
from ministack.services import secretsmanager

from local_cloud.emulator.identity.decryption import NO_KMS, may_not_use
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function
from local_cloud.emulator.service_calls import access_denied, refuse_calls

if TYPE_CHECKING:
    from local_cloud.emulator.identity.authorization import Authorization
    from local_cloud.emulator.internals import Answer
    from local_cloud.emulator.service_calls import ServiceCall

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
        refuse_calls(secretsmanager, self._refusal)

    def _refusal(self, call: ServiceCall) -> Answer | None:
        if call.target not in _KEY_ACTIONS or not application.AUTH:
            return None
        asked = call.fields()
        if asked.get("Tags"):
            place = f"{responses.get_region()}:{responses.get_account_id()}"
            arn = f"arn:aws:secretsmanager:{place}:secret:{asked.get('Name', '')}"
            denial = self._authorization.denial(
                "secretsmanager:TagResource", arn, call.headers, call.query_params, {}
            )
            if denial is not None:
                return denial
        key = asked.get("KmsKeyId")
        if "SecretId" in asked:
            _, secret = secretsmanager._resolve(asked["SecretId"])  # noqa: SLF001 - no public way in
            key = (secret or {}).get("KmsKeyId")
        for action in _KEY_ACTIONS[call.target]:
            if may_not_use(key, action, "secretsmanager", call):
                return access_denied(NO_KMS)
        return None
