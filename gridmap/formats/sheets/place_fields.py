"""Fields that several kinds of sheets share: building, door, coordinates, community and kind of household."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.field_lengths import MAX_ADDRESS_LETTERS, MAX_BUILDING_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.vocabulary import HouseholdKind, Tenure
from gridmap.formats.package.column_names import ADDRESSES, COMMUNITY_CODES
from gridmap.formats.sheets.fields import FieldType, SheetField

HOUSEHOLD_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("常住户", "常住", "常住人口", "居住", "resident"), HouseholdKind.RESIDENT.value),
    **dict.fromkeys(("户籍户", "户籍", "户籍人口", "registered"), HouseholdKind.REGISTERED.value),
}
COUNT_KINDS: Mapping[str, str] = {
    **HOUSEHOLD_KINDS,
    **dict.fromkeys(("房屋套数", "套数", "房屋", "dwelling"), HouseholdKind.DWELLING.value),
}
TENURES: Mapping[str, str] = {
    **dict.fromkeys(("自有", "产权", "owned"), Tenure.OWNED.value),
    **dict.fromkeys(("租赁", "租用", "租", "rented"), Tenure.RENTED.value),
    **dict.fromkeys(("借用", "借", "无偿使用", "lent"), Tenure.LENT.value),
    **dict.fromkeys(("不详", "未知", "unknown"), Tenure.UNKNOWN.value),
}
SUBDISTRICT = SheetField(
    "subdistrict",
    "街道",
    N_("Code or name of the subdistrict; a row of another one is a fault."),
    FieldType.CODE,
    ("街道名称", "所属街道", "所在街道", "街道代码", "街道编码", "街道办", "街道办事处"),
    max_letters=MAX_NAME_LETTERS,
    example="水果湖街道",
)
COMMUNITY_OF_PLACE = SheetField(
    "community",
    "社区",
    N_("Code or name of the community, to check the building against; the building itself decides."),
    FieldType.CODE,
    (*COMMUNITY_CODES, "社区名称", "所属社区名称"),
    max_letters=MAX_NAME_LETTERS,
    example="湖滨社区",
)
BUILDING_PLACE = (
    SUBDISTRICT,
    COMMUNITY_OF_PLACE,
    SheetField(
        "building_code",
        "楼栋编码",
        N_("Code of the building on the map. With it no address is needed."),
        FieldType.CODE,
        ("楼栋代码", "楼栋ID", "建筑编码", "房屋编码", "building_id", "building_code"),
        max_letters=MAX_BUILDING_CODE_LETTERS,
        example="000123",
    ),
    SheetField(
        "estate",
        "小区",
        N_("Name of the estate."),
        synonyms=("小区名称", "小区名", "所属小区", "所在小区", "住宅小区", "estate", "compound"),
        example="东湖花园",
    ),
    SheetField(
        "building",
        "楼号",
        N_("Number or name of the building, in any spelling: 3号楼, 3栋, 3."),
        FieldType.CODE,
        ("楼栋", "楼栋号", "栋号", "幢号", "楼幢", "楼名", "楼栋名称", "building", "building_name"),
        example="3号楼",
    ),
    SheetField(
        "address",
        "详细地址",
        N_("Full address, with unit and door where they are known. Estate and building number may stand here."),
        synonyms=(*ADDRESSES, "住址", "居住地址", "现住址", "家庭住址", "家庭地址", "address"),
        max_letters=MAX_ADDRESS_LETTERS,
        example="东湖花园3号楼2单元501室",
    ),
)
DOOR_PLACE = (
    SheetField(
        "unit",
        "单元",
        N_("Unit of the building, where it has several."),
        FieldType.CODE,
        ("单元号", "门洞", "梯号", "unit"),
        max_letters=80,
        example="2单元",
    ),
    SheetField(
        "door",
        "房号",
        N_("Number on the door."),
        FieldType.CODE,
        ("室号", "房间号", "门牌号码", "户号", "房屋号", "室", "door", "room", "number"),
        max_letters=40,
        example="501",
    ),
)
COORDINATES = (
    SheetField(
        "longitude",
        "经度",
        N_("Longitude in degrees (CGCS2000), where it is in no building. Coordinates of internet maps are shifted."),
        FieldType.NUMBER,
        ("东经", "lon", "lng", "longitude"),
        minimum=-180,
        maximum=180,
        example="114.3612",
    ),
    SheetField(
        "latitude",
        "纬度",
        N_("Latitude in degrees (CGCS2000)."),
        FieldType.NUMBER,
        ("北纬", "lat", "latitude"),
        minimum=-90,
        maximum=90,
        example="30.5521",
    ),
)
HOUSEHOLD_KIND = SheetField(
    "household_kind",
    "户别",
    N_("常住户 lives here, 户籍户 is registered here."),
    FieldType.KIND,
    ("户类型", "户口类别", "人口类型", "居住类型", "household_kind"),
    kinds=HOUSEHOLD_KINDS,
    example="常住户",
)
COMMUNITY = SheetField(
    "community",
    "社区",
    N_("Code or name of the community."),
    FieldType.CODE,
    (*COMMUNITY_CODES, "社区名称", "所属社区名称"),
    required=True,
    max_letters=MAX_NAME_LETTERS,
    example="湖滨社区",
)
