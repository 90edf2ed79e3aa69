"""Annotated copies of licenses, taken from a single-use address. Whoever follows it acts as the reader it was given to."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Blueprint, Response, current_app, g, send_file

from hub.access.policy import Level
from hub.licenses.copies import make_copy
from hub.licenses.faults import LicenseMissing
from hub.licenses.handing_over import COPY_DAYS, take_up
from hub.licenses.issuing import LicenseDesk
from hub.web.authentication import answers, this_hub
from hub.web.files import MEDIA_TYPES

copies = Blueprint("copies", __name__)


@copies.get("/copies/<code>")
@answers(Level.PUBLIC)
def take(code: str) -> Response:
    """Answer the copy, made now; raises AddressSpent, and LicenseMissing when the reader may have it no more."""
    hub = this_hub()
    desk: LicenseDesk = current_app.extensions["license_desk"]()
    with hub.database.transaction() as session:
        order = take_up(session, code, request_id=g.request_id, clock=hub.clock)
    until = hub.clock.today() + timedelta(days=COPY_DAYS)
    made = make_copy(desk, order.identifier, form=order.form, valid_until=until, asking=order.asking)
    if made is None:
        raise LicenseMissing
    answer = send_file(
        io.BytesIO(made.content),
        mimetype=MEDIA_TYPES[made.format],
        as_attachment=True,
        download_name=f"{order.identifier}.{made.format}",  # the name a provincial platform gives: identifier and format
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
