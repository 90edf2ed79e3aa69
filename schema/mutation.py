"""The mutation type: every room's mutations in one."""

from __future__ import annotations

import strawberry

from schema.declare import words
from schema.mutation_approval import ApprovalMutations
from schema.mutation_connector import ConnectorMutations
from schema.mutation_delegation import DelegationMutations
from schema.mutation_device import DeviceMutations
from schema.mutation_license import LicenseMutations
from schema.mutation_revision import RevisionMutations
from schema.mutation_seal import SealMutations


@strawberry.type(description=words("变更。", "What can be done here."))
class Mutation(
    ApprovalMutations,
    RevisionMutations,
    DelegationMutations,
    DeviceMutations,
    SealMutations,
    LicenseMutations,
    ConnectorMutations,
):
    """What can be done here."""
