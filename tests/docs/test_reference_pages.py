"""The pages in docs/reference say what the code says."""

from __future__ import annotations

import inspect
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click
import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    IServerCertificate,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)
from cdk_iam_server_certificate.provider import provider, settings
from dev import ROOT
from server_certificate.contract import ownership
from server_certificate.contract.properties import (
    DEFAULT_PROPAGATION_SECONDS,
    MAX_PROPAGATION_SECONDS,
    Attribute,
    Property,
)
from server_certificate.contract.sources import Source
from server_certificate.rules.tags import MAX_USER_TAGS
from server_certificate_cli.main import group
from support.code_blocks import blocks
from support.command import run
from support.python_blocks import furnish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFERENCE = ROOT / "docs/reference"
CODE = re.compile(r"`([^`]+)`")


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """Return the cells of the rows of all tables in a section of a page."""
    section = re.split(r"^## ", (REFERENCE / page).read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [each for each in section if each.startswith(f"{heading}\n")]
    for before, line in pairwise(text.splitlines()):
        if line.startswith("|") and before.startswith("|") and not line.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def first_codes(page: str, heading: str) -> set[str]:
    """Return all code in the first cells of the tables in a section."""
    return {code for row in rows(page, heading) for code in CODE.findall(row[0])}


def parameters(function: object, *without: str) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function but some."""
    found = inspect.signature(function).parameters  # type: ignore[arg-type]
    return {name: each for name, each in found.items() if name not in {"self", "cls", *without}}


def public(of: type) -> set[str]:
    """Return the names of properties that a class adds for certificates."""
    return {name for name in dir(of) if name.startswith("server_certificate_")}


def test_arguments() -> None:
    """Every argument of the construct has a row, with its default."""
    declared = parameters(ServerCertificate.__init__, "scope", "construct_id")
    listed = {CODE.findall(row[0])[0]: row[2] for row in rows("properties.md", "Arguments")}
    assert list(listed) == list(declared)
    assert listed["path"] == f"`{declared['path'].default}`"
    assert listed["adopt_existing"] == f"`{declared['adopt_existing'].default}`"


def test_attributes() -> None:
    """Every attribute has a row, those of imported certificates first."""
    listed = [CODE.findall(row[0])[0] for row in rows("properties.md", "Attributes")]
    assert set(listed) == public(ServerCertificate)
    assert set(listed[:4]) == public(IServerCertificate)


def test_sources_and_their_factories() -> None:
    """Every source has a row with its factories, and every factory one with its arguments."""
    section = (REFERENCE / "properties.md").read_text("utf-8")
    table = {CODE.findall(row[0])[0]: row for row in rows("properties.md", "Material")}
    refused = {"from_text", "from_file"}
    for source in (CertificateSource, PrivateKeySource, BundleSource, PassphraseSource):
        factories = {name for name in dir(source) if name.startswith("from_")}
        if source is not CertificateSource:
            factories -= refused
        assert set(CODE.findall(table[source.__name__][2])) == factories
    for name in ("from_secret", "from_parameter", "from_bucket"):
        optional = {
            each.name
            for each in parameters(getattr(CertificateSource, name)).values()
            if each.kind is each.KEYWORD_ONLY
        }
        assert set(CODE.findall(table[name][1])) - {"AWSCURRENT"} == optional
    for factory in (CertificateMaterial.from_parts, CertificateMaterial.from_bundle):
        (call,) = re.findall(rf"`CertificateMaterial\.{factory.__name__}\(([^)]*)\)`", section)
        assert {each.strip(" =") for each in call.split(",")} == parameters(factory).keys()


def test_custom_resource() -> None:
    """Every property, key of a source and attribute of the custom resource is listed, and no other."""
    listed = first_codes("properties.md", "The custom resource")
    assert listed == {"ServiceToken", "ServiceTimeout", *map(str, Property)}
    keys = {
        code
        for row in rows("properties.md", "The custom resource")
        for code in CODE.findall(row[1])
    }
    assert set(map(str, Source)) <= keys
    page = (REFERENCE / "properties.md").read_text("utf-8")
    (sentence,) = re.findall(r"`Fn::GetAtt` returns ([^.]*)\.", page)
    assert CODE.findall(sentence) == list(map(str, Attribute))


def test_tags() -> None:
    """Every tag of the construct's own is listed, and no other."""
    assert first_codes("properties.md", "Tags") == {*ownership.OWN_TAGS, ownership.ADOPTED_TAG}


def test_context_keys() -> None:
    """Every context key is listed with its values and its default."""
    text = (REFERENCE / "context-keys.md").read_text("utf-8")
    table = re.findall(r"^\| `(cdk-iam[^`]*)` \| (.*) \| `(.*)` \|$", text, re.MULTILINE)
    assert {key: (CODE.findall(values), default) for key, values, default in table} == {
        settings.ARCHITECTURE_CONTEXT: (list(settings._ARCHITECTURES), "x86_64"),
        settings.RUNTIME_CONTEXT: (list(settings._RUNTIMES), settings._NEWEST_RUNTIME),
        settings.BYTECODE_CONTEXT: (list(settings._SWITCH), "true"),
    }
    keys = {value for name, value in vars(settings).items() if name.endswith("_CONTEXT")}
    assert len(keys) == len(table)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The statements of a stack whose certificates come from every kind of source, by their Sid."""
    app = App(context={"aws:cdk:bundling-stacks": []})
    stack = Stack(app, "Web", env=Environment(account="111122223333", region="eu-central-1"))
    declare_everything(stack, furnish(tmp_path_factory.mktemp("material")))
    text = json.dumps(Template.from_stack(stack).to_json()).replace(
        '{"Ref": "AWS::Partition"}', '"aws"'
    )
    template = json.loads(text)
    found: dict[str, dict[str, Any]] = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy":
            found |= {
                each["Sid"]: each for each in resource["Properties"]["PolicyDocument"]["Statement"]
            }
    return found


def declare_everything(stack: Stack, folder: Path) -> None:
    """Declare certificates from every kind of source, with and without versions and KMS keys."""
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd")
    bucket = s3.Bucket.from_bucket_attributes(stack, "B", bucket_name="www", encryption_key=key)
    secret = secretsmanager.Secret.from_secret_attributes(
        stack,
        "Secret",
        secret_complete_arn="arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf",  # noqa: S106
        encryption_key=key,
    )
    parameter = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, "Parameter", parameter_name="/www/key"
    )
    ServerCertificate(
        stack,
        "Named",
        server_certificate_name="www",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(folder / "fullchain.pem"),
            private_key=PrivateKeySource.from_parameter(parameter, encryption_key=key),
        ),
    )
    for version in (None, "3HL4kqtJvjVBH40Nrjfkd"):
        ServerCertificate(
            stack,
            f"Bundle{version}",
            material=CertificateMaterial.from_bundle(
                BundleSource.from_bucket(bucket, "www.pfx", object_version=version),
                passphrase=PassphraseSource.from_secret(secret),
            ),
        )


def listed_statements() -> dict[str, list[str]]:
    """Return the actions of each statement on the page."""
    page = "permissions.md"
    found = [*rows(page, "Every stack"), *rows(page, "Every certificate")]
    found += [row[1:] for row in rows(page, "Every source")]
    return {CODE.findall(row[0])[0]: CODE.findall(row[1]) for row in found if ":" in row[1]}


def test_statements(policy: dict[str, dict[str, Any]]) -> None:
    """The page lists each statement with its actions, and no other."""
    written = {
        sid: [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        for sid, statement in policy.items()
    }
    assert listed_statements() == written


def test_resources_of_statements(policy: dict[str, dict[str, Any]]) -> None:
    """The page names the resources of what concerns certificates."""

    def arns(sid: str) -> set[str]:
        resources = policy[sid]["Resource"]
        resources = resources if isinstance(resources, list) else [resources]
        return {
            each if isinstance(each, str) else "".join(each["Fn::Join"][1]) for each in resources
        }

    every = {
        row[0].strip("`"): CODE.findall(row[2])
        for row in rows("permissions.md", "Every stack")
        if len(row) > 2
    }
    for sid in ("FindCertificates", "ReadCertificates", "ManageCertificatesOfThisStack"):
        assert arns(sid) == set(every[sid])
    ((_, _, resources),) = rows("permissions.md", "Every certificate")
    of_named = {
        re.sub(r"Web-Named-\w+-eu-central-1", "PREFIX", each)
        for each in arns("UploadUnderNamesOfThisStack")
        if "Bundle" not in each
    }
    assert of_named == set(CODE.findall(resources))


def test_conditions_of_statements(policy: dict[str, dict[str, Any]]) -> None:
    """The page names the condition keys of the statements that have one."""
    page = (REFERENCE / "permissions.md").read_text("utf-8")
    conditions = {
        key for each in policy.values() for key in each.get("Condition", {}).get("StringEquals", {})
    }
    assert conditions == {f"aws:ResourceTag/{ownership.STACK_ID_TAG}", "kms:ViaService"}
    for key in ("aws:ResourceTag", ownership.STACK_ID_TAG, "kms:ViaService"):
        assert f"`{key}`" in page


def test_numbers() -> None:
    """The page's numbers about waiting and tags are those of the code."""
    page = (REFERENCE / "properties.md").read_text("utf-8")
    assert f"| {DEFAULT_PROPAGATION_SECONDS} seconds |" in page
    assert f"up to {MAX_PROPAGATION_SECONDS // 60} minutes" in page
    assert f"up to {MAX_USER_TAGS} tags" in page
    assert f"`{provider.SERVICE_TIMEOUT_SECONDS}`" in page


def described(page: str) -> dict[str, set[str]]:
    """Return the options in the first cells of the tables on a page, by the command they belong to."""
    sections = re.split(
        r"^## `?([a-z]+)`?$", (REFERENCE / page).read_text("utf-8"), flags=re.MULTILINE
    )
    return {
        name: set(
            re.findall(
                r"`(--?[a-z-]+)", " ".join(re.findall(r"^\| `.*?[^\\] \|", text, re.MULTILINE))
            )
        )
        for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }


def options(name: str) -> set[str]:
    """Return the options of a command, but those for help."""
    command = group.get_command(click.Context(group), name)
    assert command is not None
    found = {each for parameter in command.params for each in parameter.opts if each[0] == "-"}
    return found - {"--help", "-h"}


@pytest.mark.parametrize("name", ["check", "inspect", "convert", "store", "list", "show"])
def test_options(name: str) -> None:
    """Every option of a command is in a table of its section, and no other."""
    listed = described("command.md") | described("command-aws.md")
    common = {"convert": listed["check"], "store": listed["check"], "show": listed["check"]}
    assert options(name) <= listed[name] | common.get(name, set())
    assert listed[name] <= options(name)


def test_every_command_is_described() -> None:
    """Each sub-command has a section on one of the two pages."""
    assert described("command.md").keys() | described("command-aws.md").keys() >= set(
        group.list_commands(click.Context(group))
    )


def test_json_of_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The JSON on the page has the keys that the command writes, at each level."""
    monkeypatch.chdir(furnish(tmp_path))
    done = run("check", "www.pfx", "--passphrase-file", "passphrase.txt", "--json")
    (shown, *_) = [
        json.loads(block.text)
        for block in blocks(REFERENCE / "command.md")
        if block.language == "json"
    ]
    written = done.json
    written["targets"][0]["chain"] = []
    assert shape(shown) == shape(written)


def shape(value: object) -> object:
    """Return the keys of objects, and nothing of their values."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return shape(value[0]) if isinstance(value, list) and value else None
