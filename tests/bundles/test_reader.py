"""Opening of bundles: only what was signed is unpacked, and every refusal says why."""

import io
import os
import random
import re
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gridmap.bundles import reader
from gridmap.bundles.reader import BundleRefused, open_bundle
from gridmap.bundles.writer import write_bundle
from gridmap.core.errors import Message
from gridmap.texts import translate
from tests.bundles.conftest import RELEASE, TIME, SmallBundle

RFC_8032_TESTS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
            "655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
            "b00d291612bb0c00"
        ),
    ),
]
"""Key, message and signature of tests 1 and 2 in section 7.1."""


def refuse(bundle: SmallBundle, folder: Path, key: bytes | None = None) -> BundleRefused:
    """Open a bundle that must be refused, without anything left in the folder, and return the reason."""
    with pytest.raises(BundleRefused) as refusal:
        open_bundle(bundle.file, key or bundle.key, folder)
    assert not folder.exists() or list(folder.iterdir()) == []
    return refusal.value


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_opened_bundle_has_every_file_as_it_was(small_bundle: SmallBundle, tmp_path: Path) -> None:
    folder = open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt")
    assert folder == tmp_path / "opt" / "gridmap-9.8.7-20260401-abc1234"
    found = contents(folder)
    assert {name: found[name] for name in small_bundle.sources} == {
        name: path.read_bytes() for name, path in small_bundle.sources.items()
    }
    assert set(found) - set(small_bundle.sources) == {"bundle/manifest.json", "bundle/manifest.sig", "bundle/key"}


def test_every_account_may_read_an_opened_bundle_and_only_its_owner_may_change_it(
    small_bundle: SmallBundle, tmp_path: Path
) -> None:
    mask = os.umask(0o077)
    try:
        folder = open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt")
    finally:
        os.umask(mask)
    modes = {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes["scripts/run"] == modes["bundle/wheels"] == 0o755
    assert modes["bundle/wheels/town.whl"] == modes["bundle/manifest.json"] == 0o644


def test_an_opened_bundle_knows_its_key(small_bundle: SmallBundle, tmp_path: Path) -> None:
    folder = open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt")
    assert reader.parse_key(str(folder / "bundle" / "key")) == small_bundle.key


def test_a_bundle_that_is_open_already_stays_as_it_is(small_bundle: SmallBundle, tmp_path: Path) -> None:
    folder = open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt")
    (folder / ".venv").mkdir()
    assert open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt") == folder
    assert (folder / ".venv").exists()


def test_an_interrupted_opening_is_repeated(small_bundle: SmallBundle, tmp_path: Path) -> None:
    part = tmp_path / "opt" / f".{RELEASE['name']}.part"
    part.mkdir(parents=True)
    (part / "run").touch()
    assert open_bundle(small_bundle.file, small_bundle.key, tmp_path / "opt").is_dir()
    assert not part.exists()


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032_TESTS)
def test_signatures_are_those_of_rfc_8032(key: str, message: str, signature: str) -> None:
    values = [bytes.fromhex(text) for text in (message, signature, key)]
    assert reader.is_signed(*values)
    assert not reader.is_signed(values[0] + b"\0", *values[1:])
    assert not reader.is_signed(values[0], values[1][:-1] + b"\x01", values[2])


def test_a_changed_file_is_refused_by_its_name(small_bundle: SmallBundle, tmp_path: Path) -> None:
    data = bytearray(small_bundle.file.read_bytes())
    data[data.index(b"#!/bin/sh") + 3] ^= 1
    small_bundle.file.write_bytes(data)
    refusal = refuse(small_bundle, tmp_path / "opt")
    assert (refusal.template, refusal.values) == (reader.CHANGED, {"name": "scripts/run"})


def test_a_changed_list_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    data = small_bundle.file.read_bytes()
    small_bundle.file.write_bytes(data.replace(b'"executable": true', b'"executable":  true'[:18], 1))
    refusal = refuse(small_bundle, tmp_path / "opt")
    assert (refusal.template, refusal.values) == (reader.CHANGED, {"name": "bundle/manifest.json"})


