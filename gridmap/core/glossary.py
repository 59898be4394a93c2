"""Glossary: the one term for each concept in code, tables, API, pages and documents."""

import textwrap
from typing import NamedTuple


class Term(NamedTuple):
    """A term of the glossary.

    Parameters
    ----------
    english, chinese : str
        The one name of the concept in each language.
    meaning : str
        Definition, without a period.
    forbidden : tuple of str
        Regular expressions of other names for the concept; code, pages and documents use none of them.
    """

    english: str
    chinese: str
    meaning: str
    forbidden: tuple[str, ...] = ()


GLOSSARY: tuple[Term, ...] = (
    Term("subdistrict", "街道", "the office above the communities", ("street office", "sub-district")),
    Term("street", "道路", "a line that people walk and drive on"),
    Term("community", "社区", "the territory that is partitioned into grids"),
    Term("resident group", "居民小组", "an older layer within a community", ("residents' group",)),
    Term(
        "grid",
        "网格",
        "a part of a community that one worker is in charge of; its kind is `household` or `dedicated` "
        "(专属网格: park, school, market)",
    ),
    Term("micro-grid", "微网格", "a part of a grid with about 100 households", ("microgrid", "micro grid")),
    Term("barrier", "分界线", "a line that grids should not cross"),
    Term("enclosure", "街区", "land enclosed by barriers"),
    Term("cell", "楼栋地块", "a polygon of the tessellation: a building with its land (a 200 m square is a *square*)"),
    Term("estate", "小区", "a group of buildings under one name, often walled"),
    Term(
        "courtyard",
        "楼院",
        "a part of an estate in one place, identified by estate and name; a grid contains all of it",
    ),
    Term("building", "楼栋", "a building of a courtyard or estate, or by itself"),
    Term("unit", "单元", "a part of a building with its own entrance", ("stairwell",)),
    Term("dwelling", "房屋", "the rooms of a unit behind one door"),
    Term("atom", "基本单元", "cells that are never separated; a plan assigns atoms to grids"),
    Term("coverage", "覆盖", "polygons that share edges but no area"),
    Term(
        "partition",
        "划分",
        "noun and verb: a community into grids (courtyards and towers are divided)",
        (r"divi(?:de|des|ded|ding|sion of) (?:a|the|its|each|every) (?:town|community|communities)",),
    ),
    Term("first day", "首次建图", "a planner begins a subdistrict with a picture and a list, without files of a GIS"),
    Term(
        "import draft",
        "导入草稿",
        "a sheet that was uploaded, with its comparison, until it is imported or discarded",
    ),
    Term("control point", "控制点", "a place that is known both on a picture and on the map"),
    Term("outline", "轮廓", "the extent of an estate that a planner traces, within which its buildings stand"),
    Term("schematic", "位置示意", "of the place of a building: in order within its outline, not surveyed"),
    Term("plan", "方案", "the assignment of the land of a community to grids"),
    Term("draft", "草稿", "an editable workspace of a plan"),
    Term(
        "revision",
        "版本",
        "an immutable saved assignment of a plan",
        (r"versions? of (?:a|the) plan", "plan versions?"),
    ),
    Term(
        "given street",
        "责任道路",
        "a stretch of a street along the border of two grids that a revision gives to one of them; incidents on the"
        " border there count in that grid",
    ),
    Term(
        "carried revision",
        "转入版本",
        "a revision on land that was built anew: standing buildings have the grids that they had before",
    ),
    Term("former cell", "原楼栋地块", "the cell of a place on the days before its land was built anew"),
    Term("adopt", "批准启用", "to put a revision of a plan into force from a date"),
    Term("in force", "现行", "the one revision of a community that is valid on a date"),
    Term("effective date", "生效日期", "the first date on which a revision is in force"),
    Term(
        "norm",
        "户数标准",
        "the range of households of a grid for a subdistrict or community, with its document, by date; the status of a"
        " grid is judged by the norm of the day",
    ),
    Term("made with", "划分所用范围", "the range that a partition was given; another one than the norm is a trial"),
    Term("profile", "规则", "a named set of rules"),
    Term("minimum", "下限", "the lower limit of the norm", ("fewest",)),
    Term("maximum", "上限", "the upper limit of the norm"),
    Term("target", "目标", "the number of households that a partition aims at"),
    Term(
        "status",
        "状态",
        "of a grid against the norm: `under` 偏少, `in_range` 达标, `over` 偏多, `no_counts` 缺户数 where "
        "its kind of household is not counted; the status of an incident or a "
        "revision is called incident status or revision status",
        ("grid states?", r"states? of (?:a|the) grids?"),
    ),
    Term("household", "户", "a household of a kind: 常住户, 户籍户 or 房屋套数"),
    Term("resident", "居民", "a person of a household"),
    Term("doors of a building", "楼栋户室图", "a drawing of its dwellings by unit and floor, without names"),
    Term("occupancy", "居住方式", "of a household: `owner` 自住 or `tenant` 租住"),
    Term(
        "separate registration",
        "人户分离",
        "a household that lives here and is registered elsewhere (人在户不在), or the other way round (户在人不在)",
    ),
    Term(
        "statistical area",
        "统计小区",
        "a fixed group of buildings with at least 20 households, counted as one for readers who see no persons",
    ),
    Term(
        "service group",
        "服务类别",
        "residents whom an office serves for a purpose; a sensitive one is off until it has a legal basis",
    ),
    Term(
        "population count",
        "人口统计数",
        "persons of a building as an office counted them, by source and day, without a record of any person",
    ),
    Term("place", "点位", "an organisation, an office, a facility or a shop; its kind belongs to a group"),
    Term("responsibility map", "网格责任图", "the map of a grid with buildings, streets, places and people in charge"),
    Term("incident", "事件", "an event reported to the service"),
    Term(
        "access class",
        "公开程度",
        "who may see the incidents of a category: `ordinary` 公开类 (things and places), `personal` 个人类 (people and "
        "households) or `sensitive` 敏感类 (sensitive personal information)",
        ("privacy class", "sensitivity class"),
    ),
    Term("main category", "大类", "a group of categories of incidents"),
    Term("category", "小类", "a kind of incidents, with an access class; a line of work deals with it"),
    Term(
        "published count",
        "定期公布数",
        "a count of personal or sensitive incidents of a closed month or quarter, written once",
    ),
    Term(
        "change set",
        "变更批次",
        "the changes of one transaction in a subdistrict, with their source and date; the journal holds them",
    ),
    Term(
        "journal", "变更记录", "the record of every row that was inserted, updated or deleted, and by which change set"
    ),
    Term("case", "工单", "the handling of an incident"),
    Term("worker", "网格员", "the person in charge of a grid"),
    Term("roster", "网格人员名册", "who has which role in a grid, a building or a resident group, from day to day"),
    Term("in charge", "网格长", "of a grid: the one person who answers for it on a day; a grid without one is vacant"),
    Term("duty", "任务", "of a person on the roster: a place (B岗) or a line of work (A岗), for a period"),
    Term("leave", "请假", "days on which a substitute 代管 has the grids of a worker, and the access that they need"),
    Term("planner", "规划员", "the role that makes plans"),
    Term("leader", "街道领导", "the role that reads figures of a subdistrict"),
    Term("station", "社区网格工作站", "the role that receives and dispatches incidents"),
    Term("reveal", "查看完整信息", "to show a name or a number in clear, for a purpose and a reason that are recorded"),
    Term("special task", "专项工作", "a task for which an administrator gives accounts more reveals, for a time"),
    Term("household visit", "入户走访", "names and phones of one household in clear for 30 minutes, for one reason"),
    Term(
        "job",
        "后台任务",
        "work that no page waits for; it runs in the background with the rights of its account",
        ("background tasks?",),
    ),
    Term("runner", "任务进程", "the process that begins jobs and watches them"),
    Term("lease", "租约", "the time for which an attempt of a job holds without a sign of life"),
    Term("fencing number", "栅栏号", "a number that grows at every begin of a job; only its latest holder finishes it"),
    Term("periodic task", "定期任务", "a task of the installation that is due once in every period, over all hosts"),
    Term("stored file", "暂存文件", "an upload of an account or the result of a job, encrypted and deleted in time"),
    Term(
        "disclosure control",
        "小数保护",
        "the rules that decide which counts may be shown to whom",
        ("small number protection",),
    ),
)
"""The one term for each concept, in the order of the territory, the plan, the people."""

GLOSSARY_HEADER = """\
# Glossary

One term stands for one concept in code, tables, API, pages and documents. `gridmap/core/glossary.py` holds the terms,
and `glossary_markdown()` writes this page.
"""


def glossary_markdown(width: int = 120) -> str:
    """Return the glossary as the Markdown text of ``docs/glossary.md``.

    Parameters
    ----------
    width : int
        Longest line.

    Examples
    --------
    >>> glossary_markdown().splitlines()[6]
    '- **street** (道路): a line that people walk and drive on.'
    """
    wrapped = (
        textwrap.fill(_glossary_entry(term), width, subsequent_indent="  ", break_long_words=False) for term in GLOSSARY
    )
    return GLOSSARY_HEADER + "\n" + "\n".join(wrapped) + "\n"


def _glossary_entry(term: Term) -> str:
    """Return the entry of a term, with the forbidden synonyms that are plain words."""
    synonyms = ", ".join(f"*{each}*" for each in term.forbidden if each.replace(" ", "").replace("-", "").isalpha())
    entry = f"- **{term.english}** ({term.chinese}): {term.meaning}."
    return f"{entry} Not: {synonyms}." if synonyms else entry
