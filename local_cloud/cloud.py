"""The local cloud for Python programs: start it, use it, stop it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_cloud.control import CALLS_PATH, KNOBS_PATH, SCHEDULES_PATH, ScheduleError
from local_cloud.environment import (
    DEFAULT_ACCOUNT_ID,
    DEFAULT_REGION,
    Connection,
    client_environment,
)
from local_cloud.knobs import Callers, Knobs, knobs_from_json, knobs_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_REQUEST_SECONDS = 30.0


class LocalCloudError(Exception):
    """The local cloud didn't start; the message gives the reason and the end of the log."""


class LocalCloud:
    """
    A running local cloud.

    Get one from :meth:`running`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def running(
        cls,
        port: int | None = None,
        *,
        directory: Path | None = None,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        auth: bool = False,
        knobs: Knobs | None = None,
    ) -> Iterator[LocalCloud]:
        """
        Start a local cloud in its own process, and stop it at the end of the block.

        It also stops when this process ends, for whatever reason.

        Args:
            port: The port on 127.0.0.1; default: a free one.
            directory: Where to keep its log; default: a temporary directory, removed at the end.
            region: The Region; default eu-central-1.
            account_id: The account; default 111122223333, the one of AWS's examples.
            auth: Whether IAM policies are enforced, also on Lambda functions; default: they
                aren't. This class uses an account id as access key, which may always do
                everything.
            knobs: The knobs at the start and after a reset; default: as on AWS.

        Raises:
            LocalCloudError: It didn't start.
        """
        command = [sys.executable, "-m", "local_cloud", "serve", "--json"]
        command += ["--parent", str(os.getpid()), "--port", str(port or 0)]
        command += ["--region", region, "--account", account_id]
        if auth:
            command.append("--auth")
        if knobs is not None:
            command += ["--knobs", json.dumps(knobs_to_json(knobs))]
        if directory is not None:
            command += ["--directory", str(directory.resolve())]
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                command,
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            ) as process,
        ):
            connection: Connection | None = None
            try:
                announcement = _announcement(process)
                if announcement is None:
                    process.wait()
                    errors.seek(0)
                    raise LocalCloudError(errors.read().decode(errors="replace").strip())
                connection = announcement
                cloud = cls(connection)
                cloud._request("/_ministack/health", "GET")
                yield cloud
            finally:
                _stop(process)
                if connection is not None and directory is None:
                    # The server removes it itself, unless it was killed.
                    shutil.rmtree(connection.directory, ignore_errors=True)

    @property
    def endpoint_url(self) -> str:
        """The endpoint of every service."""
        return self._connection.endpoint_url

    @property
    def account_id(self) -> str:
        """The account."""
        return self._connection.account_id

    @property
    def region(self) -> str:
        """The region."""
        return self._connection.region

    @property
    def ca_bundle(self) -> Path:
        """The certificates that clients must trust, as PEM."""
        return self._connection.ca_bundle

    @property
    def log_file(self) -> Path:
        """The emulator's log."""
        return self._connection.log_file

    def environment(self) -> dict[str, str]:
        """Return this process's environment, changed so that a child process calls this cloud."""
        return client_environment(os.environ, self._connection)

    def client(
        self,
        service_name: str,
        *,
        region: str | None = None,
        account_id: str | None = None,
        credentials: Mapping[str, Any] | None = None,
        **configuration: Any,  # noqa: ANN401 - botocore's options are of many types
    ) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """
        Make a boto3 client for the local cloud, whatever profile or proxy is configured.

        Args:
            service_name: The service, as boto3 names it.
            region: The Region; default: the cloud's.
            account_id: The account, created if it is new; default: the cloud's.
            credentials: The caller's credentials, as AssumeRole and CreateAccessKey return them;
                default: the account's.
            **configuration: Arguments for ``botocore.config.Config``.
        """
        import boto3  # noqa: PLC0415 - importing this package must stay cheap
        import botocore.session  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        nothing = (None, None, os.devnull, None)
        session = botocore.session.Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nothing,
                "credentials_file": nothing,
            }
        )
        session.register_component("data_loader", _descriptions())
        identity = credentials or {
            "AccessKeyId": account_id or self.account_id,
            "SecretAccessKey": self._connection.secret_access_key,
        }
        # Its types list the services one by one; a computed name matches none of them.
        boto3_session: Any = boto3.Session(
            botocore_session=session,
            aws_access_key_id=identity["AccessKeyId"],
            aws_secret_access_key=identity["SecretAccessKey"],
            aws_session_token=identity.get("SessionToken"),
            region_name=region or self.region,
        )
        return boto3_session.client(
            service_name,
            endpoint_url=self.endpoint_url,
            verify=str(self.ca_bundle),
            config=Config(**{"proxies": {}, **configuration}),
        )

    def reset(self) -> None:
        """Delete every resource, restore the knobs of the start, and forget the counted calls."""
        self._request("/_ministack/reset", "POST")

    @contextmanager
    def knobs(self, **changes: Any) -> Iterator[Knobs]:  # noqa: ANN401 - the attributes of Knobs
        """
        Set some knobs, and restore them at the end of the block.

        Args:
            **changes: Attributes of :class:`Knobs` and their values.

        Raises:
            KnobError: A knob or a value isn't valid.
        """
        before = self.get_knobs()
        changed = replace(before, **changes)
        self.set_knobs(changed)
        try:
            yield changed
        finally:
            self.set_knobs(before)

    def get_knobs(self) -> Knobs:
        """Return the current knobs."""
        return knobs_from_json(self._request(KNOBS_PATH, "GET"))

    def set_knobs(self, knobs: Knobs) -> None:
        """Set all knobs; faults count from now on."""
        self._request(KNOBS_PATH, "PUT", json.dumps(knobs_to_json(knobs)).encode())

    def calls(self, callers: Callers = "all") -> dict[str, int]:
        """
        Return how many calls of each action arrived since the last reset.

        Args:
            callers: Whose calls: ``function`` for those of Lambda functions; default: everybody's.
        """
        counted: dict[str, int] = self._request(f"{CALLS_PATH}?callers={callers}", "GET")
        return counted

    def fire_schedule(self, rule_arn: str, *, at: datetime | None = None) -> None:
        """
        Send the targets of a rule the event of its schedule, without waiting for the clock.

        Args:
            rule_arn: The ARN of an EventBridge rule with a schedule.
            at: The time in the event, with a time zone; default: now.

        Raises:
            ScheduleError: There is no such rule, it has no schedule, or it is disabled.
        """
        given = {"rule": rule_arn} | ({} if at is None else {"time": at.isoformat()})
        try:
            self._request(SCHEDULES_PATH, "POST", json.dumps(given).encode())
        except urllib.error.HTTPError as error:
            raise ScheduleError(json.load(error)["message"]) from None

    def _request(self, path: str, method: str, body: bytes | None = None) -> Any:  # noqa: ANN401 - any JSON
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(
                context=ssl.create_default_context(cafile=str(self.ca_bundle))
            ),
        )
        request = urllib.request.Request(  # noqa: S310 - always https
            self.endpoint_url + path,
            method=method,
            data=body,
            headers={"Authorization": f"Bearer {self._connection.secret_access_key}"},
        )
        with opener.open(request, timeout=_REQUEST_SECONDS) as response:
            return json.load(response)


@cache
def _descriptions() -> Any:  # noqa: ANN401 - botocore is untyped
    """Return the loader of botocore's service descriptions, which all clients share."""
    from botocore.loaders import Loader  # noqa: PLC0415 - importing this package must stay cheap

    return Loader()


def _announcement(process: subprocess.Popen[bytes]) -> Connection | None:
    """Read the line with the server's address; None if it ends first, or takes too long."""
    if process.stdout is None:
        return None
    watchdog = threading.Timer(_START_SECONDS, process.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    if not line:
        return None
    announced = json.loads(line)
    return Connection(
        port=announced["port"],
        directory=Path(announced["directory"]),
        secret_access_key=announced["secret_access_key"],
        account_id=announced["account_id"],
        region=announced["region"],
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # It has its own session: the server and what it started, nothing else.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
