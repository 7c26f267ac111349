"""What holds for the whole tree: nothing local, nothing oversized, no dead link, no unexplained dependency."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SOURCE = ("gateway", "resolvers", "adapters", "sandbox", "bench", "scripts")
MAX_LINES = 300
# A bracket in each word keeps this list from finding itself.
NOT_OURS = re.compile(
    r"/wor[k]/|/roo[t]/|/hom[e]/\w|/User[s]/\w|/tm[p]/\w+/|[^a-z]C:\\User[s]|"
    r"pypi[.]or[g]|pythonhoste[d]|npmj[s][.]|npmmirro[r]|yarnpk[g]|mirrors?[.]\w+[.]\w|"
    r"deb[.]debia[n]|proxy[.]golan[g]|crates[.]i[o]|--(extra-)?index-ur[l]|--find-link[s]"
)
_IGNORED = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in _IGNORED):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


FILES = list(_walk(ROOT))
MODULES = [path for path in FILES if path.suffix == ".py"]
PAGES = [path for path in FILES if path.suffix == ".md"]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{_name(path)}:{number}: {match[0]}"
        for path in FILES
        if b"\0" not in (content := path.read_bytes())
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1)
        for match in NOT_OURS.finditer(line)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    code = {_name(path): text for path in MODULES if (text := path.read_text())}
    assert [name for name, text in code.items() if not ast.get_docstring(ast.parse(text))] == []


def test_no_module_is_oversized() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in MODULES}
    source = {name: lines for name, lines in lengths.items() if name.startswith(SOURCE)}
    assert {name: lines for name, lines in source.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_resolve(page: Path) -> None:
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = page if not target else page.parent / target
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            dead.append(link)
    assert dead == []


def _prose(page: Path) -> str:
    """The page without its code, where a bracket is no link and a `#` no heading."""
    return re.sub(r"^(```|~~~).*?^\1|`[^`\n]+`", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_changelog_has_a_place_for_the_next_change() -> None:
    assert re.search(r"^## Unreleased$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]


@pytest.mark.parametrize(("heading", "requirements"), [("Runtime", RUNTIME), ("Development", DEVELOPMENT)])
def test_every_dependency_has_its_reason(heading: str, requirements: list[Requirement]) -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    explained = re.findall(r"^\| `([^`]+)` \| \S", section, re.MULTILINE)
    assert explained == sorted(requirement.name for requirement in requirements)


LOCKED = [
    Requirement(entry.partition(" \\")[0])
    for entry in re.findall(r"^\w.*$", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
]
PINS = {canonicalize_name(pin.name): pin for pin in LOCKED if not pin.marker or pin.marker.evaluate()}


def test_lock_pins_with_hashes() -> None:
    entries = re.split(r"\n(?=\w)", (ROOT / "requirements.lock").read_text())
    assert [e.split()[0] for e in entries if not re.match(r"\S+==\S.*\n +--hash=sha256:[0-9a-f]{64}", e)] == []


def test_lock_satisfies_the_project() -> None:
    """As `scripts/lock` left it: each requirement is met, and what is locked is what they need."""
    needed = {name for name, _ in _closure([*RUNTIME, *DEVELOPMENT], set())}
    assert needed == set(PINS)


def _closure(requirements: Iterable[Requirement], seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All (package, extra) that `requirements` need on this machine, each seen to fit its pin."""
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        assert name in PINS, f"{requirement} is not in requirements.lock: run scripts/lock"
        version = str(PINS[name].specifier).removeprefix("==")
        assert requirement.specifier.contains(version), f"{requirement} is locked to {version}: run scripts/lock"
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                _closure(_needs(name, extra), seen)
    return seen


def _needs(name: str, extra: str) -> list[Requirement]:
    requirements = [Requirement(line) for line in metadata.requires(name) or []]
    return [need for need in requirements if not need.marker or need.marker.evaluate({"extra": extra})]
