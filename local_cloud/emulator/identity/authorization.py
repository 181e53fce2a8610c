"""The emulator's enforcement of IAM policies, extended to server certificates."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import tagging

from local_cloud.emulator.identity.boundaries import denied_by_limit
from local_cloud.emulator.internals import function, instance
from local_cloud.iam.actions import ACTIONS
from local_cloud.iam.authorization import needed_permissions
from local_cloud.iam.wire import read_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.emulator.identity.certificates import CertificateStores
    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(application, "AUTH", bool),
    function(
        iam_actions,
        "extract_resource_arn",
        *("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    ),
    function(
        iam_actions,
        "access_denied_response",
        *("service", "action", "principal_arn", "request_id", "error_code", "message", "headers"),
        *("resource_arn", "explicit_deny", "resource_policy_arn"),
    ),
    function(
        iam_actions,
        "identity_denial_message",
        *("action", "principal_arn", "resource", "explicit_deny"),
    ),
    function(iam_actions, "request_tag_context", "service", "iam_action", "body", "params"),
    function(iam_evaluator, "fnmatch_iam_cs", "value", "pattern"),
    function(
        iam_evaluator,
        "enforce",
        *("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
    ),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(router, "extract_access_key_id", "headers", "query_params"),
    function(tagging, "resource_tags", "arn"),
)

# On AWS, their denials name the resource; in the emulator, they don't.
_NAMING_SERVICES = frozenset({"cloudformation", "iam", "kms", "secretsmanager"})
# Policy variables for special characters, and what replaces them for the emulator.
_SPECIAL = re.compile(r"\$\{([*?$])\}")
_STAND_INS = str.maketrans({"*": "\ue000", "?": "\ue001", "$": "\ue002"})
_PARAMETER_ARN = re.compile(r"arn:[^:]+:ssm:[^:]*:[^:]*:parameter(?P<name>/.+)")


class Authorization:
    """Adds resources, tags and further permissions to the evaluation of policies."""

    def __init__(self, stores: CertificateStores) -> None:
        self._stores = stores
        self._resource_arn: Callable[..., str] = iam_actions.extract_resource_arn
        self._access_denied: Callable[..., Answer] = iam_actions.access_denied_response
        self._resource_tags: Callable[[str], dict[str, str] | None] = tagging.resource_tags
        self._matches: Callable[[str, str], bool] = iam_evaluator.fnmatch_iam_cs
        iam_actions.extract_resource_arn = self._extract_resource_arn
        iam_actions.access_denied_response = self._access_denied_response
        tagging.resource_tags = self._tags_of
        iam_evaluator.fnmatch_iam_cs = self._matches_pattern

    def denial(
        self,
        action: str,
        resource_arn: str,
        headers: Mapping[str, str],
        query_params: Mapping[str, list[str]],
        query: Mapping[str, str],
    ) -> Answer | None:
        """
        Return the answer to a caller whose policies don't allow an action; None if they do.

        Args:
            action: The action with its service.
            resource_arn: The resource.
            headers: The call's headers, which identify the caller.
            query_params: The call's query string, which can identify the caller instead.
            query: The call's fields, whose tags are conditions of policies.
        """
        service, _, _ = action.partition(":")
        tags = iam_actions.request_tag_context(service, action, b"", dict(query))
        verdict = denied(action, resource_arn, headers, query_params, tags)
        if verdict is None:
            return None
        return self._access_denied_response(
            service,
            action,
            verdict.principal_arn,
            str(uuid.uuid4()),
            resource_arn=resource_arn,
            explicit_deny=verdict.decision == "Deny",
        )

    def _extract_resource_arn(self, service: str, *call: Any) -> str:  # noqa: ANN401 - passed on as they came
        _, _, _, body, query_params, *_ = call
        if service == "iam":
            query = read_query(body, query_params)
            action = query.get("Action", "")
            if action in ACTIONS:
                return needed_permissions(action, query, self._stores.current())[0].resource_arn
        arn = self._resource_arn(service, *call)
        return _without_parameter_selector(arn) if service == "ssm" else arn

    def _access_denied_response(
        self,
        service: str,
        action: str,
        principal_arn: str,
        request_id: str,
        **details: Any,  # noqa: ANN401 - passed on as they came
    ) -> Answer:
        decided_by_identity = not any(
            details.get(name) for name in ("error_code", "message", "resource_policy_arn")
        )
        if decided_by_identity and (service in _NAMING_SERVICES or denied_by_limit()):
            details["message"] = iam_actions.identity_denial_message(
                action,
                principal_arn,
                details.get("resource_arn", "*"),
                details.get("explicit_deny", False),
            )
        return self._access_denied(service, action, principal_arn, request_id, **details)

    def _matches_pattern(self, value: str, pattern: str) -> bool:
        """Match an ARN, or a value of a condition, against a pattern that may have ``${*}`` in it."""
        written = _SPECIAL.sub(lambda found: found[1].translate(_STAND_INS), pattern)
        # A single '$' isn't a variable. In a value, all characters are literal.
        written = written.replace("$", "$".translate(_STAND_INS))
        return self._matches(value.translate(_STAND_INS), written)

    def _tags_of(self, arn: str) -> dict[str, str] | None:
        if ":server-certificate/" not in arn:
            return self._resource_tags(arn)
        for certificate in self._stores.current().known_for(0):
            if certificate.arn == arn:
                return {tag.key: tag.value for tag in certificate.tags}
        return None


def denied(
    action: str,
    resource_arn: str,
    headers: Mapping[str, str],
    query_params: Mapping[str, list[str]],
    context: Mapping[str, Any],
) -> Any:  # noqa: ANN401 - the emulator's verdict, untyped there
    """Return the emulator's denial; None if the caller is allowed."""
    if not application.AUTH:
        return None
    return iam_evaluator.enforce(
        router.extract_access_key_id(headers, query_params),
        action,
        action.partition(":")[0],
        responses.get_region(),
        resource_arn=resource_arn,
        service_context=dict(context),
    )


def _without_parameter_selector(arn: str) -> str:
    """Remove what the emulator takes as a part of the name: an ARN around it, a version or a label."""
    prefix, separator, name = arn.partition(":parameter/")
    given = _PARAMETER_ARN.fullmatch(name)
    if given is not None:
        name = given["name"].removeprefix("/")
    return f"{prefix}{separator}{name.partition(':')[0]}"
