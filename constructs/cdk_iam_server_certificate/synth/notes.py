"""Information that an app gets once, however many certificates it is about."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from aws_cdk import Annotations

from server_certificate.rules.acm import ACM_SUFFICES

if TYPE_CHECKING:
    from collections.abc import Hashable

    from constructs import IConstruct

    from server_certificate.findings import Finding

_ID_OF_FINDINGS: Final = "cdk-iam-server-certificate"


def note_once(
    app: IConstruct, construct: IConstruct, finding: Finding, text: str, *, about: Hashable = None
) -> None:
    """
    Annotate the first construct of an app that a finding is about.

    Args:
        app: The app.
        construct: The construct.
        finding: The finding.
        text: The finding as text.
        about: What tells findings of one rule apart. Default: the app gets one finding of the rule.
    """
    if (finding.code, about) not in _NOTED[app]:
        _NOTED[app].add((finding.code, about))
        Annotations.of(construct).add_info_v2(f"{_ID_OF_FINDINGS}:{finding.code}", text)


def acknowledge_hint(app: IConstruct) -> None:
    """
    Acknowledge the recommendation of ACM for the whole app, also if it is shown already.

    An app gets it once, so one certificate with ``acknowledge=["acm-suffices"]`` answers it.
    """
    if (_ANSWERED, None) not in _NOTED[app]:
        _NOTED[app].add((_ANSWERED, None))
        Annotations.of(app).acknowledge_info(f"{_ID_OF_FINDINGS}:{ACM_SUFFICES.code}")


_ANSWERED: Final = f"{ACM_SUFFICES.code} acknowledged"
_NOTED: defaultdict[IConstruct, set[tuple[str, Hashable]]] = defaultdict(set)
"""The findings that each app has."""
