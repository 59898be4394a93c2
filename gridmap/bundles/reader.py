#!/usr/bin/env python3
"""Check the signature of a bundle of gridmap and unpack it; nothing in the bundle runs before or meanwhile.

Usage: python3 open_bundle.py BUNDLE --key KEY [--into FOLDER]
KEY is the public key of whoever made the bundle: 44 letters, or a file with them. It must not come with the bundle.

This file needs Python 3.11 and nothing else; it uses OpenSSL, which every Python has. It imports nothing of gridmap.
校验安装包的签名并解包；校验通过之前不运行其中的任何内容。
"""

import argparse
import base64
import binascii
import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

FORMAT = "gridmap bundle 1"
MANIFEST, SIGNATURE, KEY_FILE = "bundle/manifest.json", "bundle/manifest.sig", "bundle/key"
MAX_MANIFEST_BYTES = 32 * 2**20
CHUNK_BYTES = 2**20
ED25519 = 1087  # EVP_PKEY_ED25519 in OpenSSL's obj_mac.h
NAME_PATTERN = re.compile(r"gridmap-[0-9A-Za-z.+-]+")


def N_(template: str) -> str:
    """Mark a template for the catalogue, and return it unchanged."""
    return template


NO_BUNDLE = N_("{file} is no bundle of gridmap.")
TRUNCATED = N_("The bundle ends early: {name} is missing or incomplete. Copy the bundle again; nothing was installed.")
CHANGED = N_("{name} is not what was signed: the bundle has been changed or damaged. Nothing of it was used.")
NOT_LISTED = N_("{name} is not in the signed list of files: the bundle has been changed. Nothing of it was used.")
OTHER_SIGNER = N_("The bundle is signed with the key {signer}, not with the key {key}. Nothing of it was used.")
BAD_KEY = N_("{key} is no key: a key has 44 letters. Ask whoever made the bundle for it.")
KEY_NEEDED = N_("Name the key of whoever made the bundle: --key KEY. It must not come with the bundle.")
OTHER_SYSTEM = N_("The bundle is for {wanted}; this machine has {found}. Ask for a bundle for this system.")
NO_SPACE = N_("The folder {folder} has {free} MB free; {needed} MB are needed.")
NO_OPENSSL = N_("This Python has no OpenSSL, which checks the signature: install the package libssl3.")
CHINESE = {
    NO_BUNDLE: "{file} 不是 gridmap 安装包。",
    TRUNCATED: "安装包不完整：缺少 {name}，或其内容不全。请重新复制安装包；未安装任何内容。",
    CHANGED: "{name} 与签名不符：安装包被改动或已损坏。未使用其中任何内容。",
    NOT_LISTED: "{name} 不在签名的文件清单中：安装包被改动。未使用其中任何内容。",
    OTHER_SIGNER: "安装包由密钥 {signer} 签名，而不是密钥 {key}。未使用其中任何内容。",
    BAD_KEY: "{key} 不是密钥：密钥有 44 个字符。请向安装包的制作者索取。",
    KEY_NEEDED: "请指明安装包制作者的密钥：--key KEY。密钥不得与安装包一起传递。",
    OTHER_SYSTEM: "安装包适用于 {wanted}；本机为 {found}。请索取适用于本系统的安装包。",
    NO_SPACE: "文件夹 {folder} 剩余 {free} MB，需要 {needed} MB。",
    NO_OPENSSL: "此 Python 没有用于校验签名的 OpenSSL：请安装软件包 libssl3。",
}


