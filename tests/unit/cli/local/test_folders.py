"""The folders of tools and certificate authorities, and their other files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import to_pem, to_pkcs7
from dev.certificates.forms import PASSPHRASE
from server_certificate_cli.local.folders import MAX_FILES, FolderError, select
from support.command import AT, run, write_certbot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.certificates.authority import Authority, Issued


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files to a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def chosen(folder: Path) -> dict[str, str]:
    """Return the names of the used files by part."""
    selection = select(str(folder))
    assert selection is not None
    return {
        subject: " ".join(Path(file).name for file in files.split(", "))
        for subject, files in selection.parts.files.items()
    }


LAYOUTS = {
    "acme.sh": ("www.example.com.cer", "www.example.com.key", "ca.cer", "fullchain.cer",
                "www.example.com.csr", "www.example.com.conf", "www.example.com.csr.conf"),
    "lego": ("www.example.com.crt", "www.example.com.key", "www.example.com.issuer.crt",
             "www.example.com.json"),
    "lego --pem --pfx": ("www.example.com.crt", "www.example.com.key", "", "www.example.com.pem",
                         "www.example.com.pfx"),
    "Caddy": ("wildcard_.example.com.crt", "wildcard_.example.com.key", "",
              "wildcard_.example.com.json"),
    "certbot's archive": ("cert10.pem", "privkey10.pem", "chain10.pem", "cert9.pem", "privkey9.pem",
                          "chain9.pem", "fullchain9.pem", "fullchain10.pem"),
    "Kubernetes": ("tls.crt", "tls.key", "ca.crt"),
    "ZeroSSL": ("certificate.crt", "private.key", "ca_bundle.crt"),
    "GoDaddy": ("5f1e2d3c4b5a6978.crt", "generated-private-key.txt", "gd_bundle-g2-g1.crt",
                "5f1e2d3c4b5a6978.pem"),
    "Sectigo": ("www_example_com.crt", "www.example.com.key", "www_example_com.ca-bundle",
                "www_example_com.p7b"),
    "win-acme": ("www-crt.pem", "www-key.pem", "www-chain-only.pem", "www-chain.pem", "www.pfx"),
    "Docker, client": ("cert.pem", "key.pem", "ca.pem"),
    "Docker, daemon": ("server-cert.pem", "server-key.pem", "ca.pem"),
    "AWS Certificate Manager": ("certificate.txt", "private_key.txt", "certificate_chain.txt"),
    "acmetool": ("cert", "privkey", "chain", "fullchain", "url"),
    "HAProxy": ("www.pem", "www.pem.key", "www.pem.issuer", "www.pem.ocsp"),
    "DirectAdmin": ("www.cert", "www.key", "www.cacert", "www.cert.combined"),
    "Strato": ("www_2030-06-15.crt", "www_2030-06-15.key", "www_2030-06-15.ca"),
    "a Synology NAS, exported": ("cert.pem", "privkey.pem", "syno-ca-cert.pem",
                                 "syno-ca-privkey.pem"),
    "pfSense": ("Server.crt", "Server.key", "OurOwn.crt"),
    "step": ("server.crt", "server.key", "intermediate_ca.crt"),
    "DigiCert": ("www_example_com.crt", "star_example_com.key", "DigiCertCA.crt"),
    "mkcert": ("www.example.com+2.pem", "www.example.com+2-key.pem", "rootCA.pem"),
    "openssl, own authority": ("server.crt", "server.key", "ca.crt", "server.csr", "ca.key"),
    "openssl, selfsigned": ("nginx-selfsigned.crt", "nginx-selfsigned.key", ""),
    "openssl, as taught by many": ("www.example.com.cert.pem", "www.example.com.key.pem",
                                   "ca-chain.cert.pem"),
    "Synology": ("cert.pem", "privkey.pem", "chain.pem", "fullchain.pem", "ECC-cert.pem",
                 "ECC-privkey.pem", "short-chain.pem"),
    "IONOS": ("example.com_ssl_certificate.cer", "_.example.com_private_key.key",
              "example.com_ssl_certificate_INTERMEDIATE.cer"),
    "acme.sh --install-cert": ("fullchain.pem", "key.pem", ""),
    "in capital letters": ("CERTIFICATE.CRT", "PRIVATE.KEY", "CA_BUNDLE.CRT"),
}  # fmt: skip
"""The certificate, private key, chain and other files of each tool."""


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_is_known(tmp_path: Path, authority: Authority, names: tuple[str, ...]) -> None:
    """The certificate, chain and private key are found by name, and all other files are listed."""
    issued = authority.leaf("www.example.com")
    certificate, key, chain, *others = names
    files = {certificate: issued.pem, key: issued.key_pem()}
    files |= {chain: issued.chain_pem(root=False)} if chain else {}
    folder = write(tmp_path / "www", dict.fromkeys(others, "something else\n") | files)
    wanted = {"certificate": certificate, "private-key": key} | ({"chain": chain} if chain else {})
    assert chosen(folder) == wanted
    selection = select(str(folder))
    assert selection is not None
    assert {Path(file).name for file in selection.unused} == set(others)


def test_authorities_of_old_send_a_file_for_each_certificate(
    here: Path, authority: Authority
) -> None:
    """Of an authority's files, only the required ones are used, in any order, and never the root."""
    lower = authority.intermediate("Lower")
    leaf = lower.leaf("www.example.com")
    write(
        here / "www",
        {
            "www_example_com.crt": leaf.pem,
            "AddTrustExternalCARoot.crt": to_pem(leaf.issuers[-1]),
            "COMODORSAAddTrustCA.crt": leaf.chain_der()[1],
            "SectigoRSADomainValidationSecureServerCA.crt": lower.pem,
        },
    )
    ended = run("check", "www", *AT, "--json")
    assert ended.json["accepted"]
    assert len(ended.target["chain"]) == len(leaf.issuers) - 1
    assert list(ended.target["not_used"]) == ["www/AddTrustExternalCARoot.crt"]


