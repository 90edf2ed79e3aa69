"""One idea, one word: the words that docs/words.md does not use occur nowhere; licenses are 电子证照 only; the page's tables are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from hub.approvals.rules import MOVES
from tests.architecture.house import ROOT, Module, none_of, planted, product, texts
from tests.architecture.test_names import words_of

PAGE = "docs/words.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Where nothing can be a license in the sense of GB/T 36901: terms of data are reuse terms, X.509 things are certificates.
NO_LICENSES = (
    "hub/opendata/",
    "hub/signing/",
    "hub/seals/",
    "hub/ledger/",
    "connectors/",
    "schema/dataset",
)
ABOUT_LICENSES = {
    "connectors/license_files.py": "makes the files of electronic licenses on schedule",
    "connectors/registry.py": "hands that connector the desk of electronic licenses",
}
NO_CERTIFICATES = ("hub/licenses/", "hub/codes/licenses", "schema/license")
STAGE_ROW = re.compile(r"^\| `([A-Z]+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def banned(page: str) -> set[str]:
    """Return the words in backquotes of the table's last column."""
    rows = [line.split("|") for line in page.splitlines() if line.count("|") == 6]
    own = {"reuse_terms", "certificate"}  # named there as what to say instead
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row[5])} - own


def banned_names(modules: Iterable[Module], words: Iterable[str]) -> list[str]:
    unwanted = {form for word in words if not CHINESE.search(word) for form in (word, f"{word}s")}
    return [
        f"{place} {name}" for module in modules for place, name in _defined(module) if unwanted & set(words_of(name))
    ]


def banned_texts(files: Mapping[str, str], words: Iterable[str]) -> list[str]:
    unwanted = [word for word in words if CHINESE.search(word)]
    return [
        f"{path}:{number} {word}"
        for path, text in files.items()
        if path != PAGE
        for number, line in enumerate(text.splitlines(), start=1)
        for word in unwanted
        if word in line
    ]


def names_out_of_place(modules: Iterable[Module], word: str, rooms: tuple[str, ...]) -> list[str]:
    """List the names that hold `word` (or its plural) in modules whose path begins like one of `rooms`."""
    return [
        f"{place} {name}"
        for module in modules
        if module.path.startswith(rooms)
        for place, name in _defined(module)
        if {word, f"{word}s"} & set(words_of(name))
    ]


def _defined(module: Module) -> Iterator[tuple[str, str]]:
    """Yield (place, name) of the module and of every class, function, parameter and variable it defines."""
    yield module.path, module.name
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield module.at(node), node.name
        elif isinstance(node, ast.arg):
            yield module.at(node), node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield module.at(node), node.id


def words() -> set[str]:
    return banned((ROOT / PAGE).read_text("utf-8"))


def test_the_page_names_words_in_both_languages_that_are_not_used() -> None:
    assert {"licence", "tenant", "blockchain", "\u533a\u5757\u94fe", "\u79df\u6237"} <= words()


def test_no_name_in_the_code_is_a_banned_synonym() -> None:
    none_of(banned_names(product(), words()), "docs/words.md has the word to use.")


def test_no_text_holds_a_banned_chinese_synonym() -> None:
    none_of(banned_texts(texts(), words()), "docs/words.md has the word to use.")


def test_a_license_is_never_anything_but_an_electronic_license() -> None:
    elsewhere = [module for module in product() if module.path not in ABOUT_LICENSES]
    none_of(names_out_of_place(elsewhere, "license", NO_LICENSES), "Say reuse_terms or certificate.")


def test_the_modules_that_may_speak_of_licenses_all_do() -> None:
    speaking = {module.path for module in product() if names_out_of_place([module], "license", NO_LICENSES)}
    assert speaking >= ABOUT_LICENSES.keys()


def test_an_electronic_license_is_never_called_a_certificate() -> None:
    none_of(names_out_of_place(product(), "certificate", NO_CERTIFICATES), "Say license.")


def test_the_table_of_stages_and_acts_is_the_one_in_the_code() -> None:
    rows = STAGE_ROW.findall((ROOT / PAGE).read_text("utf-8"))
    told = {stage: sorted(re.findall(r"`([A-Z]+)`", acts)) for stage, acts in rows}
    assert told == {stage.value: sorted(act.value for act in acts) for stage, acts in MOVES.items()}


def test_a_banned_name_is_noticed_in_every_kind_of_definition() -> None:
    text = "class TenantRow: ...\ndef list_tenants(): ...\ndef f(tenant): ...\ntenant_code = 1\ntenantry = 2\n"
    assert banned_names([planted(text)], {"tenant"}) == [
        "hub/planted.py:1 TenantRow",
        "hub/planted.py:2 list_tenants",
        "hub/planted.py:4 tenant_code",
        "hub/planted.py:3 tenant",
    ]


def test_a_banned_chinese_word_is_noticed_outside_the_page_itself() -> None:
    word = "\u79df\u6237"  # escaped, so that this file does not find itself
    assert banned_texts({"a.html": f"一\n{word}\n", PAGE: word}, {word, "tenant"}) == [f"a.html:2 {word}"]


def test_a_license_of_data_is_noticed() -> None:
    module = planted("license_url = ''\n", "hub/opendata/planted.py")
    assert names_out_of_place([module], "license", NO_LICENSES) == ["hub/opendata/planted.py:1 license_url"]
