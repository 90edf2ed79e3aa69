"""Proofs judged as RFC 9162 judges them: vectors of transparency-dev/merkle (Apache-2.0), and pymerkle as a second voice."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HashName, digest
from hub.ledger.tree import empty_root, leaf_hash, node_hash, root_of, verify_consistency, verify_inclusion

SAMPLES = Path(__file__).parents[1] / "samples"


def vectors(kind: str) -> list[Any]:
    lines = (SAMPLES / f"rfc9162-{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(vector, id=vector["source"]) for vector in map(json.loads, lines)]


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(step) for step in vector["proof"] or []]


def holds(verify: Any, name: HashName, proof: list[bytes], **facts: Any) -> bool:
    try:
        verify(name, proof, **facts)
    except LedgerDoesNotVerify:
        return False
    return True


def test_all_vectors_of_the_standard_library_of_proofs_are_here() -> None:
    assert (len(vectors("inclusion")), len(vectors("consistency"))) == (98, 98)


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_an_inclusion_vector_is_judged_rightly(vector: dict[str, Any]) -> None:
    leaf, root = (base64.b64decode(vector[key] or "") for key in ("leafHash", "root"))
    facts = {"leaf": leaf, "index": vector["leafIdx"], "size": vector["treeSize"], "root": root}
    assert holds(verify_inclusion, HashName.SHA_256, proof_of(vector), **facts) is not vector["wantErr"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_a_consistency_vector_is_judged_rightly(vector: dict[str, Any]) -> None:
    old_root, root = (base64.b64decode(vector[key] or "") for key in ("root1", "root2"))
    facts = {"old_size": vector["size1"], "old_root": old_root, "size": vector["size2"], "root": root}
    assert holds(verify_consistency, HashName.SHA_256, proof_of(vector), **facts) is not vector["wantErr"]


@pytest.mark.parametrize("name", list(HashName))
def test_leaves_and_nodes_are_hashed_apart(name: HashName) -> None:
    assert leaf_hash(name, b"\x01" * 64) != node_hash(name, b"\x01" * 32, b"\x01" * 32)


@pytest.mark.parametrize("name", list(HashName))
def test_the_root_of_nothing_is_the_hash_of_nothing(name: HashName) -> None:
    assert root_of(name, []) == empty_root(name) == digest(name, b"")


def test_an_sm3_tree_hashes_as_the_rule_says() -> None:
    sm3 = HashName.SM3
    a, b, c = (digest(sm3, b"\x00" + header) for header in (b"a", b"b", b"c"))
    assert root_of(sm3, [a, b, c]) == digest(sm3, b"\x01" + digest(sm3, b"\x01" + a + b) + c)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_an_independent_tree_agrees_on_root_and_inclusion(headers: list[bytes], data: st.DataObject) -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    other.append_entries(headers)
    index = data.draw(st.integers(0, len(headers) - 1))
    leaves = [leaf_hash(HashName.SHA_256, header) for header in headers]
    root = root_of(HashName.SHA_256, leaves)
    path = other.prove_inclusion(index + 1).path[1:]
    verify_inclusion(HashName.SHA_256, path, leaf=leaves[index], index=index, size=len(headers), root=root)
    assert root == other.get_root()


def test_a_leaf_that_is_no_digest_is_not_included_even_where_it_equals_the_root() -> None:
    with pytest.raises(LedgerDoesNotVerify):
        verify_inclusion(HashName.SHA_256, [], leaf=b"short", index=0, size=1, root=b"short")
