"""Classic Load Balancers and Elastic Beanstalk, which the emulator lacks: calls and stacks say so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from ministack import app as application
from ministack.core import router
from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.internals import SERVICE_PARAMETERS, function, instance
from local_cloud.emulator.service_calls import refuse_calls
from local_cloud.iam.wire import element, read_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.internals import Answer
    from local_cloud.emulator.service_calls import ServiceCall

INTERNALS = (
    function(alb, "handle_request", *SERVICE_PARAMETERS),
    instance(application, "SERVICE_HANDLERS", dict),
    instance(router, "SERVICE_PATTERNS", dict),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)


@dataclass(frozen=True, slots=True)
class _Service:
    """A service: its XML namespace, its resource types, and what to say."""

    namespace: str
    resource_types: tuple[str, ...]
    message: str


_CLASSIC_VERSION = "2012-06-01"
_CLASSIC = _Service(
    f"http://elasticloadbalancing.amazonaws.com/doc/{_CLASSIC_VERSION}/",
    ("AWS::ElasticLoadBalancing::LoadBalancer",),
    "The local cloud doesn't support Classic Load Balancers. "
    "Use an Application or a Network Load Balancer (elbv2).",
)
_BEANSTALK = _Service(
    "http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/",
    tuple(
        f"AWS::ElasticBeanstalk::{name}"
        for name in ("Application", "ApplicationVersion", "ConfigurationTemplate", "Environment")
    ),
    "The local cloud doesn't support Elastic Beanstalk. "
    "To test its certificate, use a load balancer (elbv2).",
)


class Unsupported:
    """Refuses their calls, and the resources of their types in stacks."""

    def __init__(self) -> None:
        refuse_calls(alb, _classic_refusal)
        application.SERVICE_HANDLERS["elasticbeanstalk"] = _refuse_beanstalk
        # For a service that it doesn't know, the router reads the models of all others, for seconds.
        router.SERVICE_PATTERNS["elasticbeanstalk"] = {"host_patterns": [r"elasticbeanstalk\."]}
        for service in (_CLASSIC, _BEANSTALK):
            for resource_type in service.resource_types:
                provisioners._RESOURCE_HANDLERS[resource_type] = _refusing(service)  # noqa: SLF001 - no public way in


def _classic_refusal(call: ServiceCall) -> Answer | None:
    # Both kinds of load balancers have one endpoint; only the version tells them apart.
    is_classic = read_query(call.body, call.query_params).get("Version") == _CLASSIC_VERSION
    return _refusal(_CLASSIC) if is_classic else None


async def _refuse_beanstalk(*_: object) -> Answer:
    return _refusal(_BEANSTALK)


def _refusing(service: _Service) -> dict[str, Callable[..., Any]]:
    def create(*_: object) -> NoReturn:
        raise ValueError(service.message)

    def delete(*_: object) -> None:
        """Delete nothing: none was created."""

    return {"create": create, "delete": delete}


def _refusal(service: _Service) -> Answer:
    error = element("Type", "Sender")
    error += element("Code", "UnsupportedOperation") + element("Message", service.message)
    content = element("Error", error) + element("RequestId", str(uuid.uuid4()))
    body = f'<ErrorResponse xmlns="{service.namespace}">{content}</ErrorResponse>'
    return 400, {"Content-Type": "text/xml"}, body.encode()
