"""The query type: every room's roots in one."""

from __future__ import annotations

import strawberry

from schema.declare import words
from schema.root_catalog import CatalogRoots
from schema.root_ledger import LedgerRoots
from schema.root_license import LicenseRoots
from schema.root_node import NodeRoots
from schema.root_work import WorkRoots


@strawberry.type(description=words("查询。", "What can be asked."))
class Query(CatalogRoots, LedgerRoots, LicenseRoots, WorkRoots, NodeRoots):
    """What can be asked."""
