"""Complete the names of certificates in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_names(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names in IAM that begin with a text; none if they can't be listed quickly."""
    # Imported lazily: only shell completion needs it.
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    from server_certificate_cli.aws.certificates import Certificates  # noqa: PLC0415
    from server_certificate_cli.aws.session import Aws  # noqa: PLC0415
    from server_certificate_cli.errors import CommandError  # noqa: PLC0415

    profile, region = ctx.params.get("profile"), ctx.params.get("region")
    try:
        client = Aws(profile=profile, region=region, is_hasty=True).iam()
        listed = Certificates(client, profile=profile).all()
    except CommandError:
        return []
    return [
        CompletionItem(each.name, help=each.certificate_id)
        for each in listed
        if each.name.startswith(incomplete)
    ]
