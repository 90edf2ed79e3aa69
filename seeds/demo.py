"""`make run`: five district hubs on this machine, really exchanging over HTTP.

Sets up what is missing (keys, tables, reference data, who trusts whom), starts one process per hub, shows where they are and
writes `var/demo.json` (mode 0600) with the tokens to try them with. Ctrl-C stops everything; the data stays in `var/demo`.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from seeds.hubs import HOST, environment_of
from seeds.reference import HOME, PORTS, REGIONS
from seeds.supervisor import DemonstrationFailed, Process, require_free, stop

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
FIRST_PULL_SECONDS = 30.0


def main() -> int:
    """Run the demonstration until it is stopped; return the exit status."""
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        for port in PORTS.values():
            require_free(HOST, port)
        return _run()
    except DemonstrationFailed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _run() -> int:
    began = time.monotonic()
    told = prepare(VAR)
    processes = [
        Process(region, told[region]["url"], VAR / "demo" / region / "hub.log", environment_of(region, VAR / "demo"))
        for region in REGIONS
    ]
    try:
        _say("启动五个枢纽…… Starting five hubs…")
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready()
        _show(processes, time.monotonic() - began)
        _watch(processes)
    finally:
        _say("\n正在停止…… Stopping…")
        stop(processes)
        _say("已停止，数据保留在 var/demo。 Stopped; the data stays in var/demo.")
    return 0


def prepare(var: Path) -> dict[str, dict[str, Any]]:
    """Plant the five hubs under `var/demo` where that has not been done; return demo.json's entries by region."""
    from seeds.planting import plant_all  # imports the whole hub: only when it is needed

    path = var / "demo.json"
    var.mkdir(exist_ok=True)
    known = {entry["code"]: entry for entry in json.loads(path.read_text("utf-8"))["regions"]} if path.exists() else {}
    told = plant_all(var / "demo", known, say=_say)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"regions": [told[region] for region in REGIONS]}, file, ensure_ascii=False, indent=1)
    draft.replace(path)
    return told


def _show(processes: list[Process], seconds: float) -> None:
    _say(f"\n就绪，用时 {seconds:.1f} 秒。 Ready after {seconds:.1f} s.\n")
    _say(f"  {'地区 region':<24}{'地址 address':<28}")
    for process in processes:
        mark = "本枢纽 home" if process.region == HOME else ""
        _say(f"  {process.region:<26}{process.url:<30}{mark}")
    _say("\n门户 portal  http://127.0.0.1:8000/     GraphQL  http://127.0.0.1:8000/graphql")
    _say("令牌 tokens  var/demo.json              Ctrl-C 停止 stops everything\n")


def _watch(processes: list[Process]) -> None:
    while True:
        time.sleep(1)
        for process in processes:
            if not process.alive():
                raise DemonstrationFailed(
                    f"{process.region} 的枢纽意外停止，见 {process.log}。 The hub of {process.region} stopped; see {process.log}."
                )


def _say(text: str) -> None:
    print(text, flush=True)


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
