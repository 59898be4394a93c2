"""Folium's map without what the page brings itself, and with what our script begins by."""

import folium
from folium.elements import JSCSSMixin
from folium.template import Template


class MapInitializer(JSCSSMixin):
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


class OfflineMap(folium.Map):
    """Folium's map without addresses of its own: the page brings Leaflet."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - Folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - likewise
