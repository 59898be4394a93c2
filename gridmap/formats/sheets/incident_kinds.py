"""Sheets of incidents and of their categories."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.field_lengths import MAX_CATEGORY_LETTERS, MAX_INCIDENT_NUMBER_LETTERS, MAX_TITLE_LETTERS
from gridmap.core.vocabulary import AccessClass, IncidentStatus, Role
from gridmap.formats.package.column_names import COLUMN_SYNONYMS
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.formats.sheets.place_fields import BUILDING_PLACE, COORDINATES

INCIDENT_COLUMNS = COLUMN_SYNONYMS["incidents"]
STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("已办结", "办结", "已结案", "结案", "完成", "已完成", "closed"), IncidentStatus.CLOSED.value),
    **dict.fromkeys(
        ("未办结", "办理中", "处理中", "在办", "待办", "待处理", "未结案", "open"), IncidentStatus.OPEN.value
    ),
}
CHANNELS: Mapping[str, str] = {
    **dict.fromkeys(("热线", "12345", "12345热线", "电话", "hotline"), "hotline"),
    **dict.fromkeys(("网格员", "网格员上报", "巡查", "worker"), "worker"),
    **dict.fromkeys(("来访", "走访", "窗口", "walk_in"), "walk_in"),
    **dict.fromkeys(("文件", "其他", "file"), "file"),
}
ACCESS_CLASSES: Mapping[str, str] = {
    **dict.fromkeys(("公开类", "公开", "一般", "ordinary"), AccessClass.ORDINARY.value),
    **dict.fromkeys(("个人类", "个人", "personal"), AccessClass.PERSONAL.value),
    **dict.fromkeys(("敏感类", "敏感", "sensitive"), AccessClass.SENSITIVE.value),
}
MAX_GROUNDS_LETTERS = 200
"""Purpose and legal basis of a category."""

INCIDENTS = SheetKind(
    "incidents",
    N_("Incidents"),
    "事件台账",
    (
        SheetField(
            "number",
            "工单编号",
            N_("Number that people quote; a row of the same number is the same incident."),
            FieldType.CODE,
            INCIDENT_COLUMNS["number"],
            required=True,
            max_letters=MAX_INCIDENT_NUMBER_LETTERS,
            example="20260301-0001",
        ),
        SheetField(
            "category",
            "事件小类",
            N_("Category of the subdistrict by name, key or standard code. It decides who may see the incident."),
            synonyms=(*INCIDENT_COLUMNS["category"], "小类", "问题小类", "诉求小类", "小类名称", "小类编码"),
            required=True,
            max_letters=MAX_CATEGORY_LETTERS,
            example="路灯不亮",
        ),
        SheetField(
            "occurred_at",
            "发生时间",
            N_("When it happened, with the time of day where it is known."),
            FieldType.TIME,
            INCIDENT_COLUMNS["occurred_at"],
            required=True,
            example="2026-03-01 08:30",
        ),
        SheetField(
            "title",
            "标题",
            N_("Short description, without names and numbers of persons."),
            synonyms=(*INCIDENT_COLUMNS["title"], "诉求标题", "诉求主题"),
            max_letters=MAX_TITLE_LETTERS,
            example="3号楼前路灯不亮",
        ),
        *BUILDING_PLACE,
        *COORDINATES,
        SheetField(
            "status",
            "办理状态",
            N_("已办结 or 未办结. Without this column and 办结时间, every incident counts as closed when it happened."),
            FieldType.KIND,
            ("状态", "工单状态", "案件状态", "事件状态", "办结情况"),
            kinds=STATUSES,
            example="已办结",
        ),
        SheetField("closed_at", "办结时间", N_("When it was closed."), FieldType.TIME, INCIDENT_COLUMNS["closed_at"]),
        SheetField(
            "channel",
            "来源渠道",
            N_("热线, 网格员, 来访 or 文件; empty means 文件."),
            FieldType.KIND,
            ("来源", "事件来源", "工单来源", "受理渠道", "诉求来源", "channel"),
            kinds=CHANNELS,
            example="热线",
        ),
        SheetField(
            "urgent",
            "是否紧急",
            N_("是 for 突发事件; empty means 否."),
            FieldType.FLAG,
            ("紧急", "突发", "是否突发", "urgent"),
        ),
    ),
    (Role.STATION,),
    whole_subdistrict=True,
)
INCIDENT_CATEGORIES = SheetKind(
    "incident-categories",
    N_("Incident categories"),
    "事件分类",
    (
        SheetField(
            "main_category",
            "大类",
            N_("Main category of the catalogue, by name or key; empty means 其他分类."),
            synonyms=("事件大类", "大类名称", "问题大类", "main_category"),
            max_letters=MAX_CATEGORY_LETTERS,
            example="市政设施",
        ),
        SheetField(
            "name",
            "小类",
            N_("Name of the category in Chinese."),
            synonyms=("事件小类", "小类名称", "问题小类", "分类名称", "name_zh"),
            required=True,
            max_letters=MAX_CATEGORY_LETTERS,
            example="路灯不亮",
        ),
        SheetField(
            "key",
            "小类代码",
            N_("Key by which the category is found again when its name changes; it never changes itself."),
            FieldType.CODE,
            ("分类代码", "分类编码", "小类编码", "key"),
            max_letters=MAX_CATEGORY_LETTERS,
            example="street_lamp",
        ),
        SheetField(
            "name_en",
            "英文名称",
            N_("Name in English; empty means the Chinese one."),
            synonyms=("英文名", "name_en"),
            max_letters=MAX_CATEGORY_LETTERS,
            example="Street lamp",
        ),
        SheetField(
            "access_class",
            "分级",
            N_("公开类, 个人类 or 敏感类 of a new category; empty means 个人类. Two administrators change it later."),
            FieldType.KIND,
            ("类别级别", "访问级别", "保密级别", "access_class"),
            kinds=ACCESS_CLASSES,
            example="公开类",
        ),
        SheetField(
            "purpose",
            "处理目的",
            N_("Purpose of processing, for incidents about persons."),
            synonyms=("目的", "purpose"),
            max_letters=MAX_GROUNDS_LETTERS,
        ),
        SheetField(
            "legal_basis",
            "法律依据",
            N_("Legal basis, for incidents about persons. Without one, sensitive incidents cannot be stored."),
            synonyms=("依据", "法律法规依据", "legal_basis"),
            max_letters=MAX_GROUNDS_LETTERS,
        ),
        SheetField(
            "line_of_work",
            "条线",
            N_("Service line that deals with it, by name or key."),
            synonyms=("业务条线", "责任条线", "line_of_work"),
            max_letters=MAX_CATEGORY_LETTERS,
            example="物业管理",
        ),
        SheetField(
            "standard_code",
            "国标代码",
            N_("Code of GB/T 30428.2, where the office exchanges data by it."),
            FieldType.CODE,
            ("标准代码", "部件代码", "事件代码", "standard_code"),
            max_letters=20,
        ),
    ),
    (Role.ADMIN,),
    whole_subdistrict=True,
)
