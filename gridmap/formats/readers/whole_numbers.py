"""Whole numbers of a file, exactly: GDAL's readers return those of a column with empty values as floats."""

from typing import Any

import numpy as np
import pandas as pd
import pyogrio

MAX_EXACT = 2**53
MAX_DIGITS = 20


def restore_whole_numbers(frame: pd.DataFrame, source: Any, where: str | None, options: dict[str, Any]) -> pd.DataFrame:
    """Return a frame whose columns of whole numbers hold integers, empty values included.

    Floats are exact below 2**53. Columns with larger numbers are read again as texts, if the file stores integers:
    identity numbers and codes of addresses have up to 19 digits.

    Parameters
    ----------
    frame : DataFrame
        Rows as pyogrio read them.
    source : path
        The file.
    where : str, optional
        Condition for the rows.
    options : dict
        Options of the reading: layer, encoding, number of rows, options of the driver.

    Returns
    -------
    DataFrame
        Columns of whole numbers with empty values have the type Int64.
    """
    for name in frame.columns[(frame.dtypes == np.float64).to_numpy()]:
        known = frame[name].dropna().to_numpy()
        if not len(known) or not np.all(np.isfinite(known)) or np.any(known != np.round(known)):
            continue
        if np.all(np.abs(known) < MAX_EXACT):
            frame[name] = frame[name].astype("Int64")
        elif _is_stored_whole(str(name), source, options):
            frame[name] = _read_exactly(str(name), source, where, options, frame.index)
    return frame


def _is_stored_whole(name: str, source: Any, options: dict[str, Any]) -> bool:
    metadata = pyogrio.read_info(source, **_file_options(options))
    types = dict(zip(metadata["fields"], metadata["dtypes"], strict=True))
    return types.get(name) in ("int64", "uint64", "int32")


def _read_exactly(name: str, source: Any, where: str | None, options: dict[str, Any], index: pd.Index) -> pd.Series:
    layer = options.get("layer") or pyogrio.read_info(source, **_file_options(options))["layer_name"]
    query = f"SELECT CAST({_quote(name)} AS character({MAX_DIGITS})) AS whole FROM {_quote(layer)}"  # noqa: S608 - quoted
    texts = pyogrio.read_dataframe(
        source,
        sql=f"{query} WHERE {where}" if where else query,
        sql_dialect="OGRSQL",
        read_geometry=False,
        max_features=options.get("max_features"),
        **{key: value for key, value in _file_options(options).items() if key != "layer"},
    )["whole"]
    numbers = [pd.NA if pd.isna(text) else int(text) for text in texts]
    return pd.Series(pd.array(numbers, dtype="Int64"), index=index)


def _quote(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _file_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that say how the file is opened."""
    rows = ("max_features", "fid_as_index", "on_invalid", "datetime_as_string")
    return {key: value for key, value in options.items() if key not in rows}
