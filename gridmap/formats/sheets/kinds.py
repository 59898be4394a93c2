"""Kinds of sheets that can be imported, with their fields."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role, Tenure
from gridmap.formats.package.column_names import COLUMN_SYNONYMS
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.formats.sheets.incident_kinds import INCIDENT_CATEGORIES, INCIDENTS
from gridmap.formats.sheets.place_fields import (
    BUILDING_PLACE,
    COMMUNITY,
    COORDINATES,
    DOOR_PLACE,
    HOUSEHOLD_KIND,
    HOUSEHOLD_KINDS,
    SUBDISTRICT,
    TENURES,
)
from gridmap.formats.sheets.shape_kinds import BOUNDARIES, PRESENT_GRIDS, STREETS
from gridmap.formats.sheets.territory_kinds import BUILDINGS, GROUP_COUNTS, HOUSEHOLD_COUNTS, RESIDENT_GROUPS

RESIDENTS = SheetKind(
    "residents",
    N_("Residents"),
    "居民花名册",
    (
        SheetField(
            "name",
            "姓名",
            N_("Name of the resident."),
            synonyms=("居民姓名", "人员姓名", "name"),
            required=True,
            max_letters=100,
            example="张某某",
            is_personal=True,
        ),
        SheetField(
            "id_number",
            "身份证号",
            N_("Identity number with 18 characters, as text. It is stored encrypted."),
            FieldType.ID_NUMBER,
            ("身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "身份证", "id_number", "id_card"),
            example="11010519491231002X",
            is_personal=True,
        ),
        SheetField(
            "phone",
            "联系电话",
            N_("Phone, as text. It is stored encrypted."),
            FieldType.PHONE,
            ("电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "phone", "mobile"),
            max_letters=40,
            example="13800000000",
            is_personal=True,
        ),
        SheetField(
            "birth_year",
            "出生年份",
            N_("Year of birth; a date of birth is read as its year. The identity number tells it, too."),
            FieldType.YEAR,
            ("出生日期", "出生年月", "出生年月日", "生日", "birth_year", "birth_date", "date_of_birth"),
            example="1949",
        ),
        *BUILDING_PLACE,
        *DOOR_PLACE,
        HOUSEHOLD_KIND,
        SheetField(
            "household_size",
            "户内人数",
            N_("Persons of the household, to check the number of its rows; it is not stored."),
            FieldType.COUNT,
            ("家庭人口", "家庭人口数", "家庭人数", "户人口数", "户内人口", "household_size"),
            maximum=100,
            example="3",
        ),
        SheetField(
            "service_groups",
            "服务类别",
            N_("Service groups by name or key, several with 、 between them; a group that is missing is never ended."),
            synonyms=("服务类型", "人群类别", "重点人群类别", "service_groups", "service groups"),
            max_letters=400,
            example="低保对象、独居老人",
            is_personal=True,
            is_hidden=True,
        ),
    ),
    (Role.STATION,),
)
DWELLINGS = SheetKind(
    "dwellings",
    N_("Dwellings and households"),
    "房屋与户",
    (
        *BUILDING_PLACE,
        *DOOR_PLACE,
        SheetField(
            "floor", "楼层", N_("Storey, 1 at the ground."), FieldType.COUNT, ("所在楼层", "层", "floor"), maximum=200
        ),
        SheetField(
            "household_kind",
            "户别",
            N_("常住户 or 户籍户 where a household lives or is registered there; empty for a vacant dwelling."),
            FieldType.KIND,
            ("户类型", "户口类别", "居住类型", "household_kind"),
            kinds=HOUSEHOLD_KINDS,
            example="常住户",
        ),
    ),
    (Role.STATION,),
)
SHOPS = SheetKind(
    "shops",
    N_("Shops"),
    "商户",
    (
        SheetField(
            "name",
            "商户名称",
            N_("Name on the sign."),
            synonyms=COLUMN_SYNONYMS["shops"]["name"],
            required=True,
            example="便民超市",
        ),
        *BUILDING_PLACE,
        *COORDINATES,
        SheetField(
            "weight",
            "折算户数",
            N_("Households that it counts for where a profile says so; empty means 1."),
            FieldType.NUMBER,
            ("权重", "weight"),
            maximum=1000,
            default=1.0,
        ),
    ),
    (Role.STATION,),
)
ORGANISATIONS = SheetKind(
    "organisations",
    N_("Organisations"),
    "驻区单位",
    (
        SheetField(
            "name",
            "单位名称",
            N_("Name of the organisation."),
            synonyms=("名称", "组织名称", "机构名称", "name"),
            required=True,
            example="某某志愿者协会",
        ),
        SheetField(
            "kind",
            "单位类型",
            N_("Kind, for example 驻区单位, 群团组织 or 志愿者组织."),
            synonyms=("类型", "类别", "组织类型", "单位性质", "kind", "type"),
            required=True,
            max_letters=80,
            example="志愿者组织",
        ),
        *BUILDING_PLACE,
        *COORDINATES,
    ),
    (Role.STATION,),
)
FACILITIES = SheetKind(
    "facilities",
    N_("Facilities"),
    "设施",
    (
        SheetField(
            "kind",
            "设施类型",
            N_("Kind, for example 路灯, 垃圾箱 or 卫生服务站."),
            synonyms=("类型", "类别", "种类", "kind", "type"),
            required=True,
            max_letters=80,
            example="卫生服务站",
        ),
        SheetField("name", "设施名称", N_("Name, where it has one."), synonyms=("名称", "编号", "name")),
        *BUILDING_PLACE,
        *COORDINATES,
        SheetField(
            "area_m2",
            "建筑面积",
            N_("Floor area in square metres."),
            FieldType.NUMBER,
            ("面积", "面积(平方米)", "area", "area_m2"),
            maximum=1e6,
            example="320",
        ),
        SheetField(
            "tenure",
            "权属",
            N_("自有, 租赁, 借用 or 不详."),
            FieldType.KIND,
            ("产权", "产权性质", "房屋权属", "tenure"),
            kinds=TENURES,
            default=Tenure.UNKNOWN.value,
        ),
    ),
    (Role.STATION,),
)
WORKERS = SheetKind(
    "workers",
    N_("Workers with roster and office phones"),
    "网格员",
    (
        SUBDISTRICT,
        COMMUNITY,
        SheetField(
            "name",
            "姓名",
            N_("Name, public by office."),
            synonyms=("网格员姓名", "网格员", "name"),
            required=True,
            max_letters=100,
            example="王某某",
        ),
        SheetField(
            "office_phone",
            "办公电话",
            N_("Office phone, which the public sees; never a private one."),
            FieldType.PHONE,
            ("联系电话", "电话", "办公室电话", "工作电话", "office_phone", "phone"),
            max_letters=40,
            example="027-87650000",
        ),
        SheetField(
            "full_time",
            "是否专职",
            N_("是 for 专职, 否 for 兼职; empty means 是."),
            FieldType.FLAG,
            ("专职", "full_time"),
            default=True,
            example="是",
        ),
        SheetField(
            "grid",
            "网格编码",
            N_("Code of the grid of the worker, as the overview lists it; several rows for several grids."),
            FieldType.CODE,
            ("网格", "所属网格", "负责网格", "网格编号", "网格代码", "grid", "grid_code"),
            max_letters=60,
        ),
        SheetField(
            "in_charge",
            "是否网格长",
            N_("是 where the worker is in charge of the grid."),
            FieldType.FLAG,
            ("网格长", "in_charge"),
            default=False,
            example="是",
        ),
    ),
    (Role.ADMIN, Role.STATION),
)
SHEET_KINDS: Mapping[str, SheetKind] = {
    kind.name: kind
    for kind in (
        *(RESIDENT_GROUPS, WORKERS, BUILDINGS, DWELLINGS, RESIDENTS, SHOPS, ORGANISATIONS, FACILITIES),
        *(HOUSEHOLD_COUNTS, GROUP_COUNTS, INCIDENT_CATEGORIES, INCIDENTS, PRESENT_GRIDS, STREETS, BOUNDARIES),
    )
}
"""All kinds by their names, in the order in which an office fills its town."""
