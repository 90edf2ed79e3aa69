"""What every page shows and how it says it: the frame's facts, names in the reader's language, words for closed lists, times.

Chinese is the language of the msgids; `translations/en` holds the English. No logic of any noun, no writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError

from hub.catalog.records import ItemLabel, Necessity, OfferMode
from hub.clock import SHANGHAI
from hub.regions.queries import Region, RegionUnknown, known_region
from hub.web.authentication import this_hub
from hub.web.language import chosen

MODES = {
    OfferMode.FULLY_ONLINE: lazy_gettext("全程网办"),
    OfferMode.ACCEPTED_ELSEWHERE: lazy_gettext("异地代收代办"),
    OfferMode.HANDLED_JOINTLY: lazy_gettext("多地联办"),
}
MODE_MEANINGS = {
    OfferMode.FULLY_ONLINE: lazy_gettext("网上申请，办理地办结，不用到场。"),
    OfferMode.ACCEPTED_ELSEWHERE: lazy_gettext("本地窗口收件，办理地审批，结果寄回或本地领取。"),
    OfferMode.HANDLED_JOINTLY: lazy_gettext("本地窗口受理，几地协同办理，一处领取。"),
}
LABELS = {
    ItemLabel.ALWAYS_OPEN: lazy_gettext("不打烊"),
    ItemLabel.FIFTEEN_MINUTE: lazy_gettext("15 分钟即来即办"),
    ItemLabel.IN_PARK: lazy_gettext("不出园区"),
}
NECESSITIES = {
    Necessity.REQUIRED: lazy_gettext("必要"),
    Necessity.OPTIONAL: lazy_gettext("非必要"),
    Necessity.LATER: lazy_gettext("可容缺后补"),
}
FORMS = {
    "ELECTRONIC": lazy_gettext("电子"),
    "PAPER": lazy_gettext("纸质"),
    "BOTH": lazy_gettext("纸质或电子"),
}
SOURCES = {
    "APPLICANT": lazy_gettext("申请人自备"),
    "GOVERNMENT": lazy_gettext("政府部门核发"),
    "OTHER": lazy_gettext("其他"),
}
OBJECTS = {"NATURAL_PERSON": lazy_gettext("自然人"), "LEGAL_PERSON": lazy_gettext("法人")}
CHANNELS = {
    "WINDOW": lazy_gettext("窗口"),
    "ONLINE": lazy_gettext("网上"),
    "MAIL": lazy_gettext("邮寄"),
    "SELF_SERVICE": lazy_gettext("自助机"),
    "PHONE": lazy_gettext("电话"),
}
ITEM_TYPES = {
    "01": lazy_gettext("行政许可"),
    "02": lazy_gettext("行政处罚"),
    "03": lazy_gettext("行政强制"),
    "04": lazy_gettext("行政征收"),
    "05": lazy_gettext("行政给付"),
    "06": lazy_gettext("行政检查"),
    "07": lazy_gettext("行政确认"),
    "08": lazy_gettext("行政奖励"),
    "09": lazy_gettext("行政裁决"),
    "10": lazy_gettext("其他行政权力"),
    "20": lazy_gettext("公共服务"),
    "30": lazy_gettext("政府内部审批"),
    "31": lazy_gettext("依申请便民服务"),
    "32": lazy_gettext("主题服务"),
}


def install(app: Flask) -> None:
    """Give the templates of `app` the frame's facts, the word lists and the filters used in them."""
    app.context_processor(_frame)
    app.add_template_filter(shanghai)
    app.add_template_filter(named)
    app.add_template_filter(spoken)
    app.jinja_env.globals.update(
        modes=MODES,
        mode_meanings=MODE_MEANINGS,
        labels=LABELS,
        necessities=NECESSITIES,
        forms=FORMS,
        sources=SOURCES,
        objects=OBJECTS,
        channels=CHANNELS,
        item_types=ITEM_TYPES,
    )


def shanghai(instant: datetime) -> str:
    """Return `instant` as people in China read it: `2026-11-25 10:00`, Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def named(record: Any) -> str:
    """Return the record's name in the reader's language: English where there is one, else Chinese."""
    return str(record.name_zh if chosen() != "en" else record.name_en or record.name_zh)


def spoken(text: Any) -> Markup:
    """Return Chinese `text` for a page: marked as Chinese on an English one, so that it is read aloud rightly."""
    if chosen() != "en" or str(text).isascii():
        return escape(text)
    return Markup('<span lang="zh-CN">{}</span>').format(text)


def remember_home(region: Region) -> None:
    """Let the frame of this request use `region` as the home region, without reading it again."""
    g.home_region = region


def _frame() -> dict[str, Any]:
    settings = this_hub().settings
    return {
        "demonstration": settings.demonstration,
        "language": chosen(),
        "home_code": settings.region,
        "home_name": _home_name,
        "other_language_url": _other_language_url,
    }


def _home_name() -> str:
    """Return the name of this hub's region; its code before the region is published or while the database does not answer."""
    if "home_region" not in g:
        hub = this_hub()
        try:
            with hub.database.reading() as session:
                g.home_region = known_region(session, hub.settings.region)
        except (RegionUnknown, SQLAlchemyError):  # the frame stands around problem pages, too
            g.home_region = None
    return named(g.home_region) if g.home_region is not None else this_hub().settings.region


def _other_language_url() -> str:
    """Return the address of this page in the other language; of the home page where this one cannot be asked for again."""
    other = "zh" if chosen() == "en" else "en"
    if request.method != "GET" or request.endpoint is None:
        fallback = "verify.ask" if (request.endpoint or "").startswith("verify.") else "pages.home"
        return url_for(fallback, lang=other)
    return url_for(request.endpoint, **{**request.args.to_dict(), **(request.view_args or {}), "lang": other})
