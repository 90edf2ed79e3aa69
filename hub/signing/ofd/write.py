"""Makes an unsigned OFD (GB/T 33190-2016) of a layout: the same arguments give the same bytes, always.

Nothing here reads the clock or draws a random number; DocID is derived from the content. Carries the metadata of GB/T 36903 as CustomDatas
and, for texts with a tag, the index to face elements that GB/T 36905 asks for. Fonts are embedded as subsets, or only named (宋体).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from hub.signing.fonts import FontSet
from hub.signing.layout import Layout, image_format
from hub.signing.ofd.fonts import subset
from hub.signing.ofd.package import ROOT, write_package
from hub.signing.ofd.pages import Drawing, document, escaped, page_box, page_content

CREATOR, CREATOR_VERSION = "Tongban", "1"
FONT_NAME = "宋体"  # every reader has it or something in its place; the text's own advances keep it where it belongs
NO_METADATA: Mapping[str, str] = MappingProxyType({})
TAG_SPACE, TAG_TYPE = "http://www.cert.org/", "cert"
NOT_IN_NAMES = re.compile(r"[^\w.-]")
BYTES_PER_KB = 1024


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the document (GB/T 33190 chapter 20); `form` is its format's short name, such as xml or pdf."""

    name: str
    content: bytes
    form: str = "xml"
    usage: str = "none"


def render_ofd(
    layout: Layout,
    fonts: FontSet,
    *,
    metadata: Mapping[str, str] = NO_METADATA,
    attachments: Sequence[Attachment] = (),
    embed: bool = True,
    created: date | None = None,
    deflated: bool = False,
) -> bytes:
    """Return the OFD of `layout` in the canonical container; equal arguments give equal bytes.

    `metadata` becomes CustomDatas in its order; `created` is a civil date and is left out when None. With `embed` false the font is named
    and not embedded; `deflated` is for a picture inside a seal, smaller and not canonical. Raises FontMissing, ImageRefused.
    """
    drawing = Drawing(fonts)
    page_ids = [drawing.fresh_id() for _ in layout.pages]
    parts: dict[str, bytes] = {}
    for number, (page, page_id) in enumerate(zip(layout.pages, page_ids, strict=True)):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = page_content(page.marks, page_id, drawing, layout)
    parts |= _public_resources(drawing, embed=embed)
    parts |= _document_resources(drawing)
    parts |= _attachments(attachments)
    parts |= _tags(drawing)
    parts["Doc_0/Document.xml"] = _document(layout, page_ids, drawing, parts)
    parts[ROOT] = _root(layout, metadata, created, _content_id(layout, metadata, created, parts))
    return write_package(parts, deflated=deflated)


def _public_resources(drawing: Drawing, *, embed: bool) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    fonts = ""
    for number, (path, identifier) in enumerate(drawing.font_ids.items()):
        inner = ""
        if embed:
            parts[f"Doc_0/Res/Font_{number}.ttf"] = subset(path, "".join(sorted(drawing.characters[path])))
            inner = f"<ofd:FontFile>Font_{number}.ttf</ofd:FontFile>"
        named = f'ID="{identifier}" FontName="{FONT_NAME}" FamilyName="{FONT_NAME}"'
        fonts += f"<ofd:Font {named}>{inner}</ofd:Font>"
    parts["Doc_0/PublicRes.xml"] = document("Res", f"<ofd:Fonts>{fonts}</ofd:Fonts>", 'BaseLoc="Res"')
    return parts


def _document_resources(drawing: Drawing) -> dict[str, bytes]:
    if not drawing.images:
        return {}
    parts: dict[str, bytes] = {}
    media = ""
    for number, (content, identifier) in enumerate(drawing.images.items()):
        form = image_format(content)
        file = f"Image_{number}.{form.lower()}"
        parts[f"Doc_0/Res/{file}"] = content
        named = f'ID="{identifier}" Type="Image" Format="{form}"'
        media += f"<ofd:MultiMedia {named}><ofd:MediaFile>{file}</ofd:MediaFile></ofd:MultiMedia>"
    inner = f"<ofd:MultiMedias>{media}</ofd:MultiMedias>"
    return parts | {"Doc_0/DocumentRes.xml": document("Res", inner, 'BaseLoc="Res"')}


