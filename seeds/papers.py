"""The materials and fees of an item: its application form, who applies, and the papers of its kind.

A paper that a license replaces (免证办) names the license type. Which papers and whether a district asks for one more
or fewer is our composition from the laws' own lists, so `materials` is among an item's demonstration fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from seeds.license_types import code_of
from seeds.places import HOME
from seeds.ranks import rank
from seeds.tables import Row, rows

ENDINGS = re.compile("(核发|审批|审核|办理|申请|申领|许可|备案|登记|申报|给付|认定|核准|审查|批准|服务)$")
IDENTITY = {
    "N": ("申请人身份证明（居民身份证）", "ID"),
    "L": ("营业执照或统一社会信用代码证书", "BL"),
    "NL": ("申请人身份证明（居民身份证或营业执照）", "ID"),
}


def materials(row: Row, region: str) -> list[dict[str, Any]]:
    """Return the materials in order, 2 to 6; ids are stable over districts: base code and a number."""
    asked = [_form(row), _identity(row["objects"]), *_of_kind(row, region)]
    return [{"id": f"{row['base_code']}-{number:02d}", **paper} for number, paper in enumerate(asked, 1)]


def fees(key: str) -> list[dict[str, str]]:
    """Return the fees of that key: name, amount as a decimal string in yuan, unit and the document that sets it."""
    return [
        {"name_zh": row["name_zh"], "amount": row["amount"], "unit_zh": row["unit_zh"], "basis_zh": row["basis_zh"]}
        for row in rows("fees")
        if row["fee"] == key
    ]


def invented_fees(key: str) -> bool:
    """Say whether an amount among the fees of that key is ours and not the document's."""
    return any(row["fee"] == key and row["amount_source"] == "demonstration" for row in rows("fees"))


def form_name(name_zh: str) -> str:
    """Return what the application form of an item is called: 城镇污水排入排水管网许可 -> 城镇污水排入排水管网许可申请表."""
    ending = ENDINGS.search(name_zh)
    if ending and ending[0] in {"备案", "登记", "申报"}:
        return f"{name_zh}表"
    stem = name_zh.removesuffix("核发").removesuffix("审批").removesuffix("申请").removesuffix("申领")
    return f"{stem}申请表"


def _form(row: Row) -> dict[str, Any]:
    return _paper(form_name(row["name_zh"]), "REQUIRED", "BOTH", "1", "APPLICANT", "")


def _identity(objects: str) -> dict[str, Any]:
    name_zh, key = IDENTITY[objects]
    return _paper(name_zh, "REQUIRED", "ELECTRONIC", "1", "GOVERNMENT", key)


def _of_kind(row: Row, region: str) -> list[dict[str, Any]]:
    base = row["base_code"]
    papers = [_paper(*told) for told in _sets()[row["materials"]]]
    if region == HOME:
        return papers
    if papers[-1]["necessity"] == "OPTIONAL" and rank("asks-fewer", region, base) % 3 == 0:
        papers.pop()
    for paper in papers:
        if paper["form"] != "ELECTRONIC" and rank("copies", region, base, paper["name_zh"]) % 4 == 0:
            paper["copies"] += 1
        if paper["necessity"] == "LATER" and rank("at-once", region, base) % 2 == 0:
            paper["necessity"] = "REQUIRED"
    return papers


@cache
def _sets() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    sets: dict[str, tuple[tuple[str, ...], ...]] = {}
    for row in rows("materials"):
        told = (row["name_zh"], row["necessity"], row["form"], row["copies"], row["source"], row["replaced_by"])
        sets[row["set"]] = (*sets.get(row["set"], ()), told)
    return MappingProxyType(sets)


def _paper(*told: str) -> dict[str, Any]:
    name_zh, necessity, form, copies, source, replaced_by = told
    return {
        "name_zh": name_zh,
        "necessity": necessity,
        "form": form,
        "copies": int(copies),
        "source": source,
        "replaced_by": code_of()[replaced_by] if replaced_by else None,
    }
