"""The entry point of the renewal function: ``server_certificate_handler.renewal.entry.on_event``."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server_certificate_handler import connections
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.renewal.calls import Calls
from server_certificate_handler.renewal.certificates import CertificateReader
from server_certificate_handler.renewal.change_sets import ChangeSets
from server_certificate_handler.renewal.publishing import Publisher
from server_certificate_handler.renewal.renewer import Renewer
from server_certificate_handler.renewal.run import Run
from server_certificate_handler.renewal.run_input import parse_input
from server_certificate_handler.renewal.secret_versions import SecretReader
from server_certificate_handler.renewal.stacks import StackReader
from server_certificate_handler.sdk_quirks import log_helper

if TYPE_CHECKING:
    from collections.abc import Callable


def handle(
    event: object,
    context: Any,  # noqa: ANN401 (Lambda's)
    *,
    client: Callable[..., Any],
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> None:
    """
    Carry out a run.

    Args:
        event: The input.
        context: Lambda's context.
        client: Creates the client of a service, in the function's Region or another one.
        now: Returns the time.
        sleep: Waits for a number of seconds.

    Raises:
        InvalidRequestError: The input is invalid.
        RunError: There were problems. Lambda retries the run.
    """
    run_input = parse_input(event)
    deadline = Deadline(context.get_remaining_time_in_millis, sleep)
    calls = Calls(deadline)

    def client_of(service: str, region: str | None = None) -> Any:  # noqa: ANN401 (botocore creates its clients at run time)
        made = client(service, region)
        # The SDK retries on its own, and each of its attempts must begin in time, too. A warm
        # function has the clients of the run before, whose check must go first.
        made.meta.events.unregister("before-send", unique_id="deadline")
        made.meta.events.register("before-send", calls.check, unique_id="deadline")
        return made

    stacks = StackReader(client_of("cloudformation"), calls)
    renewer = None
    if run_input.renewing:
        renewer = Renewer(
            run_input=run_input,
            renewing=run_input.renewing,
            stacks=stacks,
            change_sets=ChangeSets(
                client=client_of("cloudformation"),
                calls=calls,
                stack_id=run_input.stack_id,
                invocation=context.aws_request_id,
            ),
            deadline=deadline,
            now=now,
        )
    secrets = None
    if run_input.secret:
        secrets = SecretReader(
            client_of("secretsmanager", run_input.secret_region), calls, run_input.secret
        )
    Run(
        run_input=run_input,
        iam=CertificateReader(client_of("iam"), calls),
        secrets=secrets,
        stacks=stacks,
        publisher=Publisher(
            cloudwatch=lambda: client_of("cloudwatch"),
            eventbridge=lambda: client_of("events"),
            calls=calls,
            stack_name=run_input.stack_name,
        ),
        renewer=renewer,
        now=now,
    ).carry_out()


_redactor = Redactor()


def on_event(event: object, context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Carry out a run. This is the handler of the renewal function."""
    log_helper.setup("INFO", boto_level="WARNING")
    for log_handler in logging.getLogger().handlers:
        log_handler.addFilter(_redactor)
    handle(
        event,
        context,
        client=connections.client,
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
    )
