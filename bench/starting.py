"""How long a hub takes until it answers, and how much memory it keeps, beside a floor: the same libraries and one empty view."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.table import Line
from hub.migrations import upgrade
from seeds.hubs import HOST
from seeds.supervisor import answers

ROUNDS = 3
SETTLED_SECONDS = 3.0
FLOOR = """
import os, flask, flask_babel, flask_limiter, strawberry, sqlalchemy.orm, httpx, apscheduler.schedulers.background
import cryptography.x509, asn1crypto.cms, click, orjson, stamina
from cheroot.wsgi import Server
app = flask.Flask("floor")
app.add_url_rule("/healthz", view_func=lambda: "ok")
Server(("127.0.0.1", int(os.environ["HUB_BIND_PORT"])), app, numthreads=12).start()
"""


def measure() -> Iterator[Line]:
    """Yield seconds to the first answer, and proportional set size once settled."""
    with tempfile.TemporaryDirectory() as folder:
        ours, floor = [], []
        for number in range(ROUNDS):
            ours.append(_hub(Path(folder) / str(number)))
            floor.append(_started([sys.executable, "-c", FLOOR], {}))
    yield Line(
        "start to first answer",
        "s",
        statistics.median(seconds for seconds, _ in ours),
        statistics.median(seconds for seconds, _ in floor),
        "same libraries, empty view",
        higher=False,
    )
    yield Line(
        "memory of one hub (PSS)",
        "MB",
        statistics.median(size for _, size in ours),
        statistics.median(size for _, size in floor),
        "same libraries, empty view",
        higher=False,
    )


def _hub(folder: Path) -> tuple[float, float]:
    folder.mkdir()
    upgrade(f"sqlite:///{folder}/hub.db")
    return _started([sys.executable, "-m", "hub", "serve"], {"HUB_REGION": "bench", "HUB_VAR_DIR": str(folder)})


def _started(command: list[str], told: Mapping[str, str]) -> tuple[float, float]:
    """Start, wait for an answer, let it settle, measure, stop; return seconds and megabytes."""
    port = _free_port()
    environment = {**os.environ, **told, "HUB_BIND_PORT": str(port)}
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as child:
        try:
            while not answers(f"http://{HOST}:{port}/healthz"):
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            time.sleep(SETTLED_SECONDS)
            return seconds, _megabytes(child.pid)
        finally:
            child.terminate()


def _megabytes(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
