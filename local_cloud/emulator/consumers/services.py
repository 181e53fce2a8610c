"""Load balancers and CloudFront, which use certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cloud.emulator.consumers import (
    distributions,
    listener_certificates,
    listener_rules,
    load_balancer_references,
    load_balancers,
    unsupported,
)
from local_cloud.emulator.consumers.distributions import Distributions
from local_cloud.emulator.consumers.listener_certificates import ListenerCertificates
from local_cloud.emulator.consumers.listener_rules import ListenerRules
from local_cloud.emulator.consumers.load_balancer_references import LoadBalancerReferences
from local_cloud.emulator.consumers.load_balancers import LoadBalancers
from local_cloud.emulator.consumers.unsupported import Unsupported

if TYPE_CHECKING:
    from local_cloud.emulator.identity.certificates import CertificateStores

INTERNALS = (
    *distributions.INTERNALS,
    *listener_certificates.INTERNALS,
    *listener_rules.INTERNALS,
    *load_balancer_references.INTERNALS,
    *load_balancers.INTERNALS,
    *unsupported.INTERNALS,
)


class Consumers:
    """The services that use certificates, as strict about them as on AWS."""

    def __init__(self, stores: CertificateStores) -> None:
        LoadBalancers()
        ListenerCertificates(ListenerRules(stores.known_to_consumers))
        # The others rely on it: what a call refers to is checked first.
        LoadBalancerReferences()
        Distributions(stores)
        Unsupported()
