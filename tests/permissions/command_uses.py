"""What each policy on the page about the command is for, and what a user sees without an action of it."""

from __future__ import annotations

from dataclasses import dataclass

CREATE = "store --secret www/{new} --kms-key-id {key} --tag team=edge {folder}"
RENEW = "store --secret www/kept {folder}"
PRUNE = "prune --older-than 0h"

USES = {
    "store": (CREATE, RENEW),
    "list": ("list",),
    "list --consumers": ("list --consumers",),
    "show": ("show www", "show {id}", "show current"),
    "prune": (PRUNE, f"{PRUNE} --yes"),
    "release": ("release www", "release {id} --yes"),
}
"""What each policy is for."""


@dataclass(frozen=True)
class Missing:
    """What a user sees without an action of a policy."""

    policy: str
    action: str
    command: str
    code: int
    told: str = ""
    """A part of the output. Default: the action."""

    untold: str = ""
    """What the output lacks."""


STACK_UNREADABLE = "The stack operated can't be read: AWS denied "
CASES = (
    Missing("store", "secretsmanager:CreateSecret", CREATE, 1),
    Missing("store", "secretsmanager:TagResource", CREATE, 1),
    Missing("store", "kms:GenerateDataKey", CREATE, 1, "Access to KMS is not allowed"),
    Missing("store", "kms:GenerateDataKey", RENEW, 1, "Access to KMS is not allowed"),
    Missing("store", "kms:Decrypt", CREATE, 1, "Access to KMS is not allowed"),
    Missing("store", "kms:Decrypt", RENEW, 1, "Access to KMS is not allowed"),
    Missing("store", "secretsmanager:GetSecretValue", RENEW, 1),
    Missing("store", "secretsmanager:PutSecretValue", RENEW, 1),
    Missing(
        "store", "secretsmanager:DescribeSecret", RENEW, 0, "The KMS key of the secret is unkn"
    ),
    Missing("list", "iam:ListServerCertificates", "list", 1),
    Missing("list", "iam:GetServerCertificate", "list", 0),
    Missing("list", "cloudformation:DescribeStacks", "list", 0, STACK_UNREADABLE),
    Missing("list", "cloudformation:ListStackResources", "list", 0, STACK_UNREADABLE),
    Missing("list", "secretsmanager:DescribeSecret", "list", 0),
    Missing("list", "iam:GetAccountSummary", "list", 0, "server certificates.", "Quota"),
    *(
        Missing("list --consumers", action, "list --consumers", 0)
        for action in (
            "cloudfront:ListDistributions",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
        )
    ),
    Missing("show", "iam:GetServerCertificate", "show www", 1),
    Missing("show", "iam:ListServerCertificates", "show {id}", 1),
    Missing("show", "cloudformation:DescribeStacks", "show www", 0, "unknown: the stack operated"),
    Missing(
        "show", "cloudformation:ListStackResources", "show www", 0, "unknown: the stack operated"
    ),
    Missing(
        "show",
        "secretsmanager:DescribeSecret",
        "show current",
        0,
        "the current version is unknown",
    ),
    Missing("prune", "iam:ListServerCertificates", PRUNE, 1),
    Missing("prune", "iam:GetServerCertificate", PRUNE, 0),
    Missing("prune", "iam:DeleteServerCertificate", f"{PRUNE} --yes", 1),
    Missing("prune", "iam:ListServerCertificateTags", f"{PRUNE} --yes", 1),
    Missing("prune", "cloudformation:DescribeStacks", PRUNE, 0, STACK_UNREADABLE, "To be deleted"),
    Missing(
        "prune", "cloudformation:ListStackResources", PRUNE, 0, STACK_UNREADABLE, "To be deleted"
    ),
    Missing("release", "iam:GetServerCertificate", "release www", 1),
    Missing("release", "iam:UntagServerCertificate", "release www --yes", 1),
    Missing("release", "iam:ListServerCertificates", "release {id}", 1),
    Missing("release", "cloudformation:DescribeStacks", "release www", 1, STACK_UNREADABLE),
    Missing("release", "cloudformation:ListStackResources", "release www", 1, STACK_UNREADABLE),
)
SPARED = (
    ("store", {"secretsmanager:CreateSecret"}, RENEW, "Stored a new version"),
    ("store", {"secretsmanager:TagResource"}, RENEW, "Stored a new version"),
    ("store", {"secretsmanager:DescribeSecret"}, f"{RENEW} --json", '"changed": true'),
    (
        "store",
        {"kms:Decrypt", "kms:GenerateDataKey"},
        "store --secret www/{new} {folder}",
        "Created the secret",
    ),
    ("show", {"iam:ListServerCertificates"}, "show www", "left behind"),
    (
        "prune",
        {"iam:DeleteServerCertificate", "iam:ListServerCertificateTags"},
        PRUNE,
        "To be deleted (1)",
    ),
    (
        "prune",
        {"cloudformation:DescribeStacks", "cloudformation:ListStackResources"},
        f"{PRUNE} --prefix unowned --yes",
        "deleted unowned",
    ),
    ("release", {"iam:ListServerCertificates"}, "release www --yes", "Released 'www'."),
)
"""What works without some actions, according to the page."""