def test_kubernetes_mounts_links_and_an_empty_authority(here: Path, leaf: Issued) -> None:
    """The links of a mounted secret are followed, and an empty ca.crt is not a chain."""
    files = {"tls.crt": leaf.fullchain_pem(), "tls.key": leaf.key_pem(), "ca.crt": ""}
    write(here / "tls/..2030_06_15", files)
    (here / "tls/..data").symlink_to("..2030_06_15")
    for name in files:
        (here / "tls" / name).symlink_to(f"..data/{name}")
    ended = run("check", "tls", *AT)
    assert ended.code == 0
    assert "Not used: ca.crt." in ended.lines


def test_newest_of_an_archive_is_used_and_told(here: Path, leaf: Issued) -> None:
    """Of numbered files, the highest number is used, and the report says so."""
    for number in (2, 9, 10):
        write(
            here / "archive",
            {
                f"cert{number}.pem": leaf.pem,
                f"chain{number}.pem": leaf.chain_pem(),
                f"privkey{number}.pem": leaf.key_pem(),
            },
        )
    ended = run("check", "archive", *AT)
    assert (
        "'cert10.pem' is used, because it has the highest number. There are 2 with lower numbers."
        in (ended.lines)
    )
    assert "archive/privkey10.pem" in ended.out


def test_key_is_found_by_what_it_belongs_to(here: Path, authority: Authority) -> None:
    """If the private key has an unknown name, the matching key is used."""
    leaf, other = authority.leaf(), authority.leaf()
    write(
        here / "www",
        {
            "www_example_com.crt": leaf.pem,
            "www_example_com.ca-bundle": leaf.chain_pem(),
            "a.key": other.key_pem(),
            "b.key": leaf.key_pem(),
        },
    )
    ended = run("check", "www", *AT)
    assert ended.code == 0
    assert "private-key  EC P-256  (www/b.key)" in ended.lines
    assert "Not used: a.key (the private key of another certificate)." in ended.lines


