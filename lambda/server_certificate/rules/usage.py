"""
The rules about how an app uses its certificates.

Only the construct checks them. They are defined here so that their codes can be acknowledged and are
documented like all others.
"""

from __future__ import annotations

from server_certificate.findings import Rule, Severity

USED_IN_ANOTHER_STACK = Rule(
    code="used-in-another-stack",
    severity=Severity.WARNING,
    why="CloudFormation updates one stack at a time. If another stack uses an attribute of the"
    " certificate, it still uses the old certificate when the certificate's stack is renewed."
    " CloudFormation doesn't change an export that another stack imports, so the renewal fails. With"
    " a weak reference of the CDK, the deployment succeeds, but the other stack keeps the old"
    " certificate, and the attempt to delete it fails.",
    fix="Declare the certificate in the stack that uses it, and deploy that stack first. Several"
    " stacks can declare the same material, with generated names. Or make both stacks nested stacks"
    " of one stack, which CloudFormation updates together.",
    source="CloudFormation user guide, Fn::ImportValue, Fn::GetStackOutput and nested stacks; AWS CDK"
    " developer guide, cross-stack references",
    acknowledged="The warning is not shown.",
)
LISTENER_NOT_UPDATED = Rule(
    code="listener-not-updated",
    severity=Severity.WARNING,
    why="With a name of your own, a renewed certificate gets the ARN of the old one. The template of"
    " the load balancer doesn't change, so CloudFormation doesn't update the listener, and AWS"
    " doesn't document when the load balancer notices. Load balancers are known to keep serving the"
    " certificate that an ARN used to identify, until it expires.",
    fix="Replace `server_certificate_name` with `server_certificate_name_prefix`, so that each renewal"
    " gets a new name and a new ARN.",
    source="Elastic Load Balancing API reference, ModifyListener; observed",
    acknowledged="The warning is not shown.",
)
SOURCE_WITHOUT_VERSION = Rule(
    code="source-without-version",
    severity=Severity.INFO,
    why="Like CloudFormation's dynamic references, a source without a version is read when the"
    " resource is created or updated. A new value alone changes nothing in the template, so a"
    " deployment doesn't notice it. The next update of the resource, for example of a tag, reads the"
    " new value, and replaces the certificate. A private key is only read together with new"
    " certificates, so the finding isn't about its source.",
    fix="Pass `version_id=` to a secret, `version=` to a parameter, or `object_version=` to an S3"
    " object, and change it to renew the certificate.",
    source="CloudFormation user guide, dynamic references; a rule of this package",
    acknowledged="The information is not shown.",
)
DOMAIN_NOT_COVERED = Rule(
    code="domain-not-covered",
    severity=Severity.ERROR,
    why="CloudFront rejects a distribution with a domain name that its certificate doesn't cover. A"
    " wildcard such as `*.example.com` covers one label: `www.example.com`, but neither"
    " `example.com` nor `a.b.example.com`.",
    fix="Request a certificate for all domain names, or remove the others from the distribution.",
    source="CloudFront developer guide, Requirements for using alternate domain names",
    acknowledged="The certificate is uploaded, and CloudFront decides.",
)
RULES = (USED_IN_ANOTHER_STACK, LISTENER_NOT_UPDATED, SOURCE_WITHOUT_VERSION, DOMAIN_NOT_COVERED)
