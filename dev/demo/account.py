"""What the demo needs of an account: the local cloud is one, and so is a real one."""

from __future__ import annotations

from typing import Any, Protocol


class CloudAccount(Protocol):
    """An AWS account, in one Region."""

    @property
    def account_id(self) -> str:
        """The account's id."""

    @property
    def region(self) -> str:
        """The Region."""

    def environment(self) -> dict[str, str]:
        """Return this process's environment, changed so that a child process calls this account."""

    def client(self, service_name: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Make a boto3 client."""
