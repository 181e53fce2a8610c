"""The local cloud's own HTTP resources: its knobs, and the calls that it counted."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qs

from local_cloud.knobs import Callers, KnobError, knobs_from_json, knobs_to_json

if TYPE_CHECKING:
    from local_cloud.switchboard import Switchboard

PATH = "/_local_cloud/"
KNOBS_PATH = f"{PATH}knobs"
CALLS_PATH = f"{PATH}calls"


def control(
    method: str, path: str, query: str, body: bytes, switchboard: Switchboard
) -> tuple[HTTPStatus, Any]:
    """
    Answer ``GET`` and ``PUT`` of the knobs, and ``GET`` of the calls.

    Args:
        method: The HTTP method.
        path: The path.
        query: The query string; ``callers=function`` counts the calls of Lambda functions only.
        body: For ``PUT``, the knobs as a JSON object; the others get their defaults.
        switchboard: The knobs and the counted calls.

    Returns:
        The status, and the body, to be written as JSON.
    """
    if (method, path) == ("GET", KNOBS_PATH):
        return HTTPStatus.OK, knobs_to_json(switchboard.knobs)
    if (method, path) == ("PUT", KNOBS_PATH):
        return _put_knobs(body, switchboard)
    if (method, path) == ("GET", CALLS_PATH):
        return _get_calls(query, switchboard)
    return _refusal(
        HTTPStatus.NOT_FOUND,
        f"There is no {method} {path}. There are GET and PUT {KNOBS_PATH}, and GET {CALLS_PATH}.",
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


def _refusal(status: HTTPStatus, message: str) -> tuple[HTTPStatus, Any]:
    return status, {"message": message}
