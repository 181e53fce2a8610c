"""Check the commands of shell blocks without running them: each program, option and file exists."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
from typing import TYPE_CHECKING, Final

from dev import ROOT
from support.known_commands import CommandLineError, aws, cdk, server_certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PLAIN: Final = frozenset(
    [
        ".",
        "[",
        "cat",
        "cd",
        "chmod",
        "cp",
        "curl",
        "diff",
        "echo",
        "eval",
        "exit",
        "export",
        "git",
        "grep",
        "head",
        "jq",
        "ls",
        "mkdir",
        "mv",
        "npm",
        "npx",
        "printf",
        "read",
        "rm",
        "sed",
        "set",
        "sleep",
        "source",
        "sort",
        "tail",
        "tar",
        "test",
        "true",
        "unset",
        "unzip",
        "wc",
    ]
)
"""Programs whose arguments aren't checked."""

SUBCOMMANDS: Final = {
    "openssl": frozenset(
        [
            "asn1parse",
            "crl2pkcs7",
            "dgst",
            "ec",
            "ecparam",
            "genpkey",
            "genrsa",
            "pkcs7",
            "pkcs8",
            "pkcs12",
            "pkey",
            "rand",
            "req",
            "rsa",
            "s_client",
            "version",
            "verify",
            "x509",
        ]
    ),
    "terraform": frozenset(
        ["apply", "import", "init", "output", "plan", "providers", "show", "state", "version"]
    ),
}

_SEPARATORS: Final = frozenset((";", "&", "&&", "|", "||", "(", ")", "$", "{", "}", "!"))
_KEYWORDS: Final = frozenset(["do", "done", "else", "fi", "for", "if", "in", "then", "while"])
_SUBSTITUTION: Final = re.compile(r"\$\(([^()]*)\)")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_OWN_FOLDERS: Final = ("dev", "docs", "examples", "local_cloud", "tests")


def problems(text: str) -> list[str]:
    """Return what is wrong with the commands of a block."""
    found = []
    for words in commands(text):
        try:
            _check(words)
        except CommandLineError as error:
            found.append(f"{shlex.join(words)}: {error}")
    return found


def commands(text: str) -> Iterator[list[str]]:
    """Take shell code apart into simple commands, those in ``$(…)`` included."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        inner = _SUBSTITUTION.findall(line)
        for each in inner:
            yield from commands(each)
        lexer = shlex.shlex(
            _SUBSTITUTION.sub("SUBSTITUTED", line), posix=True, punctuation_chars=True
        )
        lexer.wordchars += "@%+,:[]…$"
        words: list[str] = []
        tokens = iter([*lexer, ";"])
        for token in tokens:
            if token in _SEPARATORS:
                if words:
                    yield words
                words = []
            elif token and set(token) <= set("<>&|;()"):
                # A redirection: its number and its file aren't arguments.
                if words and words[-1].isdecimal():
                    words.pop()
                next(tokens)
            elif words or not (_ASSIGNMENT.match(token) or token in _KEYWORDS):
                words.append(token)


def _check(words: Sequence[str]) -> None:
    program, *arguments = words
    name = program.rsplit("/", 1)[-1]
    for word in words:
        _exists(word)
    if name in CHECKS:
        CHECKS[name](arguments)
    elif name in SUBCOMMANDS:
        if not arguments or arguments[0] not in SUBCOMMANDS[name]:
            raise CommandLineError(f"{name} has no such command")
    elif name not in PLAIN:
        raise CommandLineError("the test doesn't know this program")


def _exists(word: str) -> None:
    """Complain of a file of the repository that isn't there."""
    first, _, rest = word.partition("/")
    is_ours = first in _OWN_FOLDERS and rest and not re.search(r"[*$…<]", word)
    if is_ours and not (ROOT / word.partition("::")[0]).exists():
        raise CommandLineError(f"there is no {word} in the repository")


def _make(arguments: Sequence[str]) -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    for word in arguments:
        name, is_variable, _ = word.partition("=")
        if is_variable and f"$({name})" not in text:
            raise CommandLineError(f"the Makefile doesn't use {name}")
        if not is_variable and name not in targets:
            raise CommandLineError(f"make has no target {name}")


def _python(arguments: Sequence[str]) -> None:
    if arguments[:1] != ["-m"]:
        return
    module, *rest = arguments[1:]
    if module == "pip":
        _pip(rest)
    elif importlib.util.find_spec(module) is None:
        raise CommandLineError(f"there is no module {module}")


def _pip(arguments: Sequence[str]) -> None:
    if arguments[:1] not in (["install"], ["uninstall"], ["list"], ["download"]):
        raise CommandLineError("pip has no such command")
    extras = set(re.findall(r"^([\w-]+) = \[", _optional_dependencies(), re.MULTILINE))
    for word in arguments[1:]:
        match = re.search(r"iam[-_]server[-_]certificate[^[]*\[([\w,-]+)\]", word)
        if unknown := set(match[1].split(",") if match else ()) - extras:
            raise CommandLineError(f"the package has no extra {', '.join(sorted(unknown))}")


def _optional_dependencies() -> str:
    """Return the tables of extras of each distribution; the command's is missing where it is tested."""
    files = (ROOT / "pyproject.toml", ROOT / "cli/pyproject.toml")
    text = "".join(file.read_text("utf-8") for file in files if file.is_file())
    return "".join(
        re.findall(r"^\[[\w.-]*optional-dependencies\]\n(?:[^[].*\n|\n)*", text, re.MULTILINE)
    )


def _cdk(arguments: Sequence[str]) -> None:
    for option, value in itertools.pairwise(arguments):
        if option in {"-a", "--app"} and (found := problems(value)):
            raise CommandLineError("; ".join(found))
    cdk(arguments)


CHECKS: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "aws": aws,
    "cdk": _cdk,
    "make": _make,
    "pip": _pip,
    "python": _python,
    "python3": _python,
    "server-certificate": server_certificate,
}
