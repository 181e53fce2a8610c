"""``server-certificate release``: take the construct's ownership tags off a certificate."""

from __future__ import annotations

import click

from server_certificate_cli.aws.names import complete_names
from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.errors import OK, REJECTED, RefusedError
from server_certificate_cli.output.report import write_document
from server_certificate_cli.questions import can_ask, confirm

_HELP = """
Take the construct's ownership tags off a server certificate that a stack has left behind, so that
another stack can adopt it (adopt_existing=True). Other tags stay. The certificate itself isn't changed.

This works if the stack in the tags was deleted or no longer has the certificate. A stack that still has
it keeps it.

NAME is the name, the ServerCertificateId (ASCA…) or the ARN. Without --yes, you are asked on a terminal,
and nothing is changed otherwise.

\b
Examples:
  server-certificate release www
  server-certificate release www --yes

\b
Exit codes: 0 released, or there are no ownership tags; also for a plan
            1 a stack still has it, not found, a request to AWS failed, or you answered no
            2 invalid usage
"""


@click.command(help=_HELP)
@click.argument("wanted", metavar="NAME", shell_complete=complete_names)
@click.option("--yes", is_flag=True, help="Take the tags off without asking.")
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON. Never asks.")
def command(
    *, wanted: str, yes: bool, profile: str | None, region: str | None, wants_json: bool
) -> int:
    """Show what is to be taken off, take it off if the user agrees, and return the exit code."""
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.account import Account  # noqa: PLC0415
    from server_certificate_cli.aws.finding import find  # noqa: PLC0415
    from server_certificate_cli.aws.owner import own_tags  # noqa: PLC0415
    from server_certificate_cli.aws.release_plan import obstacle  # noqa: PLC0415

    account = Account(profile=profile, region=region)
    certificates, stacks = account.certificates, account.stacks
    details = find(certificates, wanted)
    name, keys = details.listed.name, own_tags(details.tags)
    (state,) = stacks.ownership([details])
    if keys and (refusal := obstacle(details, state, stacks.problems)):
        raise RefusedError(refusal)
    agreed, code = yes and bool(keys), OK
    if not wants_json:
        # Imported lazily: loads rich, which JSON doesn't need.
        from server_certificate_cli.aws.release_output import draw_release  # noqa: PLC0415

        draw_release(details, state)
        if keys and not yes and can_ask():
            agreed = confirm("Take these tags off?")
            code = OK if agreed else REJECTED
    if agreed:
        # The person may have thought for long, and the stack may have changed since.
        now = certificates.get(name)
        if now is None or now != details:
            raise RefusedError(f"'{name}' was changed meanwhile. Nothing was released. Try again.")
        (state,) = stacks.ownership([now])
        if refusal := obstacle(now, state, stacks.problems):
            raise RefusedError(refusal)
        account.changes.untag(name, keys)
    if wants_json:
        write_document(
            name=name,
            id=details.listed.certificate_id,
            arn=details.listed.arn,
            state=state.state.value,
            reason=state.reason,
            tags={key: details.tags[key] for key in keys},
            released=agreed,
        )
    elif agreed:
        click.echo(f"Released '{name}'. A stack can adopt it now: adopt_existing=True.")
    elif keys:
        hint = "" if code else " To take the tags off, run the same command with --yes."
        click.echo(f"Nothing was changed.{hint}")
    return code
