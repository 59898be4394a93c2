"""Styles of QGIS (QML): colours by value, labels, titles of fields and texts of their values."""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from gridmap.formats.exports.layer_appearance import LayerAppearance
from gridmap.formats.exports.layer_style import LayerStyle
from gridmap.texts import translate

QGIS_VERSION = "3.22.16"
"""Version of QGIS in Debian 12: later ones read its styles."""
SYMBOL_KINDS = {"polygon": "fill", "line": "line", "point": "marker"}
GEOMETRY_NUMBERS = {"point": "0", "line": "1", "polygon": "2"}
LABEL_HALO_MM = "0.8"


def write_style(description: LayerAppearance, geometry: str, language: str) -> str:
    """Return the style of a layer as QML.

    Parameters
    ----------
    description : LayerAppearance
    geometry : {"polygon", "line", "point", "none"}
        ``none`` for a table: only titles and texts of values.
    language : str
        Language of titles and legend.
    """
    root = Element("qgis", version=QGIS_VERSION, styleCategories="Symbology|Labeling|Fields|Forms")
    if description.style and geometry in SYMBOL_KINDS:
        _add_renderer(root, description.style, geometry, language)
        _add_labels(root, description.style, geometry)
    _add_fields(root, description, language)
    if geometry in GEOMETRY_NUMBERS:
        SubElement(root, "layerGeometryType").text = GEOMETRY_NUMBERS[geometry]
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{ElementTree.tostring(root, 'unicode')}"


def qgis_colour(colour: str, opacity: float = 1.0) -> str:
    """Return a colour as QGIS writes it.

    Examples
    --------
    >>> qgis_colour("#0072b2", 0.5)
    '0,114,178,128'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _add_renderer(root: Element, style: LayerStyle, geometry: str, language: str) -> None:
    kind = "categorizedSymbol" if style.field else "singleSymbol"
    renderer = SubElement(root, "renderer-v2", type=kind, forceraster="0", symbollevels="0", enableorderby="0")
    colours = [style.colour]
    if style.field:
        renderer.set("attr", style.field)
        categories = SubElement(renderer, "categories")
        for number, each in enumerate(style.values):
            label = translate(each.title, language)
            SubElement(categories, "category", render="true", symbol=str(number), value=each.value, label=label)
        SubElement(categories, "category", render="true", symbol=str(len(style.values)), value="", label="–")
        colours = [*(each.colour for each in style.values), style.colour]
    symbols = SubElement(renderer, "symbols")
    for number, colour in enumerate(colours):
        _add_symbol(symbols, str(number), geometry, _symbol_options(style, geometry, colour))


def _add_symbol(symbols: Element, name: str, geometry: str, options: Mapping[str, str]) -> None:
    symbol = SubElement(
        symbols, "symbol", type=SYMBOL_KINDS[geometry], name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer_class = {"polygon": "SimpleFill", "line": "SimpleLine", "point": "SimpleMarker"}[geometry]
    layer = SubElement(symbol, "layer", attrib={"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    option_map = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(option_map, "Option", type="QString", name=key, value=value)
        SubElement(layer, "prop", k=key, v=value)


def _symbol_options(style: LayerStyle, geometry: str, colour: str) -> Mapping[str, str]:
    width = f"{style.line_mm:g}"
    if geometry == "line":
        return {"line_color": qgis_colour(colour), "line_width": width, "line_width_unit": "MM", "line_style": "solid"}
    outline = {"outline_color": qgis_colour(colour), "outline_width": width, "outline_width_unit": "MM"}
    if geometry == "point":
        return {"name": "circle", "color": qgis_colour(colour), "size": "2", "size_unit": "MM", **outline}
    return {"color": qgis_colour(colour, style.fill_opacity), "style": "solid", "outline_style": "solid", **outline}


def _add_labels(root: Element, style: LayerStyle, geometry: str) -> None:
    if not style.label_field:
        return
    labeling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    text_style = SubElement(
        settings,
        "text-style",
        fieldName=style.label_field,
        isExpression="0",
        fontSize="9",
        fontSizeUnit="Point",
        textColor=qgis_colour("#17212b"),
        textOpacity="1",
    )
    SubElement(
        text_style,
        "text-buffer",
        bufferDraw="1",
        bufferSize=LABEL_HALO_MM,
        bufferSizeUnits="MM",
        bufferColor=qgis_colour("#ffffff"),
        bufferOpacity="1",
    )
    placement = {"polygon": "1", "line": "2", "point": "0"}[geometry]
    SubElement(settings, "placement", placement=placement, dist="1", distUnits="MM", priority="5")
    SubElement(settings, "rendering", drawLabels="1", scaleVisibility="0", obstacle="1", limitNumLabels="0")


def _add_fields(root: Element, description: LayerAppearance, language: str) -> None:
    configuration = SubElement(root, "fieldConfiguration")
    for column in description.fields:
        widget = SubElement(SubElement(configuration, "field", name=column.key), "editWidget")
        widget.set("type", "ValueMap" if column.labels else "")
        config = SubElement(SubElement(widget, "config"), "Option")
        if column.labels:
            config.set("type", "Map")
            value_list = SubElement(config, "Option", type="List", name="map")
            for value, text in column.labels.items():
                entry = SubElement(value_list, "Option", type="Map")
                SubElement(entry, "Option", type="QString", name=translate(text, language), value=value)
    aliases = SubElement(root, "aliases")
    for index, column in enumerate(description.fields):
        title = translate(column.title, language)
        SubElement(aliases, "alias", field=column.key, name=title, index=str(index))
