"""The steps: what is done, and what IAM must hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Doing(Enum):
    """What is done to the stack."""

    DEPLOY = "cdk deploy"
    DEPLOY_WITHOUT_ROLLBACK = "cdk deploy --no-rollback"
    CREATE_OR_DELETE = "aws cloudformation create-stack --on-failure DELETE"
    DESTROY = "cdk destroy"


class Held(Enum):
    """What IAM must hold under the name."""

    THEIRS = "the certificate from before, with no tag of the stack"
    OURS = "the certificate from before, tagged as the stack's"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One operation."""

    title: str
    doing: Doing
    held: Held
    context: Mapping[str, str] = field(default_factory=dict)
    fails: bool = False

    says: str = ""
    """What the output must contain."""

    logical_id: str = ""
    """The beginning of the logical id that the tags must name."""


_ADOPTING: Final = {"construct": "Certificate", "adopt": "yes"}
_BROKEN: Final = {"broken": "yes"}

SCENES: Final = (
    Scene(
        title="A taken name is refused, with a hint how to adopt",
        doing=Doing.DEPLOY,
        context={"construct": "Certificate"},
        fails=True,
        says="adopt_existing=True",
        held=Held.THEIRS,
    ),
    Scene(title="Destroy the rolled-back stack", doing=Doing.DESTROY, held=Held.THEIRS),
    Scene(
        title="Another path is refused",
        doing=Doing.DEPLOY,
        context={**_ADOPTING, "path": "/other/"},
        fails=True,
        says="its path is",
        held=Held.THEIRS,
    ),
    Scene(title="Destroy the rolled-back stack", doing=Doing.DESTROY, held=Held.THEIRS),
    Scene(
        title="Adopt in a creation that fails and is rolled back",
        doing=Doing.DEPLOY,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.THEIRS,
    ),
    Scene(title="Destroy the rolled-back stack", doing=Doing.DESTROY, held=Held.THEIRS),
    Scene(
        title="Adopt in a creation that fails, with rollback off",
        doing=Doing.DEPLOY_WITHOUT_ROLLBACK,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Scene(title="Destroy it", doing=Doing.DESTROY, held=Held.THEIRS),
    Scene(
        title="Adopt in a creation that fails, with OnFailure=DELETE",
        doing=Doing.CREATE_OR_DELETE,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.THEIRS,
    ),
    Scene(title="Deploy without a certificate", doing=Doing.DEPLOY, held=Held.THEIRS),
    Scene(
        title="Adopt in a new nested stack, in an update that fails",
        doing=Doing.DEPLOY,
        context={**_ADOPTING, **_BROKEN, "nested": "yes"},
        fails=True,
        held=Held.THEIRS,
    ),
    Scene(
        title="Adopt in an update",
        doing=Doing.DEPLOY,
        context=_ADOPTING,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Scene(
        title="Move the construct in an update that fails and is rolled back",
        doing=Doing.DEPLOY,
        context={**_ADOPTING, **_BROKEN, "construct": "Moved"},
        fails=True,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Scene(
        title="Move the construct",
        doing=Doing.DEPLOY,
        context={**_ADOPTING, "construct": "Moved"},
        held=Held.OURS,
        logical_id="Moved",
    ),
    Scene(title="Remove the certificate from the template", doing=Doing.DEPLOY, held=Held.THEIRS),
    Scene(
        title="Adopt again",
        doing=Doing.DEPLOY,
        context=_ADOPTING,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Scene(
        title="Remove adopt_existing: the certificate is the stack's own now",
        doing=Doing.DEPLOY,
        context={"construct": "Certificate"},
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Scene(
        title="Destroy the stack: the certificate is deleted with it",
        doing=Doing.DESTROY,
        held=Held.NOTHING,
    ),
)
