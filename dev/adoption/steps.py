"""The steps: what is done, and what IAM must hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(Enum):
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
class Step:
    """One operation."""

    title: str
    action: Action
    held: Held
    context: Mapping[str, str] = field(default_factory=dict)
    fails: bool = False

    output: str = ""
    """What the output must contain."""

    logical_id: str = ""
    """The beginning of the logical id that the tags must name."""


_ADOPTING: Final = {"construct": "Certificate", "adopt": "yes"}
_BROKEN: Final = {"broken": "yes"}

STEPS: Final = (
    Step(
        title="A taken name is refused, with a hint how to adopt",
        action=Action.DEPLOY,
        context={"construct": "Certificate"},
        fails=True,
        output="adopt_existing=True",
        held=Held.THEIRS,
    ),
    Step(title="Destroy the rolled-back stack", action=Action.DESTROY, held=Held.THEIRS),
    Step(
        title="Another path is refused",
        action=Action.DEPLOY,
        context={**_ADOPTING, "path": "/other/"},
        fails=True,
        output="its path is",
        held=Held.THEIRS,
    ),
    Step(title="Destroy the rolled-back stack", action=Action.DESTROY, held=Held.THEIRS),
    Step(
        title="Adopt in a creation that fails and is rolled back",
        action=Action.DEPLOY,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.THEIRS,
    ),
    Step(title="Destroy the rolled-back stack", action=Action.DESTROY, held=Held.THEIRS),
    Step(
        title="Adopt in a creation that fails, with rollback off",
        action=Action.DEPLOY_WITHOUT_ROLLBACK,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Step(title="Destroy it", action=Action.DESTROY, held=Held.THEIRS),
    Step(
        title="Adopt in a creation that fails, with OnFailure=DELETE",
        action=Action.CREATE_OR_DELETE,
        context={**_ADOPTING, **_BROKEN},
        fails=True,
        held=Held.THEIRS,
    ),
    Step(title="Deploy without a certificate", action=Action.DEPLOY, held=Held.THEIRS),
    Step(
        title="Adopt in a new nested stack, in an update that fails",
        action=Action.DEPLOY,
        context={**_ADOPTING, **_BROKEN, "nested": "yes"},
        fails=True,
        held=Held.THEIRS,
    ),
    Step(
        title="Adopt in an update",
        action=Action.DEPLOY,
        context=_ADOPTING,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Step(
        title="Move the construct in an update that fails and is rolled back",
        action=Action.DEPLOY,
        context={**_ADOPTING, **_BROKEN, "construct": "Moved"},
        fails=True,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Step(
        title="Move the construct",
        action=Action.DEPLOY,
        context={**_ADOPTING, "construct": "Moved"},
        held=Held.OURS,
        logical_id="Moved",
    ),
    Step(title="Remove the certificate from the template", action=Action.DEPLOY, held=Held.THEIRS),
    Step(
        title="Adopt again",
        action=Action.DEPLOY,
        context=_ADOPTING,
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Step(
        title="Remove adopt_existing: the certificate is the stack's own now",
        action=Action.DEPLOY,
        context={"construct": "Certificate"},
        held=Held.OURS,
        logical_id="Certificate",
    ),
    Step(
        title="Destroy the stack: the certificate is deleted with it",
        action=Action.DESTROY,
        held=Held.NOTHING,
    ),
)
