"""The requests the README shows are answered by a running demonstration as the README says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys.five import Demonstration

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOME = "http://127.0.0.1:8000"


@pytest.fixture
def answers(demonstration: Demonstration, tmp_path: Path) -> list[str]:
    """What the README's requests print, in its order, asked of the demonstration's home hub."""
    told = tmp_path / "var" / "demo.json"
    told.parent.mkdir()
    told.write_text(json.dumps({"regions": list(demonstration.entries.values())}), "utf-8")
    requests = [block for block in BLOCK.findall(README.read_text("utf-8")) if "curl " in block]
    return [_typed(request.replace(HOME, demonstration.home_url.rstrip("/")), tmp_path) for request in requests]


def _typed(commands: str, folder: Path) -> str:
    done = subprocess.run(["sh", "-euc", commands], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_the_first_request_of_the_readme_counts_241_offers(answers: list[str]) -> None:
    assert json.loads(answers[0])["data"]["crossRegionOffers"]["totalCount"] == 241


def test_the_second_request_of_the_readme_shows_a_signed_checkpoint(answers: list[str]) -> None:
    body, signatures = answers[1].split("\n\n")
    assert body.splitlines()[0] == "tongban/xixian-fengdong/public/1"
    assert signatures.startswith("— tongban/xixian-fengdong/public/1 ")


def test_the_third_request_of_the_readme_lists_the_sources_of_the_hub(answers: list[str]) -> None:
    named = {each["name"] for each in json.loads(answers[2])["data"]["connectors"]}
    assert {"hub:xian-hightech", "hub:xianyang-hightech", "hub:xianyang-qindu", "hub:xianyang-weicheng"} <= named
