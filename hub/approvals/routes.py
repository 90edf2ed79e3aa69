"""Routes as data: which a kind of document may take, those a region has defined, and the steps a draft gets.

A region's own routes stand in a table and are checked when they are entered and again when they are used: at most three stages in one
department, at most five in joint handling. Functions receive the session; the caller commits.

Source: docs/words.md (stages); the service centre's report for 2023 (单审、双核、三准).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.orm import Session

from hub.approvals.faults import RouteInvalid, RouteNotAllowed, RouteUnknown
from hub.approvals.records import DepartmentOfficer, NamedRoute
from hub.approvals.rules import (
    APPROVE,
    CHECK,
    EXAMINE,
    MAX_STAGES,
    ApprovalKind,
    Route,
    Step,
    require_route,
    route_json,
    steps_of,
)
from hub.catalog.records import CaseType, ServiceItem

MAX_JOINT_STAGES = 5
MAX_OFFICERS = 2
CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,63}")
DECISIONS = (Route.STANDARD, Route.DOUBLE_CHECK, Route.ONE_STAGE)
NOTICES = (Route.TWO_STAGE, *DECISIONS)
KIND_ROUTES: dict[ApprovalKind, tuple[Route, ...]] = dict.fromkeys(ApprovalKind, DECISIONS) | {
    ApprovalKind.ACCEPTANCE_NOTICE: NOTICES,
    ApprovalKind.CORRECTION_NOTICE: NOTICES,
}
"""The routes inside a department that a kind may take, the usual one first."""


def checked_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps when they keep the rules of a route; raises RouteInvalid."""
    joint = any(step.region or step.department for step in steps)
    if not 2 <= len(steps) <= (MAX_JOINT_STAGES if joint else MAX_STAGES):
        raise RouteInvalid(
            "部门内二至三个环节，联办不超过五个", "two or three stages in a department, five in joint handling"
        )
    if max(Counter((step.region, step.department) for step in steps).values()) > MAX_STAGES:
        raise RouteInvalid("同一部门不超过三个环节", "at most three stages in one department")
    if [step.stage for step in steps] != [EXAMINE, *[CHECK] * (len(steps) - 2), APPROVE]:
        raise RouteInvalid(
            "须以审开始、以准结束，其间为核", "it begins with EXAMINE, ends with APPROVE, with CHECK between"
        )
    if steps[0].region or steps[-1].region:
        raise RouteInvalid("审、准由制发机关办理", "the issuer examines and approves")
    if len(set(_places(steps))) != len(steps):
        raise RouteInvalid("同一部门的同一环节只能出现一次", "a stage comes once in a department")
    if any(not 1 <= step.officers <= (MAX_OFFICERS if step.stage is CHECK else 1) for step in steps):
        raise RouteInvalid("双核为两人，其他环节为一人", "two officers at most check, one examines, one approves")
    return tuple(steps)


def register_route(
    session: Session,
    *,
    region: str,
    code: str,
    name_zh: str,
    steps: Sequence[Step],
    kinds: Collection[ApprovalKind] | None = None,
) -> NamedRoute:
    """Enter, or change, a route of the region, for documents of `kinds` (None: any); for seeds and the operator's command line.

    Drafts made before keep the steps they were given. Raises RouteInvalid.
    """
    if not CODE.fullmatch(code) or code in Route.__members__:
        raise RouteInvalid(
            "代码须为大写字母、数字，且不与内设路径重名", "its code is upper-case letters and digits, and free"
        )
    route = NamedRoute(
        region=region,
        code=code,
        name_zh=name_zh,
        steps=[step.to_json() for step in checked_steps(steps)],
        kinds=None if kinds is None else sorted(kinds),
    )
    merged = session.merge(route)
    session.flush()
    return merged


def assign_officer(session: Session, *, region: str, department: str, officer: str) -> None:
    """Let the officer act for the department in joint handling; repeating is harmless."""
    session.merge(DepartmentOfficer(region=region, department=department, officer=officer))
    session.flush()


def chosen_steps(
    session: Session,
    kind: ApprovalKind,
    *,
    route: Route | None,
    named: str | None,
    item: ServiceItem | None,
    region: str,
) -> list[dict[str, Any]]:
    """Return the steps of a draft, as an approval keeps them.

    `named` is a route of the region's table; else `route`; else, for a decision, the item's; else the usual one of the kind.
    Raises RouteUnknown, RouteNotAllowed, RouteInvalid.
    """
    wanted = named or _builtin_or_code(route, kind, item)
    if wanted not in Route.__members__:
        return _from_table(session, wanted, kind, region)
    builtin = Route(wanted)
    if builtin not in KIND_ROUTES[kind]:
        raise RouteNotAllowed("这类文书不适用此审批路径。", "Documents of this kind do not take this route.")
    require_route(builtin, immediate=item is not None and item.case_type is CaseType.IMMEDIATE)
    return route_json(builtin)


def in_department(session: Session, officer: str, *, region: str, department: str | None) -> bool:
    """Say whether the officer acts for the department; every officer acts where none is named."""
    return department is None or session.get(DepartmentOfficer, (region, department, officer)) is not None


def _builtin_or_code(route: Route | None, kind: ApprovalKind, item: ServiceItem | None) -> str:
    if route is not None:
        return route.value
    usual = KIND_ROUTES[kind][0]
    return usual.value if item is None or usual is Route.TWO_STAGE else item.route


def _from_table(session: Session, code: str, kind: ApprovalKind, region: str) -> list[dict[str, Any]]:
    found = session.get(NamedRoute, (region, code))
    if found is None:
        raise RouteUnknown(code)
    if found.kinds is not None and kind.value not in found.kinds:
        raise RouteNotAllowed("这类文书不适用此审批路径。", "Documents of this kind do not take this route.")
    return [step.to_json() for step in checked_steps(steps_of(found.steps))]


def _places(steps: Sequence[Step]) -> list[tuple[str, str | None, str | None]]:
    return [(step.stage.value, step.region, step.department) for step in steps]
