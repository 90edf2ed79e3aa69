"""Reads a document out of an OFD package: its pages, resources, templates, annotations and metadata, as leniently as files in use demand.

Order, namespace, missing MaxUnitID, a byte order mark, and the vendors' ways with paths do not matter (GB/T 33190-2016; the reading of
signatures is elsewhere and exact). Only the first document of a package is read. Anything malformed raises OfdMalformed or its kin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.signing.ofd.faults import OfdEntryMissing, OfdPageMissing, XmlMalformed
from hub.signing.ofd.package import ROOT, Package
from hub.signing.ofd.paths import located
from hub.signing.ofd.units import TextUnit, Unit, UnitReader
from hub.signing.ofd.values import Box, box
from hub.signing.ofd.xml import child, children, name_of, parsed, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

A4 = Box(0, 0, 210, 297)
MAX_PAGES = 4096
LAYER_ORDER = {"Background": 0, "Body": 1, "Foreground": 2}


@dataclass(frozen=True)
class FontResource:
    """A font of the document: its name, and the entry that embeds it, if any."""

    name: str
    entry: str | None
    bold: bool


@dataclass(frozen=True)
class PageEntry:
    """One page: its object id and the entry of its content."""

    id: str
    entry: str


@dataclass(frozen=True)
class Template:
    """A template page: its entry, and whether it lies above the page."""

    entry: str
    above: bool


@dataclass
class Resources:
    """Fonts, media (entry names), composite units and drawing parameters by id, gathered from every resource file."""

    fonts: dict[str, FontResource] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    composites: dict[str, _Element] = field(default_factory=dict)
    draw_parameters: dict[str, _Element] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """The document of a package: `area` is the page size where a page has none, `metadata` the CustomDatas by name."""

    package: Package
    entry: str
    area: Box
    pages: tuple[PageEntry, ...]
    templates: Mapping[str, Template]
    resources: Resources
    metadata: Mapping[str, str]
    annotations: str | None


@dataclass(frozen=True)
class Block:
    """Units that share an origin: those of the page, or those of an annotation's appearance."""

    origin: Box | None
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class PageView:
    """What one page shows, in painting order."""

    area: Box
    blocks: tuple[Block, ...]


def open_document(package: Package) -> Document:
    """Return the first document of `package`."""
    root = _xml(package, ROOT)
    body = child(root, "DocBody")
    written = "" if body is None else text_of(body, "DocRoot")
    if body is None or not written:
        raise XmlMalformed(ROOT)
    entry = located(package.entries, ROOT, written)
    document = _xml(package, entry)
    shared = child(document, "CommonData")
    pages = child(document, "Pages")
    if shared is None or pages is None:
        raise XmlMalformed(entry)
    annotations = text_of(document, "Annotations")
    return Document(
        package=package,
        entry=entry,
        area=_area(child(shared, "PageArea")) or A4,
        pages=tuple(_pages(package, entry, pages)),
        templates=dict(_templates(package, entry, shared)),
        resources=_resources(package, entry, shared),
        metadata=_metadata(body),
        annotations=_optional(package, entry, annotations) if annotations else None,
    )


def page_view(document: Document, number: int) -> PageView:
    """Return what the page `number` (from 0) shows: templates, layers and annotations; raise OfdPageMissing."""
    if not 0 <= number < len(document.pages):
        raise OfdPageMissing(str(number))
    page = document.pages[number]
    content = _xml(document.package, page.entry)
    for inner in children(content, "PageRes"):
        if inner.text and (file := _optional(document.package, page.entry, inner.text)):
            _add_resources(document.package, file, document.resources)
    reader = UnitReader(document.resources.draw_parameters)
    below: list[Unit] = []
    above: list[Unit] = []
    for used in children(content, "Template"):
        if (template := document.templates.get(used.get("TemplateID", ""))) is not None:
            lies_above = used.get("ZOrder", "Foreground" if template.above else "Background") == "Foreground"
            (above if lies_above else below).extend(_layers(_xml(document.package, template.entry), reader))
    units = (*below, *_layers(content, reader), *above)
    area = _area(child(content, "Area")) or document.area
    return PageView(area, (Block(None, units), *_annotations(document, page.id, reader)))


def page_text(document: Document, number: int) -> str:
    """Return the characters of the page in painting order, a line for each text object."""
    units = [unit for block in page_view(document, number).blocks for unit in block.units]
    return "\n".join("".join(run.text for run in unit.runs) for unit in units if isinstance(unit, TextUnit))


