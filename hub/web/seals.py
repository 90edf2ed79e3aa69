"""The register of a seal's uses (用印台账) as a file for officers: CSV or XLSX, streamed, for a period of civil days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from flask import Blueprint, Response, request

from hub.access.policy import Level
from hub.errors import ValidationFailed
from hub.seals.faults import SealMissing
from hub.seals.queries import seal_by_id
from hub.seals.register import register_csv, register_xlsx
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub

seals = Blueprint("seals", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Mapping[str, tuple[str, Callable[..., Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", register_csv),
    "xlsx": (XLSX, register_xlsx),
}


class RegisterPeriodInvalid(ValidationFailed):
    """The period of a register is no period: `from` and `to` must be days (YYYY-MM-DD), in that order.

    Cure: give both days as 2026-01-31, or leave them out for the year so far.
    """

    code = "seal.register_period_invalid"

    def __init__(self, path: str) -> None:
        super().__init__(
            "台账期间须为先后两个日期（YYYY-MM-DD）。",
            "The period of a register is two days (YYYY-MM-DD), in order.",
            path=path,
        )


@seals.get("/seals/<seal_id>/register.<any(csv, xlsx):form>")
@answers(Level.OFFICER)
def register(seal_id: str, form: str) -> Response:
    """Answer the uses of a seal of this region from `from` to `to`, both included; raises SealMissing, RegisterPeriodInvalid."""
    hub = this_hub()
    first, last = _period(hub)
    with hub.database.reading() as session:
        if seal_by_id(session, seal_id).region != hub.settings.region:
            raise SealMissing
    media_type, parts_of = FORMS[form]

    def parts() -> Iterator[bytes]:
        with hub.database.reading() as session:
            yield from parts_of(session, first, last, region=hub.settings.region, seal_id=seal_id)

    answer = Response(parts(), mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="register-{first}-{last}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _period(hub: Hub) -> tuple[date, date]:
    today = hub.clock.today()
    last = _day("to", today)
    first = _day("from", last.replace(month=1, day=1))
    if last < first:
        raise RegisterPeriodInvalid("from")
    return first, last


def _day(name: str, otherwise: date) -> date:
    stated = request.args.get(name)
    if not stated:
        return otherwise
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise RegisterPeriodInvalid(name) from None
