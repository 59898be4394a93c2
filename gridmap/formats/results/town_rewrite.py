"""A town package written anew with other counts, everything else as it was."""

from pathlib import Path

import pandas as pd
import pyogrio

from gridmap.core.errors import InvalidInput
from gridmap.formats.readers.files import NOT_READABLE, LayerSource, find_layers
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.row_faults import make_fault


def rewrite_town(source: Path, target: Path, counts: pd.DataFrame) -> None:
    """Write the layers of a town package as a GeoPackage, its buildings with counts of their own.

    Parameters
    ----------
    source : Path
        Town package that `read_town` read.
    target : Path
        GeoPackage to write; an existing one is replaced.
    counts : DataFrame
        Columns for the buildings, in the order of their rows; columns of these names are replaced.

    Raises
    ------
    InvalidInput
        If a layer cannot be read or nothing can be written; nothing is left behind then.
    """
    stored, _ = find_layers(source)
    layers = {name: _read_all_columns(layer) for name, layer in stored.items() if not layer.is_view}
    buildings = layers["buildings"]
    replaced = [name for name in buildings.columns if name.strip().lower() in counts.columns]
    layers["buildings"] = buildings.drop(columns=replaced).assign(**{str(name): counts[name] for name in counts})
    write_layers(target, layers)


def _read_all_columns(layer_source: LayerSource) -> pd.DataFrame:
    """All columns of a layer; its key is one of them where it has a name of its own."""
    options = {"IMMUTABLE": "YES"} if layer_source.path.suffix == ".gpkg" else {}
    try:
        key = pyogrio.read_info(layer_source.path, layer=layer_source.layer, encoding=layer_source.encoding, **options)[
            "fid_column"
        ]
        named = key not in ("", "fid", "FID", "ogc_fid")
        frame = pyogrio.read_dataframe(
            layer_source.path, layer=layer_source.layer, encoding=layer_source.encoding, fid_as_index=named, **options
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError) as error:
        raise InvalidInput([make_fault(layer_source.location, NOT_READABLE, value=error)]) from None
    whole: pd.DataFrame = frame.reset_index(names=key) if named else frame
    return whole
