"""Copy of a town package with other household counts."""

from pathlib import Path

import pandas as pd

from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.stated_columns import SCHEMAS
from gridmap.formats.readers.headers import MatchKind
from gridmap.formats.readers.layer_rows import choose_layer_columns, read_all_columns
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.results.geopackage import write_layers


def rewrite_town(source: SourceLike, target: Path, counts: pd.DataFrame) -> None:
    """Copy the layers of a town package to a GeoPackage and replace the counts of its buildings.

    Columns that the person who reads the town has named get the names of their fields, so that nobody has to name them
    again for the copy.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        Town package that `read_town` has read.
    target : Path
        GeoPackage to write; an existing one is replaced.
    counts : DataFrame
        Columns for the buildings, in the order of their rows; columns of these names are replaced.

    Raises
    ------
    InvalidInput
        If a layer cannot be read or nothing can be written. Nothing is left behind then.
    """
    with open_source(source) as opened:
        layers = {
            name: _name_stated_columns(name, layer_source, read_all_columns(layer_source))
            for name, layer_source in opened.layers.items()
            if not layer_source.is_view
        }
    buildings = layers["buildings"]
    replaced = [name for name in buildings.columns if name.strip().lower() in counts.columns]
    layers["buildings"] = buildings.drop(columns=replaced).assign(**{str(name): counts[name] for name in counts})
    write_layers(target, layers)


def _name_stated_columns(name: str, layer_source: LayerSource, frame: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of a layer that a person has named, unless their fields' names are taken."""
    if name not in SCHEMAS or not layer_source.stated_headers:
        return frame
    choice = choose_layer_columns(layer_source, SCHEMAS[name].fields)
    taken = {column.lower() for column in frame.columns}
    return frame.rename(
        columns={
            header: field
            for field, header in choice.headers.items()
            if choice.kinds[field] is MatchKind.STATED and field not in taken
        }
    )
