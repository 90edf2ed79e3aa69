"""The store of files by digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hub.filestore import FileStore, StoredFileLost

CONTENT = b"%PDF-1.7 a file"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def test_a_file_is_kept_under_its_digest(store: FileStore, tmp_path: Path) -> None:
    store.put(CONTENT)
    assert (tmp_path / "files" / DIGEST[:2] / DIGEST).read_bytes() == CONTENT


def test_what_was_put_is_read_back(store: FileStore) -> None:
    assert store.read(store.put(CONTENT)) == CONTENT


def test_putting_the_same_file_twice_is_harmless(store: FileStore) -> None:
    assert store.put(CONTENT) == store.put(CONTENT)
    assert store.shard(DIGEST[:2]) == [DIGEST]


def test_a_missing_file_is_lost(store: FileStore) -> None:
    with pytest.raises(StoredFileLost):
        store.read(DIGEST)


def test_a_file_whose_bytes_changed_is_not_handed_out(store: FileStore, tmp_path: Path) -> None:
    store.put(CONTENT)
    (tmp_path / "files" / DIGEST[:2] / DIGEST).write_bytes(b"other bytes")
    with pytest.raises(StoredFileLost):
        store.read(DIGEST)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", DIGEST.upper(), DIGEST + "\n", "a" * 63])
def test_what_is_no_digest_reaches_no_file(store: FileStore, name: str) -> None:
    with pytest.raises(StoredFileLost):
        store.read(name)


def test_a_removed_file_is_gone(store: FileStore) -> None:
    store.put(CONTENT)
    store.remove(DIGEST)
    assert not store.holds(DIGEST)


def test_nothing_is_left_in_incoming_after_a_file_was_put(store: FileStore) -> None:
    store.put(CONTENT)
    assert list(store.parts()) == []
