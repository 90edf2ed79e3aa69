"""`make run`: five district hubs on this machine, really exchanging over HTTP.

Sets up what is missing (keys, tables, reference data, who trusts whom), starts one process per hub, shows where they are and
writes `var/demo.json` (mode 0600) with the tokens to try them with. Ctrl-C stops everything; the data stays in `var/demo`.

    python -m seeds.demo [--var FOLDER] [--port FIRST]

Without arguments: `var` of this folder, and ports 8000 to 8004.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from seeds.hubs import HOST, addresses, environment_of
from seeds.marker import is_planted
from seeds.reference import HOME, PORTS, REGIONS
from seeds.supervisor import DemonstrationFailed, Process, require_free, stop

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration until it is stopped; return the exit status."""
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)  # also where it was started in the background, which ignores Ctrl-C
    wanted = _wanted(arguments)
    ports = {region: wanted.port + place for place, region in enumerate(REGIONS)}
    try:
        for port in ports.values():
            require_free(HOST, port)
        return _run(wanted.var.resolve(), ports)
    except DemonstrationFailed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _wanted(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m seeds.demo", description="五区通办演示。 The demonstration of five districts."
    )
    parser.add_argument(
        "--var", type=Path, default=VAR, help="存放数据与令牌的目录。 Folder of the data and the tokens."
    )
    parser.add_argument(
        "--port", type=int, default=PORTS[HOME], help="首个端口，依次用五个。 The first of five ports in a row."
    )
    return parser.parse_args(arguments)


def _run(var: Path, ports: Mapping[str, int]) -> int:
    began = time.monotonic()
    told = prepare(var, ports)
    processes = [
        Process(
            region,
            told[region]["url"],
            var / "demo" / region / "hub.log",
            environment_of(region, var / "demo", ports),
        )
        for region in REGIONS
    ]
    try:
        _say("启动五个枢纽…… Starting five hubs…")
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready()
        _show(processes, var, time.monotonic() - began)
        _watch(processes)
    finally:
        for impatience in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C would leave hubs behind
            signal.signal(impatience, signal.SIG_IGN)
        _say("\n正在停止…… Stopping…")
        stop(processes)
        kept = _shown(var / "demo")
        _say(f"已停止，数据保留在 {kept}。 Stopped; the data stays in {kept}.")
    return 0


def prepare(var: Path, ports: Mapping[str, int] = PORTS) -> dict[str, dict[str, Any]]:
    """Plant the five hubs under `var/demo` where that has not been done; return demo.json's entries by region."""
    path = var / "demo.json"
    var.mkdir(parents=True, exist_ok=True)
    known = {entry["code"]: entry for entry in json.loads(path.read_text("utf-8"))["regions"]} if path.exists() else {}
    if is_planted(var / "demo", known) and {code: entry["url"] for code, entry in known.items()} == addresses(ports):
        return known
    from seeds.planting import plant_all  # imports the whole hub: only when it is needed

    told = plant_all(var / "demo", known, say=_say, ports=ports)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"regions": [told[region] for region in REGIONS]}, file, ensure_ascii=False, indent=1)
    draft.replace(path)
    return told


def _show(processes: list[Process], var: Path, seconds: float) -> None:
    _say(f"\n就绪，用时 {seconds:.1f} 秒。 Ready after {seconds:.1f} s.\n")
    _say(f"  {'地区 region':<24}{'地址 address':<28}")
    for process in processes:
        mark = "本枢纽 home" if process.region == HOME else ""
        _say(f"  {process.region:<26}{process.url:<30}{mark}")
    home = next(process.url for process in processes if process.region == HOME)
    _say(f"\n门户 portal  {home}/     GraphQL  {home}/graphql")
    _say(f"令牌 tokens  {_shown(var / 'demo.json')}              Ctrl-C 停止 stops everything\n")


def _watch(processes: list[Process]) -> None:
    while True:
        time.sleep(1)
        for process in processes:
            if not process.alive():
                raise DemonstrationFailed(
                    f"{process.region} 的枢纽意外停止，见 {process.log}。 The hub of {process.region} stopped; see {process.log}."
                )


def _shown(path: Path) -> str:
    """Return the path as a person would type it: from here where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(text: str) -> None:
    print(text, flush=True)


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
