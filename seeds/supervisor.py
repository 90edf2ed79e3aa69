"""Starting, watching and stopping the hubs' processes; each is one `python -m hub serve` in a process group of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SERVE = (sys.executable, "-m", "hub", "serve")
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


class DemonstrationFailed(Exception):
    """The demonstration cannot start or go on; the text says why in one sentence, Chinese first."""


@dataclass
class Process:
    """One hub's process and where its output goes."""

    region: str
    url: str
    log: Path
    environment: Mapping[str, str]
    command: Sequence[str] = SERVE
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the hub; its output is appended to `log`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(  # noqa: S603  the command is this program's own
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def alive(self) -> bool:
        """Say whether the process runs."""
        return self.child is not None and self.child.poll() is None

    def kill(self) -> None:
        """End the process at once, as a power cut would (SIGKILL)."""
        if self.child is not None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when the hub answers that it is ready; raises DemonstrationFailed when it dies or takes longer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive():
                raise DemonstrationFailed(
                    f"{self.region} 的枢纽没有启动成功，见 {self.log}。 The hub of {self.region} did not start; see {self.log}."
                )
            if answers(f"{self.url}/healthz"):
                return
            time.sleep(0.1)
        raise DemonstrationFailed(
            f"{self.region} 的枢纽 {seconds:.0f} 秒内没有就绪。 The hub of {self.region} was not ready within {seconds:.0f} seconds."
        )


def stop(processes: list[Process]) -> None:
    """Ask every process to end, and end those that have not after ten seconds."""
    for process in processes:
        if process.alive() and process.child is not None:
            process.child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        if process.child is None:
            continue
        try:
            process.child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


def require_free(host: str, port: int) -> None:
    """Return when nobody listens on the port; raises DemonstrationFailed with one sentence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise DemonstrationFailed(
                f"端口 {port} 已被占用，请先停止占用它的程序。 Port {port} is in use; stop the program that holds it first."
            ) from None


def answers(url: str) -> bool:
    """Say whether a GET is answered 200; plain http.client, which costs nothing to ask ten times a second while hubs start."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