class BundleRefused(Exception):
    """Reason why a bundle is not used.

    Parameters
    ----------
    template : str
        English sentence with named values.
    **values : object
        Value of each name.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template, self.values = template, values
        super().__init__(template.format_map(values))


class Manifest(NamedTuple):
    """Signed list of the files of a bundle, and the system that it is for."""

    name: str
    version: str
    created: str
    system: dict[str, str]
    files: dict[str, dict[str, Any]]


def parse_key(text: str) -> bytes:
    """Return the 32 bytes of a public key: 44 letters, or the path of a file with them.

    Raises
    ------
    BundleRefused
        If it is no key.
    """
    words = (Path(text).read_text("ascii", errors="replace") if Path(text).is_file() else text).split()
    try:
        key = base64.b64decode(words[-1] if words else "", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise BundleRefused(BAD_KEY, key=text)
    return key


def format_key(key: bytes) -> str:
    """Return a public key as 44 letters.

    >>> format_key(bytes(32))
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    """
    return base64.b64encode(key).decode()


def _load_openssl() -> ctypes.CDLL:
    """Load the library of OpenSSL, and declare the types of the functions in use."""
    for name in ("libcrypto.so.3", "libcrypto.so.1.1"):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
        library.EVP_PKEY_new_raw_public_key.argtypes = [ctypes.c_int, pointer, text, size]
        library.EVP_PKEY_new_raw_public_key.restype = library.EVP_MD_CTX_new.restype = pointer
        library.EVP_DigestVerifyInit.argtypes = [pointer] * 5
        library.EVP_DigestVerify.argtypes = [pointer, text, size, text, size]
        library.EVP_PKEY_free.argtypes = library.EVP_MD_CTX_free.argtypes = [pointer]
        return library
    raise BundleRefused(NO_OPENSSL)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Return whether a message has an Ed25519 signature (RFC 8032) of the holder of a key."""
    openssl = _load_openssl()
    context = openssl.EVP_MD_CTX_new()
    public_key = openssl.EVP_PKEY_new_raw_public_key(ED25519, None, key, len(key))
    try:
        return bool(
            public_key
            and openssl.EVP_DigestVerifyInit(context, None, None, None, public_key) == 1
            and openssl.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1
        )
    finally:
        openssl.EVP_PKEY_free(public_key)
        openssl.EVP_MD_CTX_free(context)


def check_manifest(content: bytes, signature_file: bytes, key: bytes) -> Manifest:
    """Return the manifest in some bytes, once its signature has been checked.

    Raises
    ------
    BundleRefused
        If it has another signer, or has changed since it was signed.
    """
    try:
        values = json.loads(signature_file)
        signer, signature = (base64.b64decode(values[name], validate=True) for name in ("key", "signature"))
    except (ValueError, KeyError, TypeError) as error:
        raise BundleRefused(CHANGED, name=SIGNATURE) from error
    if signer != key:
        raise BundleRefused(OTHER_SIGNER, signer=format_key(signer), key=format_key(key))
    if not is_signed(content, signature, key):
        raise BundleRefused(CHANGED, name=MANIFEST)
    values = json.loads(content)
    names = [values["name"], *values["files"]]
    if values.pop("format") != FORMAT or not NAME_PATTERN.fullmatch(values["name"]) or not all(map(_is_inside, names)):
        raise BundleRefused(NO_BUNDLE, file=values["name"])
    return Manifest(**{name: values[name] for name in Manifest._fields})


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name


def describe_system() -> dict[str, str]:
    """Return the system of this machine, as manifests name it."""
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return {
        "id": release.get("ID", ""),
        "version": release.get("VERSION_ID", ""),
        "machine": platform.machine(),
        "python": ".".join(platform.python_version_tuple()[:2]),
    }


def check_system(wanted: dict[str, str]) -> None:
    """Refuse a bundle for another system: its packages would not run here.

    Raises
    ------
    BundleRefused
        If the operating system, its version, the processor or the version of Python differs.
    """
    found = describe_system()
    if found != wanted:
        raise BundleRefused(OTHER_SYSTEM, wanted=_format_system(wanted), found=_format_system(found))


def _format_system(system: dict[str, str]) -> str:
    return f"{system['id']} {system['version']}, {system['machine']}, Python {system['python']}"


def open_bundle(bundle: Path, key: bytes, into: Path) -> Path:
    """Check a bundle and unpack it into a new folder.

    Parameters
    ----------
    bundle : Path
        The file.
    key : bytes
        Public key of whoever may make bundles for this machine.
    into : Path
        Folder in which a folder with the name of the bundle is created. One that exists already stays as it is.

    Returns
    -------
    Path
        The new folder, which appears only once every file has been checked.

    Raises
    ------
    BundleRefused
        If the bundle is incomplete, changed, signed by somebody else or for another system; nothing remains then.
    """
    try:
        with tarfile.open(bundle, "r|") as archive:
            manifest, signature = _read_head(archive, bundle)
            checked = check_manifest(manifest, signature, key)
            check_system(checked.system)
            return _unpack(archive, checked, into, {MANIFEST: manifest, SIGNATURE: signature, KEY_FILE: _key_line(key)})
    except (tarfile.TarError, EOFError) as error:
        raise BundleRefused(NO_BUNDLE, file=bundle) from error


def _key_line(key: bytes) -> bytes:
    return f"{format_key(key)}\n".encode()