def test_a_truncated_bundle_is_refused_wherever_it_ends(small_bundle: SmallBundle, tmp_path: Path) -> None:
    data = small_bundle.file.read_bytes()
    end = data.index(b"#!/bin/sh") + len("#!/bin/sh\n")
    for length in [*range(0, end, 4111), end - 1]:
        small_bundle.file.write_bytes(data[:length])
        assert refuse(small_bundle, tmp_path / "opt").template in (reader.TRUNCATED, reader.NO_BUNDLE), length


def test_a_bundle_that_lacks_a_whole_file_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    copy_members(small_bundle, lambda name: not name.endswith("scripts/run"))
    refusal = refuse(small_bundle, tmp_path / "opt")
    assert (refusal.template, refusal.values) == (reader.TRUNCATED, {"name": "scripts/run"})


def test_a_bundle_of_another_signer_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    refusal = refuse(small_bundle, tmp_path / "opt", key=bytes(32))
    assert refusal.template == reader.OTHER_SIGNER
    assert refusal.values["key"] == "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def test_a_signature_under_the_name_of_another_key_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    own, other = reader.format_key(small_bundle.key).encode(), reader.format_key(bytes(32)).encode()
    small_bundle.file.write_bytes(small_bundle.file.read_bytes().replace(own, other))
    assert refuse(small_bundle, tmp_path / "opt", key=bytes(32)).template == reader.CHANGED


def test_a_file_that_nobody_signed_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    with tarfile.open(small_bundle.file, "a") as archive:
        archive.addfile(tarfile.TarInfo(f"{RELEASE['name']}/sitecustomize.py"), io.BytesIO(b""))
    refusal = refuse(small_bundle, tmp_path / "opt")
    assert (refusal.template, refusal.values) == (reader.NOT_LISTED, {"name": "sitecustomize.py"})


def test_a_file_that_comes_twice_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    with tarfile.open(small_bundle.file, "a") as archive:
        archive.addfile(tarfile.TarInfo(f"{RELEASE['name']}/scripts/run"), io.BytesIO(b""))
    assert refuse(small_bundle, tmp_path / "opt").template == reader.NOT_LISTED


def test_a_link_in_place_of_a_file_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    copy_members(small_bundle, lambda name: not name.endswith("scripts/run"))
    link = tarfile.TarInfo(f"{RELEASE['name']}/scripts/run")
    link.type, link.linkname = tarfile.SYMTYPE, "/bin/sh"
    with tarfile.open(small_bundle.file, "a") as archive:
        archive.addfile(link)
    assert refuse(small_bundle, tmp_path / "opt").template == reader.NOT_LISTED


@pytest.mark.parametrize("name", ["../gridmap-1", "/gridmap-1", "gridmap-1/..", "other-1"])
def test_a_name_outside_the_folder_is_refused_even_if_signed(
    name: str, small_bundle: SmallBundle, tmp_path: Path
) -> None:
    small_bundle.sign_again(small_bundle.manifest._replace(name=name))
    assert refuse(small_bundle, tmp_path / "opt").template == reader.NO_BUNDLE


@pytest.mark.parametrize("name", ["../run", "/etc/run", "a/../../run"])
def test_a_file_outside_the_folder_is_refused_even_if_signed(
    name: str, small_bundle: SmallBundle, tmp_path: Path
) -> None:
    files = {name: small_bundle.manifest.files["scripts/run"]}
    small_bundle.sources[name] = small_bundle.sources["scripts/run"]
    small_bundle.sign_again(small_bundle.manifest._replace(files=files))
    assert refuse(small_bundle, tmp_path / "opt").template == reader.NO_BUNDLE


@pytest.mark.parametrize(
    ("key", "value"), [("id", "ubuntu"), ("version", "99"), ("machine", "riscv64"), ("python", "3.99")]
)
def test_a_bundle_for_another_system_is_refused(
    key: str, value: str, small_bundle: SmallBundle, tmp_path: Path
) -> None:
    small_bundle.sign_again(small_bundle.manifest._replace(system=small_bundle.manifest.system | {key: value}))
    refusal = refuse(small_bundle, tmp_path / "opt")
    assert refusal.template == reader.OTHER_SYSTEM
    assert value in str(refusal.values["wanted"])


