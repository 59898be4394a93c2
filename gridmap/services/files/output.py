"""What every use case that writes a result has in common."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput, Message


def refuse_overwriting_sources(target: Path, *sources: Path) -> None:
    """Refuse to write a result, or the report beside it, over what it is made from.

    Raises
    ------
    InvalidInput
    """
    written = (target.resolve(), target.with_suffix(".json").resolve())
    if any(source.resolve() in written for source in sources):
        problem = Message(N_("the result would replace the file it is made from"))
        raise InvalidInput([InputFault(problem, file=target.name, advice=Message(N_("write elsewhere")))])


def write_report(target: Path, values: Mapping[str, object]) -> None:
    """Write the report of a result beside it, in one stroke."""
    path = target.with_suffix(".json")
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        draft = Path(folder) / "report.json"
        draft.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
