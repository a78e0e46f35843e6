"""The Sphinx extension, by the real Sphinx: what is on the pages, and what is warned of."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from support.sphinxbook import Tools, conf, notebook, text_notebook, write

pytestmark = pytest.mark.registry

REPOSITORY = {"repo": "ada/book", "ref": "main"}


class Page(HTMLParser):
    """What a page shows of launches."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.controls: list[dict[str, str | None]] = []
        self.meta: dict[str, str] = {}
        self.scripts: list[str] = []
        self.after: list[str] = []  # what was open or closed last before a control
        self._last = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "hub-launch":
            self.controls.append(given)
            self.after.append(self._last)
        elif tag == "meta" and (given.get("name") or "").startswith("binder-"):
            self.meta[given["name"]] = given["content"]
        elif tag == "script" and given.get("type") == "module":
            self.scripts.append(given["src"])
        self._last = tag

    def handle_endtag(self, tag):
        self._last = f"/{tag}"


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def index(*pages: str) -> str:
    return "# Waves\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with every kind of page."""
    pages = {
        "conf.py": conf(hubroam_launch=REPOSITORY),
        "index.md": index(
            "nb/waves", "text", "rest", "field", "extra", "off", "prose", "wanted", "none", "other"
        ),
        "nb/waves.ipynb": notebook("Waves in a notebook", "6 * 7"),
        "text.md": text_notebook("Waves in text"),
        "rest.rst": "Rest\n====\n\nWords.\n\n.. hub-launch::\n"
        "   :path: lab/again.ipynb\n   :label: Run it\n   :hubs: https://a.example https://b.example\n",
        "field.rst": ":launch: {path: other.ipynb, ref: v2}\n\nField\n=====\n\nWords.\n",
        "extra.md": text_notebook(
            "Extra", "launch:\n  repo: grace/extra\n  path: a.ipynb\n  environment: uni/env\n"
        ),
        "off.md": text_notebook("Off", "launch: false\n"),
        "prose.md": "# Prose\n\nWords.\n",
        "none.md": f"{text_notebook('None')}\n```{{hub-launch}} false\n```\n",
        "other.md": "# Other\n\n```{hub-launch} grace/extra\n:path: a b.ipynb\n```\n",
        "wanted.md": "---\nlaunch: true\n---\n# Wanted\n\nWords.\n",
    }
    return write(tmp_path_factory.mktemp("book"), pages)


