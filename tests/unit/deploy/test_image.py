"""deploy/Dockerfile and the locks: what is copied exists, what is imported is installed, nothing else is."""

import importlib.metadata
import re
import tomllib

import grimp
import pytest

from deploy.local.programs import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
LOCKS = ROOT / "deploy" / "requirements"
SERVICES = ("ingest", "metrics", "alerts", "desk")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> set[str]:
    """The distributions of a lock."""
    text = (LOCKS / f"{name}.txt").read_text()
    return {canonical(each) for each in re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==", text, re.MULTILINE)}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_copied_exists(service: str) -> None:
    """Each source of a COPY from the build context is in the repository, and .dockerignore lets it in."""
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    paths = [path.replace("${SERVICE}", service) for line in sources for path in line.split()]
    assert len(paths) == 6
    assert [path for path in paths if not (ROOT / path).exists()] == []
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for path in paths:
        assert any(re.match(rule.replace("*", "[^/]*"), path) for rule in allowed), path


def test_the_image_has_a_user_and_a_health_check() -> None:
    """It does not run as root, and its health is /readyz."""
    assert re.search(r"^USER 10001", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*healthcheck.py", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", ["development", "installer", "java", *SERVICES])
def test_locks_carry_hashes_and_no_address(name: str) -> None:
    """Each pinned release has hashes, and no registry's address is written anywhere."""
    text = (LOCKS / f"{name}.txt").read_text()
    releases = [block for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE) if "==" in block]
    assert releases
    assert [block.split()[0] for block in releases if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_locks_hold_what_is_declared() -> None:
    """Every direct dependency of pyproject.toml is in the lock, so neither was changed without the other."""
    project = PYPROJECT["project"]
    declared = [*project["dependencies"]]
    declared += [each for extra in project["optional-dependencies"].values() for each in extra]
    declared += [each for group in ("local", "test") for each in PYPROJECT["dependency-groups"][group]]
    names = {canonical(re.match(r"[\w.-]+", each)[0]) for each in declared}  # type: ignore[index]
    assert names - locked("development") == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_only_what_its_image_holds(service: str) -> None:
    """Everything reachable by import from a service is in its own lock."""
    graph = grimp.build_graph("contracts", "services", include_external_packages=True, cache_dir=None)
    package = f"services.{service}"
    own = {package, *graph.find_descendants(package)}
    reached = own.union(*(graph.find_upstream_modules(module) for module in own))
    external = {module for module in reached if graph.is_module_squashed(module)}
    distributions = importlib.metadata.packages_distributions()
    needed = {canonical(distributions[module][0]) for module in external if module in distributions}
    assert needed - locked(service) == set()
