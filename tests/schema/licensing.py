"""An office of licenses behind GraphQL: the contract's documents, sent by whom a test names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import parse, print_ast
from graphql.language.ast import OperationDefinitionNode
from sqlalchemy import select

from hub.access.actors import Actor
from hub.codes import licenses as codes
from hub.licenses.records import License
from hub.licenses.sharing_records import LicenseRead
from tests.license_office import APPROVER, ISSUER, SAFETY, Bureau
from tests.schema.planting import CONTRACT, HOME, Hub, region

PURPOSE = "受理跨区域通办事项"
VARIABLES: dict[str, Any] = json.loads((CONTRACT / "variables.json").read_text("utf-8"))
SENT = {
    node.name.value: print_ast(node)
    for node in parse((CONTRACT / "licenses.graphql").read_text("utf-8")).definitions
    if isinstance(node, OperationDefinitionNode) and node.name
}


@dataclass(frozen=True)
class Counter:
    """The office and the schema in front of it."""

    bureau: Bureau
    hub: Hub

    def root(self, name: str, variables: Mapping[str, Any], actor: Actor, **asked: Any) -> Any:
        """Return what the only root of a contract's document answered; fails on errors."""
        return next(iter(self.hub.data(SENT[name], variables, actor=actor, **asked).values()))

    def read(self, license: License | str, actor: Actor, **asked: Any) -> Any:
        """Return a license as the contract's `License` tells it."""
        identifier = license if isinstance(license, str) else license.identifier
        return self.root("License", {"identifier": identifier, "purpose": PURPOSE}, actor, **asked)

    def body(self, name: str, variables: Mapping[str, Any], actor: Actor, **asked: Any) -> dict[str, Any]:
        """Return the whole answer to a contract's document."""
        return self.hub.ask(SENT[name], variables, actor=actor, **asked)

    def code(self, name: str, variables: Mapping[str, Any], actor: Actor, **asked: Any) -> str:
        """Return the code with which a contract's document was refused; its only root is null."""
        return refusal(self.body(name, variables, actor, **asked))

    def reads(self) -> list[LicenseRead]:
        """Return every read that was recorded, oldest first."""
        with self.bureau.database.reading() as session:
            return list(session.scalars(select(LicenseRead).order_by(LicenseRead.id)))

    def changed(self, document: str, variables: Mapping[str, Any], actor: Actor = APPROVER) -> dict[str, Any]:
        """Return what the only mutation of a document answered."""
        told: dict[str, Any] = next(iter(self.hub.data(document, variables, actor=actor).values()))
        return told


def refusal(body: Mapping[str, Any]) -> str:
    """Return the code of the only error of an answer whose roots are all null."""
    assert set(body["data"].values()) == {None}, body
    (error,) = body["errors"]
    return str(error["extensions"]["code"])


def counter_of(bureau: Bureau) -> Counter:
    """Return the schema in front of an office."""
    hub = Hub(bureau.database, bureau.clock, bureau.keys)
    hub.context = {"office": bureau.office}
    hub.plant("region", region(HOME, "沣东新城", "https://fengdong.example"))
    return Counter(bureau, hub)


def unknown_identifier() -> str:
    """Return an identifier that is well formed and that no license has."""
    return codes.mint(SAFETY, ISSUER.uscc, "A1").text


def issue_input(**changes: Any) -> dict[str, Any]:
    """Return the contract's example of a license to be issued."""
    return {"input": VARIABLES["Issue"]["input"] | changes}
