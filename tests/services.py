"""The real services tests speak to: a private PostgreSQL cluster and databases made cheaply from a migrated template.

Nothing here touches a PostgreSQL that was running before: the cluster lives in a folder of its own, is reached by a unix
socket in it alone, and is gone afterwards. Durability is off, because nobody will miss its data.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.services import chromium_program, driver_library, postgresql_programs

SUPERUSER = "postgres"
MAX_CONNECTIONS = 200
START_SECONDS = 60
# Server settings: nothing durable, no port, room for many pools.
UNDURABLE = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": str(MAX_CONNECTIONS),
    "log_min_messages": "fatal",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server, reached by the unix socket in `folder`."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run one administrative statement outside any transaction."""
        address = f"host={self.folder} user={SUPERUSER} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy_of(self, template: str, name: str) -> str:
        """Create database `name` as a copy of `template`, which nobody may be connected to; return its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, ending whatever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def postgresql_lacks() -> str | None:
    """Return why no PostgreSQL cluster can be started here, None when one can."""
    if postgresql_programs() is None:
        return "PostgreSQL 15+ is not installed (apt-get install postgresql)"
    return None


def browser_lacks() -> str | None:
    """Return why no browser can be driven here, None when one can."""
    if chromium_program() is None:
        return "Chromium is not installed (apt-get install chromium)"
    if not driver_library():
        return "libatomic is not installed (apt-get install libatomic1)"
    return None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Yield a fresh PostgreSQL cluster; it is stopped and its folder removed at the end."""
    programs = postgresql_programs()
    if programs is None:
        raise FileNotFoundError(postgresql_lacks())
    folder = Path(tempfile.mkdtemp(prefix="tongban-pg-"))
    owner = _server_owner()
    if owner is not None:
        shutil.chown(folder, owner)
    try:
        _initialise(programs, folder / "data", owner)
        server = _start(programs, folder, owner)
        try:
            _wait_until_ready(folder, server)
            yield Cluster(folder)
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: ends sessions, waits for none
            server.wait(timeout=START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy a migrated SQLite file to `target`; return its address."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def settle_sqlite(path: Path) -> None:
    """Write the file's WAL back into it, so that the one file is the whole database."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _server_owner() -> str | None:
    """Return the user to start the server as: PostgreSQL refuses root; None means oneself."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return SUPERUSER if SUPERUSER in users else "nobody"


def _initialise(programs: Path, data: Path, owner: str | None) -> None:
    options = ["--no-sync", "--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-locale"]
    subprocess.run(
        [programs / "initdb", *options, f"--pgdata={data}"],
        user=owner,
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _start(programs: Path, folder: Path, owner: str | None) -> subprocess.Popen[bytes]:
    settings = UNDURABLE | {"unix_socket_directories": str(folder)}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *arguments],
        user=owner,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            Cluster(folder).run("SELECT 1")
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
