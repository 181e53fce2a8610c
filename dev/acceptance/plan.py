"""What the command says before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dev.acceptance.run import TAG

if TYPE_CHECKING:
    from dev.acceptance.account import Account
    from dev.acceptance.run import Run

VARIABLE: Final = "ACCEPTANCE_ACCOUNT"
EXPLANATION: Final = f"""\
This command checks, in a real AWS account, what the project relies on. It deploys the life cycle of
`make demo`, and asks questions about IAM and CloudFormation that AWS's documentation leaves open. It
writes what it expected and what it saw to acceptance-report.md.

It creates stacks, functions, roles, certificates and secrets, and removes them at the end. That costs
a little. Use an account for tests.

  1. Set AWS_PROFILE and AWS_REGION, or whatever your AWS CLI uses. The caller needs administrator
     access. The account's root user doesn't work, because it can't assume a role.
  2. Bootstrap the account and Region for the CDK, unless you already have: cdk bootstrap
  3. Set {VARIABLE} to the account's id, and run the command again. It prints what it will create
     and what has a price, and asks before it begins.

Nothing has been called or created.
"""

_PLAN: Final = """\
Run {run}, in account {account}, Region {region}{endpoint}

It creates, with names that begin with {prefix}
and the tag {tag}={run}:
  - up to 10 CloudFormation stacks, with Lambda functions, roles and log groups
  - up to {certificates} server certificates in IAM at a time; the account holds {held} of {quota}
  - 4 secrets in Secrets Manager, deleted without a recovery window
  - {load_balancers}
The account must be bootstrapped for the CDK (cdk bootstrap). The CDK CLI uploads the function and
templates to the bootstrap bucket, where they stay until cdk gc removes them.

This may cost money. These have a price: secrets (aws.amazon.com/secrets-manager/pricing), functions
(aws.amazon.com/lambda/pricing), logs (aws.amazon.com/cloudwatch/pricing), the bootstrap bucket
(aws.amazon.com/s3/pricing){priced}.

How long it takes on AWS hasn't been measured; no single wait is longer than 30 minutes. It removes
everything at the end, also after an error, Ctrl-C or SIGTERM. If it is killed:
  AWS_REGION={region} {variable}={account} python -m dev.acceptance --clean-up {run}
"""


def plan(
    account: Account,
    run: Run,
    *,
    certificates: int,
    held: int,
    quota: int,
    with_load_balancer: bool,
) -> str:
    """
    Say what a run will create, what that may cost, and how long it may take.

    Args:
        account: The account.
        run: The run.
        certificates: How many certificates it has at a time, at most.
        held: How many the account has.
        quota: How many it may have.
        with_load_balancer: Whether the questions about listeners are asked.
    """
    if with_load_balancer:
        load_balancers = (
            "2 Application Load Balancers with public IPv4 addresses, each in a VPC of its own"
        )
        priced = (
            ", load balancers by the hour (aws.amazon.com/elasticloadbalancing/pricing),\n"
            "public IPv4 addresses (aws.amazon.com/vpc/pricing)"
        )
    else:
        load_balancers = "no load balancer; --with-load-balancer adds the questions about listeners"
        priced = ""
    return _PLAN.format(
        run=run.id,
        account=account.account_id,
        region=account.region,
        endpoint=f", at {account.endpoint} instead of AWS" if account.endpoint else "",
        prefix=run.prefix,
        tag=TAG,
        certificates=certificates,
        held=held,
        quota=quota,
        load_balancers=load_balancers,
        priced=priced,
        variable=VARIABLE,
    )
