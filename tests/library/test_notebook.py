"""The notebook of the library runs, and needs no database and no web."""

import ast
import json
import subprocess
import sys
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "docs" / "library.ipynb"
FUNCTIONS = {"partition", "tessellate", "check", "repair", "compare"}
RUNNER = """
import json, sys
import gridmap
heavy = {"flask", "sqlalchemy", "psycopg2", "click", "dask", "geoalchemy2"}
light = sorted({"numpy", "pandas", "shapely", "babel"} & set(sys.modules))
names = {}
loaded = []
for code in json.loads(sys.stdin.read()):
    exec(code, names)
    loaded += sorted(heavy & set(sys.modules))
print(json.dumps([light, loaded, names["plan"].explore()._repr_html_()[:4]]))
"""


def code_cells() -> list[str]:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_notebook_calls_every_function_of_the_library() -> None:
    calls = [node.func for code in code_cells() for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert {call.attr for call in calls if isinstance(call, ast.Attribute)} >= FUNCTIONS


def test_the_notebook_holds_no_output() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells if cell["outputs"] or cell["execution_count"]] == []


def test_the_notebook_runs_without_web_database_or_terminal() -> None:
    command = [sys.executable, "-W", "error", "-c", RUNNER]
    run = subprocess.run(command, input=json.dumps(code_cells()), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [[], [], "<div"]
