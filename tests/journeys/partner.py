"""A partner's system: it sends the contract's documents as they were sent to us, and knows nothing else of the program.

`operation` cuts an operation out of its file without touching a character; `whole_file` is the file with every operation in it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from graphql import OperationDefinitionNode, parse

from seeds.reference import HOME
from tests.journeys.five import Demonstration

CONTRACT = Path(__file__).resolve().parents[1] / "samples" / "contract"
SECONDS = 60
ROUTE = ("examiner-1", "checker-1", "approver-1")
KEEPER = "keeper-1"
TRIES = 5  # the signing queue works every few seconds, and may take a document before its keeper does
QUEUE_WAS_FASTER = frozenset(
    {"approval.sealing_under_way", "approval.sealing_overtaken", "approval.move_refused", "seal.ceiling_reached"}
)
VARIABLES: dict[str, dict[str, Any]] = json.loads((CONTRACT / "variables.json").read_text("utf-8"))
Told = dict[str, Any]


@cache
def _files() -> dict[str, tuple[str, str]]:
    """Return {operation: (the text of its file, its own text)}."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(CONTRACT.glob("*.graphql")):
        text = path.read_text("utf-8")
        for node in parse(text).definitions:
            assert isinstance(node, OperationDefinitionNode) and node.name and node.loc
            found[node.name.value] = (text, text[node.loc.start : node.loc.end])
    return found


def operation(name: str) -> str:
    """Return the text of an operation of the contract."""
    return _files()[name][1]


def whole_file(name: str) -> str:
    """Return the text of the file that holds an operation of the contract."""
    return _files()[name][0]


def post(url: str, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
    """Return the answer to a JSON body posted to the GraphQL address of the hub at `url`."""
    bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{url}/graphql", json=body, headers=bearer | headers, timeout=SECONDS)


@dataclass(frozen=True)
class Sealed:
    """A document that went along its route: its node id, the answer of the sealing, and the PDF that was downloaded."""

    id: str
    files: list[Told]
    pdf: bytes


@dataclass(frozen=True)
class Partner:
    """Whoever sends the contract's documents to one hub of the demonstration."""

    demonstration: Demonstration
    region: str = HOME

    @property
    def url(self) -> str:
        """Return the address of the hub."""
        return self.demonstration.urls[self.region]

    @property
    def system_token(self) -> str:
        """Return the token of a partner's system."""
        return str(self.demonstration.entries[self.region]["partnerToken"])

    @property
    def operator_token(self) -> str:
        """Return the token of who runs the hub."""
        return str(self.demonstration.entries[self.region]["operatorToken"])

    def officer(self, code: str) -> str:
        """Return the token of an officer of the hub's own region."""
        return self.demonstration.officer(self.region, code)

    def body(self, name: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Told:
        """Return the whole answer to an operation; its example variables are sent unless others are given."""
        sent = VARIABLES.get(name, {}) if variables is None else dict(variables)
        answer = post(self.url, {"query": operation(name), "variables": sent}, token)
        assert answer.status_code == 200
        told: Told = answer.json()
        return told

    def ask(self, name: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Any:
        """Return what the only root of an operation answered; fails on errors."""
        told = self.body(name, variables, token)
        assert "errors" not in told, told
        return next(iter(told["data"].values()))

    def refusal(self, name: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> str:
        """Return the code of the only error of an operation whose roots are all null."""
        told = self.body(name, variables, token)
        assert set(told["data"].values()) == {None} and set(told["errors"][0]["extensions"]) == {"code", "requestId"}
        return str(told["errors"][0]["extensions"]["code"])

    def nodes(self, name: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> list[Told]:
        """Return the rows of a connection's page."""
        return [edge["node"] for edge in self.ask(name, variables, token)["edges"]]

    def draft_input(self, **changes: Any) -> Told:
        """Return the contract's example of a draft, for an item of this hub, under a key of its own."""
        document = "query($r: String!) { serviceItems(filter: {region: {eq: $r}}, first: 1) { edges { node { code: implementationCode } } } }"
        found = self.demonstration.graphql(self.region, document, {"r": self.region})["serviceItems"]["edges"]
        fresh = {"idempotencyKey": secrets.token_hex(8), "itemCode": found[0]["node"]["code"]}
        return {"input": VARIABLES["Draft"]["input"] | fresh | changes}

    def act(self, id_: str, version: int, officer: str, **changes: Any) -> Told:
        """Return what became of an officer's act, the contract's example under a key of its own."""
        asked = VARIABLES["Act"] | {"id": id_, "version": version, "key": secrets.token_hex(8)} | changes
        told: Told = self.ask("Act", asked, self.officer(officer))
        return told

    def approved(self) -> str:
        """Return the id of a new document that passed its route."""
        draft = self.ask("Draft", self.draft_input(), self.officer(ROUTE[0]))
        for passed, officer in enumerate(ROUTE):
            told = self.act(draft["id"], draft["version"] + passed, officer)
        assert told["stage"] == "APPROVED", told
        return str(draft["id"])

    def seal_id(self) -> str:
        """Return the id of the hub's active seal."""
        return next(
            str(seal["id"]) for seal in self.nodes("Seals", {}, self.officer(KEEPER)) if seal["status"] == "ACTIVE"
        )

    def sealed(self) -> Sealed:
        """Return a new document that passed its route and was sealed by the keeper, with its PDF."""
        for _ in range(TRIES):
            asked = {"id": self.approved(), "sealId": self.seal_id(), "key": secrets.token_hex(8)}
            told = self.ask("Seal", asked, self.officer(KEEPER))
            if told["__typename"] == "Approval":
                link = next(file["url"] for file in told["files"] if file["format"] == "PDF")
                pdf = httpx.get(link, timeout=SECONDS).raise_for_status().content
                return Sealed(asked["id"], told["files"], pdf)
            assert told["code"] in QUEUE_WAS_FASTER, told
        raise AssertionError("the signing queue was always faster than the keeper")
