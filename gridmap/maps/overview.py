"""The map of a subdistrict as a part of a page: Folium makes the shell, the page's scripts draw what is in it."""

from dataclasses import dataclass

import folium
from branca.element import Figure
from folium.elements import JSCSSMixin
from folium.template import Template
from markupsafe import Markup

NAME = "overview"


@dataclass(frozen=True)
class Shell:
    """What a page has to hold.

    Parameters
    ----------
    body : Markup
        HTML of the map, which is empty.
    script : Markup
        Script that makes the map; it holds numbers and own addresses, and no text from data. The page puts it into an
        element with its nonce, after Leaflet.
    """

    body: Markup
    script: Markup


class Begin(JSCSSMixin):
    """What the map shows first, and our drawing on it: a module, told of the map when it has come.

    The first view is not animated as Folium's own would be: its end would undo what the module has zoomed to since.

    Parameters
    ----------
    corners : list of list of float
        South-west and north-east, as Leaflet counts.
    module : str
        Its address on our own host.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.fitBounds({{ this.corners|tojson }}, {padding: [12, 12], animate: false});"
        "import({{ this.module|tojson }}).then((page) => page.start({{ this._parent.get_name() }}));"
        "{% endmacro %}"
    )

    def __init__(self, corners: list[list[float]], module: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # folium gives its elements no types
        self.corners, self.module = corners, module


class Bare(folium.Map):
    """Folium's map without addresses of its own: the page brings Leaflet."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - Folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - likewise


def shell(box: tuple[float, float, float, float], module: str) -> Shell:
    """The shell of a map without any background.

    Parameters
    ----------
    box : tuple of float
        West, south, east and north of what is to be seen, in degrees.
    module : str
        Address of the script that draws, an ES module with a function ``start``.
    """
    west, south, east, north = box
    page = Figure()
    drawn = Bare(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.5,
        fade_animation=False,
        attribution_control=False,
    )
    drawn._id = NAME
    drawn.add_to(page)
    Begin([[south, west], [north, east]], module).add_to(drawn)
    for child in page._children.values():
        child.render()
    return Shell(Markup(page.html.render()), Markup(page.script.render()))  # noqa: S704 - Folium's own words, and numbers
