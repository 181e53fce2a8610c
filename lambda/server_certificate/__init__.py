"""
Check TLS certificates, their chains and their private keys before they are uploaded to IAM.

    from datetime import UTC, datetime

    from server_certificate import Consumer, Criteria, Given, Input, assess, read_file

    assessment = assess(
        Given(certificate=Input(read_file("fullchain.pem"))),
        Criteria(at=datetime.now(UTC), consumer=Consumer.ALB),
    )
    assert assessment.accepted, assessment.findings

``__all__`` lists the public API. Everything else in this package may change in any release.

The package needs the standard library and ``cryptography``. It makes no calls to AWS, opens no
connections, and never reads the clock: you pass the time to check at.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.assessment import Assessment, Criteria, Given, assess
    from server_certificate.description import Description, describe
    from server_certificate.findings import Finding, Rule, Severity
    from server_certificate.inputs import Input
    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate.reading.files import FileUnreadableError, read_file
    from server_certificate.rules.consumers import Consumer
else:
    # Imported when they are first used: a part of this package does without cryptography, and a
    # synth or a cold start of the function shouldn't wait for what it doesn't need.
    _MODULES = {
        "Assessment": "assessment",
        "Consumer": "rules.consumers",
        "Criteria": "assessment",
        "Description": "description",
        "FileUnreadableError": "reading.files",
        "Finding": "findings",
        "Given": "assessment",
        "Input": "inputs",
        "PrivateKey": "material",
        "PublicMaterial": "material",
        "Rule": "findings",
        "Severity": "findings",
        "assess": "assessment",
        "describe": "description",
        "read_file": "reading.files",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "Assessment",
    "Consumer",
    "Criteria",
    "Description",
    "FileUnreadableError",
    "Finding",
    "Given",
    "Input",
    "PrivateKey",
    "PublicMaterial",
    "Rule",
    "Severity",
    "assess",
    "describe",
    "read_file",
]
