"""Sphinx configuration: `make docs` builds the site from the Markdown pages and the docstrings."""

from __future__ import annotations

import sys
import tomllib
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / name) for name in ("constructs", "lambda", "docs/_extensions")]

with (ROOT / "pyproject.toml").open("rb") as file:
    _project = tomllib.load(file)["project"]

project = _project["name"]
release = version = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "repository_links"]
exclude_patterns = ["_*"]

# Every cross-reference must resolve, except to what other packages document.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(aws_cdk|collections|constructs|cryptography|datetime|pathlib|typing)\..*"),
    (r"py:.*", r"(cloudfront|cloudwatch|ec2|iam|kms|s3|secretsmanager|ssm)\..*"),
    (r"py:.*", r"Collection|Construct|Duration|IConstruct|Iterable|Mapping|Path|Sequence|datetime"),
    (r"py:.*", r"Certificate|PrivateKeyTypes"),
    # What results hold, and what isn't part of the public API.
    (
        r"py:.*",
        r"LocatedCertificate|Signatures|pem\.Block|server_certificate\.reading\.contents\.Contents",
    ),
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

# The docstrings are read without the CDK: placeholders take the place of its classes.
autodoc_mock_imports = ["aws_cdk", "constructs", "jsii.errors"]
sys.modules["jsii"] = ModuleType("jsii")
sys.modules["jsii"].__path__ = []
sys.modules["jsii"].__dict__["implements"] = lambda *_interfaces: lambda declared: declared
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def setup(app: Any) -> None:  # noqa: ANN401 - Sphinx is installed for the build alone
    """Correct the signatures of classes, and what napoleon does to the docstrings of attributes."""
    app.connect("autodoc-process-signature", _signature)
    # Napoleon takes what is before a colon for a type; its own priority is 500.
    written: list[str] = []
    app.connect("autodoc-process-docstring", partial(_keep, written), priority=400)
    app.connect("autodoc-process-docstring", partial(_restore, written), priority=600)


def _keep(written: list[str], *event: Any) -> None:  # noqa: ANN401
    written[:] = event[-1]


def _restore(written: list[str], *event: Any) -> None:  # noqa: ANN401
    if event[1] in {"attribute", "property"}:
        event[-1][:] = written


def _signature(
    _app: object,
    what: str,
    _name: str,
    documented: Any,  # noqa: ANN401
    _options: object,
    signature: str | None,
    _returned: str | None,
) -> tuple[str, str] | None:
    """
    Return another signature for a class, where Sphinx shows one that doesn't help.

    A class that only its factory methods make shows none. One that is derived from a placeholder shows
    its own, not the placeholder's.
    """
    from sphinx.util.inspect import signature as inspected  # noqa: PLC0415
    from sphinx.util.inspect import stringify_signature  # noqa: PLC0415

    if what != "class" or not signature:
        return None
    own = stringify_signature(
        inspected(documented.__init__, bound_method=True), show_return_annotation=False
    )
    return ("" if own.startswith(("(_", "(*args")) else own), ""
