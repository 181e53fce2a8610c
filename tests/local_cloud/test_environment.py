"""What children, terminals and the server itself find in their environment."""

from __future__ import annotations

from pathlib import Path

from local_cloud.environment import (
    Connection,
    client_environment,
    export_lines,
    exported_bundles,
    server_environment,
)

CONNECTION = Connection(port=4711, directory=Path("/d"), secret_access_key="s")  # noqa: S106 - opens nothing
BASE = {
    "PATH": "/bin",
    "AWS_PROFILE": "work",
    "AWS_SESSION_TOKEN": "t",
    "AWS_ENDPOINT_URL_IAM": "https://elsewhere",
    "AWS_CA_BUNDLE": "/old.pem",
    "SSL_CERT_FILE": "/old.pem",
    "https_proxy": "http://proxy",
    "EDITOR": "vi",
}


def test_a_child_sees_nothing_of_another_aws() -> None:
    """Profiles, tokens, endpoints and proxies are gone; the rest stays."""
    environment = client_environment(BASE, CONNECTION)
    assert environment["AWS_ENDPOINT_URL"] == "https://127.0.0.1:4711"
    assert environment["AWS_CA_BUNDLE"] == environment["SSL_CERT_FILE"] == "/d/ca-bundle.pem"
    assert environment["EDITOR"] == "vi"
    absent = {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_IAM", "https_proxy"}
    assert not absent & environment.keys()
    assert BASE["AWS_PROFILE"] == "work"


def test_lambda_functions_see_nothing_of_the_shell() -> None:
    """The server's environment, which its functions inherit, is made of known variables only."""
    environment = server_environment(BASE, CONNECTION)
    assert environment["PATH"] == "/bin"
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert not {"EDITOR", "AWS_PROFILE", "AWS_SESSION_TOKEN"} & environment.keys()


def test_a_terminal_unsets_what_conflicts() -> None:
    """Every conflicting variable of the terminal is unset, and none that is exported."""
    unset, *exports = export_lines(BASE, CONNECTION)
    assert unset == "unset AWS_ENDPOINT_URL_IAM AWS_PROFILE AWS_SESSION_TOKEN https_proxy"
    assert "export AWS_CA_BUNDLE=/d/ca-bundle.pem" in exports


def test_exported_bundles_are_found_once() -> None:
    """Whatever the shell trusts stays trusted."""
    assert exported_bundles(BASE) == (Path("/old.pem"),)
