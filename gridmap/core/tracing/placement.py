"""Placement of a picture on the map: least squares over control points, with residuals in metres.

Pictures are placed in Web Mercator. It is conformal, so that a plan drawn to scale stays a similarity, and the browser
draws the placed picture by one affine transformation without distorting it: what is traced on it lies where the
computation says. Lengths are divided by the scale of the projection, so that all figures are true metres.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gridmap.core.array_types import FloatArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

EARTH_RADIUS_M = 6_378_137.0
"""Radius of the sphere of Web Mercator (EPSG:3857)."""
MAX_LATITUDE = 85.0
"""Web Mercator ends there; so do the maps of browsers."""
MIN_DISTANCE_PX = 8.0
"""Control points nearer to each other than this say nothing about scale and direction: a click is not exact."""
MIN_SUSPICIOUS_M = 3.0
SUSPICION_FACTOR = 3.0
"""A point is pointed out if the other points agree three times better without it, and it is off by 3 m or more."""

TOO_FEW = N_("{count} control points are too few: this kind of placement needs at least {minimum}.")
TOO_CLOSE = N_("The control points lie too close together, or all on one line: choose some in other corners.")
MIRRORED = N_("The picture would be mirrored: at least two control points are mixed up.")
NOT_ON_MAP = N_("Longitude {longitude} and latitude {latitude} are no place on the map.")


class PlacementMethod(StrEnum):
    """Kind of a placement: ``similarity`` keeps shapes; ``affine`` corrects a stretched scan; ``file`` is exact."""

    SIMILARITY = "similarity"
    AFFINE = "affine"
    SCALE = "scale"
    FILE = "file"


MIN_POINTS = {PlacementMethod.SIMILARITY: 2, PlacementMethod.AFFINE: 3}


@dataclass(frozen=True)
class ControlPoint:
    """A place that is known on the picture and on the map.

    Parameters
    ----------
    x, y : float
        Pixels from the left and from the top of the picture.
    longitude, latitude : float
        Degrees, WGS 84.
    """

    x: float
    y: float
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Affine:
    """Affine transformation from pixels to Web Mercator metres: east = a x + b y + c, north = d x + e y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def apply(self, pixels: FloatArray) -> FloatArray:
        """Return the Web Mercator coordinates of pixels, both of shape (n, 2)."""
        matrix = np.array([[self.a, self.b], [self.d, self.e]])
        moved: FloatArray = pixels @ matrix.T + np.array([self.c, self.f])
        return moved

    def after(self, earlier: "Affine") -> FloatArray:
        """Return the 3 × 3 matrix that moves places of an earlier placement of the picture to this one's."""
        moved: FloatArray = self.matrix() @ np.linalg.inv(earlier.matrix())
        return moved

    def matrix(self) -> FloatArray:
        """Return the 3 × 3 matrix of the transformation."""
        return np.array([[self.a, self.b, self.c], [self.d, self.e, self.f], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Placement:
    """A picture placed on the map.

    Parameters
    ----------
    method : PlacementMethod
    affine : Affine
    residuals_m : tuple of float
        Distance on the ground between each control point and where the picture shows it.
    suspicious : int or None
        Position of a control point that does not agree with the others.
    """

    method: PlacementMethod
    affine: Affine
    residuals_m: tuple[float, ...] = ()
    suspicious: int | None = None

    @property
    def error_m(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt(np.mean(np.square(self.residuals_m)))) if self.residuals_m else 0.0

    def metres_per_pixel(self) -> float:
        """Return the size of a pixel on the ground, at the origin of the picture."""
        affine = self.affine
        latitude = np.radians(to_degrees(np.array([[affine.c, affine.f]]))[0, 1])
        return float(np.sqrt(abs(affine.a * affine.e - affine.b * affine.d)) * np.cos(latitude))


def to_mercator(lonlat: FloatArray) -> FloatArray:
    """Return longitudes and latitudes, shape (n, 2), in metres of Web Mercator.

    Examples
    --------
    >>> to_mercator(np.array([[180.0, 0.0]])).round(2).tolist()
    [[20037508.34, 0.0]]
    """
    longitude, latitude = np.radians(lonlat).T
    return EARTH_RADIUS_M * np.column_stack([longitude, np.arcsinh(np.tan(latitude))])


def to_degrees(metres: FloatArray) -> FloatArray:
    """Return metres of Web Mercator, shape (n, 2), as longitudes and latitudes.

    Examples
    --------
    >>> to_degrees(to_mercator(np.array([[114.3, 30.5]]))).round(9).tolist()
    [[114.3, 30.5]]
    """
    east, north = (metres / EARTH_RADIUS_M).T
    degrees: FloatArray = np.degrees(np.column_stack([east, np.arctan(np.sinh(north))]))
    return degrees


def place_by_points(points: list[ControlPoint], method: PlacementMethod) -> Placement:
    """Place a picture by control points.

    Parameters
    ----------
    points : list of ControlPoint
        At least two for a similarity, three for an affine placement.
    method : {PlacementMethod.SIMILARITY, PlacementMethod.AFFINE}

    Returns
    -------
    Placement
        With the residual of every point, and the point that does not agree with the others, if there is one.

    Raises
    ------
    InvalidInput
        If there are too few points, if they are too close or on one line, or if the picture would be mirrored.

    Examples
    --------
    >>> corners = [ControlPoint(0, 0, 114.30, 30.51), ControlPoint(1000, 0, 114.31, 30.51)]
    >>> placed = place_by_points(corners, PlacementMethod.SIMILARITY)
    >>> round(placed.metres_per_pixel(), 3), placed.error_m < 1e-6
    (0.959, True)
    """
    minimum = MIN_POINTS[method]
    if len(points) < minimum:
        raise _invalid(Message(TOO_FEW, {"count": len(points), "minimum": minimum}))
    for point in points:
        _require_place(point.longitude, point.latitude)
    pixels = np.array([[point.x, point.y] for point in points], dtype=float)
    lonlat = np.array([[point.longitude, point.latitude] for point in points], dtype=float)
    _require_spread(pixels, method)
    target, scale = to_mercator(lonlat), np.cos(np.radians(lonlat[:, 1].mean()))
    affine = _fit(pixels, target, method)
    if affine.a * affine.e - affine.b * affine.d >= 0:
        raise _invalid(Message(MIRRORED))
    residuals = _residuals(affine, pixels, target) * scale
    return Placement(method, affine, tuple(residuals.tolist()), _find_outlier(pixels, target, method, scale))


def place_by_scale(anchor: ControlPoint, metres_per_pixel: float, north_degrees: float) -> Placement:
    """Place a picture where there is no map at all: by its scale, the direction of north and one place.

    Parameters
    ----------
    anchor : ControlPoint
        Place known on both. Where nothing is known, any longitude and latitude gives a local frame: distances and
        directions are true, the place is not.
    metres_per_pixel : float
        Size of a pixel on the ground.
    north_degrees : float
        Direction of north on the picture, clockwise from its upper edge.

    Returns
    -------
    Placement

    Raises
    ------
    InvalidInput
        If the anchor is no place on the map.

    Examples
    --------
    >>> placed = place_by_scale(ControlPoint(0, 0, 114.3, 30.5), 0.5, 0)
    >>> round(placed.metres_per_pixel(), 6)
    0.5
    """
    _require_place(anchor.longitude, anchor.latitude)
    ((east, north),) = to_mercator(np.array([[anchor.longitude, anchor.latitude]]))
    size = metres_per_pixel / np.cos(np.radians(anchor.latitude))
    cosine, sine = size * np.cos(np.radians(north_degrees)), size * np.sin(np.radians(north_degrees))
    c = east - cosine * anchor.x - sine * anchor.y
    f = north - sine * anchor.x + cosine * anchor.y
    return Placement(PlacementMethod.SCALE, Affine(cosine, sine, float(c), sine, -cosine, float(f)))


def move_with_picture(lonlat: FloatArray, earlier: Affine, later: Affine) -> FloatArray:
    """Return places that were traced on a picture after the picture has been placed anew.

    Parameters
    ----------
    lonlat : (n, 2) array of float
        Degrees.
    earlier, later : Affine
        Placements before and after.

    Examples
    --------
    >>> before, after = (place_by_scale(ControlPoint(0, 0, 114.3, y), 1, 0).affine for y in (30.5, 30.6))
    >>> move_with_picture(np.array([[114.3, 30.5]]), before, after).round(9).tolist()
    [[114.3, 30.6]]
    """
    metres = to_mercator(lonlat)
    moved = np.column_stack([metres, np.ones(len(metres))]) @ later.after(earlier).T
    return to_degrees(moved[:, :2])


def _fit(pixels: FloatArray, target: FloatArray, method: PlacementMethod) -> Affine:
    """Return the least-squares fit; coordinates are centred, so that millimetres do not drown in 10⁷ metres."""
    middle, centre = pixels.mean(axis=0), target.mean(axis=0)
    from_pixels, to_target = pixels - middle, target - centre
    if method is PlacementMethod.AFFINE:
        solution = np.linalg.lstsq(from_pixels, to_target, rcond=None)[0].T
    else:
        x, y = from_pixels[:, 0], -from_pixels[:, 1]  # north is up, rows are counted downwards
        square = float((x**2 + y**2).sum())
        cosine = float((x * to_target[:, 0] + y * to_target[:, 1]).sum()) / square
        sine = float((x * to_target[:, 1] - y * to_target[:, 0]).sum()) / square
        solution = np.array([[cosine, sine], [sine, -cosine]])
    offset = centre - solution @ middle
    (a, b), (d, e) = solution.tolist()
    return Affine(a, b, float(offset[0]), d, e, float(offset[1]))


def _residuals(affine: Affine, pixels: FloatArray, target: FloatArray) -> FloatArray:
    distances: FloatArray = np.hypot(*(affine.apply(pixels) - target).T)
    return distances


def _find_outlier(pixels: FloatArray, target: FloatArray, method: PlacementMethod, scale: float) -> int | None:
    """Return the point without which the others agree much better; two redundant points are needed to tell."""
    count = len(pixels)
    if count < MIN_POINTS[method] + 2:
        return None
    errors, misses = np.empty(count), np.empty(count)
    for left_out in range(count):
        others = np.arange(count) != left_out
        affine = _fit(pixels[others], target[others], method)
        residuals = _residuals(affine, pixels, target) * scale
        errors[left_out], misses[left_out] = np.sqrt(np.mean(residuals[others] ** 2)), residuals[left_out]
    worst = int(np.argmin(errors))
    all_points = np.sqrt(np.mean((_residuals(_fit(pixels, target, method), pixels, target) * scale) ** 2))
    is_off = misses[worst] >= MIN_SUSPICIOUS_M and errors[worst] * SUSPICION_FACTOR < all_points
    return worst if is_off else None


def _require_spread(pixels: FloatArray, method: PlacementMethod) -> None:
    spread = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    if spread[1 if method is PlacementMethod.AFFINE else 0] < MIN_DISTANCE_PX:
        raise _invalid(Message(TOO_CLOSE))


def _require_place(longitude: float, latitude: float) -> None:
    if not (abs(longitude) <= 180 and abs(latitude) <= MAX_LATITUDE):  # NaN is refused, too
        raise _invalid(Message(NOT_ON_MAP, {"longitude": longitude, "latitude": latitude}))


def _invalid(problem: Message) -> InvalidInput:
    return InvalidInput([InputFault(problem)])
