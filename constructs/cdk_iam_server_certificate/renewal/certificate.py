"""How one certificate is renewed and watched."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration

from cdk_iam_server_certificate.renewal.material import (
    check_renewable,
    is_leaf_known,
    read_with_version,
    secret_of_leaf,
    with_problems,
)
from cdk_iam_server_certificate.renewal.member import Member
from cdk_iam_server_certificate.renewal.renewal import Renewal
from cdk_iam_server_certificate.renewal.root import root_of
from server_certificate.contract.renewal import (
    DEFAULT_NOTICE_DAYS,
    METRIC_NAMESPACE,
    Dimension,
    Metric,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_cdk import Stack
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.renewal.secret import RenewalSecret
    from cdk_iam_server_certificate.synth.consumers import Usage
    from server_certificate.findings import Finding

_LAG_HOURS: Final = 6
"""The period of the lag: that of the scheduled runs."""


class CertificateRenewal:
    """
    The renewal and the watch of a certificate. Without both, the template has nothing of it.

    Args:
        material: The material of the certificate.
        root_stack: The outermost stack that contains the certificate.
        renews: Whether the certificate renews automatically.
        notice_days: How many days before its end an event is sent; None for the default.
    """

    renews: bool
    """Whether the certificate renews automatically, which needs suitable material."""

    material: CertificateMaterial
    """The material, which the parameter of the template gives a version if the certificate renews."""

    def __init__(
        self,
        material: CertificateMaterial,
        root_stack: Stack,
        *,
        renews: bool,
        notice_days: int | None,
    ) -> None:
        self.material = material
        self._root_stack = root_stack
        self._asked_to_renew = renews
        self._notice_days = notice_days
        self._member: Member | None = None
        self.renews = False
        if not renews:
            return
        if problems := check_renewable(material, self._secret, root_of(root_stack)):
            self.material = with_problems(material, problems)
        # Without a secret, the material is invalid, which is reported anyway.
        elif self._secret is not None:
            self.renews = True
            version = Renewal.of(root_stack).version_of(self._secret)
            self.material = read_with_version(material, version)

    def declare(self, usage: Usage, function_arn: str) -> None:
        """
        Start what the arguments ask for.

        Args:
            usage: The certificate, and what the app does with it.
            function_arn: The function that manages it.
        """
        self._usage = usage
        self._function_arn = function_arn
        if self.renews or self._notice_days is not None:
            self.watch()

    def watch(self) -> None:
        """Watch the certificate, or renew and watch it."""
        if self._member is None:
            self._member = Member(
                usage=self._usage,
                secret=self._secret,
                renews=self.renews,
                notice_days=self._notice_days or DEFAULT_NOTICE_DAYS,
                function_arn=self._function_arn,
            )
            Renewal.of(self._root_stack).add(self._member)

    @property
    def check_renewals(self) -> Callable[[], Iterable[tuple[Usage, Finding]]] | None:
        """
        Yields what would keep the certificates of the root stack from renewing; equal for all of them.

        None if the certificate doesn't renew.
        """
        return Renewal.of(self._root_stack).findings if self.renews else None

    @property
    def role(self) -> iam.IRole:
        """
        The role for renewals.

        Raises:
            ValueError: The certificate doesn't renew automatically.
        """
        if not self._asked_to_renew:
            raise ValueError(
                f"The certificate '{self._usage.construct.node.path}' has no renewal_role, because it"
                " doesn't renew automatically. Pass renew_automatically=True."
            )
        return Renewal.of(self._root_stack).role

    def days_to_expiry(self, options: dict[str, Any]) -> cloudwatch.Metric:
        """Return the metric, and watch the certificate."""
        defaults = {"statistic": "Minimum", "period": Duration.days(1)}
        return self._metric(Metric.DAYS_TO_EXPIRY, {**defaults, **options})

    def lag(self, options: dict[str, Any]) -> cloudwatch.Metric:
        """
        Return the metric, and watch the certificate.

        Raises:
            ValueError: The leaf isn't in a secret.
        """
        if self._secret is None and is_leaf_known(self.material):
            raise ValueError(
                f"The certificate '{self._usage.construct.node.path}' has no metric_renewal_lag,"
                " because it isn't in a secret. Use metric_days_to_expiry, or store the certificate in"
                " a secret with the command 'server-certificate store'."
            )
        defaults = {"statistic": "Maximum", "period": Duration.hours(_LAG_HOURS)}
        return self._metric(Metric.RENEWAL_LAG, {**defaults, **options})

    @cached_property
    def _secret(self) -> RenewalSecret | None:
        """The secret with the leaf, which most certificates don't need."""
        return secret_of_leaf(self.material, root_of(self._root_stack))

    def _metric(self, metric: Metric, options: dict[str, Any]) -> cloudwatch.Metric:
        # Importing it takes a while, and most apps don't need it.
        from aws_cdk import aws_cloudwatch  # noqa: PLC0415

        self.watch()
        return aws_cloudwatch.Metric(
            namespace=METRIC_NAMESPACE,
            metric_name=metric.value,
            dimensions_map={
                Dimension.STACK_NAME.value: self._root_stack.stack_name,
                Dimension.CONSTRUCT_PATH.value: self._usage.construct.node.path,
            },
            **{"region": self._root_stack.region, "account": self._root_stack.account, **options},
        )
