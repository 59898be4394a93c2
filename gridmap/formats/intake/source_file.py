"""Opening of an input: a file, folder or ZIP file with layers, checked before and after it is read."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.intake.completeness import FileStamp, changed_files
from gridmap.formats.intake.layer_search import NOT_PERMITTED, LayerSearch
from gridmap.formats.readers.layer_source import LayerSource, ReadOptions
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

EXPECTED_PACKAGE = N_("a GeoPackage, another file with layers or lists, a folder or a ZIP file of them")
FILE_NOT_FOUND = FaultTemplate(N_("there is no such file or folder"), EXPECTED_PACKAGE)
NO_LAYERS = FaultTemplate(N_("there are no layers in it"), N_("the layers communities and buildings"))


@dataclass(frozen=True)
class InputSource:
    """Path of an input, with what the person who reads it says about it.

    Parameters
    ----------
    path : Path
        File, folder or ZIP file.
    options : ReadOptions
        What the reader says.
    """

    path: Path
    options: ReadOptions = field(default_factory=ReadOptions)

    @property
    def name(self) -> str:
        """Return the name of the file or folder."""
        return self.path.name

    @property
    def stem(self) -> str:
        """Return the name without suffix."""
        return self.path.stem


@dataclass(frozen=True, eq=False)
class OpenSource:
    """Input that is open: its layers can be read until it is closed.

    Parameters
    ----------
    source : InputSource
        The input.
    layers : dict of str to LayerSource
        Layers by their names in lower case.
    faults : list of InputFault
        Layers that cannot be used.
    foreign : list of InputFault
        Files that gridmap cannot read, with the way to get them read.
    """

    source: InputSource
    layers: dict[str, LayerSource]
    faults: list[InputFault]
    foreign: list[InputFault]

    @property
    def name(self) -> str:
        """Return the name of the file or folder."""
        return self.source.name

    @property
    def stem(self) -> str:
        """Return the name without suffix."""
        return self.source.stem


SourceLike = Path | InputSource | OpenSource


def as_input(source: SourceLike) -> InputSource:
    """Return the path and options of any kind of source."""
    if isinstance(source, Path):
        return InputSource(source)
    return source.source if isinstance(source, OpenSource) else source


@contextmanager
def open_source(source: SourceLike) -> Iterator[OpenSource]:
    """Open an input, and check at the end that nothing in it changed.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        One that is open already is used as it is, and stays open.

    Yields
    ------
    OpenSource
        Its layers are valid within the context: private copies are deleted at its end.

    Raises
    ------
    InvalidInput
        If nothing can be read, if it is not finished, or if it changed while it was read.
    """
    if isinstance(source, OpenSource):
        yield source
        return
    wanted = as_input(source)
    with ExitStack() as stack:
        workspace = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmap-")))
        search = LayerSearch(wanted.options, workspace)
        opened = _search_layers(wanted, search)
        with _unchanged(search.stamps):
            yield opened


@contextmanager
def _unchanged(stamps: list[FileStamp]) -> Iterator[None]:
    """Raise InvalidInput if a file changed meanwhile, which explains other faults, too."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(changed_files(stamps) or error.faults) from None
    if faults := changed_files(stamps):
        raise InvalidInput(faults)


def _search_layers(wanted: InputSource, search: LayerSearch) -> OpenSource:
    location = FaultLocation(wanted.name)
    if not wanted.path.exists():
        raise InvalidInput([make_fault(location, FILE_NOT_FOUND, value=wanted.name)])
    try:
        search.add(wanted.path, wanted.name)
    except PermissionError:
        raise InvalidInput([make_fault(location, NOT_PERMITTED)]) from None
    if not search.layers and not search.faults:
        raise InvalidInput(search.foreign or [make_fault(location, NO_LAYERS)])
    layers = {name: wanted.options.place(layer) for name, layer in search.layers.items()}
    return OpenSource(wanted, layers, search.faults, search.foreign)
