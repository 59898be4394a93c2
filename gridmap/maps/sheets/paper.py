"""Paper of a printed sheet: sizes, the frame of the map, and the scale that fits."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

MARGIN_MM = 8.0
"""Margin of the sheet: most office printers leave 5 mm blank."""
HEADER_MM = 17.0
FOOTER_MM = 9.0
"""Height of the title above the map, and of the line with the scale bar below it."""
GAP_MM = 4.0
PADDING_MM = 6.0
"""Least distance of the grid from the frame: room to recognise the surroundings."""
SCALES = (
    *(200, 250, 300, 400, 500, 600, 750, 800, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 8000),
    *(10_000, 12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000),
)
"""Scale denominators that people know from rulers and maps."""
SCALE_STEP = 10_000
"""Step of denominators beyond the last of `SCALES`."""


class Paper(StrEnum):
    """Size of the paper."""

    A4 = "a4"
    A3 = "a3"
    A2 = "a2"
    A1 = "a1"
    A0 = "a0"


DESK_PAPERS = (Paper.A4, Paper.A3)
"""Sizes that office printers take; larger ones are the layout of A3, enlarged for those who stand before it."""
ENLARGEMENTS = {Paper.A2: 2**0.5, Paper.A1: 2.0, Paper.A0: 2**1.5}
SIZES_MM = {Paper.A4: (210.0, 297.0), Paper.A3: (297.0, 420.0)}
"""Shorter and longer side of layouts (ISO 216)."""
COLUMN_MM = {Paper.A4: 62.0, Paper.A3: 82.0}
"""Width of the column beside the map, in landscape format."""
BLOCK_MM = {Paper.A4: 82.0, Paper.A3: 104.0}
"""Height of the block below the map, in portrait format."""


@dataclass(frozen=True)
class SheetFormat:
    """Format of a sheet.

    Parameters
    ----------
    paper : Paper
    landscape : bool
    """

    paper: Paper
    landscape: bool

    @property
    def layout(self) -> Paper:
        """Paper of the layout that is enlarged to the paper of the sheet."""
        return self.paper if self.paper in DESK_PAPERS else Paper.A3

    @property
    def enlargement(self) -> float:
        """Millimetres on the paper for a millimetre of the layout.

        Examples
        --------
        >>> [SheetFormat(paper, landscape=True).enlargement for paper in (Paper.A4, Paper.A3, Paper.A1)]
        [1.0, 1.0, 2.0]
        """
        return ENLARGEMENTS.get(self.paper, 1.0)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the layout.

        Examples
        --------
        >>> SheetFormat(Paper.A4, landscape=True).size_mm
        (297.0, 210.0)
        """
        shorter, longer = SIZES_MM[self.layout]
        return (longer, shorter) if self.landscape else (shorter, longer)

    @property
    def frame_mm(self) -> tuple[float, float]:
        """Width and height of the frame of the map in the layout.

        Examples
        --------
        >>> SheetFormat(Paper.A4, landscape=True).frame_mm
        (215.0, 168.0)
        """
        width, height = (side - 2 * MARGIN_MM for side in self.size_mm)
        height -= HEADER_MM + FOOTER_MM
        if self.landscape:
            return width - COLUMN_MM[self.layout] - GAP_MM, height
        return width, height - BLOCK_MM[self.layout] - GAP_MM

    @property
    def list_height_mm(self) -> float:
        """Height of the lists beside or below the map, in the layout."""
        return self.size_mm[1] - 2 * MARGIN_MM - HEADER_MM if self.landscape else BLOCK_MM[self.layout]

    @property
    def list_columns(self) -> int:
        """Columns of the lists: one beside the map, three below it."""
        return 1 if self.landscape else 3

    @property
    def name(self) -> str:
        """Name of the format in style sheets, such as ``a4-landscape``."""
        return f"{self.paper}-{'landscape' if self.landscape else 'portrait'}"

    @property
    def style_names(self) -> str:
        """Names of the layout and the paper in style sheets.

        Examples
        --------
        >>> [SheetFormat(paper, landscape=True).style_names for paper in (Paper.A3, Paper.A0)]
        ['a3-landscape', 'a3-landscape a0-landscape']
        """
        names = SheetFormat(self.layout, self.landscape).name, self.name
        return " ".join(dict.fromkeys(names))


def fit_scale(extent_m: tuple[float, float], sheet_format: SheetFormat) -> int:
    """Return the smallest scale denominator at which an extent fits into the frame of a sheet.

    Parameters
    ----------
    extent_m : tuple of float
        Width and height in metres.
    sheet_format : SheetFormat

    Examples
    --------
    >>> fit_scale((400, 250), SheetFormat(Paper.A4, landscape=True))
    2000
    >>> fit_scale((203, 156), SheetFormat(Paper.A4, landscape=True))
    1000
    >>> [fit_scale((900, 400), SheetFormat(paper, landscape=True)) for paper in (Paper.A3, Paper.A0)]
    [3000, 1250]
    """
    sides, enlargement = zip(extent_m, sheet_format.frame_mm, strict=True), sheet_format.enlargement
    needed = max(1000 * metres / ((frame_mm - 2 * PADDING_MM) * enlargement) for metres, frame_mm in sides)
    return next((scale for scale in SCALES if scale >= needed), ceil(needed / SCALE_STEP) * SCALE_STEP)


def choose_format(extent_m: tuple[float, float], paper: Paper, *, landscape: bool | None = None) -> SheetFormat:
    """Return the format in which an extent is drawn largest; portrait and landscape by its form if both are equal.

    Parameters
    ----------
    extent_m : tuple of float
        Width and height in metres.
    paper : Paper
    landscape : bool, optional
        Orientation that the reader wants.

    Examples
    --------
    >>> [choose_format(extent, Paper.A4).name for extent in ((900, 200), (200, 900))]
    ['a4-landscape', 'a4-portrait']
    """
    if landscape is not None:
        return SheetFormat(paper, landscape)
    wide = extent_m[0] >= extent_m[1]
    formats = [SheetFormat(paper, each) for each in (wide, not wide)]
    return min(formats, key=lambda each: fit_scale(extent_m, each))


def scale_bar_metres(scale: float, max_mm: float = 60.0) -> int:
    """Return the length of a scale bar: 1, 2 or 5 with zeros, at most `max_mm` on the paper.

    Examples
    --------
    >>> [scale_bar_metres(scale) for scale in (500, 1500, 25_000)]
    [20, 50, 1000]
    """
    longest = max_mm * scale / 1000
    lengths = [digit * step for step in (1, 10, 100, 1000, 10_000, 100_000) for digit in (1, 2, 5)]
    return max(length for length in lengths if length <= max(longest, 1))
