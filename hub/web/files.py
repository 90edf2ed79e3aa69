"""Published files by a link that lasts fifteen minutes. The link names one file and says until when; the hub's key signs it.

Whoever holds the link has the file, so the policy is asked where links are made. Only what was published is served: bytes that
lie in the store without a committed row are never found.
"""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

from flask import Blueprint, Response, send_file
from itsdangerous import BadData, URLSafeSerializer

from hub.access.policy import Level
from hub.errors import NotFound
from hub.filestore import SHA256
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.published import published_by_file

files = Blueprint("files", __name__)

LASTING = timedelta(minutes=15)
SALT = "tongban.files"
MAX_LINK_CHARACTERS = 512
MEDIA_TYPES = {"PDF": "application/pdf", "OFD": "application/ofd"}


class LinkInvalid(NotFound):
    """The download link was not made by this hub, or was altered on its way.

    Cure: copy the whole link again, or ask for a new one.
    """

    code = "file.link_invalid"

    def __init__(self) -> None:
        super().__init__("下载链接无效。", "The download link is not valid.")


class LinkExpired(NotFound):
    """The download link was good for fifteen minutes, and they have passed.

    Cure: ask for the file's address again; it comes with a new link.
    """

    code = "file.link_expired"

    def __init__(self) -> None:
        super().__init__("下载链接已过期，请重新获取。", "The download link has expired; please ask for a new one.")


def link_of(hub: Hub, sha256: str) -> str:
    """Return what names the published file `sha256` (64 hex digits) in an address for the next fifteen minutes."""
    until = int((hub.clock.now() + LASTING).timestamp())
    return str(signer(hub, SALT).dumps([sha256, until]))


def link_to(hub: Hub, sha256: str) -> str:
    """Return the whole address under which the published file can be had for the next fifteen minutes."""
    return f"{hub.settings.public_url}/files/{link_of(hub, sha256)}"


def page_of(hub: Hub, sha256: str) -> str:
    """Return the whole address of the page that shows the published file as pictures, for the next fifteen minutes."""
    return f"{hub.settings.public_url}/documents/{link_of(hub, sha256)}"


@files.get("/files/<link>")
@answers(Level.PUBLIC)
def download(link: str) -> Response:
    """Answer the file a link names; raises LinkInvalid, LinkExpired, and StoredFileLost for a damaged store."""
    hub = this_hub()
    sha256 = named_by(hub, link)
    with hub.database.reading() as session:
        document = published_by_file(session, sha256, on=hub.clock.today())
    if document is None:
        raise LinkInvalid
    file = next(each for each in document.files if each.sha256 == sha256)
    name = f"{document.number or f'{document.title}-{sha256[:8]}'}.{file.format.lower()}"
    answer = send_file(
        io.BytesIO(hub.files.read(sha256)),
        mimetype=MEDIA_TYPES.get(file.format, "application/octet-stream"),
        as_attachment=True,
        download_name=name,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def named_by(hub: Hub, link: str) -> str:
    """Return the digest (hexadecimal) of the file that a link names; raises LinkInvalid or LinkExpired."""
    try:
        named = signer(hub, SALT).loads(link) if len(link) <= MAX_LINK_CHARACTERS else None
    except BadData:
        raise LinkInvalid from None
    match named:
        case [str(sha256), int(until)] if SHA256.fullmatch(sha256):
            if hub.clock.now().timestamp() >= until:
                raise LinkExpired
            return sha256
    raise LinkInvalid


def signer(hub: Hub, salt: str) -> URLSafeSerializer:
    """Return what signs and reads the hub's links of one use; `salt` names the use, so that no link serves another."""
    return URLSafeSerializer(
        hub.link_key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
