"""Folium's map without files of its own, and the element that starts our script on it."""

import folium
from folium.elements import JSCSSMixin
from folium.template import Template


class MapInitializer(JSCSSMixin):
    """Element that sets the first view of the map and starts a module on it.

    The first view is not animated, as it would be by Folium: the end of an animation would undo a zoom of the module.

    Parameters
    ----------
    corners : list of list of float
        South-west and north-east corner, each as latitude and longitude.
    module : str
        URL of the module on our own host.
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
    """Folium map without links of its own: the page contains Leaflet."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - Folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - likewise