def test_a_bundle_that_does_not_fit_on_the_disk_is_refused(small_bundle: SmallBundle, tmp_path: Path) -> None:
    files = {"bundle/wheels/town.whl": small_bundle.manifest.files["bundle/wheels/town.whl"] | {"size": 10**15}}
    with pytest.raises(BundleRefused, match="2500000000 MB are needed"):
        reader._check_space(tmp_path, small_bundle.manifest._replace(files=files))


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b" + bytes(2000), bytes(10240), b"PK\x03\x04"])
def test_other_files_are_no_bundles(content: bytes, small_bundle: SmallBundle, tmp_path: Path) -> None:
    small_bundle.file.write_bytes(content)
    assert refuse(small_bundle, tmp_path / "opt").template == reader.NO_BUNDLE


def test_no_change_of_a_byte_changes_what_is_opened(small_bundle: SmallBundle, tmp_path: Path) -> None:
    """A change is refused, or lies where the archive has only padding and times."""
    data, before = small_bundle.file.read_bytes(), contents(open_bundle(small_bundle.file, small_bundle.key, tmp_path))
    places = random.Random(1).sample(range(len(data)), 300)
    for number, place in enumerate(places):
        changed = bytearray(data)
        changed[place] ^= 1 << number % 8
        small_bundle.file.write_bytes(changed)
        try:
            folder = open_bundle(small_bundle.file, small_bundle.key, tmp_path / f"opt{number}")
        except BundleRefused:
            continue
        assert contents(folder) == before, place


def copy_members(bundle: SmallBundle, wanted: Callable[[str], bool]) -> None:
    """Write the bundle again with some of its members only."""
    copy = bundle.file.with_suffix(".copy")
    with tarfile.open(bundle.file) as archive, tarfile.open(copy, "w") as output:
        for member in archive.getmembers():
            if wanted(member.name):
                output.addfile(member, archive.extractfile(member))
    copy.replace(bundle.file)


def test_the_same_files_and_key_give_the_same_bytes(small_bundle: SmallBundle, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    for source in small_bundle.sources.values():
        os.utime(source, (1, 1))
    write_bundle(small_bundle.manifest, small_bundle.sources, small_bundle.private_key, again, TIME)
    assert again.read_bytes() == small_bundle.file.read_bytes()


@pytest.mark.parametrize("text", ["", "no key", "AAAA", "=" * 44])
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(BundleRefused, match="44 letters"):
        reader.parse_key(text)


@pytest.mark.parametrize("template", sorted(reader.CHINESE))
def test_refusals_are_translated_as_in_the_catalogue(template: str) -> None:
    values = {name: f"{{{name}}}" for name in re.findall(r"{(\w+)}", template)}
    assert reader.CHINESE[template] == translate(Message(template, values), "zh_CN")


def run_alone(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the program that opens bundles as on a machine without gridmap: no packages, no environment."""
    command = [sys.executable, "-I", "-S", reader.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})


def test_the_program_needs_python_only_and_prints_the_folder(small_bundle: SmallBundle, tmp_path: Path) -> None:
    run = run_alone(small_bundle.file, "--key", reader.format_key(small_bundle.key), "--into", tmp_path / "opt")
    assert (run.returncode, run.stderr) == (0, "")
    assert Path(run.stdout.strip()) == tmp_path / "opt" / RELEASE["name"]


def test_the_program_says_in_two_languages_why_it_refuses(small_bundle: SmallBundle, tmp_path: Path) -> None:
    run = run_alone(small_bundle.file, "--key", reader.format_key(bytes(32)), "--into", tmp_path / "opt")
    assert (run.returncode, run.stdout) == (2, "")
    assert "signed with the key" in run.stderr
    assert "未使用其中任何内容" in run.stderr


def test_the_program_asks_for_the_key(small_bundle: SmallBundle) -> None:
    run = run_alone(small_bundle.file)
    assert run.returncode == 2
    assert "Name the key of whoever made the bundle" in run.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    run = run_alone(tmp_path / "away.tar", "--key", reader.format_key(bytes(32)))
    assert run.returncode == 2
    assert "away.tar: No such file or directory" in run.stderr
