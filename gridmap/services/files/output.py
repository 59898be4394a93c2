"""Reports beside result files, and protection of the sources."""

import json
from collections.abc import Mapping
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.intake.source_file import SourceLike, as_input
from gridmap.formats.results.atomic_file import write_text


def refuse_overwriting_sources(target: Path, *sources: SourceLike) -> None:
    """Refuse to write a result or its report over a file that it is made from.

    Raises
    ------
    InvalidInput
        If the target or the report beside it is one of the sources.
    """
    targets = (target.resolve(), target.with_suffix(".json").resolve())
    if any(as_input(source).path.resolve() in targets for source in sources):
        problem = Message(N_("the result would replace the file it is made from"))
        raise InvalidInput([InputFault(problem, file=target.name, advice=Message(N_("write elsewhere")))])


def write_report(target: Path, values: Mapping[str, object]) -> None:
    """Write the report of a result beside it, whole or not at all.

    Raises
    ------
    InvalidInput
        If the report cannot be written.
    """
    write_text(target.with_suffix(".json"), json.dumps(values, ensure_ascii=False, indent=1) + "\n")
