"""The steps as data: what is done, what is expected, and how that is checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dev.demo import checks
from dev.demo.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.certificates.authority import Issued
    from dev.demo.checks import Check

GENERATED = ""
"""Instead of a name: generate one."""

FIRST_PATH = "/demo/"
SECOND_PATH = "/demo/shop/"
DECISIONS = ("upload", "move", "delete", "fail")
"""What the function's log must contain by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the app declares."""

    certificate: str
    private_key: str
    name: str
    path: str
    renews: bool = False
    """Whether everything comes from the secret with the bundle instead, and is renewed automatically."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Bootstrap the account for the CDK."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """Deploy a declaration."""

    declaration: Declaration
    watched: bool = False
    """Whether the listener is compared with IAM while the deployment runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Compare a declaration with what is deployed."""

    declaration: Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAutomatically:
    """Deploy a declaration, put another bundle into its secret, wait, and compare with ``cdk diff``."""

    declaration: Declaration
    bundle: str
    """The certificate whose bundle becomes the secret's current version."""


@dataclass(frozen=True, slots=True)
class CollectTexts:
    """Read the function's log and what was synthesized."""


@dataclass(frozen=True, slots=True)
class Destroy:
    """Delete the stack."""


Action = Bootstrap | Deploy | Diff | RenewAutomatically | CollectTexts | Destroy


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the table."""

    title: str
    expectation: str
    action: Action
    checks: tuple[Check, ...]


def life_of_a_certificate(
    materials: Mapping[str, Issued], names: Names | None = None
) -> tuple[Step, ...]:
    """
    Return the steps.

    Args:
        materials: ``first``, ``renewed``, ``again``, ``other`` and ``automatic``: certificates for
            one host, each with a key of its own. The secret with the bundle has ``again``.
        names: What everything is called; default: the names without a prefix.
    """
    explicit = (names or Names()).explicit
    first = Declaration(certificate="first", private_key="first", name=GENERATED, path=FIRST_PATH)
    renamed = Declaration(certificate="first", private_key="first", name=explicit, path=SECOND_PATH)
    renewed = Declaration(
        certificate="renewed", private_key="renewed", name=explicit, path=SECOND_PATH
    )
    again = Declaration(certificate="again", private_key="again", name=GENERATED, path=SECOND_PATH)
    wrong_key = Declaration(
        certificate="other", private_key="again", name=GENERATED, path=SECOND_PATH
    )
    from_bundle = replace(again, renews=True)
    return (
        Step(
            title="Bootstrap the account",
            expectation="IAM has only somebody else's certificate",
            action=Bootstrap(),
            checks=(checks.succeeded, checks.nothing_left, checks.foreign_untouched),
        ),
        Step(
            title="Create, with a load balancer",
            expectation="generated name, content, tags, outputs; the listener serves it",
            action=Deploy(declaration=first),
            checks=(
                checks.succeeded,
                checks.holds(materials["first"], path=FIRST_PATH),
                checks.outputs_describe_it(materials["first"]),
                checks.listener_serves_it,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Rename and move",
            expectation="same id; the listener follows to the new ARN",
            action=Deploy(declaration=renamed),
            checks=(
                checks.succeeded,
                checks.holds(materials["first"], path=SECOND_PATH, name=explicit),
                checks.outputs_describe_it(materials["first"]),
                checks.same_id,
                checks.listener_serves_it,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Renew under the same name",
            expectation="new id and content, same ARN; the old certificate is gone",
            action=Deploy(declaration=renewed),
            checks=(
                checks.succeeded,
                checks.holds(materials["renewed"], path=SECOND_PATH, name=explicit),
                checks.outputs_describe_it(materials["renewed"]),
                checks.new_id,
                checks.listener_serves_it,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Renew under a generated name",
            expectation="new id; the listener's certificate is never missing",
            action=Deploy(declaration=again, watched=True),
            checks=(
                checks.succeeded,
                checks.holds(materials["again"], path=SECOND_PATH),
                checks.outputs_describe_it(materials["again"]),
                checks.new_id,
                checks.never_missing,
                checks.listener_serves_it,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Deploy a key of another certificate",
            expectation="fails with the reason and the fix; changes nothing",
            action=Deploy(declaration=wrong_key),
            checks=(
                checks.failed_with(
                    "it doesn't belong to the certificate of 'CN=www.example.com'",
                    "Use the private key",
                ),
                checks.nothing_changed,
                checks.holds(materials["again"], path=SECOND_PATH),
                checks.listener_serves_it,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Compare with cdk diff",
            expectation="no differences",
            action=Diff(declaration=again),
            checks=(
                checks.succeeded,
                checks.output_has("There were no differences"),
                checks.nothing_changed,
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Renew automatically",
            expectation="new id and content; the listener follows by itself; no differences",
            action=RenewAutomatically(declaration=from_bundle, bundle="automatic"),
            checks=(
                checks.succeeded,
                checks.holds(materials["automatic"], path=SECOND_PATH),
                checks.new_id,
                checks.never_missing,
                checks.listener_serves_it,
                checks.output_has("There were no differences"),
                checks.foreign_untouched,
            ),
        ),
        Step(
            title="Read the function's log and cdk.out",
            expectation="has the decisions, and no private key or ResponseURL",
            action=CollectTexts(),
            checks=(
                checks.keeps_secret(materials.values(), sources=("log ", "cdk.out ")),
                checks.contains("log", *(f'"decision": "{decision}"' for decision in DECISIONS)),
                checks.nothing_changed,
            ),
        ),
        Step(
            title="Destroy",
            expectation="nothing of ours is left; somebody else's certificate is unchanged",
            action=Destroy(),
            checks=(checks.succeeded, checks.nothing_left, checks.foreign_untouched),
        ),
    )