@pytest.fixture(scope="module")
def site(sphinx: Tools, book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book, built."""
    folder = tmp_path_factory.mktemp("site")
    sphinx.sphinx(book, folder)
    return folder


def own(path: str | None = None, **others: str) -> dict[str, str]:
    given = {"provider": "gh", "repo": "ada/book", "ref": "main", "path": path, **others}
    return {name: value for name, value in given.items() if value}


def test_pages_that_run(site: Path) -> None:
    for name, path in (("nb/waves", "nb/waves.ipynb"), ("text", "text.md")):
        page = Page(site / f"{name}.html")
        assert page.controls == [own(path)]
        assert page.after == ["/h1"]
        assert page.meta == {"binder-spec": "gh/ada/book/main", "binder-path": path}
        (script,) = page.scripts
        assert (site / name).parent.joinpath(script.partition("?")[0]).resolve().is_file()


def test_pages_that_do_not_run(site: Path) -> None:
    for name in ("index", "prose", "off", "none", "genindex", "search"):
        page = Page(site / f"{name}.html")
        assert (page.controls, page.meta, page.scripts) == ([], {}, [])


def test_what_pages_say(site: Path) -> None:
    (control,) = Page(site / "rest.html").controls
    hubs = "https://a.example/ https://b.example/"
    assert control == own("lab/again.ipynb", label="Run it", hubs=hubs)
    assert Page(site / "rest.html").after == ["/p"]  # where the directive stands
    assert Page(site / "field.html").controls == [own("other.ipynb", ref="v2")]
    assert Page(site / "wanted.html").controls == [own("wanted.md")]
    assert Page(site / "other.html").controls == [own("a b.ipynb", repo="grace/extra", ref="HEAD")]
    extra = Page(site / "extra.html")
    assert extra.controls == [
        {
            "provider": "gh",
            "repo": "grace/extra",
            "ref": "HEAD",
            "path": "a.ipynb",
            "env-provider": "gh",
            "env-repo": "uni/env",
            "env-ref": "HEAD",
        }
    ]
    assert extra.meta["binder-environment"] == "gh/uni/env/HEAD"


def test_a_parallel_build_is_the_same(sphinx: Tools, book: Path, site: Path, tmp_path) -> None:
    assert sphinx.sphinx(book, tmp_path, "-j", "2") == ""
    for page in site.rglob("*.html"):
        assert page.read_bytes() == (tmp_path / page.relative_to(site)).read_bytes()


@pytest.mark.parametrize(
    ("builder", "name", "link"),
    [
        ("text", "nb/waves.txt", "Launch"),
        ("latex", "waves.tex", r"\\sphinxhref\{(.*?)\}\{Launch\}"),
        ("epub", "nb/waves.xhtml", r'<a class="reference external" href="(.*?)">Launch</a>'),
        ("singlehtml", "index.html", '<hub-launch provider="gh".*? path="nb/waves.ipynb"'),
        ("dirhtml", "nb/waves/index.html", '<hub-launch provider="gh".*? path="nb/waves.ipynb"'),
    ],
)
def test_other_builders(sphinx: Tools, book: Path, tmp_path, builder, name, link) -> None:
    sphinx.sphinx(book, tmp_path, "-b", builder)
    text = (tmp_path / name).read_text(encoding="utf-8")
    found = re.search(link, text)
    assert found, text[:3000]
    if found.groups():
        target = found[1].replace(r"\%", "%")
        assert target == "https://mybinder.org/v2/gh/ada/book/main?labpath=nb%2Fwaves.ipynb"
    with_scripts = builder.endswith("html")
    assert ("<hub-launch" in text) == with_scripts
    assert ("hub-launch.js" in text) == with_scripts
    if builder == "singlehtml":
        controls = [control["path"] for control in Page(tmp_path / name).controls]
        assert sorted(controls) == sorted(
            [
                *("nb/waves.ipynb", "text.md", "lab/again.ipynb", "other.ipynb", "a.ipynb"),
                *("wanted.md", "a b.ipynb"),
            ]
        )


def test_an_incremental_build(sphinx: Tools, tmp_path) -> None:
    files = {
        "conf.py": conf(hubroam_launch=REPOSITORY),
        "index.md": index("a", "b"),
        "a.md": text_notebook("A"),
        "b.md": text_notebook("B"),
    }
    source, out = write(tmp_path / "book", files), tmp_path / "site"
    sphinx.sphinx(source, out)
    before = (out / "b.html").stat().st_mtime_ns
    write(source, {"a.md": text_notebook("A", "launch: {ref: v2}\n")})
    sphinx.sphinx(source, out)
    assert Page(out / "a.html").controls == [own("a.md", ref="v2")]
    assert (out / "b.html").stat().st_mtime_ns == before
    write(source, {"a.md": "# A\n"})
    sphinx.sphinx(source, out)
    assert Page(out / "a.html").controls == []
    write(source, {"conf.py": conf(hubroam_launch={**REPOSITORY, "ref": "v3"})})
    sphinx.sphinx(source, out)
    assert Page(out / "b.html").controls == [own("b.md", ref="v3")]


def build(sphinx: Tools, tmp_path: Path, **files: str) -> tuple[dict[str, str | None] | None, str]:
    """Build one notebook page `page.md` and whatever else; gives its control, and warnings."""
    given = {"conf.py": conf(), "index.md": index("page"), "page.md": text_notebook("Page")}
    source = write(tmp_path / "book", {**given, **files})
    warnings = sphinx.sphinx(source, tmp_path / "site")
    return next(iter(Page(tmp_path / "site" / "page.html").controls), None), warnings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {
                "html_theme": "sphinx_book_theme",
                "html_theme_options": {
                    "repository_url": "https://github.com/ada/waves",
                    "repository_branch": "live",
                    "path_to_docs": "/docs/",
                    "launch_buttons": {
                        "binderhub_url": "https://binder.example.org",
                        "jupyterhub_url": "https://hub.example.org",
                        "notebook_interface": "jupyterlab",
                    },
                },
            },
            own(
                "docs/page.md",
                repo="ada/waves",
                ref="live",
                hubs="https://hub.example.org/ https://binder.example.org/",
            ),
        ),
        (
            {
                "html_theme": "furo",
                "html_theme_options": {
                    "source_repository": "https://gitlab.com/group/sub/waves/",
                    "source_branch": "live",
                    "source_directory": "docs/",
                },
            },
            own("docs/page.md", provider="gl", repo="group/sub/waves", ref="live"),
        ),
        (
            {
                "html_theme": "pydata_sphinx_theme",
                "html_context": {
                    "github_user": "ada",
                    "github_repo": "waves",
                    "github_version": "live",
                    "doc_path": "docs",
                },
            },
            own("docs/page.md", repo="ada/waves", ref="live"),
        ),
        (
            {
                "html_theme": "alabaster",
                "html_context": {"github_user": "x", "github_repo": "y"},
                "hubroam_launch": {**REPOSITORY, "hubs": ["https://hub.example.org"]},
            },
            own("page.md", hubs="https://hub.example.org/"),
        ),
    ],
    ids=["sphinx-book-theme", "furo", "pydata-sphinx-theme", "ours wins"],
)
def test_what_is_configured_for_others_counts(sphinx, tmp_path, settings, expected) -> None:
    control, warnings = build(sphinx, tmp_path, **{"conf.py": conf(**settings)})
    assert (control, warnings) == (expected, "")


def test_the_git_checkout_where_nothing_is_said(sphinx, tmp_path) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "git@github.com:ada/waves.git")
    control, warnings = build(sphinx, tmp_path)
    assert (control, warnings) == (own("book/page.md", repo="ada/waves", ref="HEAD"), "")


def warned(warnings: str) -> list[tuple[str, int, str]]:
    found = re.findall(r"^(.*?):(\d+): WARNING: (.*)$", warnings, re.MULTILINE)
    assert len(found) == len(warnings.strip().splitlines()), warnings
    return [(Path(file).name, int(line), text) for file, line, text in found]


def test_no_repository(sphinx, tmp_path) -> None:
    files = {"index.md": index("page", "second"), "second.md": text_notebook("Second")}
    control, warnings = build(sphinx, tmp_path, **files)
    assert control is None
    ((file, line, text),) = warned(warnings)
    assert (file, line) == ("conf.py", 1)
    assert "Nothing says which repository the book is in." in text
    assert 'hubroam_launch = {"repo": "user/repo"}' in text


@pytest.mark.parametrize(
    ("setting", "line", "message"),
    [
        ("html_theme_options = {\n'repository_provider': 'svn'}", 5, "'svn' is not known"),
        ("hubroam_launch = {'repo': 'ada/book', 'provider': 'svn'}", 4, "svn"),
        ("hubroam_launch = 'ada/book'", 4, "launch is neither"),
        ("hubroam_launch = {'pth': 'x'}", 4, "Perhaps path is meant"),
        ("html_context = {'github_user': 'ada',\n\n'github_repo': 'no repo'}", 6, "github_repo: "),
    ],
)
def test_a_configuration_that_is_wrong(sphinx, tmp_path, setting, line, message) -> None:
    theme = "sphinx_book_theme" if "repository_provider" in setting else "alabaster"
    text = f"{conf()}{setting}\nhtml_theme = '{theme}'\n"
    control, warnings = build(sphinx, tmp_path, **{"conf.py": text})
    assert control is None
    ((file, found, said),) = warned(warnings)
    assert (file, found) == ("conf.py", line)
    assert message in said


def test_pages_that_are_wrong(sphinx, tmp_path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(text_notebook("Outside"))
    (tmp_path / "book").mkdir()
    git(tmp_path / "book", "init", "--quiet")
    (tmp_path / "book" / "outside.md").symlink_to(outside)
    pages = {
        "a.md": "---\ntitle: a\nlaunch:\n  pth: a.ipynb\n---\n# A\n",
        "b.md": "---\nlaunch: [x]\n---\n# B\n",
        "c.rst": ":author: me\n:launch: {path: a\n\nC\n=\n\nWords.\n",
        "d.md": "# D\n\n```{hub-launch}\n:hubs: javascript:alert(1)\n```\n",
        "e.md": "---\nlaunch:\n  provider: svn\n---\n# E\n",
        "f.md": "---\nlaunch:\n  path: ../secret\n---\n# F\n",
        "g.md": "---\nlaunch:\n  ref: 1.0\n  path: a.ipynb\n---\n# G\n",
    }
    names = ["page", "outside", *(name.partition(".")[0] for name in pages)]
    files = {"conf.py": conf(hubroam_launch=REPOSITORY), "index.md": index(*names), **pages}
    control, warnings = build(sphinx, tmp_path, **files)
    assert control == own("page.md")  # the others do no harm
    found = {file: (line, text) for file, line, text in warned(warnings)}
    assert len(found) == len(warned(warnings)) == 8
    expected = {
        "a.md": (3, "Perhaps path is meant"),
        "b.md": (2, "launch is neither"),
        "c.rst": (2, "launch cannot be read"),
        "d.md": (3, "address"),
        "e.md": (2, "svn"),
        "f.md": (2, "path"),
        "g.md": (2, "Put it into quotes"),
        "outside.md": (1, "outside of the repository"),
    }
    for name, (line, text) in expected.items():
        assert found[name][0] == line, found[name]
        assert text in found[name][1]
    for name in names[1:]:
        assert Page(tmp_path / "site" / f"{name}.html").controls == []


def test_jupyter_cache(sphinx: Tools, tmp_path) -> None:
    """Pages whose outputs come from jupyter-cache: executed once, then found again."""
    files = {
        "conf.py": conf(
            nb_execution_mode="cache",
            nb_execution_raise_on_error=True,
            nb_execution_cache_path=str(tmp_path / "cache"),
            hubroam_launch=REPOSITORY,
        ),
        "index.md": index("text", "note"),
        "text.md": text_notebook("Text"),
        "note.ipynb": notebook("Note", "40 + 2"),
    }
    book = write(tmp_path / "book", files)
    for _ in range(2):
        assert "[hubroam" not in sphinx.sphinx(book, tmp_path / "site", "-E")
        for name in ("text.md", "note.ipynb"):
            page = tmp_path / "site" / f"{Path(name).stem}.html"
            assert Page(page).controls == [own(name)]
            assert re.search(r"cell_output[^\0]*\b42\b", page.read_text())
        assert len(list((tmp_path / "cache").rglob("base.ipynb"))) == 2


EXAMPLE = '"""\nAn example\n==========\n\nWords.\n"""\n\nprint(6 * 7)\n'


@pytest.mark.parametrize(
    ("binder", "committed", "expected"),
    [
        ({}, [], own("examples/plot_waves.py")),
        ({}, ["docs/gallery/plot_waves.ipynb"], own("docs/gallery/plot_waves.ipynb")),
        (
            {
                "org": "ada",
                "repo": "built",
                "branch": "gh-pages",
                "binderhub_url": "https://binder.example.org",
                "dependencies": "../requirements.txt",
                "notebooks_dir": "nb",
            },
            [],
            own("nb/gallery/plot_waves.ipynb", repo="built", ref="gh-pages"),
        ),
    ],
    ids=["the script", "a notebook that is committed", "sphinx-gallery's own Binder"],
)
def test_sphinx_gallery(sphinx: Tools, tmp_path, binder, committed, expected) -> None:
    gallery = {
        "examples_dirs": "../examples",
        "gallery_dirs": "gallery",
        "filename_pattern": "nosuch",
        "image_scrapers": (),
        "reset_modules": (),
        **({"binder": binder} if binder else {}),
    }
    origin = {"html_context": {"github_user": "ada", "github_repo": "book"}}
    origin["html_context"]["github_version"] = "main"
    settings = conf("sphinx_gallery.gen_gallery", sphinx_gallery_conf=gallery, **origin)
    files = {
        "docs/conf.py": settings,
        "docs/index.rst": "Waves\n=====\n\n.. toctree::\n\n   gallery/index\n",
        "examples/README.rst": "Examples\n========\n",
        "examples/plot_waves.py": EXAMPLE,
        "requirements.txt": "",
    }
    write(tmp_path, files)
    git(tmp_path, "init", "--quiet")
    if committed:
        sphinx.sphinx(tmp_path / "docs", tmp_path / "first")
        git(tmp_path, "add", *committed)
    sphinx.sphinx(tmp_path / "docs", tmp_path / "site")
    page = Page(tmp_path / "site" / "gallery" / "plot_waves.html")
    if binder:
        expected = {**expected, "repo": "ada/built"}
    assert page.controls == [expected]
    assert Page(tmp_path / "site" / "gallery" / "index.html").controls == []
