"""The rule about certificates with unsupported public keys."""

from __future__ import annotations

from server_certificate.findings import Rule, Severity

CERTIFICATE_UNSUPPORTED = Rule(
    code="certificate-unsupported",
    severity=Severity.ERROR,
    why="The certificate is intact, but its public key is of an unsupported type: SM2, GOST, or EC"
    " with an unnamed curve. No server certificate in IAM is known to have such a key.",
    fix="Request a certificate for an RSA key of 2,048 bits or an EC key on P-256.",
    source="Elastic Load Balancing user guides, Server certificates",
)
RULES = (CERTIFICATE_UNSUPPORTED,)
