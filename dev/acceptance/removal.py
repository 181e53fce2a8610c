"""Removes what a run has created, and finds what it left."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from dev.acceptance.errors import code_of, ignored
from dev.acceptance.run import Kind, Thing
from dev.demo.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dev.acceptance.account import Account
    from dev.acceptance.patience import Patience
    from dev.acceptance.run import Run

_STACK_SECONDS: Final = 900
_RELEASE_SECONDS: Final = 600
"""A load balancer that is gone can hold its certificate for some more minutes."""

_LISTED_SECONDS: Final = 60
"""Lists can show for some seconds what is deleted."""

_ERRORS: Final = (BotoCoreError, ClientError, TimeoutError)
_ORDER: Final = (Kind.STACK, Kind.CERTIFICATE, Kind.SECRET, Kind.LOG_GROUP)

LAST_STACK: Final = "recorder"
"""The stack whose function the custom resources of the others need to be deleted."""


class Removal:
    """
    Removes things of one run, and nothing else.

    Args:
        account: The account.
        run: The run.
        patience: Waits.
    """

    def __init__(self, account: Account, run: Run, patience: Patience) -> None:
        self._run = run
        self._patience = patience
        self._stacks: Any = account.client("cloudformation")
        self._iam: Any = account.client("iam")
        self._secrets: Any = account.client("secretsmanager")
        self._logs: Any = account.client("logs")

    def remove(self, things: Iterable[Thing]) -> dict[Thing, str]:
        """
        Remove things, stacks first; return why some couldn't be removed.

        Raises:
            ValueError: One of them isn't of this run. Nothing has been removed.
        """
        ordered = sorted(things, key=self._rank)
        for thing in ordered:
            if not self._is_ours(thing):
                raise ValueError(f"The {thing} is not of run {self._run.id}.")
        # Stacks are deleted side by side; their order matters only for the last one.
        for thing in ordered:
            if thing.kind is Kind.STACK and not thing.name.endswith(LAST_STACK):
                # Below, it is tried again, and an error counts.
                with contextlib.suppress(*_ERRORS):
                    self._begin_to_delete(thing.name)
        failed = {}
        for thing in ordered:
            try:
                self._remove(thing)
            except _ERRORS as error:
                failed[thing] = str(error)
        return failed

    def leftovers(self) -> list[Thing]:
        """Return everything whose name has this run's prefix."""
        return sorted(self._found(), key=self._rank)

    def _rank(self, thing: Thing) -> tuple[int, bool]:
        return _ORDER.index(thing.kind), thing.name.endswith(LAST_STACK)

    def _found(self) -> Iterator[Thing]:
        names = {
            Kind.STACK: self._stack_names(),
            Kind.CERTIFICATE: _values(
                self._iam,
                "list_server_certificates",
                "ServerCertificateMetadataList.ServerCertificateName",
            ),
            Kind.SECRET: _values(self._secrets, "list_secrets", "SecretList.Name"),
            Kind.LOG_GROUP: _values(self._logs, "describe_log_groups", "logGroups.logGroupName"),
        }
        for kind, found in names.items():
            yield from filter(self._is_ours, (Thing(kind, name) for name in found))

    def _stack_names(self) -> Iterator[str]:
        for page in self._stacks.get_paginator("describe_stacks").paginate():
            # Nested stacks go with their parent.
            yield from (each["StackName"] for each in page["Stacks"] if "ParentId" not in each)

    def _is_ours(self, thing: Thing) -> bool:
        prefix = self._run.prefix
        match thing.kind:
            case Kind.CERTIFICATE:
                # The CDK leaves the stack's hyphens out of a name that the construct generates.
                generated = Names(self._run.demo_prefix).stack.replace("-", "")
                return thing.name.startswith((prefix, generated))
            case Kind.LOG_GROUP:
                return thing.name.startswith((prefix, f"/aws/lambda/{prefix}"))
            case _:
                return thing.name.startswith(prefix)

    def _remove(self, thing: Thing) -> None:
        match thing.kind:
            case Kind.STACK:
                self._delete_stack(thing.name)
            case Kind.CERTIFICATE:
                self._delete_certificate(thing.name)
            case Kind.SECRET:
                with ignored("ResourceNotFoundException"):
                    self._secrets.delete_secret(
                        SecretId=thing.name, ForceDeleteWithoutRecovery=True
                    )
            case Kind.LOG_GROUP:
                with ignored("ResourceNotFoundException"):
                    self._logs.delete_log_group(logGroupName=thing.name)

    def _delete_stack(self, name: str) -> None:
        """
        Delete a stack, once more if that fails: a listener can be slow to release a certificate.

        Raises:
            TimeoutError: It is still there.
        """
        status = self._status(name)
        for _ in range(2):
            if status in {"", "DELETE_COMPLETE"}:
                return
            self._begin_to_delete(name)
            status = self._rest(name)
        if status not in {"", "DELETE_COMPLETE"}:
            raise TimeoutError(f"Its status is {status}.")

    def _begin_to_delete(self, name: str) -> None:
        # A stack that is being updated can't be deleted.
        if self._rest(name) not in {"", "DELETE_COMPLETE"}:
            self._stacks.delete_stack(StackName=name)

    def _rest(self, name: str) -> str:
        return self._patience.until(
            lambda: self._status(name),
            # Only a change set is there, and nothing happens.
            lambda status: not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS",
            seconds=_STACK_SECONDS,
        )

    def _status(self, name: str) -> str:
        """Return a stack's status; empty if there is no such stack."""
        try:
            described = self._stacks.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            return ""
        return str(described[0]["StackStatus"]) if described else ""

    def _delete_certificate(self, name: str) -> None:
        def deleted() -> ClientError | None:
            try:
                self._iam.delete_server_certificate(ServerCertificateName=name)
            except ClientError as error:
                return None if code_of(error) == "NoSuchEntity" else error
            return None

        error = self._patience.until(
            deleted,
            lambda error: error is None or code_of(error) != "DeleteConflict",
            seconds=_RELEASE_SECONDS,
        )
        if error is not None:
            raise error


def clean_up(removal: Removal, patience: Patience, noted: Sequence[Thing]) -> dict[Thing, str]:
    """
    Remove what a run has created; return why something is left, or may be.

    Args:
        removal: Removes things of this run.
        patience: Waits.
        noted: What the run has noted; what else has its prefix is removed, too.
    """
    failed = removal.remove(noted)
    try:
        failed |= removal.remove(removal.leftovers())
        left = patience.until(
            removal.leftovers, lambda left: failed.keys() >= set(left), seconds=_LISTED_SECONDS
        )
    except (BotoCoreError, ClientError) as error:
        return {thing: failed.get(thing, f"It may be left: {error}") for thing in noted}
    return {thing: failed.get(thing, "It is still listed.") for thing in left}


def _values(client: Any, action: str, place: str) -> Iterator[str]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Yield a field of everything that an action lists, over all pages."""
    members, _, field = place.partition(".")
    for page in client.get_paginator(action).paginate():
        yield from (each[field] for each in page[members])
