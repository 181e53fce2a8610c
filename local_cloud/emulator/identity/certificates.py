"""The server certificates of every account of the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core import responses
from ministack.services import alb, cloudfront

from local_cloud.emulator.internals import function, instance
from local_cloud.iam.errors import used_by_cloudfront, used_by_load_balancer
from local_cloud.iam.in_use import certificates_of, is_in_distribution, load_balancer_using
from local_cloud.iam.store import ServerCertificateStore

if TYPE_CHECKING:
    from local_cloud.iam.errors import IamError
    from local_cloud.iam.store import ServerCertificate
    from local_cloud.switchboard import Switchboard

INTERNALS = (
    function(responses, "get_account_id"),
    instance(alb, "_listeners", responses.AccountRegionScopedDict),
    instance(cloudfront, "_distributions", responses.AccountScopedDict),
)


class CertificateStores:
    """The stores, one for each account."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._stores: dict[str, ServerCertificateStore] = {}

    def current(self) -> ServerCertificateStore:
        """Return the store of the current request's account."""
        account_id: str = responses.get_account_id()
        if account_id not in self._stores:
            self._stores[account_id] = ServerCertificateStore(
                account_id, clock=self._switchboard.now, conflict_of=_conflict_of
            )
        store = self._stores[account_id]
        store.quota = self._switchboard.knobs.quota
        return store

    def known_to_consumers(self) -> tuple[ServerCertificate, ...]:
        """Return the account's certificates that load balancers and CloudFront already know."""
        return tuple(self.current().known_for(self._switchboard.knobs.propagation_seconds))

    def clear(self) -> None:
        """Delete all certificates."""
        self._stores.clear()


def _conflict_of(certificate: ServerCertificate) -> IamError | None:
    """Search the listeners of every Region, and the distributions: IAM certificates are global."""
    load_balancer_arn = load_balancer_using(
        certificate,
        (
            (listener["LoadBalancerArn"], certificates_of(listener))
            for (account_id, *_), listener in alb._listeners.to_dict().items()  # noqa: SLF001 - no public way in
            if account_id == certificate.account_id
        ),
    )
    if load_balancer_arn is not None:
        return used_by_load_balancer(certificate.certificate_id, load_balancer_arn)
    configurations = (
        distribution.get("config_xml", "")
        for distribution in cloudfront._distributions.values()  # noqa: SLF001 - the same
    )
    if is_in_distribution(certificate, configurations):
        return used_by_cloudfront(certificate.certificate_id)
    return None