def _xml(package: Package, entry: str) -> _Element:
    if entry not in package.entries:
        raise OfdEntryMissing(entry)
    return parsed(package.entries[entry], entry)


def _optional(package: Package, referring: str, reference: str) -> str | None:
    """A file whose absence leaves a gap and no more."""
    try:
        return located(package.entries, referring, reference)
    except OfdEntryMissing:
        return None


def _area(element: _Element | None) -> Box | None:
    """Return the page's physical box; sizes that are no paper's are taken for none."""
    found = None if element is None else box(text_of(element, "PhysicalBox"))
    return found if found and 0 < found.width < 1e5 and 0 < found.height < 1e5 else None


def _pages(package: Package, entry: str, pages: _Element) -> Iterator[PageEntry]:
    for count, page in enumerate(children(pages, "Page")):
        if count >= MAX_PAGES:
            return
        yield PageEntry(page.get("ID", ""), located(package.entries, entry, page.get("BaseLoc", "")))


def _templates(package: Package, entry: str, shared: _Element) -> Iterator[tuple[str, Template]]:
    for each in children(shared, "TemplatePage"):
        if (file := _optional(package, entry, each.get("BaseLoc", ""))) is not None:
            yield each.get("ID", ""), Template(file, each.get("ZOrder") == "Foreground")


def _metadata(body: _Element) -> dict[str, str]:
    """CustomDatas; some producers of licenses spell them CuslomDatas, with a small `name`."""
    found: dict[str, str] = {}
    for spelling in ("CustomData", "CuslomData"):
        holder = child(body, "DocInfo", f"{spelling}s")
        for each in () if holder is None else children(holder, spelling):
            found[each.get("Name") or each.get("name") or ""] = (each.text or "").strip()
    return found


def _resources(package: Package, entry: str, shared: _Element) -> Resources:
    resources = Resources()
    for each in shared:
        if (
            name_of(each) in ("PublicRes", "DocumentRes")
            and each.text
            and (file := _optional(package, entry, each.text))
        ):
            _add_resources(package, file, resources)
    return resources


def _add_resources(package: Package, file: str, resources: Resources) -> None:
    """Gather a resource file; its files are relative to its BaseLoc, and found without it too."""
    root = _xml(package, file)
    base = root.get("BaseLoc", "").strip().rstrip("/")
    for group in root:
        for each in group:
            name, identifier = name_of(each), each.get("ID", "")
            if name == "Font":
                bold = each.get("Bold", "false") == "true"
                embedded = _resource_file(package, file, base, text_of(each, "FontFile"))
                resources.fonts[identifier] = FontResource(each.get("FontName", ""), embedded, bold)
            elif name == "MultiMedia":
                media = _resource_file(package, file, base, text_of(each, "MediaFile"))
                resources.media |= {identifier: media} if media else {}
            elif name == "CompositeGraphicUnit":
                resources.composites[identifier] = each
            elif name == "DrawParam":
                resources.draw_parameters[identifier] = each


def _resource_file(package: Package, file: str, base: str, reference: str) -> str | None:
    if not reference:
        return None
    in_base = _optional(package, file, f"{base}/{reference}") if base and not reference.startswith("/") else None
    return in_base or _optional(package, file, reference)


def _layers(content: _Element, reader: UnitReader) -> Iterator[Unit]:
    """Yield the units of a page's layers, background first."""
    holder = child(content, "Content")
    layers = [] if holder is None else list(children(holder, "Layer"))
    for layer in sorted(layers, key=lambda each: LAYER_ORDER.get(each.get("Type", "Body"), 1)):
        yield from reader.units(layer)


def _annotations(document: Document, page_id: str, reader: UnitReader) -> Iterator[Block]:
    """Yield the appearances of the page's annotations (chapter 15)."""
    if document.annotations is None:
        return
    for page in children(_xml(document.package, document.annotations), "Page"):
        reference = text_of(page, "FileLoc")
        if page.get("PageID") != page_id or not reference:
            continue
        file = _optional(document.package, document.annotations, reference)
        for annotation in () if file is None else children(_xml(document.package, file), "Annot"):
            appearance = child(annotation, "Appearance")
            if appearance is not None and annotation.get("Visible", "true") != "false":
                yield Block(box(appearance.get("Boundary")), tuple(reader.units(appearance)))
