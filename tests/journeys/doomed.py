"""A hub as `python -m hub serve` runs it, that dies by kill -9 in the middle of sealing when it is told to.

Its sentence is the file `doom` in HUB_VAR_DIR, which names a step of `hub.approvals.sealing`: whichever sealing reaches that step
next, by hand or from the queue, takes the whole process with it, with no more warning than a power cut gives.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

from hub.__main__ import answer
from wsgi import running

SENTENCE = "doom"


def main() -> None:
    """Serve the hub of the environment's settings until it is stopped or its sentence is carried out."""
    sentence = Path(os.environ["HUB_VAR_DIR"]) / SENTENCE

    def reached(step: str) -> None:
        if sentence.exists() and sentence.read_text() == step:
            sentence.unlink()  # once: the hub that is started again lives
            os.kill(os.getpid(), signal.SIGKILL)

    answer(partial(running, reached=reached))


if __name__ == "__main__":
    main()
