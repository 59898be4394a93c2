"""Map page of a plan: one HTML file with a Folium map, which loads nothing from a network."""

import base64
import hashlib
import json
import re

import folium
import pandas as pd
from branca.element import Figure, Link
from folium.elements import JSCSSMixin
from folium.template import Template

from gridmap.core.errors import N_
from gridmap.core.vocabulary import BarrierKind, GridStatus, Severity
from gridmap.maps.assets import LEAFLET_PATH, inline_asset, read_template
from gridmap.maps.page_texts import page_catalogues
from gridmap.maps.plan_layers import PlanLayers, build_page_data
from gridmap.texts import language_tag, translate

STATUS_TEXTS = (
    (GridStatus.UNDER, N_("under")),
    (GridStatus.IN_RANGE, N_("in range")),
    (GridStatus.OVER, N_("over")),
    ("dedicated", N_("dedicated")),
)
TABLE_COLUMNS = {
    "grids": (
        ("code", N_("Grid"), ""),
        ("status", N_("Status"), "said"),
        ("households", N_("Households"), "number"),
        ("buildings", N_("Buildings"), "number wide"),
        ("area", N_("Area"), "number wide"),
    ),
    "faults": (
        ("gravity", N_("Fault"), ""),
        ("", N_("What to do"), "said wide"),
        ("area", N_("Area"), "number"),
        ("households", N_("Households"), "number"),
    ),
    "changes": (
        ("way", N_("Building"), ""),
        ("", N_("Reason"), "said wide"),
        ("households", N_("Households"), "number"),
    ),
}
SEVERITY_TEXTS = ((Severity.HIGH, N_("grave")), (Severity.MEDIUM, N_("medium")), (Severity.LOW, N_("slight")))
VIEW_TEXTS = (("before", N_("Before")), ("after", N_("After")), ("changes", N_("Changes")))
BARRIER_TEXTS = ((BarrierKind.WATER, N_("water")), (BarrierKind.RAIL, N_("railway")), (BarrierKind.WALL, N_("wall")))
SCRIPT_NAMES = (
    *("words", "dom", "shapes", "town", "painter", "marks", "labels", "chart"),
    *("details", "table", "grids", "faults", "changes", "sieve", "summary", "page"),
)
POLICY_PLACEHOLDER = "policy-of-this-page"

_HTML_ESCAPES = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"})
_INLINE_ELEMENT = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


class PlanMap(folium.Map):
    """Folium map with Leaflet only, which is inlined in the page."""

    default_js = [("leaflet", f"{LEAFLET_PATH}.js")]  # noqa: RUF012 - Folium's own attribute
    default_css = [("leaflet_css", f"{LEAFLET_PATH}.css")]  # noqa: RUF012 - likewise


class PlanScripts(JSCSSMixin):
    """Our scripts and styles for drawing, tables and panels on the map."""

    default_js = [(f"map_{name}", f"js/map/{name}.js") for name in SCRIPT_NAMES]  # noqa: RUF012 - likewise
    default_css = [(name, f"css/{name}.css") for name in ("tokens", "map_file", "map_file_lists")]  # noqa: RUF012 - likewise
    _template = Template(
        "{% macro script(this, kwargs) %}gridmap.page.start({{ this._parent.get_name() }});{% endmacro %}"
    )


