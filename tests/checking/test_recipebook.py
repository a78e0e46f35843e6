"""What a recipe names, in each of its forms."""

from __future__ import annotations

import pytest

from hubroam.checking.recipebook import pin_findings, read_recipe_book
from hubroam.recipes import DirectoryFiles, read_recipe


@pytest.fixture
def recipe_book(tmp_path):
    def read(files):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        all_files = DirectoryFiles(tmp_path)
        recipe = read_recipe(all_files)
        book = read_recipe_book(recipe, all_files)
        return book, pin_findings(book, recipe, {"numpy": "2.1"})

    return read


PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["Numpy>=2", "six==1.17.0"]\n'


def test_requirements_with_includes(recipe_book):
    book, found = recipe_book(
        {
            "binder/requirements.txt": "-r more.txt\nPIL_low==1\nx @ git+https://x.org/x\n"
            "y @ git+https://x.org/y@" + "a" * 40 + "\nz @ https://x.org/z-1.whl\n",
            "binder/more.txt": "numpy\n",
        }
    )
    assert book.packages == {"numpy", "pil-low", "x", "y", "z"}
    assert book.remedy("q==1") == "Add the line to binder/requirements.txt: q==1"
    loose = {(each.path, each.line) for each in found if each.code == "not-pinned"}
    assert loose == {("binder/more.txt", 1), ("binder/requirements.txt", 3)}


def test_a_project(recipe_book):
    book, found = recipe_book({"pyproject.toml": PROJECT + "[build-system]\nrequires = []\n"})
    assert book.packages == {"numpy", "six"}
    assert book.remedy("q") == 'Add it to dependencies in pyproject.toml: "q"'
    (loose,) = [each for each in found if each.code == "not-pinned"]
    assert loose.message.endswith("without a lock file: Numpy>=2.")


def test_a_lock_of_uv(recipe_book):
    book, found = recipe_book({"pyproject.toml": PROJECT, "uv.lock": "version = 1"})
    assert book.remedy("q").endswith('"q", then run: uv lock')
    assert [each.code for each in found] == ["python-not-named"]


def test_a_pipfile_and_its_lock(recipe_book):
    book, found = recipe_book({"Pipfile": '[packages]\nnumpy = "*"\n'})
    assert book.packages == {"numpy"}
    assert found[0].remedy == "Run: pipenv lock"
    book, found = recipe_book({"Pipfile.lock": '{"default": {"numpy": {}, "six": {}}}'})
    assert book.packages == {"numpy"}
    assert [each.code for each in found] == ["python-not-named"]
    assert book.remedy("q") == "Run: pipenv install q, which adds it to Pipfile"


def test_a_lock_of_pipenv_alone(recipe_book):
    book, _ = recipe_book({"Pipfile.lock": '{"default": {"numpy": {}}, "develop": {"six": {}}}'})
    assert book.packages == {"numpy", "six"}


def test_post_build(recipe_book):
    book, _ = recipe_book(
        {"postBuild": "#!/bin/sh\nset -e\npip install --no-cache-dir 'Six>1' numpy\necho done\n"}
    )
    assert book.packages == {"six", "numpy"}


def test_conda(recipe_book):
    lines = ["python=3.12", "forge::Numpy=2.1", "gdal >=3", "proj>=1,<2", "atlas", "x!=3", "y~=1.0"]
    listed = "".join(f"- {line}\n" for line in [*lines, "pip: [six==1.17.0]"])
    book, found = recipe_book({"environment.yml": f"dependencies:\n{listed}"})
    assert book.packages == {"python", "numpy", "gdal", "proj", "atlas", "x", "y", "six"}
    (loose,) = found
    assert loose.message.endswith("without a lock file: gdal >=3, atlas, x!=3.")


def test_the_day_of_r(recipe_book):
    _, found = recipe_book({"DESCRIPTION": "Package: p\n"})
    assert [(each.code, each.path) for each in found] == [("not-pinned", "DESCRIPTION")]
    assert "r-4.2-" in found[0].remedy
    _, found = recipe_book({"runtime.txt": "r-4.2-2023-05-01"})
    assert found == []
