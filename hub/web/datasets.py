"""Files of this hub's own open data sets, at the address their distributions tell: `/data/<data set>/<file name>`.

The bytes are those whose digest stands in the public ledger; another region's data set is had from its own hub.
"""

from __future__ import annotations

import io

from flask import Blueprint, Response, send_file

from connectors.registry import open_data_files
from hub.access.policy import Level
from hub.errors import NotFound
from hub.opendata.queries import datasets
from hub.opendata.records import Dataset, Openness
from hub.web.authentication import answers, this_hub

open_files = Blueprint("open_files", __name__)

MEDIA_TYPES = {"CSV": "text/csv; charset=utf-8", "JSON": "application/json"}


@open_files.get("/data/<dataset>/<name>")
@answers(Level.PUBLIC)
def distribution(dataset: str, name: str) -> Response:
    """Answer the file `name` of an unconditionally open data set of this hub; raises NotFound, StoredFileLost."""
    hub = this_hub()
    with hub.database.reading() as session:
        found: Dataset | None = session.scalar(
            datasets(region=hub.settings.region, openness=Openness.UNCONDITIONAL).where(Dataset.code == dataset)
        )
    named = [one for one in (found.distributions if found else []) if one["name"] == name]
    if not named:
        raise NotFound("没有这个数据文件。", "There is no such data file.")
    sha256 = next(digest["value"] for digest in named[0]["digests"] if digest["algorithm"] == "SHA-256")
    answer = send_file(
        io.BytesIO(open_data_files(hub.settings).read(sha256)),
        mimetype=MEDIA_TYPES.get(named[0]["format"], "application/octet-stream"),
        as_attachment=True,
        download_name=name,
        etag=sha256,
    )
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
