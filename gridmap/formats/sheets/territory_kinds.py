"""Sheets of the territory without shapes: resident groups, attributes of buildings, and their household counts."""

from gridmap.core.errors import N_
from gridmap.core.field_lengths import (
    MAX_ADDRESS_LETTERS,
    MAX_BUILDING_CODE_LETTERS,
    MAX_NAME_LETTERS,
    MAX_USE_LETTERS,
)
from gridmap.core.vocabulary import HouseholdKind, Role
from gridmap.formats.package.column_names import COLUMN_SYNONYMS
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.formats.sheets.place_fields import (
    BUILDING_PLACE,
    COMMUNITY,
    COMMUNITY_OF_PLACE,
    COUNT_KINDS,
    SUBDISTRICT,
)

RESIDENT_GROUPS = SheetKind(
    "resident-groups",
    N_("Resident groups"),
    "居民小组",
    (
        SUBDISTRICT,
        COMMUNITY,
        SheetField(
            "name",
            "居民小组",
            N_("Name of the resident group, unique in its community."),
            FieldType.CODE,
            COLUMN_SYNONYMS["resident_groups"]["name"],
            required=True,
            max_letters=MAX_NAME_LETTERS,
            example="第三居民小组",
        ),
    ),
    (Role.STATION, Role.ADMIN),
)
BUILDINGS = SheetKind(
    "buildings",
    N_("Attributes of buildings"),
    "楼栋信息",
    (
        SUBDISTRICT,
        COMMUNITY_OF_PLACE,
        SheetField(
            "building_code",
            "楼栋编码",
            N_("Code of the building on the map. Without it, the other columns find it, and fill in gaps only."),
            FieldType.CODE,
            ("楼栋代码", "楼栋ID", "楼栋编号", "建筑编码", "建筑编号", "房屋编码", "building_id", "building_code"),
            max_letters=MAX_BUILDING_CODE_LETTERS,
            example="000123",
        ),
        SheetField(
            "estate",
            "小区",
            N_("Name of the estate."),
            synonyms=COLUMN_SYNONYMS["buildings"]["estate"],
            example="东湖花园",
        ),
        SheetField(
            "building",
            "楼号",
            N_("Number or name of the building that people use."),
            FieldType.CODE,
            ("楼栋", "楼栋号", "栋号", "幢号", "楼幢", "楼名", "楼栋名称", "建筑名称", "building", "building_name"),
            example="3号楼",
        ),
        SheetField(
            "address",
            "地址",
            N_("Address of the building."),
            synonyms=COLUMN_SYNONYMS["buildings"]["address"],
            max_letters=MAX_ADDRESS_LETTERS,
            example="东湖路1号",
        ),
        SheetField(
            "use",
            "用途",
            N_("Use, in the words of the office, for example 住宅 or 商业."),
            synonyms=COLUMN_SYNONYMS["buildings"]["use"],
            max_letters=MAX_USE_LETTERS,
            example="住宅",
        ),
        SheetField(
            "levels",
            "层数",
            N_("Storeys above ground."),
            FieldType.COUNT,
            COLUMN_SYNONYMS["buildings"]["levels"],
            maximum=200,
            example="18",
        ),
    ),
    (Role.PLANNER,),
)
COUNTED_ON = SheetField(
    "counted_on",
    "统计日期",
    N_("Day of the count; else the day of the sheet."),
    FieldType.DATE,
    ("日期", "as_of"),
)
HOUSEHOLD_COUNTS = SheetKind(
    "household-counts",
    N_("Counts of households and persons of buildings"),
    "楼栋户数人口",
    (
        *BUILDING_PLACE,
        SheetField(
            "households",
            "户数",
            N_("Number of households."),
            FieldType.COUNT,
            COLUMN_SYNONYMS["buildings"]["households"],
            maximum=20_000,
            example="48",
        ),
        SheetField(
            "residents",
            "人口",
            N_("Number of persons who live there, for subdistricts without a roster of residents."),
            FieldType.COUNT,
            COLUMN_SYNONYMS["buildings"]["residents"],
            maximum=100_000,
            example="130",
        ),
        SheetField(
            "residents_60",
            "60岁以上",
            N_("Number of those persons who are 60 or older."),
            FieldType.COUNT,
            COLUMN_SYNONYMS["buildings"]["residents_60"],
            maximum=100_000,
            example="26",
        ),
        SheetField(
            "count_kind",
            "户数类型",
            N_("常住户 (empty means this), 户籍户 or 房屋套数."),
            FieldType.KIND,
            ("户数口径", "口径", "统计口径", "count_kind"),
            kinds=COUNT_KINDS,
            default=HouseholdKind.RESIDENT.value,
            example="常住户",
        ),
        COUNTED_ON,
    ),
    (Role.PLANNER,),
)
GROUP_COUNTS = SheetKind(
    "service-group-counts",
    N_("Counts of service groups of buildings"),
    "楼栋服务类别人数",
    (*BUILDING_PLACE, COUNTED_ON),
    (Role.STATION,),
)
"""A column for each service group of the subdistrict comes in addition, where the subdistrict is known."""