def _read_head(archive: tarfile.TarFile, bundle: Path) -> list[bytes]:
    """Return the first two files, which are read before their signature is checked, up to a limit."""
    contents = []
    for expected in (MANIFEST, SIGNATURE):
        member = archive.next()
        file = archive.extractfile(member) if member else None
        if member is None or file is None or not member.name.endswith(f"/{expected}"):
            raise BundleRefused(NO_BUNDLE, file=bundle)
        if member.size > MAX_MANIFEST_BYTES:
            raise BundleRefused(CHANGED, name=expected)
        contents.append(_read_whole(file.read(member.size), member.size, expected))
    return contents


def _read_whole(content: bytes, size: int, name: str) -> bytes:
    if len(content) != size:
        raise BundleRefused(TRUNCATED, name=name)
    return content


def _unpack(archive: tarfile.TarFile, manifest: Manifest, into: Path, head: dict[str, bytes]) -> Path:
    """Unpack the listed files into a temporary folder, and rename it when all have been checked."""
    final, part = into.absolute() / manifest.name, into.absolute() / f".{manifest.name}.part"
    if final.exists() and (final / MANIFEST).is_file() and (final / MANIFEST).read_bytes() == head[MANIFEST]:
        return final
    _check_space(into, manifest)
    shutil.rmtree(part, ignore_errors=True)  # of an interruption
    try:
        missing = _unpack_members(archive, manifest, part)
        if missing:
            raise BundleRefused(TRUNCATED, name=min(missing))
        for name, content in head.items():
            _write(part / name, [content], executable=False)
        part.rename(final)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    os.sync()
    return final


def _check_space(into: Path, manifest: Manifest) -> None:
    """Refuse to begin what would not fit; installing needs as much again, and half."""
    into.mkdir(parents=True, exist_ok=True)
    needed, free = 2.5 * sum(file["size"] for file in manifest.files.values()), shutil.disk_usage(into).free
    if free < needed:
        raise BundleRefused(NO_SPACE, folder=into, free=free // 10**6, needed=int(needed) // 10**6)


def _unpack_members(archive: tarfile.TarFile, manifest: Manifest, part: Path) -> set[str]:
    """Unpack the remaining members, each compared with the manifest, and return the names of those missing."""
    missing, name = dict(manifest.files), MANIFEST
    try:
        while member := archive.next():
            name = member.name.removeprefix(f"{manifest.name}/")
            entry = missing.pop(name, None)
            if entry is None or not member.isreg():
                raise BundleRefused(NOT_LISTED, name=name)
            digest = _write(part / name, _read_chunks(archive, member, entry, name), executable=entry["executable"])
            if digest != entry["sha256"]:
                raise BundleRefused(CHANGED, name=name)
    except tarfile.TarError as error:
        raise BundleRefused(TRUNCATED, name=name) from error
    return set(missing)


def _read_chunks(
    archive: tarfile.TarFile, member: tarfile.TarInfo, entry: dict[str, Any], name: str
) -> Iterator[bytes]:
    file = archive.extractfile(member)
    if file is None or member.size != entry["size"]:
        raise BundleRefused(CHANGED, name=name)
    left = member.size
    while left:
        chunk = file.read(min(left, CHUNK_BYTES))
        left -= len(chunk)
        if not chunk:
            raise BundleRefused(TRUNCATED, name=name)
        yield chunk


def _write(path: Path, chunks: Iterable[bytes], *, executable: bool) -> str:
    """Write a new file that every account may read, and return its SHA-256."""
    digest = hashlib.sha256()
    _make_folder(path.parent)
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    path.chmod(0o755 if executable else 0o644)
    return digest.hexdigest()


def _make_folder(folder: Path) -> None:
    """Create a folder that every account may enter, whatever the umask."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def installed_key() -> str | None:
    """Return the file of the key with which this very installation was opened, or None."""
    file = Path(__file__).resolve().parents[2] / KEY_FILE if len(Path(__file__).resolve().parents) > 2 else None
    return str(file) if file and file.is_file() else None


def main() -> int:
    """Open a bundle; print its folder, or the reason against it in both languages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", default=installed_key(), help="public key: 44 letters, or a file with them")
    parser.add_argument("--into", type=Path, default=Path.cwd(), help="folder for the new folder; default: this one")
    options = parser.parse_args()
    try:
        if options.key is None:
            raise BundleRefused(KEY_NEEDED)
        folder = open_bundle(options.bundle, parse_key(options.key), options.into)
    except BundleRefused as refusal:
        chinese = CHINESE[refusal.template].format_map(refusal.values)
        print(f"gridmap: {refusal}", f"gridmap：{chinese}", sep="\n", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"gridmap: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
