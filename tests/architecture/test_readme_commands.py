"""What the READMEs and guides tell people to type exists: make targets, `python -m hub` commands, files and pages; both READMEs agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import click

from connectors.mapping_file import read_yaml
from hub.__main__ import main
from tests.architecture.house import ROOT, none_of, product, texts

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z]+)\b")
HUB = re.compile(r"python -m hub((?: [a-z][a-z-]*)*)((?: (?:--[a-z-]+|[A-Z<\"'$./\w-]+))*)")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
PAGE = re.compile(r"\b([a-z][a-z0-9_/-]*\.md)\b")
PICTURES = "docs/pictures/"


def blocks(text: str) -> list[str]:
    """Return the shell commands of a page, block by block."""
    return BLOCK.findall(text)


def unknown_targets(files: Mapping[str, str], targets: Iterable[str]) -> list[str]:
    known = set(targets)
    return [
        f"{path}: make {target}"
        for path, text in files.items()
        for part in [*blocks(text), *re.findall(r"`(make [^`]*)`", text)]
        for target in MAKE.findall(part)
        if target not in known
    ]


def unknown_commands(files: Mapping[str, str]) -> list[str]:
    """List the `python -m hub ...` commands and options that the program does not have."""
    return [
        f"{path}: python -m hub{words}{rest}"
        for path, text in files.items()
        for words, rest in HUB.findall(text.replace("\\\n", ""))
        if not _is_known(words.split(), re.findall(r"--[a-z-]+", rest))
    ]


def broken_links(files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}: {link}"
        for path, text in files.items()
        for link in LINK.findall(text)
        if not ((ROOT / path).parent / link).exists() and PICTURES not in link
    ]


def unknown_pages(files: Mapping[str, str], pages: Iterable[str]) -> list[str]:
    """List the pages that code speaks of and that are not there; a page may be named without its folder."""
    known = tuple(f"/{page}" for page in pages)
    return [
        f"{path}: {page}"
        for path, text in files.items()
        for page in PAGE.findall(text)
        if not any(each.endswith(f"/{page}") for each in known)
    ]


def _is_known(words: list[str], options: list[str]) -> bool:
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            break  # the rest are its arguments
        if word not in command.commands:
            return False
        command = command.commands[word]
    has = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return set(options) <= has


def guides() -> dict[str, str]:
    return {path: text for path, text in texts().items() if path.endswith(".md") and not path.startswith("tests/")}


def targets() -> list[str]:
    return TARGET.findall((ROOT / "Makefile").read_text("utf-8"))


def test_every_make_target_that_is_told_of_exists() -> None:
    none_of(unknown_targets(guides(), targets()))


def test_every_hub_command_that_is_told_of_exists() -> None:
    code = {module.path: module.text for module in product()}
    none_of(unknown_commands(guides() | code))


def test_both_readmes_hold_the_same_commands() -> None:
    assert blocks(texts()[ENGLISH]) == blocks(texts()[CHINESE])


def test_the_readme_starts_and_tests_with_one_command_each() -> None:
    assert blocks(texts()[ENGLISH])[:2] == ["make run\n", "make test\n"]


def test_the_readme_shows_three_requests() -> None:
    assert sum("curl " in block for block in blocks(texts()[ENGLISH])) == 3


def test_every_link_of_a_guide_leads_to_a_file() -> None:
    none_of(broken_links(guides()))


def test_every_page_that_the_code_speaks_of_exists() -> None:
    code = {module.path: module.text for module in product()}
    none_of(unknown_pages(code, guides()), "Name a page of docs/, or the published standard itself.")


def test_the_example_mapping_of_the_guide_is_accepted() -> None:
    example = re.findall(r"^```yaml\n(.*?)^```$", texts()["docs/how-to/connectors.md"], re.MULTILINE | re.DOTALL)
    assert [read_yaml(each)["target"] for each in example] == ["service_point", "seal_status"]


def test_a_command_an_option_and_a_target_that_do_not_exist_are_noticed() -> None:
    told = {"a.md": "`python -m hub serve`, `python -m hub ledger plant`, `python -m hub verify FILE --planted x`"}
    assert unknown_commands(told) == [
        "a.md: python -m hub ledger plant",
        "a.md: python -m hub verify FILE --planted x",
    ]
    assert unknown_targets({"a.md": "```sh\nmake planted\n```\n"}, ["run"]) == ["a.md: make planted"]


def test_a_page_and_a_link_that_do_not_exist_are_noticed() -> None:
    page = "planted.md"
    assert unknown_pages({"a.py": f"see {page} and README.md"}, ["docs/words.md", "README.md"]) == [f"a.py: {page}"]
    assert broken_links({"README.md": f"[x](docs/{page})"}) == [f"README.md: docs/{page}"]
