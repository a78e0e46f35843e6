"""Pages of books whose authors did nothing for us: built by the real tools, asked over http."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hubroam.book.foreign import find_launch
from hubroam.cli import hubroam
from hubroam.errors import LinkError, NoRepositoryNamed, PageUnreachable, PrivateAddress
from support.fileserver import serving
from support.gitserver import GitServer
from support.notebooks import notebook
from support.sphinxbook import Tools, conf, text_notebook
from support.website import Answer, Website, document

Serve = Callable[..., Website]
GITHUB = "https://github.com/ada/book"
BUTTONS = {
    "repository_url": GITHUB,
    "repository_branch": "main",
    "path_to_docs": "docs",
    "use_repository_button": True,
    "use_edit_page_button": True,
    "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
}
THEMES: dict[str, dict[str, Any]] = {
    "sphinx_book_theme": {"html_theme_options": BUTTONS},
    "furo": {
        "html_theme_options": {
            "source_repository": GITHUB,
            "source_branch": "main",
            "source_directory": "docs/",
        }
    },
    "pydata_sphinx_theme": {
        "html_context": {
            "github_user": "ada",
            "github_repo": "book",
            "github_version": "main",
            "doc_path": "docs",
        },
        "html_theme_options": {"use_edit_page_button": True},
    },
    "sphinx_rtd_theme": {
        "html_context": {
            "display_github": True,
            "github_user": "ada",
            "github_repo": "book",
            "github_version": "main",
            "conf_py_path": "/docs/",
        }
    },
}


def link(url: str, *options: str) -> Result:
    arguments = [url, "--hub", "h.example", "--kind", "roam", "--allow-private", "--json", *options]
    return CliRunner().invoke(hubroam, ["link", *arguments])


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda answers: stack.enter_context(Website(answers))


@pytest.mark.registry
@pytest.mark.parametrize("theme", THEMES)
def test_sphinx(theme: str, sphinx: Tools, tmp_path: Path) -> None:
    source, built = tmp_path / "docs", tmp_path / "built"
    (source / "chapters").mkdir(parents=True)
    (source / "index.md").write_text("# Home\n\n```{toctree}\nchapters/my_waves\nplain\n```\n")
    (source / "plain.md").write_text("# Plain\n\nSee https://github.com/numpy/numpy.\n")
    (source / "chapters" / "my_waves.ipynb").write_text(notebook("6 * 7"))
    settings = {"extensions": ["myst_nb"], "nb_execution_mode": "off", "html_theme": theme}
    lines = [f"{name} = {value!r}\n" for name, value in {**settings, **THEMES[theme]}.items()]
    (source / "conf.py").write_text("".join(lines))
    sphinx.sphinx(source, built)
    with serving(built) as url:
        waves = json.loads(link(f"{url}chapters/my_waves.html").stdout)
        assert waves["link"] == (
            "https://h.example/roam#gh/ada/book/main?labpath=docs%2Fchapters%2Fmy_waves.ipynb"
        )
        found_by = "launch-link" if theme == "sphinx_book_theme" else "file-link"
        assert (waves["found_by"], waves["notes"]) == (found_by, [])
        plain = json.loads(link(f"{url}plain.html").stdout)
        assert plain["link"].endswith("#gh/ada/book/main?labpath=docs%2Fplain.md")
        assert "a text" in plain["notes"][0]


@pytest.mark.registry
def test_our_own_extension(sphinx: Tools, tmp_path: Path) -> None:
    source, built = tmp_path / "docs", tmp_path / "built"
    source.mkdir()
    (source / "index.md").write_text(text_notebook("Waves"))
    (source / "conf.py").write_text(conf(hubroam_launch={"repo": "ada/book", "ref": "v1"}))
    sphinx.sphinx(source, built)
    with serving(built) as url:
        found = find_launch(f"{url}index.html", allow_private=True)
        assert (found.found_by, str(found.launch.spec)) == ("hub-launch", "gh/ada/book/v1")
        (built / "index.html").write_text(
            (built / "index.html").read_text().replace("hub-launch", "not-launch")
        )
        meta = find_launch(f"{url}index.html", allow_private=True)
        assert (meta.found_by, meta.launch) == ("binder-spec", found.launch)


@pytest.mark.registry
def test_jupyter_book_2(jupyter_book: Callable[..., str], tmp_path: Path, serve: Serve) -> None:
    book = tmp_path / "book"
    (book / "chapters").mkdir(parents=True)
    (book / "index.md").write_text("# Home\n\nWords.\n")
    (book / "chapters" / "waves.ipynb").write_text(notebook("6 * 7"))
    (book / "myst.yml").write_text(
        f"version: 1\nproject:\n  github: {GITHUB}\n  jupyter:\n    binder:\n"
        "      url: https://mybinder.org\n      repo: ada/book\n      ref: v1\n"
        f"site:\n  template: {jupyter_book.template}\n"  # type: ignore[attr-defined]
    )
    jupyter_book(book, "build", "--site")
    site = book / "_build" / "site"

    def answer(path: str) -> Answer | None:
        file = site / path.lstrip("/")
        if file.is_file():
            return Answer(file.read_bytes(), "application/json")
        return Answer("<!doctype html><title>x</title>") if path in ("/waves", "/") else None

    url = serve(answer).url
    waves = json.loads(link(f"{url}waves").stdout)
    assert waves["link"].endswith("#gh/ada/book/v1?labpath=chapters%2Fwaves.ipynb")
    assert (waves["found_by"], waves["notes"]) == ("myst-json", [])
    home = json.loads(link(url).stdout)
    assert home["link"].endswith("#gh/ada/book/v1?labpath=index.md")


def page(body: str, **options: Any) -> Answer:
    return Answer(f"<!doctype html><title>Book</title>{body}", **options)


EDIT = f'<a href="{GITHUB}/edit/main/waves.ipynb">Edit</a>'


def test_launch_takes_a_page_and_opens_its_notebook(serve: Serve) -> None:
    site = serve({"/waves.html": page(EDIT)})
    ready = {"phase": "ready", "message": "", "url": "https://hub.example/user/x/", "token": "t"}
    stream = Answer(f"data: {json.dumps(ready)}\n\n", "text/event-stream")
    hub = serve({"/build/gh/ada/book/main": stream})
    arguments = ["launch", f"{site.url}waves.html", "--hub", hub.url]
    done = CliRunner().invoke(hubroam, arguments)
    assert hub.paths == ["/build/gh/ada/book/main?urlpath=lab%2Ftree%2Fwaves.ipynb"]
    assert done.stdout == "https://hub.example/user/x/lab/tree/waves.ipynb?token=t\n"


def test_where_git_answers_is_a_repository(git_server: GitServer) -> None:
    repository = git_server.repo("foreign/book")
    repository.commit({"a.ipynb": "{}"})
    found = find_launch(repository.url, allow_private=True)
    assert (found.found_by, str(found.launch.spec)) == (
        "git",
        repository.spec.replace("/main", "/HEAD"),
    )


def test_an_address_that_ends_in_git_is_not_asked(serve: Serve) -> None:
    site = serve({})
    done = json.loads(link(f"{site.url}ada/book.git").stdout)
    assert "book.git/HEAD" in done["link"]
    assert site.requests == []


def test_the_first_page_of_jupyter_book_1_leads_on(serve: Serve) -> None:
    onward = '<meta http-equiv="Refresh" content="0; url=waves.html" />'
    site = serve({"/book/": page(onward), "/book/waves.html": page(EDIT)})
    assert find_launch(f"{site.url}book/", allow_private=True).page == f"{site.url}book/waves.html"


def test_links_at_the_end_of_a_giant_page(serve: Serve) -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 3_000_000}">'
    site = serve({"/waves.html": page(picture + EDIT)})
    found = find_launch(f"{site.url}waves.html", allow_private=True)
    assert found.launch.labpath == "waves.ipynb"


@pytest.mark.parametrize("tag", ["<!--", "<a href='", "<", "<div>", "<a x=1 ", "<![CDATA["])
def test_a_page_made_to_take_long(tag: str, serve: Serve) -> None:
    site = serve({"/": page(tag * (4_000_000 // len(tag)))})
    with pytest.raises(NoRepositoryNamed):
        find_launch(site.url, allow_private=True)


def test_json_is_asked_of_the_pages_own_origin_only(serve: Serve) -> None:
    other = serve({"/waves.json": document({"location": "/x.ipynb"})})
    index = {"references": [{"kind": "page", "url": "/waves", "data": f"{other.url}waves.json"}]}
    site = serve({"/waves": page(""), "/myst.xref.json": document(index)})
    with pytest.raises(NoRepositoryNamed):
        find_launch(f"{site.url}waves", allow_private=True)
    assert other.requests == []


def test_nothing_on_the_page(serve: Serve) -> None:
    done = link(serve({"/": page("<p>Words</p>")}).url)
    assert isinstance(done.exception, NoRepositoryNamed)
    assert "Give the repository's address" in done.exception.next_step


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page("", status=404), "status 404"),
        (Answer("x", "application/pdf"), "no web page"),
        (page("", status=302, headers={"Location": "/"}), "round and round"),
    ],
)
def test_no_page(answer: Answer, said: str, serve: Serve) -> None:
    with pytest.raises(PageUnreachable, match=said):
        find_launch(serve({"/": answer}).url, allow_private=True)


def test_private_addresses_are_refused(serve: Serve) -> None:
    site = serve({"/": page(EDIT)})
    with pytest.raises(PrivateAddress, match="private network"):
        find_launch(site.url)
    assert site.requests == []


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(LinkError) as caught:
        find_launch("https://ada:secret@book.example/")
    assert "secret" not in caught.value.message