@pytest.mark.parametrize("keys", [["key.pem"], ["privkey.pem"], ["old.key", "older.key"]])
def test_keys_of_other_certificates_alone_are_an_error(
    here: Path, leaf: Issued, authority: Authority, keys: list[str]
) -> None:
    """A folder whose private keys don't match is rejected, and the key is named."""
    write(here / "www", {"cert.pem": leaf.pem, "chain.pem": leaf.chain_pem()})
    write(here / "www", {name: authority.leaf().key_pem() for name in keys})
    ended = run("check", "www", *AT)
    assert ended.code == 1
    assert "error private-key-mismatch" in ended.out
    assert f"www/{keys[0]}" in ended.out


def test_everything_that_is_not_used_is_named(
    here: Path, leaf: Issued, authority: Authority
) -> None:
    """Other files are listed with a description, in both outputs."""
    folder = write_certbot(here / "www", leaf)
    other = authority.leaf("other.example.com")
    write(
        folder,
        {
            "old.pem": other.pem,
            "old-key.txt": other.key_pem(),
            "request.csr": "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
            "www.p12": leaf.pkcs12(PASSPHRASE),
        },
    )
    wanted = {
        "fullchain.pem": "the same certificate",
        "old-key.txt": "the private key of another certificate",
        "old.pem": "another certificate",
        "README": "",
        "request.csr": "a certificate signing request",
        "www.p12": "encrypted",
    }
    line = ", ".join(name + (f" ({what})" if what else "") for name, what in wanted.items())
    assert f"Not used: {line}." in run("check", "www", *AT).lines
    found = run("check", "www", *AT, "--json").target["not_used"]
    assert found == {f"www/{name}": what for name, what in wanted.items()}


def test_two_certificates_in_a_folder_are_refused(
    here: Path, leaf: Issued, authority: Authority
) -> None:
    """Two different certificates are an error that names both."""
    other = authority.leaf("b.example.com")
    write(
        here / "certificates",
        {
            "a.example.com.crt": leaf.pem,
            "a.example.com.key": leaf.key_pem(),
            "b.example.com.crt": other.pem,
            "b.example.com.key": other.key_pem(),
        },
    )
    ended = run("check", "certificates", *AT)
    assert (ended.code, ended.out) == (2, "")
    assert "it contains 2 certificates: 'a.example.com.crt', 'b.example.com.crt'." in ended.err


def test_two_bundles_in_a_folder_are_refused(here: Path, leaf: Issued) -> None:
    """Two bundles are an error, and a single bundle is used."""
    write(here / "www", {"a.pfx": leaf.pkcs12(None)})
    assert run("check", "www", *AT).code == 0
    write(here / "www", {"b.p12": leaf.pkcs12(None)})
    assert "it contains 2 bundles: 'a.pfx', 'b.p12'." in run("check", "www", *AT).err


@pytest.mark.parametrize("lone", ["www.pfx", "other.p12"])
def test_bundle_next_to_its_certificate(here: Path, leaf: Issued, lone: str) -> None:
    """The certificate that Windows exports next to a bundle is recognized."""
    write(here / "www", {"www.cer": leaf.der, lone: leaf.pkcs12(None)})
    ended = run("check", "www", *AT)
    assert ended.code == 0
    assert "Not used: www.cer (the same certificate)." in ended.lines


def test_bundle_with_what_lies_next_to_it(here: Path, leaf: Issued) -> None:
    """The missing chain or private key of a bundle is found by content."""
    write(here / "a", {"lighttpd.pem": leaf.key_pem() + leaf.pem, "ca.crt": leaf.chain_pem()})
    write(here / "b", {"all.pem": leaf.fullchain_pem(), "all.key": leaf.key_pem()})
    for folder in ("a", "b"):
        assert run("convert", folder, *AT, "--output", f"{folder}-out").code == 0
        assert (here / f"{folder}-out/private-key.pem").exists()
        assert (here / f"{folder}-out/certificate-chain.pem").exists()


