"""The rules about certificates that can't be read, or that something comes after."""

from __future__ import annotations

from server_certificate.findings import Rule, Severity

CERTIFICATE_UNSUPPORTED = Rule(
    code="certificate-unsupported",
    severity=Severity.ERROR,
    why="The certificate itself is fine, but its public key is of a kind that is not supported:"
    " SM2, GOST, a curve without a name. No server certificate in IAM is known to have such a key.",
    fix="Have the certificate issued for an RSA key of 2,048 bits or an EC key on P-256.",
    source="Elastic Load Balancing user guides, Server certificates",
)
RULES = (CERTIFICATE_UNSUPPORTED,)
