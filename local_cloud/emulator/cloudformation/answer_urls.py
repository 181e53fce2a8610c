"""The URLs that custom resources send their answers to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.services.cloudformation import custom_resource

from local_cloud.emulator.cloudformation.answers import (
    Failure,
    ForeignAnswerError,
    Success,
    read_answer,
)
from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local_cloud.emulator.cloudformation.attributes import Attributes

INTERNALS = (
    function(
        application,
        "_handle_post_body_shortcuts",
        *("method", "path", "headers", "body", "query_params", "request_id"),
    ),
    function(custom_resource, "deliver_response", "token", "response"),
)

_log = logging.getLogger(__name__)

_PATH = "/_ministack/cfn-response/"


class AnswerUrls:
    """Takes the first answer to each event; the others are ignored, as those to nothing."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._open: dict[str, Mapping[str, Any]] = {}
        self._answers: dict[str, Success | Failure] = {}
        self._handle: Callable[..., Awaitable[Any]] = application._handle_post_body_shortcuts  # noqa: SLF001 - no public way in
        application._handle_post_body_shortcuts = self._handle_request  # noqa: SLF001 - the same

    def forget(self) -> None:
        """Forget all events."""
        self._open.clear()
        self._answers.clear()

    def open(self, event: Mapping[str, Any]) -> None:
        """Await an answer to an event."""
        self._open[_token(event)] = event

    def close(self, event: Mapping[str, Any]) -> None:
        """Await none any more."""
        self._open.pop(_token(event), None)

    def answer_to(self, event: Mapping[str, Any]) -> Success | Failure | None:
        """Return the answer to an event; None if there was none."""
        return self._answers.get(_token(event))

    def take(self, event: Mapping[str, Any], answer: Success | Failure) -> None:
        """Take an answer to an event, if one is awaited."""
        token = _token(event)
        # In one step, since answers come from threads too. Recorded before it is delivered: then,
        # what waits for it continues.
        if token not in self._open or self._answers.setdefault(token, answer) is not answer:
            _log.warning(
                "An answer to CloudFormation is ignored: it came too late, or wasn't the first."
            )
            return
        if isinstance(answer, Failure):
            custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": answer.reason})
            return
        self._attributes.note(
            *(event["StackId"], event["LogicalResourceId"], event["RequestId"]),
            no_echo=answer.no_echo,
        )
        custom_resource.deliver_response(
            token,
            {
                "Status": "SUCCESS",
                "PhysicalResourceId": answer.physical_id,
                "Data": answer.attributes,
            },
        )

    async def _handle_request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        if method != "PUT" or not path.startswith(_PATH):
            return await self._handle(method, path, headers, body, *more)
        event = self._open.get(path.removeprefix(_PATH))
        if event is not None:
            try:
                self.take(event, read_answer(body, event))
            except ForeignAnswerError as error:
                _log.warning("An answer to CloudFormation is ignored: %s.", error)
        # The URL is S3's on AWS, which takes everything.
        return 200, {}, b""


def _token(event: Mapping[str, Any]) -> str:
    url: str = event["ResponseURL"]
    return url.rpartition("/")[2]