def test_chain_in_what_repeats_the_certificate(here: Path, leaf: Issued) -> None:
    """If no file has the name of a chain, the one that contains the issuer is used."""
    write(here / "www", {"cert.pem": leaf.pem, "privkey.pem": leaf.key_pem()})
    write(here / "www", {"fullchain.pem": leaf.fullchain_pem()})
    assert run("check", "www", *AT).code == 0


def test_what_is_set_apart_is_named(here: Path, leaf: Issued) -> None:
    """Folders, hidden files and unreadable files are listed, except Kubernetes' internal links."""
    folder = write_certbot(here / "www", leaf)
    (folder / "README").unlink()
    (folder / "old").mkdir()
    (folder / "..data").mkdir()
    (folder / ".key.swp").write_text(leaf.key_pem())
    (folder / "gone.pem").symlink_to("nowhere")
    (folder / "loop.pem").symlink_to("loop.pem")
    with (folder / "large.pem").open("wb") as file:
        file.truncate(5_000_000)
    assert run("check", "www", *AT, "--json").target["not_used"] == {
        "www/fullchain.pem": "the same certificate",
        "www/gone.pem": "a broken link",
        "www/large.pem": "has 5,000,000 bytes; the limit is 262,144",
        "www/loop.pem": "can't be read: Too many levels of symbolic links",
        "www/.key.swp": "the private key of this certificate",
        "www/old": "a directory",
    }


def test_what_an_unknown_folder_holds_is_told(here: Path, leaf: Issued) -> None:
    """The error about unknown names lists the files of the folder."""
    write(here / "www", {f"{name}.pem": leaf.fullchain_pem() for name in "abcdefg"})
    ended = run("check", "www", *AT)
    assert ended.code == 2
    assert " It contains 'a.pem', 'b.pem', 'c.pem', 'd.pem', 'e.pem' and 2 more. " in ended.err
    (here / "none").mkdir()
    assert " It is empty. " in run("check", "none").err


def test_pkcs7_and_its_key(here: Path, leaf: Issued) -> None:
    """Certificates in PKCS#7 are used with a separate private key."""
    write(here / "www", {"www.p7b": to_pkcs7(leaf, *leaf.issuers), "any.key": leaf.key_pem()})
    ended = run("convert", "www", *AT, "--output", "out")
    assert ended.code == 0
    assert run("check", "out", *AT, "--strict").code == 0


def test_nothing_odd_is_opened(here: Path, leaf: Issued) -> None:
    """A pipe is not opened, and is an error in place of a part."""
    folder = write_certbot(here / "www", leaf)
    os.mkfifo(folder / "pipe.key")
    ended = run("check", "www", *AT)
    assert ended.code == 0
    assert "pipe.key" in ended.out
    (folder / "privkey.pem").unlink()
    os.mkfifo(folder / "privkey.pem")
    ended = run("check", "www", *AT)
    assert ended.code == 2
    assert "'www/privkey.pem': it is a pipe" in ended.err


def test_huge_folder_is_not_searched(tmp_path: Path) -> None:
    """A folder with too many files is an error, and its files are not read."""
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.crt").touch()
    with pytest.raises(FolderError, match="more than 500 files"):
        select(str(tmp_path))


@pytest.mark.parametrize("stem", ["blockchain.com", "roots.example.com", "www.example.ca"])
def test_domains_may_be_called_like_authorities(tmp_path: Path, leaf: Issued, stem: str) -> None:
    """A host whose name resembles an authority's file is not an authority."""
    write(tmp_path, {f"{stem}.crt": leaf.pem, f"{stem}.key": leaf.key_pem()})
    assert chosen(tmp_path)["certificate"] == f"{stem}.crt"
