"""`python -m seeds.demo` as a person meets it: it starts, says where everything is, stops at Ctrl-C, and starts again with its data."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest

from seeds.hubs import HOST
from seeds.places import REGIONS
from tests.fonts import ROOT
from tests.journeys.five import first_free_port

FIRST_START_SECONDS = 600.0  # plants first; on a crowded machine
STOP_SECONDS = 60.0
READY = re.compile(r"Ready after ([0-9.]+) s\.")


@dataclass(frozen=True)
class Started:
    """What one start said and left: seconds until it was ready, demo.json, home's ledger sizes, and what stopping it did."""

    seconds: float
    told: str
    told_mode: int
    sizes: dict[str, int]
    status: int
    farewell: str
    listening_after: list[int]


@dataclass(frozen=True)
class TwoStarts:
    """The demonstration started in an empty folder, stopped by Ctrl-C, started again, stopped by SIGTERM."""

    first: Started
    second: Started


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> TwoStarts:
    var, port = tmp_path_factory.mktemp("demo"), first_free_port()
    return TwoStarts(_start(var, port, signal.SIGINT), _start(var, port, signal.SIGTERM))


def test_ctrl_c_ends_the_demonstration_without_complaint(starts: TwoStarts) -> None:
    assert (starts.first.status, "Traceback" in starts.first.farewell) == (0, False)


def test_ctrl_c_stops_every_hub(starts: TwoStarts) -> None:
    assert starts.first.listening_after == []


def test_a_supervisors_signal_stops_every_hub(starts: TwoStarts) -> None:
    assert (starts.second.status, starts.second.listening_after) == (0, [])


def test_it_says_that_the_data_stays(starts: TwoStarts) -> None:
    assert "数据保留在" in starts.first.farewell


def test_a_second_start_keeps_the_tokens(starts: TwoStarts) -> None:
    assert starts.second.told == starts.first.told


def test_a_second_start_keeps_the_ledgers(starts: TwoStarts) -> None:
    assert all(starts.second.sizes[origin] >= size > 0 for origin, size in starts.first.sizes.items())


def test_a_second_start_plants_nothing_and_is_much_quicker(starts: TwoStarts) -> None:
    assert starts.second.seconds < starts.first.seconds / 2


def test_the_tokens_are_for_their_owner_alone(starts: TwoStarts) -> None:
    assert starts.first.told_mode == 0o600


def test_a_busy_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = subprocess.run(
            _command(tmp_path / "var", port), cwd=ROOT, capture_output=True, text=True, timeout=FIRST_START_SECONDS
        )
    sentence = (
        f"端口 {port} 已被占用，请先停止占用它的程序。 Port {port} is in use; stop the program that holds it first."
    )
    assert (done.returncode, done.stderr.strip()) == (1, sentence)


def test_nothing_is_planted_while_a_port_is_busy(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        subprocess.run(_command(tmp_path / "var", holder.getsockname()[1]), cwd=ROOT, capture_output=True, check=False)
    assert not (tmp_path / "var").exists()


def _start(var: Path, port: int, farewell: signal.Signals) -> Started:
    """Start the demonstration, look at it when it is ready, and stop it with the signal `farewell` to its first process alone."""
    with _running(var, port) as process:
        assert process.stdout is not None
        seconds = _ready(process.stdout)
        told = var / "demo.json"
        sizes = _sizes(port)
        process.send_signal(farewell)
        said, _ = process.communicate(timeout=STOP_SECONDS)
        return Started(
            seconds,
            told.read_text("utf-8"),
            stat.S_IMODE(told.stat().st_mode),
            sizes,
            process.returncode,
            said,
            _listening(port),
        )


@contextmanager
def _running(var: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        _command(var, port), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    try:
        yield process
    finally:
        if process.poll() is None:  # a test failed: still let it stop its hubs
            process.terminate()
            process.wait(STOP_SECONDS)


def _ready(output: IO[str]) -> float:
    """Return the seconds it says it took; fails when its output ends before."""
    end, said = time.monotonic() + FIRST_START_SECONDS, ""
    for line in output:
        said += line
        found = READY.search(line)
        if found is not None:
            return float(found[1])
        assert time.monotonic() < end, said
    raise AssertionError(said)


def _sizes(port: int) -> dict[str, int]:
    body = {"query": "{ ledgers { origin size } }"}
    told = httpx.post(f"http://{HOST}:{port}/graphql", json=body, timeout=60).json()
    return {ledger["origin"]: ledger["size"] for ledger in told["data"]["ledgers"]}


def _command(var: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "seeds.demo", "--var", str(var), "--port", str(port)]


def _listening(port: int) -> list[int]:
    return [each for each in range(port, port + len(REGIONS)) if _answers(each)]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
