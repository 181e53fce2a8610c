"""
The rules about certificates that renew automatically.

The construct checks most of them, and the function the one about the hosts. They are defined here so
that their codes can be acknowledged and are documented like all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.host_coverage import not_covered
from server_certificate.certificates.subject_names import dns_names, name_of, quoted
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.findings import Finding

NOT_RENEWABLE = Rule(
    code="not-renewable",
    severity=Severity.ERROR,
    why="A renewal reads one new version of one secret. The certificate and its private key change"
    " together, so both have to be in that secret, and so does everything else that isn't a literal"
    " chain. A source with a fixed version never has anything new.",
    fix="Store everything in one secret with `server-certificate store`, and pass it with"
    " `BundleSource.from_secret` without a version.",
    source="Secrets Manager user guide, Secrets Manager events; a rule of this package",
)
RENEWAL_NOT_SERVED = Rule(
    code="renewal-not-served",
    severity=Severity.ERROR,
    why="With a name of your own, a renewed certificate gets the ARN of the old one. The template of"
    " the load balancer doesn't change, so CloudFormation doesn't update the listener. Nobody is"
    " there to notice that it keeps serving the old certificate.",
    fix="Replace `server_certificate_name` with `server_certificate_name_prefix`, so that each renewal"
    " gets a new name and a new ARN.",
    source="Elastic Load Balancing API reference, ModifyListener; observed",
    acknowledged="The synthesis continues. Update the load balancer yourself after each renewal.",
)
RENEWAL_LEAVES_STACK = Rule(
    code="renewal-leaves-stack",
    severity=Severity.ERROR,
    why="A renewal updates the stack of the certificate and its nested stacks, and nothing else."
    " CloudFormation doesn't change an export that another stack imports, so the renewal fails. With"
    " a weak reference of the CDK, the other stack keeps the old certificate.",
    fix="Declare the certificate in the stack that uses it. Several stacks can declare the same secret."
    " Or make both stacks nested stacks of one stack, which CloudFormation updates together.",
    source="CloudFormation user guide, Fn::ImportValue, Fn::GetStackOutput and nested stacks; AWS CDK"
    " developer guide, cross-stack references",
    acknowledged="The synthesis continues. Renewals fail while another stack imports the value.",
)
RENEWAL_WITH_TRANSFORM = Rule(
    code="renewal-with-transform",
    severity=Severity.ERROR,
    why="A renewal updates the stack with the template that is deployed. A transform would process it"
    " again, and could change other resources.",
    fix="Declare the certificate in a stack without transforms, or remove `renew_automatically`.",
    source="CloudFormation API reference, CreateChangeSet, UsePreviousTemplate; CloudFormation user"
    " guide, AWS::LanguageExtensions transform",
)
TOO_MANY_RENEWALS = Rule(
    code="too-many-renewals",
    severity=Severity.ERROR,
    why="The certificates of a secret are renewed together, in one update of the stack. The event that"
    " starts it names all of them, and EventBridge limits its size.",
    fix="Declare fewer certificates of the secret, for example one that several listeners use.",
    source="EventBridge API reference, InputTransformer, InputTemplate; a rule of this package",
)
CONSUMER_NOT_PERMITTED = Rule(
    code="consumer-not-permitted",
    severity=Severity.WARNING,
    why="A renewal changes each resource that uses the certificate. CloudFormation does that with a role"
    " that may update listeners, Classic Load Balancers and CloudFront distributions, and nothing"
    " else. Without permission for another resource, the renewal is rolled back.",
    fix="Grant `certificate.renewal_role` what an update of the resource needs, and acknowledge the"
    " finding.",
    source="CloudFormation user guide, AWS CloudFormation service role; a rule of this package",
    acknowledged="The warning is not shown.",
)
RENEWAL_KEEPS_ROLE = Rule(
    code="renewal-keeps-role",
    severity=Severity.WARNING,
    why="CloudFormation keeps the role of an update for later ones that don't name a role. The stack's"
    " synthesizer names none, so `cdk deploy` would continue with the role for renewals, which can't"
    " update anything else.",
    fix="Use `DefaultStackSynthesizer`, or deploy with `cdk deploy --role-arn` and the role that"
    " deployed the stack before.",
    source="CloudFormation user guide, AWS CloudFormation service role; AWS CDK developer guide, stack"
    " synthesizers",
    acknowledged="The warning is not shown.",
)
RENEWAL_LOSES_HOSTS = Rule(
    code="renewal-loses-hosts",
    severity=Severity.ERROR,
    why="Load balancers serve any certificate. If an automatic renewal brings one for other hosts, such"
    " as a bundle in the wrong secret, clients reject it, and nobody is there to notice. The function"
    " compares the new certificate with the one that it replaces, and refuses it.",
    fix="Store a certificate that covers the same host names. If clients no longer use a name,"
    " acknowledge the finding and deploy.",
    source="RFC 9525, 6; a rule of this package",
    acknowledged="The certificate is replaced, whatever hosts it covers.",
)
RULES = (
    RENEWAL_LOSES_HOSTS,
    NOT_RENEWABLE,
    RENEWAL_NOT_SERVED,
    RENEWAL_LEAVES_STACK,
    RENEWAL_WITH_TRANSFORM,
    TOO_MANY_RENEWALS,
    CONSUMER_NOT_PERMITTED,
    RENEWAL_KEEPS_ROLE,
)

_NAMED = 5


def check_hosts(certificate: Certificate, predecessor: Certificate) -> Finding | None:
    """
    Report a new certificate that doesn't cover all hosts of the one that it replaces.

    Args:
        certificate: The new leaf.
        predecessor: The old leaf.
    """
    lost = not_covered(dns_names(predecessor), dns_names(certificate))
    if not lost:
        return None
    more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
    return RENEWAL_LOSES_HOSTS.finding(
        "certificate",
        f"{name_of(certificate)} doesn't cover {', '.join(map(quoted, lost[:_NAMED]))}{more}, which"
        " the certificate that it replaces covers.",
    )
