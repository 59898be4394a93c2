"""Synonyms of the columns of a town package: headers of offices' sheets, of OpenStreetMap and of other programs.

They are compared as `gridmap.formats.readers.headers.fold_header` says, so that one spelling of each is enough. A word
that may mean something else is not here: 户籍户数 counts registered households, 上报时间 is no time of occurrence,
街道 is no street, and ``building`` says yes in OpenStreetMap. Such columns are named with ``--column``.
"""

from collections.abc import Mapping

Synonyms = Mapping[str, tuple[str, ...]]

COMMUNITY_CODES = (
    *("社区编码", "社区代码", "社区编号", "社区ID", "所属社区", "所属社区编码", "所属社区代码", "所在社区"),
    *("community", "community_id", "community_no"),
)
ADDRESSES = (
    "地址",
    "详细地址",
    "门牌地址",
    "门牌号",
    "门牌",
    "坐落",
    "address_full",
    "addr",
    "addr:full",
    "full_address",
)

BUILDINGS: Synonyms = {
    "building_id": (
        *("楼号", "楼栋号", "楼栋编号", "楼栋编码", "楼栋代码", "栋号", "幢号", "楼幢号", "楼栋", "编号", "编码"),
        *("建筑编号", "建筑编码", "建筑物编号", "建筑物编码", "房屋编号", "房屋编码", "樓號", "樓棟編號"),
        *("bldg", "bldg_id", "bld_id", "building_no", "building_number", "building_code", "osm_id"),
    ),
    "households": (
        *("户数", "居民户数", "住户数", "总户数", "户数合计", "常住户数", "戶數", "住戶數"),
        *("household", "hh", "hhs", "num_households", "household_count", "households_total", "no_of_households"),
    ),
    "residents": (
        *("人口", "人口数", "总人口", "常住人口", "常住人口数", "居民人数", "居住人口"),
        *("population", "persons", "num_residents"),
    ),
    "residents_60": (
        *("60岁以上", "60岁及以上", "60周岁以上", "60岁以上人口", "60岁及以上人口", "60岁以上人数", "60岁以上老人"),
        *("老年人口", "老年人数", "residents_60_plus", "population_60"),
    ),
    "levels": (
        *("层数", "楼层", "楼层数", "总层数", "总楼层", "地上层数", "建筑层数", "樓層", "層數"),
        *("level", "floor", "floors", "storeys", "stories", "num_floors", "building:levels", "floor_count"),
    ),
    "courtyard": ("院落", "楼院", "院落名称", "楼院名称", "所属院落", "所属楼院", "院子", "courtyard_name", "yard"),
    "estate": (
        *(
            "小区",
            "小区名称",
            "小区名",
            "所属小区",
            "所在小区",
            "住宅小区",
            "居民小区",
            "居民小区名称",
            "居住小区",
            "小區",
        ),
        *("estate_name", "compound", "residential_estate"),
    ),
    "use": (
        *("用途", "房屋用途", "建筑用途", "楼栋用途", "使用用途", "使用性质", "建筑性质", "楼栋类型", "建筑类型"),
        *("usage", "building_use", "building_type", "bldg_type", "land_use"),
    ),
    "name": ("名称", "楼栋名称", "楼名", "建筑名称", "建筑物名称", "大楼名称", "building_name", "bldg_name"),
    "address": (*ADDRESSES, "楼栋地址", "房屋地址"),
}
KIND_HEADERS = ("类型", "类别", "种类", "type", "class", "fclass")

COLUMN_SYNONYMS: Mapping[str, Synonyms] = {
    "communities": {
        "code": (
            *("编码", "代码", "编号", "社区编码", "社区代码", "社区编号", "社区ID", "行政区划代码", "区划代码"),
            *("community_code", "community_id", "community_no"),
        ),
        "name": ("名称", "社区名称", "社区名", "社区", "community_name", "community"),
    },
    "buildings": BUILDINGS,
    "streets": {
        "name": ("名称", "道路名称", "道路名", "路名", "道路", "street_name", "road_name", "street", "road"),
        "kind": (*KIND_HEADERS, "道路类型", "道路类别", "道路等级", "等级", "highway", "road_type", "street_type"),
    },
    "barriers": {"kind": (*KIND_HEADERS, "分界线类型", "分界类型", "障碍类型", "barrier", "barrier_type")},
    "railway": {"kind": (*KIND_HEADERS, "铁路类型", "railway", "rail_type")},
    "dedicated": {
        "name": (
            *("名称", "单位名称", "地块名称", "专属网格名称", "专属网格", "网格名称", "场所名称"),
            *("dedicated_name", "site_name"),
        ),
    },
    "subdistrict": {"name": ("名称", "街道", "街道名称", "街道名", "街道办", "subdistrict_name", "subdistrict")},
    "grids": {
        "grid_code": (
            *("网格编码", "网格编号", "网格号", "网格代码", "网格ID", "网格码", "grid_id", "grid_no", "grid_number"),
            "grid",
        ),
        "code": ("编码", "编号", "代码"),
        "name": ("名称", "网格名称", "网格名", "网格", "grid_name"),
        "community_code": COMMUNITY_CODES,
    },
    "incidents": {
        "number": (
            *("编号", "事件编号", "事件号", "工单编号", "工单号", "案件编号", "案件号", "任务号", "流水号", "受理编号"),
            *(
                "incident_number",
                "incident_no",
                "incident_id",
                "case_no",
                "case_number",
                "case_id",
                "ticket",
                "ticket_no",
            ),
        ),
        "category": (
            *(
                "类别",
                "类型",
                "分类",
                "事件类别",
                "事件类型",
                "事件分类",
                "问题类型",
                "问题类别",
                "案件类型",
                "工单类型",
            ),
            *("type", "incident_type", "incident_category", "case_type"),
        ),
        "occurred_at": (
            *("发生时间", "发生日期", "事发时间", "事件时间", "事件发生时间", "案发时间"),
            *("occurred", "occurred_on", "occurrence_time", "incident_time", "time_occurred"),
        ),
        "closed_at": (
            *("办结时间", "办结日期", "结案时间", "结案日期", "完结时间", "办理完成时间", "关闭时间"),
            *("closed", "closed_on", "close_time", "closed_time", "closing_time"),
        ),
        "title": ("标题", "事件标题", "事件名称", "案件标题", "工单标题", "主题", "subject", "incident_title"),
    },
    "resident_groups": {
        "name": (
            *("名称", "小组名称", "小组", "组名", "居民小组", "居民小组名称", "居民组", "居民组名称"),
            *("group", "group_name", "resident_group"),
        ),
        "community_code": COMMUNITY_CODES,
    },
    "shops": {
        "name": (
            *("名称", "店名", "店铺名称", "商铺名称", "商户名称", "门店名称", "单位名称", "企业名称", "字号", "招牌"),
            *("shop", "shop_name", "store_name"),
        ),
        "address": (*ADDRESSES, "经营地址", "店铺地址", "商铺地址", "经营场所"),
    },
}
"""Synonyms by layer and column."""


def column_synonyms(layer: str, column: str) -> tuple[str, ...]:
    """Return the synonyms of a column, none where it has no others.

    Examples
    --------
    >>> column_synonyms("grids", "code"), column_synonyms("buildings", "households_low")
    (('编码', '编号', '代码'), ())
    """
    return COLUMN_SYNONYMS.get(layer, {}).get(column, ())