class PlanPage(Figure):
    """Folium figure in our template, with scripts and styles inlined and everything else forbidden.

    Parameters
    ----------
    plan : PlanLayers
        Layers to show.
    language : str
        Language the page starts in, "zh_CN" or "en".
    """

    statuses = STATUS_TEXTS
    table_columns = TABLE_COLUMNS
    severities = SEVERITY_TEXTS
    views = VIEW_TEXTS
    policy = POLICY_PLACEHOLDER

    def __init__(self, plan: PlanLayers, language: str) -> None:
        super().__init__()
        self._template = Template(read_template("map.html"))
        self.language = language_tag(language)
        self.finding_table = "faults" if plan.faults is not None else "changes" if plan.changes is not None else None
        self.has_no_findings = any(layer is not None and layer.empty for layer in (plan.faults, plan.changes))
        self.has_estimates = bool(plan.buildings.get("households_estimated", pd.Series()).any())
        self.legend_symbols = _legend_symbols(plan)
        self.texts = json_for_html({"words": page_catalogues(), "language": self.language})
        self.data = json_for_html(build_page_data(plan))

    def translate_to_chinese(self, text: str) -> str:
        """Translate a text to Chinese, for the note that is shown without JavaScript."""
        return translate(text, "zh_CN")

    def render(self, **kwargs: object) -> str:
        """Render the page, without Folium's own head, which forbids zooming and sets the size of the map."""
        for child in self._children.values():
            child.render(**kwargs)
        links = {name: child for name, child in self.header._children.items() if isinstance(child, Link)}
        for link in links.values():
            link.code = inline_asset(link.url)  # type: ignore[assignment]  # branca prints text as it is
        self.header._children.clear()
        self.header._children.update(links)
        page: str = self._template.render(this=self, kwargs={"embedded": True})
        return page.replace(POLICY_PLACEHOLDER, build_content_policy(page), 1)


def render_plan_page(plan: PlanLayers, language: str = "zh_CN") -> str:
    """Render the map of a plan as one HTML page.

    Parameters
    ----------
    plan : PlanLayers
        Layers in EPSG:4326.
    language : str
        Language of the page at the start; its reader can change it.

    Returns
    -------
    str
        HTML that loads nothing, not even from its own host. It contains the texts of the plan as JSON only.

    Raises
    ------
    InvalidInput
        If scripts and styles have not been set up.
    """
    return build_plan_page(plan, language).render()


def build_plan_page(plan: PlanLayers, language: str = "zh_CN") -> PlanPage:
    """Build the map of a plan as a Folium figure, which notebooks show as it is; see `render_plan_page`."""
    west, south, east, north = plan.bounds
    page = PlanPage(plan, language)
    shell = PlanMap(
        location=((south + north) / 2, (west + east) / 2),
        zoom_start=14,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.5,
        fade_animation=False,
        attribution_control=False,
    )
    shell._id = "plan"
    PlanScripts().add_to(shell)  # type: ignore[no-untyped-call]  # folium gives its elements no types
    shell.add_to(page)
    return page


def json_for_html(value: object) -> str:
    r"""Encode a value as JSON for an HTML element: no character of it can end the element.

    >>> print(json_for_html({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_HTML_ESCAPES)


def build_content_policy(page: str) -> str:
    """Build the policy that allows the inline scripts and styles of a page, by their hashes, and nothing else.

    Parameters
    ----------
    page : str
        HTML with its scripts and styles in elements without attributes.

    Examples
    --------
    >>> build_content_policy("<style>p {}</style>")[:38]
    "default-src 'none'; img-src data:; scr"
    """
    hashes: dict[str, list[str]] = {"script": ["'none'"], "style": ["'none'"]}
    for element, text in _INLINE_ELEMENT.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[element] = [*(source for source in hashes[element] if source != "'none'"), f"'sha256-{digest}'"]
    sources = "; ".join(f"{element}-src {' '.join(allowed)}" for element, allowed in hashes.items())
    return f"default-src 'none'; img-src data:; {sources}; base-uri 'none'; form-action 'none'"


def _legend_symbols(plan: PlanLayers) -> list[tuple[str, str]]:
    """List the symbols of the legend beside those of the grids."""
    barrier_kinds = set(plan.barriers.get("kind", ()))
    symbols = [("community", N_("community border"))]
    symbols += [("building", N_("building"))] if len(plan.buildings) else []
    symbols += [("street", N_("street"))] if len(plan.streets) else []
    return symbols + [(kind.value, text) for kind, text in BARRIER_TEXTS if kind in barrier_kinds]
