"""Reads the XML of an OFD without ever reaching out: no document types, no entities, no network, bounded in size and depth.

Elements are looked up by local name in any order and any namespace, because producers use the standard's namespace, another, or none.
Never writes XML: a signed file is copied byte for byte (GB/T 33190; the digests are over the bytes).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from hub.signing.ofd.faults import OfdTooLarge, XmlEntities, XmlMalformed, XmlTooDeep

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

NAMESPACE = "http://www.ofdspec.org/2016"
MAX_XML_BYTES = 8 * 1024 * 1024  # below libxml2's own bound on one text, so that its resource error means depth
RESOURCE_LIMIT, ENTITY_FAULTS = 114, frozenset({26, 27, 28, 89})


def parsed(content: bytes, at: str, most: int = MAX_XML_BYTES) -> _Element:
    """Return the root element of `content`, at most `most` bytes; `at` names the entry in faults. Depth is at most 256 elements.

    Raises OfdTooLarge, XmlMalformed, XmlEntities, XmlTooDeep.
    """
    from lxml import etree

    if len(content) > most:
        raise OfdTooLarge(at)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise _fault(error.code, at) from error
    except (ValueError, LookupError) as error:  # an encoding libxml2 does not know
        raise XmlMalformed(at) from error
    if root is None:
        raise XmlMalformed(at)
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlEntities(at)
    return root


def name_of(element: _Element) -> str:
    """Return the local name of `element`."""
    return str(element.tag).rpartition("}")[2]


def children(element: _Element, name: str) -> Iterator[_Element]:
    """Yield the children of that local name, in order."""
    return (child for child in element if name_of(child) == name)


def child(element: _Element, *names: str) -> _Element | None:
    """Return the first element found by going down by local `names`, or None."""
    found: _Element | None = element
    for name in names:
        found = None if found is None else next(children(found, name), None)
    return found


def text_of(element: _Element, *names: str) -> str:
    """Return the trimmed text of the element found by going down by `names`; empty when there is none."""
    found = child(element, *names)
    return "" if found is None or found.text is None else found.text.strip()


@lru_cache(maxsize=1)
def _parser() -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,  # collect_ids=False must not be asked for: libxml2 then loads external subsets after all
    )


def _fault(code: int, at: str) -> XmlMalformed | XmlEntities | XmlTooDeep:
    if code == RESOURCE_LIMIT:
        return XmlTooDeep(at)
    return XmlEntities(at) if code in ENTITY_FAULTS else XmlMalformed(at)
