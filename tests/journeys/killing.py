"""A seeded plan of power cuts, and carrying it out: hubs die by kill -9 at random, some of them in the middle of a sealing.

Only the victim is started again. The next blow falls as soon as a hub other than those still starting can be hit.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from hub.approvals.sealing import COMMITTED, INTENDED, SIGNED, STORED
from seeds.supervisor import Process
from tests.journeys.doomed import SENTENCE
from tests.journeys.five import Demonstration, asking, until

KILLS = 30
STEPS = (INTENDED, SIGNED, STORED, COMMITTED)
IN_SEALING = 12  # an equal share at each step
LAST = 8  # so many at the end fall anywhere: meanwhile the leases of those who died sealing run out
MOMENT_SECONDS = (0.0, 1.5)  # after a victim is chosen, so long at random until it dies
DIES_WITHIN_SECONDS = 90.0
STARTS_WITHIN_SECONDS = 90.0
MORTAL = (sys.executable, "-m", "tests.journeys.doomed")


@dataclass(frozen=True)
class Blow:
    """One kill: of whom, in which step of a sealing (None: wherever it is), how many seconds after it was chosen."""

    victim: str
    step: str | None
    seconds: float


def plan(seed: int, regions: list[str]) -> list[Blow]:
    """Return the blows that `seed` stands for: first each hub once anywhere, the rest in random order but for the LAST."""
    chance = random.Random(seed)
    first = chance.sample(regions, len(regions))
    anywhere = KILLS - IN_SEALING - len(first) - LAST
    steps: list[str | None] = [*STEPS * (IN_SEALING // len(STEPS)), *[None] * anywhere]
    chance.shuffle(steps)
    steps += [None] * LAST
    victims = [*first, *(chance.choice(regions) for _ in steps)]
    return [
        Blow(victim, step, chance.uniform(*MOMENT_SECONDS))
        for victim, step in zip(victims, [*[None] * len(first), *steps], strict=True)
    ]


def carry_out(demonstration: Demonstration, blows: list[Blow], watch: Callable[[], None]) -> list[Blow]:
    """Deal the blows one after another, starting each victim again at once; return those whose victim died by SIGKILL.

    `watch` is called before each and raises to end it all. At the end every hub answers.
    """
    dealt: list[Blow] = []
    for blow in blows:
        watch()
        process = demonstration.processes[blow.victim]
        process.wait_ready(STARTS_WITHIN_SECONDS)
        if _struck(demonstration, process, blow):
            dealt.append(blow)
        process.command = MORTAL  # as `serve`, but able to die within a sealing
        process.start()
    for process in demonstration.processes.values():
        process.wait_ready(STARTS_WITHIN_SECONDS)
    return dealt


def _struck(demonstration: Demonstration, process: Process, blow: Blow) -> bool:
    assert process.child is not None
    if blow.step is None:
        time.sleep(blow.seconds)
        process.kill()
    else:
        _sentence(demonstration.var / blow.victim / SENTENCE, blow.step)
        until(lambda: not process.alive(), DIES_WITHIN_SECONDS, wanted=f"{blow.victim} dies at {blow.step}")
    return process.child.wait() == -signal.SIGKILL


def _sentence(path: Path, step: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(step)
    draft.replace(path)  # whole or not at all: the hub may look at this very moment


def ready(url: str) -> bool:
    """Say whether a hub answers and signs both ledgers."""
    try:
        return bool(asking().get(f"{url}/readyz", timeout=5).json()["status"] == "ready")
    except httpx.HTTPError:
        return False
