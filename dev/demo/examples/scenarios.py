"""The examples as data: what each declares, and what can be observed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_REGION: Final = "eu-central-1"
SECOND_REGION: Final = "eu-west-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlace:
    """A stack of an example."""

    name: str
    region: str = FIRST_REGION


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example that the local cloud can deploy."""

    file: str
    """The file in the folder ``examples``, without its suffix."""

    stacks: tuple[StackPlace, ...]
    selector: str
    """The stacks that the CDK CLI deploys."""

    serves: str | None
    """How the consumer in each stack serves the certificate; None if there is no consumer."""

    name: str
    """The name that the certificate gets when it is renamed."""

    is_prefix: bool = False
    """Whether ``name`` is the prefix of a generated name."""

    path: str = "/"
    other_path: str | None = "/shop/"
    """The certificate's new path when it is renamed; None if the example has one path only."""

    has_regional_names: bool = False
    """Whether the example adds the Region to the name."""

    renews_itself: bool = False
    """Whether a new version of its secret renews the certificate, without a deployment."""

    certificates: tuple[str, ...] = ("Certificate",)
    """The construct ids of the certificates in each stack; if there are several, they are part of the name."""

    def renamed(self, stack: StackPlace, certificate: str) -> str:
        """Return the name of a stack's certificate after the renaming."""
        of_region = (stack.region,) if self.has_regional_names else ()
        of_certificate = (certificate.lower(),) if len(self.certificates) > 1 else ()
        return "-".join((self.name, *of_region, *of_certificate))


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisedExample:
    """An example for a service or a partition that the local cloud lacks."""

    file: str
    lacks: str


_DISTRIBUTION: Final = "sni-only, TLSv1.2_2021, for www.example.com"

EXAMPLES: Final = (
    Example(
        file="alb",
        stacks=(StackPlace(name="Alb"),),
        selector="Alb",
        serves="HTTPS on port 443",
        name="alb-www",
    ),
    Example(
        file="automatic_renewal",
        stacks=(StackPlace(name="AutomaticRenewal"),),
        selector="AutomaticRenewal",
        serves="HTTPS on port 443",
        name="renewed-www",
        is_prefix=True,
        renews_itself=True,
    ),
    Example(
        file="nlb",
        stacks=(StackPlace(name="Nlb"),),
        selector="Nlb",
        serves="TLS on port 443",
        name="nlb-www",
    ),
    Example(
        file="cloudfront_distribution",
        stacks=(StackPlace(name="CloudFrontDistribution"),),
        selector="CloudFrontDistribution",
        serves=_DISTRIBUTION,
        name="cdn-www",
        path="/cloudfront/www/",
        other_path="/cloudfront/shop/",
    ),
    Example(
        file="cloudfront_web_distribution",
        stacks=(StackPlace(name="CloudFrontWebDistribution"),),
        selector="CloudFrontWebDistribution",
        serves=_DISTRIBUTION,
        name="web-cdn-www",
        path="/cloudfront/www/",
        other_path="/cloudfront/shop/",
    ),
    Example(
        file="consumer_in_another_stack",
        stacks=(StackPlace(name="ConsumerWeb"),),
        selector="Consumer*",
        serves="HTTPS on port 443",
        name="consumer-www",
    ),
    Example(
        file="encrypted_key",
        stacks=(StackPlace(name="EncryptedKey"),),
        selector="EncryptedKey",
        serves=None,
        name="encrypted-www",
    ),
    Example(
        file="name_prefix",
        stacks=(StackPlace(name="NamePrefix"),),
        selector="NamePrefix",
        serves=None,
        name="prefix-www",
        is_prefix=True,
    ),
    Example(
        file="several_accounts_and_regions",
        stacks=(
            StackPlace(name="Test-eu-central-1"),
            StackPlace(name="Test-eu-west-1", region=SECOND_REGION),
        ),
        selector="Test/*",
        serves=None,
        name="everywhere",
        other_path=None,
        has_regional_names=True,
    ),
    Example(
        file="sources",
        stacks=(StackPlace(name="Sources"),),
        selector="Sources",
        serves=None,
        name="from",
        certificates=("Files", "Fields", "Stored", "Binary", "Object", "Mixed"),
    ),
)

SYNTHESIZED: Final = (
    SynthesisedExample(file="classic_elb", lacks="no Classic Load Balancers"),
    SynthesisedExample(file="elastic_beanstalk", lacks="no Elastic Beanstalk"),
    SynthesisedExample(file="cloudfront_china", lacks="no China Regions"),
)

MIGRATION: Final = "from_cfn_server_certificate"
"""It has two states instead of a life cycle: ``tests/slow/end_to_end/test_other_resources.py`` deploys both."""

ADOPTION: Final = "retained_and_adopted"
"""It has two states, too: ``tests/slow/end_to_end/test_scenarios.py`` deploys both."""
