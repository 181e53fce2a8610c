"""
The names that tools and certificate authorities give their files, in one table.

Only names are looked at here. ``{}`` stands for a name that the files of one certificate share, ``{n}``
for a number that they share, ``*`` for anything; capital letters count as small ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the files of one certificate are named. Of several names for a part, the first counts."""

    made_by: str
    """Who names files so, for a sentence."""

    certificate: str
    private_key: tuple[str, ...]
    chain: tuple[str, ...] = ()

    repeats: tuple[str, ...] = ()
    """Files that belong to the same certificate and hold nothing more."""

    needs_key: bool = True
    """Whether the name of the certificate says too little without the key next to it."""

    @property
    def is_numbered(self) -> bool:
        """Whether older certificates keep their files, with lower numbers."""
        return "{n}" in self.certificate

    def sets(self, names: Collection[str]) -> Iterator[FileSet]:
        """
        Find certificates with their files.

        Args:
            names: Names of files, in small letters.
        """
        for name in sorted(names):
            shared = _shared(self.certificate, name)
            if shared is not None:
                keys = tuple(_present(self.private_key, shared, names))
                # An authority of one's own lies there with its key, and signed the certificate.
                is_authority = "{}" in self.certificate and "." not in shared and is_issuer(name)
                if (keys or not self.needs_key) and not is_authority:
                    yield FileSet(
                        layout=self,
                        shared=shared,
                        certificate=name,
                        chain=next(_present(self.chain, shared, names), None),
                        private_keys=keys,
                        repeats=frozenset(_present(self.repeats, shared, names)),
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """The files of one certificate, by name in small letters."""

    layout: Layout
    shared: str
    """What stands in place of ``{}`` or ``{n}``."""

    certificate: str
    chain: str | None = None
    private_keys: tuple[str, ...] = ()
    """Files under names of its private key; one is used."""

    repeats: frozenset[str] = frozenset()

    @property
    def files(self) -> frozenset[str]:
        """All of them."""
        chain = {self.chain} if self.chain else set()
        return frozenset({self.certificate, *chain, *self.private_keys, *self.repeats})


def _shared(pattern: str, name: str) -> str | None:
    """Return what stands in a name in place of ``{}`` or ``{n}``; None if it has another pattern."""
    for hole in ("{}", "{n}"):
        if hole in pattern:
            before, _, after = pattern.partition(hole)
            shared = name[len(before) : len(name) - len(after)]
            fits = name == f"{before}{shared}{after}" and shared
            return shared if fits and (hole == "{}" or shared.isdecimal()) else None
    return "" if name == pattern else None


OURS = Layout(
    made_by="server-certificate convert",
    certificate="certificate.pem",
    chain=("certificate-chain.pem", "certificate_chain.pem", "certificatechain.pem", "chain.pem"),
    private_key=("private-key.pem", "private_key.pem", "privatekey.pem", "key.pem"),
    needs_key=False,
)
"""The first of each are the names that ``convert`` writes."""

_CHAINS = (
    "{}.issuer.crt", "{}.ca-bundle", "{}.chain.crt", "{}-chain.crt", "{}_chain.crt", "{}.ca.crt",
    "{}.bundle.crt", "{}_bundle.crt", "{}.chain.pem", "{}-chain.pem", "{}_intermediate.cer",
    "ca_bundle.crt", "ca-bundle.crt", "chain.crt", "chain.pem", "bundle.crt",
)  # fmt: skip

LAYOUTS = (
    OURS,
    Layout(
        made_by="certbot, a Synology NAS, Docker or openssl",
        certificate="cert.pem",
        chain=("chain.pem",),
        private_key=("privkey.pem", "key.pem", "private.pem"),
        repeats=("fullchain.pem", "short-chain.pem", "ecc-*.pem", "rsa-*.pem"),
        needs_key=False,
    ),
    Layout(
        made_by="certbot",
        certificate="fullchain.pem",
        private_key=("privkey.pem", "key.pem", "private.pem"),
        needs_key=False,
    ),
    Layout(
        made_by="certbot's archive",
        certificate="cert{n}.pem",
        chain=("chain{n}.pem",),
        private_key=("privkey{n}.pem",),
        repeats=("fullchain{n}.pem",),
    ),
    Layout(
        made_by="cert-manager, as Kubernetes mounts it",
        certificate="tls.crt",
        private_key=("tls.key",),
        repeats=("tls-combined.pem", "key.der", "keystore.*", "truststore.*"),
        needs_key=False,
    ),
    Layout(
        made_by="AWS Certificate Manager",
        certificate="certificate.txt",
        chain=("certificate_chain.txt",),
        private_key=("private_key.txt",),
    ),
    Layout(
        made_by="acmetool",
        certificate="cert",
        chain=("chain",),
        private_key=("privkey",),
        repeats=("fullchain",),
    ),
    Layout(
        made_by="ZeroSSL",
        certificate="certificate.crt",
        chain=("ca_bundle.crt",),
        private_key=("private.key", "certificate.key"),
        needs_key=False,
    ),
    Layout(
        made_by="acme.sh",
        certificate="{}.cer",
        chain=("ca.cer", "{}_intermediate.cer"),
        private_key=("{}.key",),
        repeats=("fullchain.cer", "{}.csr", "{}.conf", "{}.csr.conf", "{}.pfx"),
    ),
    Layout(
        made_by="lego, Caddy, step or openssl",
        certificate="{}.crt",
        chain=_CHAINS,
        private_key=("{}.key", "{}.key.pem", "{}-key.pem", "{}_key.pem", "{}.key.txt"),
        repeats=("{}.json", "{}.pem", "{}.pfx", "{}.p12", "{}.p7b", "{}.csr"),
    ),
    Layout(
        made_by="win-acme",
        certificate="{}-crt.pem",
        chain=("{}-chain-only.pem",),
        private_key=("{}-key.pem",),
        repeats=("{}-chain.pem", "{}.pfx"),
    ),
    Layout(
        made_by="Docker",
        certificate="{}-cert.pem",
        chain=("{}-chain.pem",),
        private_key=("{}-key.pem", "{}-privkey.pem"),
        repeats=("{}-fullchain.pem",),
    ),
    Layout(
        made_by="openssl",
        certificate="{}.cert.pem",
        chain=("{}.chain.pem", "ca-chain.cert.pem"),
        private_key=("{}.key.pem",),
    ),
    Layout(
        made_by="openssl",
        certificate="{}_cert.pem",
        chain=("{}_chain.pem",),
        private_key=("{}_key.pem",),
    ),
    Layout(
        made_by="mkcert",
        certificate="{}.pem",
        chain=_CHAINS,
        private_key=("{}-key.pem", "{}_key.pem", "{}.key", "{}.key.pem", "{}.pem.key"),
        repeats=("{}.p12", "{}.csr"),
    ),
    Layout(
        made_by="Docker",
        certificate="{}.cert",
        private_key=("{}.key",),
    ),
)
"""The layouts with a name for the key; files are given to the first that fits."""

ARCHIVE = Layout(
    made_by="a certificate authority's archive",
    certificate="{}",
    chain=("{}.ca-bundle", "{}_intermediate.cer"),
    private_key=(),
    repeats=("{}.p7b", "{}.pem", "{}.chained.crt"),
    needs_key=False,
)
"""What authorities send: one certificate under any name, and those of the authority."""

_CERTIFICATES = ("crt", "cer", "cert")
_ISSUERS = (
    "ca", "ca[-_]*", "*[-_]ca", "*[-_]ca[-_]*", "cacert*", "ca_bundle*", "root", "root[-_0-9]*", "rootca*",
    "*[-_]root", "*[-_]root[-_]*", "*intermediate*", "chain*", "*[-_.]chain*", "*chained", "bundle*",
    "*[-_.]bundle*", "addtrust*", "aaacert*", "amazonroot*", "comodo*", "digicert*", "entrust*",
    "gandicert*", "gdig*", "gdroot*", "geotrust*", "globalsign*", "gts[-_0-9]*", "isrg*",
    "lets-encrypt*", "letsencrypt*", "rapidssl*", "sectigo*", "ssl_com*", "starfield*", "thawte*",
    "trustedroot*", "usertrust*",
)  # fmt: skip
"""Names of the certificates of authorities, without what follows the last full stop."""

_KEYS = ("*.key", "*key*.pem", "*key*.txt", "*.key.*", "*private*.pem", "*private*.txt", "*.pk8")
BUNDLES = ("*.pfx", "*.p12")
PKCS7 = ("*.p7b", "*.p7c")
PEM = ("*.pem",)

LOOKED_FOR = (
    "certificate.pem with certificate-chain.pem and private-key.pem, or certbot's cert.pem with"
    " chain.pem and privkey.pem, or fullchain.pem with privkey.pem, or tls.crt with tls.key, or"
    " NAME.crt, NAME.cer or NAME.pem with NAME.key or NAME-key.pem, or one .crt, .pfx or .p12 file"
)


def named_sets(names: Collection[str]) -> list[FileSet]:
    """
    Find the certificates whose files have known names.

    No file belongs to two of them. Of files that are numbered, the highest number is taken.
    """
    sets: list[FileSet] = []
    claimed: set[str] = set()
    for layout in LAYOUTS:
        found = [
            each
            for each in layout.sets(names)
            if not claimed & {each.certificate, *each.private_keys}
        ]
        for each in found:
            claimed |= each.files
        if layout.is_numbered:
            found = sorted(found, key=lambda each: int(each.shared))[-1:]
        sets += found
    return sets


def archived_sets(names: Collection[str]) -> list[FileSet]:
    """Find certificates with any name, among those of authorities."""
    stems: dict[str, str] = {}
    for ending in _CERTIFICATES:
        for name in sorted(matching(names, [f"*.{ending}"])):
            stem = name.removesuffix(f".{ending}")
            if not is_issuer(name):
                stems.setdefault(stem, name)
    return [
        FileSet(
            layout=ARCHIVE,
            shared=stem,
            certificate=name,
            chain=next(_present(ARCHIVE.chain, stem, names), None),
            repeats=frozenset(_present(ARCHIVE.repeats, stem, names)),
        )
        for stem, name in stems.items()
    ]


def is_issuer(name: str) -> bool:
    """Return whether a file is named like the certificate of an authority."""
    stem, _, ending = name.rpartition(".")
    if ending == "ca-bundle":
        return True
    is_certificate = ending in {*_CERTIFICATES, "pem", "txt"} and "key" not in stem
    return is_certificate and any(fnmatchcase(stem, pattern) for pattern in _ISSUERS)


def is_key(name: str) -> bool:
    """Return whether a file is named like a private key."""
    return any(fnmatchcase(name, pattern) for pattern in _KEYS)


def matching(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return the names that fit one of several patterns, in alphabetical order."""
    wanted = tuple(patterns)
    return sorted(name for name in names if any(fnmatchcase(name, each) for each in wanted))


def _present(patterns: Iterable[str], shared: str, names: Collection[str]) -> Iterator[str]:
    """Yield the names that are there, in the order of the patterns."""
    for pattern in patterns:
        # What the files share may hold characters that a pattern gives a meaning to.
        name = pattern.replace("{}", shared).replace("{n}", shared)
        if name in names:
            yield name
        elif "*" in pattern and "{" not in pattern:
            yield from matching(names, [pattern])
