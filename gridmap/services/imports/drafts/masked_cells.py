"""Values of sheets for people, with names and numbers of persons masked."""

from gridmap.core.privacy.masking import mask_name, mask_number
from gridmap.formats.sheets.fields import FieldType, SheetField

HIDDEN = "***"


def mask_cell(sheet_field: SheetField, value: object) -> str:
    """Return a value for people; names and numbers of persons are masked.

    Examples
    --------
    >>> from gridmap.formats.sheets.kinds import RESIDENTS
    >>> [mask_cell(each, "13800138000") for each in RESIDENTS.fields[:3]]
    ['1**', '*******8000', '*******8000']
    >>> mask_cell(RESIDENTS.fields[-1], "低保对象、独居老人")
    '***'
    """
    if value is None:
        return ""
    if sheet_field.is_hidden:
        return HIDDEN
    shown = next((spelling for spelling, word in sheet_field.kinds.items() if word == value), str(value))
    if not sheet_field.is_personal:
        return shown
    return mask_name(shown) if sheet_field.field_type is FieldType.TEXT else mask_number(shown)