def _attachments(attachments: Sequence[Attachment]) -> dict[str, bytes]:
    """The files are named by number: their own names may hold anything."""
    if not attachments:
        return {}
    parts: dict[str, bytes] = {}
    listed = ""
    for number, each in enumerate(attachments):
        file = f"Attach_{number}.{NOT_IN_NAMES.sub('', each.form).lower() or 'bin'}"
        parts[f"Doc_0/Attachs/{file}"] = each.content
        size = f"{len(each.content) / BYTES_PER_KB:.3f}"
        named = f'ID="a{number + 1}" Name="{escaped(each.name)}" Format="{escaped(each.form)}" Size="{size}"'
        listed += (
            f'<ofd:Attachment {named} Visible="true" Usage="{escaped(each.usage)}">'
            f"<ofd:FileLoc>{file}</ofd:FileLoc></ofd:Attachment>"
        )
    return parts | {"Doc_0/Attachs/Attachments.xml": document("Attachments", listed)}


def _tags(drawing: Drawing) -> dict[str, bytes]:
    """The index to face elements: an element named after each tag, with a reference to every text object that shows it."""
    if not drawing.tags:
        return {}
    elements = ""
    for tag, objects in drawing.tags.items():
        name = NOT_IN_NAMES.sub("_", tag)
        name = name if name[0].isalpha() or name[0] == "_" else f"_{name}"
        refs = "".join(f'<ofd:ObjectRef PageRef="{page}">{each}</ofd:ObjectRef>' for page, each in objects)
        elements += f"<cert:{name}>{refs}</cert:{name}>"
    spaces = f'xmlns:cert="{TAG_SPACE}" xmlns:ofd="http://www.ofdspec.org/2016"'
    index = f'<?xml version="1.0" encoding="UTF-8"?>\n<cert:root {spaces}>{elements}</cert:root>'
    listed = f'<ofd:CustomTag TypeID="{TAG_TYPE}"><ofd:FileLoc>Tag_Certificate.xml</ofd:FileLoc></ofd:CustomTag>'
    return {
        "Doc_0/Tags/Tag_Certificate.xml": index.encode(),
        "Doc_0/Tags/CustomTags.xml": document("CustomTags", listed),
    }


def _document(layout: Layout, page_ids: Sequence[int], drawing: Drawing, parts: Mapping[str, bytes]) -> bytes:
    """Document.xml, children in the order of the schema."""
    resources = "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
    if "Doc_0/DocumentRes.xml" in parts:
        resources += "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    area = f"<ofd:PageArea><ofd:PhysicalBox>{page_box(layout)}</ofd:PhysicalBox></ofd:PageArea>"
    pages = "".join(
        f'<ofd:Page ID="{page_id}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number, page_id in enumerate(page_ids)
    )
    highest = f"<ofd:MaxUnitID>{drawing.last_id}</ofd:MaxUnitID>"
    indexes = "".join(
        f"<ofd:{name}>{file}</ofd:{name}>"
        for name, file in (("CustomTags", "Tags/CustomTags.xml"), ("Attachments", "Attachs/Attachments.xml"))
        if f"Doc_0/{file}" in parts
    )
    shared = f"<ofd:CommonData>{highest}{area}{resources}</ofd:CommonData>"
    return document("Document", f"{shared}<ofd:Pages>{pages}</ofd:Pages>{indexes}")


def _content_id(layout: Layout, metadata: Mapping[str, str], created: date | None, parts: Mapping[str, bytes]) -> str:
    """Return 32 hexadecimal digits that stand for everything in the document."""
    described = (layout.title, layout.author, layout.subject, str(created), *metadata.items())
    summed = hashlib.sha256(repr(described).encode("utf-8", "backslashreplace"))
    for name in sorted(parts):
        summed.update(f"{name}\0{len(parts[name])}\0".encode())
        summed.update(parts[name])
    return summed.hexdigest()[:32]


def _root(layout: Layout, metadata: Mapping[str, str], created: date | None, identifier: str) -> bytes:
    described = [
        ("DocID", identifier),
        ("Title", layout.title),
        ("Author", layout.author),
        ("Subject", layout.subject),
        ("CreationDate", created.isoformat() if created else ""),
        ("Creator", CREATOR),
        ("CreatorVersion", CREATOR_VERSION),
    ]
    inner = "".join(f"<ofd:{name}>{escaped(text)}</ofd:{name}>" for name, text in described if text)
    custom = "".join(
        f'<ofd:CustomData Name="{escaped(name)}">{escaped(text)}</ofd:CustomData>' for name, text in metadata.items()
    )
    inner += f"<ofd:CustomDatas>{custom}</ofd:CustomDatas>" if custom else ""
    body = f"<ofd:DocInfo>{inner}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    return document("OFD", f"<ofd:DocBody>{body}</ofd:DocBody>", 'Version="1.0" DocType="OFD"')
