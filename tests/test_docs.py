"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from hubroam import errors
from hubroam.binder.app import BinderService
from hubroam.cli import hubroam
from hubroam.environments import LocalBuilder
from hubroam.environments.containers.builder import ContainerBuilder
from hubroam.environments.containers.engine import ContainerEngine
from hubroam.hub.app import HubroamHub
from hubroam.hub.containers import ContainerSpawner, EitherSpawner
from hubroam.hub.spawner import SessionSpawner
from hubroam.providers import (
    GistProvider,
    GitHubProvider,
    GitLabProvider,
    GitProvider,
    GitRefProvider,
    Providers,
)
from hubroam.providers.archives import (
    ArchiveProvider,
    CKANProvider,
    DataverseProvider,
    FigshareProvider,
    HydroShareProvider,
    SWHIDProvider,
    ZenodoProvider,
)
from hubroam.providers.archives.doi import DoiProvider
from support.reference import sources

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sources(".md")]
CONFIGURABLE = [
    HubroamHub,
    SessionSpawner,
    BinderService,
    Providers,
    GitRefProvider,
    GitProvider,
    GitHubProvider,
    GitLabProvider,
    GistProvider,
    ArchiveProvider,
    DoiProvider,
    ZenodoProvider,
    FigshareProvider,
    DataverseProvider,
    HydroShareProvider,
    CKANProvider,
    SWHIDProvider,
    LocalBuilder,
    ContainerBuilder,
    ContainerEngine,
    ContainerSpawner,
    EitherSpawner,
]


def own_settings(cls):
    """The settings that a class of ours adds to those of its parents."""
    inherited = {name for parent in cls.__mro__[1:] for name in getattr(parent, "__dict__", {})}
    inherited -= {"base_url", "hosts"}  # each host has its own default
    return [
        name
        for name, trait in cls.class_own_traits(config=True).items()
        if name not in inherited and trait.this_class is cls
    ]


@pytest.mark.parametrize("cls", CONFIGURABLE, ids=lambda cls: cls.__name__)
def test_every_setting_is_documented(cls):
    text = (ROOT / "docs" / "operating.md").read_text()
    missing = [name for name in own_settings(cls) if f"| `{cls.__name__}.{name}` |" not in text]
    assert missing == []


def test_every_documented_setting_is_there():
    text = (ROOT / "docs" / "operating.md").read_text()
    classes = {cls.__name__: cls for cls in CONFIGURABLE}
    for name, setting in re.findall(r"^\| `(\w+)\.(\w+)` \|", text, re.MULTILINE):
        assert setting in classes[name].class_traits(config=True), f"{name}.{setting}"


def test_every_error_is_documented_with_its_status():
    text = (ROOT / "docs" / "protocol.md").read_text()
    documented = {
        code: int(status)
        for code, status in re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", text, re.M)
    }
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    ours = [c for c in classes if issubclass(c, errors.HubroamError) and c.code != "failed"]
    assert documented == {cls.code: cls.status for cls in ours}


def test_every_finding_of_a_check_is_documented():
    text = (ROOT / "docs/reference/check.md").read_text()
    documented = set(re.findall(r"^\| `([a-z-]+)` \| (?:fault|warning|info) \|", text, re.M))
    source = "".join(p.read_text() for p in (ROOT / "src/hubroam/checking").glob("*.py"))
    ours = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    assert len(ours) > 10
    assert documented == ours


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text()
    assert [name for name in hubroam.list_commands(None) if f"`hubroam {name}" not in text] == []


def test_every_room_is_on_the_map():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    package = ROOT / "src" / "hubroam"
    rooms = [f"{p.name}/" for p in package.iterdir() if (p / "__init__.py").exists()]
    rooms += [p.name for p in package.glob("*.py") if not p.name.startswith("__")]
    assert [room for room in rooms if f"`{room}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
