"""The local cloud's own HTTP resources: its knobs, the calls that it counted, and schedules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qs

from local_cloud.knobs import Callers, KnobError, knobs_from_json, knobs_to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.switchboard import Switchboard

PATH = "/_local_cloud/"
KNOBS_PATH = f"{PATH}knobs"
CALLS_PATH = f"{PATH}calls"
SCHEDULES_PATH = f"{PATH}schedules"


class ScheduleError(ValueError):
    """The schedule of a rule can't be fired; the message says why."""


def control(  # noqa: PLR0917 - a request
    method: str,
    path: str,
    query: str,
    body: bytes,
    switchboard: Switchboard,
    fire: Callable[[str, datetime], None],
) -> tuple[HTTPStatus, Any]:
    """
    Answer ``GET`` and ``PUT`` of the knobs, ``GET`` of the calls, and ``POST`` of schedules.

    Args:
        method: The HTTP method.
        path: The path.
        query: The query string; ``callers=function`` counts the calls of Lambda functions only.
        body: For ``PUT``, the knobs as a JSON object; the others get their defaults. For ``POST``,
            the ARN of the rule, and the time in the event, in ISO 8601; default: now.
        switchboard: The knobs and the counted calls.
        fire: Fires the schedule of a rule, or raises ScheduleError.

    Returns:
        The status, and the body, to be written as JSON.
    """
    if (method, path) == ("GET", KNOBS_PATH):
        return HTTPStatus.OK, knobs_to_json(switchboard.knobs)
    if (method, path) == ("PUT", KNOBS_PATH):
        return _put_knobs(body, switchboard)
    if (method, path) == ("GET", CALLS_PATH):
        return _get_calls(query, switchboard)
    if (method, path) == ("POST", SCHEDULES_PATH):
        return _post_schedule(body, fire)
    return _refusal(
        HTTPStatus.NOT_FOUND,
        f"There is no {method} {path}. There are GET and PUT {KNOBS_PATH}, GET {CALLS_PATH}, and "
        f"POST {SCHEDULES_PATH}.",
    )


def _put_knobs(body: bytes, switchboard: Switchboard) -> tuple[HTTPStatus, Any]:
    try:
        knobs = knobs_from_json(json.loads(body))
    except KnobError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))
    except ValueError:
        return _refusal(HTTPStatus.BAD_REQUEST, "The body must be a JSON object with knobs.")
    switchboard.turn(knobs)
    return HTTPStatus.OK, knobs_to_json(knobs)


def _get_calls(query: str, switchboard: Switchboard) -> tuple[HTTPStatus, Any]:
    callers: Any = parse_qs(query).get("callers", ["all"])[0]
    if callers not in get_args(Callers):
        choices = ", ".join(get_args(Callers))
        return _refusal(
            HTTPStatus.BAD_REQUEST, f"callers must be one of {choices}, not {callers!r}."
        )
    return HTTPStatus.OK, switchboard.calls(callers)


def _post_schedule(body: bytes, fire: Callable[[str, datetime], None]) -> tuple[HTTPStatus, Any]:
    try:
        given = json.loads(body)
        rule = given["rule"]
        time = datetime.fromisoformat(given["time"]) if "time" in given else datetime.now(UTC)
        is_valid = isinstance(rule, str) and time.tzinfo is not None
    except (KeyError, TypeError, ValueError):
        is_valid = False
    if not is_valid:
        return _refusal(
            HTTPStatus.BAD_REQUEST,
            "The body must be a JSON object with rule, the ARN of a rule, and optionally time, in ISO "
            "8601 and with a time zone.",
        )
    try:
        fire(rule, time)
    except ScheduleError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))
    return HTTPStatus.OK, {"rule": rule, "time": time.isoformat()}


def _refusal(status: HTTPStatus, message: str) -> tuple[HTTPStatus, Any]:
    return status, {"message": message}
