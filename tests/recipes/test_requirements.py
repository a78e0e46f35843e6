"""requirements.txt, as people write it and as strangers might."""

from __future__ import annotations

import pytest

from hubroam.errors import RecipeError
from hubroam.recipes import DirectoryFiles
from hubroam.recipes.requirements import read_requirements


@pytest.fixture
def needs(tmp_path):
    def needs(text, **others):
        (tmp_path / "binder").mkdir(exist_ok=True)
        for name, content in others.items():
            (tmp_path / f"{name}.txt").write_text(content)
        (tmp_path / "pkg").mkdir(exist_ok=True)
        (tmp_path / "pkg" / "setup.py").write_text("")
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "binder" / "requirements.txt").write_bytes(data)
        return read_requirements(DirectoryFiles(tmp_path), "binder/requirements.txt")

    return needs


@pytest.mark.parametrize(
    "text",
    [
        "numpy>=2,<3  # arrays\n\n# a comment\npandas[excel]==2.2.*; python_version >= '3.9'\n",
        "numpy==2.0 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n",
        "--index-url https://pypi.example/simple\n--extra-index-url=https://x.example\n--pre\nsix\n",
        "pkg @ https://example.org/pkg-1.0-py3-none-any.whl\n",
        "git+https://git.example/a/b.git@main#egg=b\n-e git+https://git.example/a/c#egg=c\n",
        "\ufeffsix\r\nidna\r\n",
        "",
    ],
)
def test_what_people_write(needs, text):
    found = needs(text)
    assert found.files == ["binder/requirements.txt"]
    assert found.trees == set()


def test_includes_and_local_packages(needs):
    found = needs(
        "-r ../more.txt\n-c ../limits.txt\n-e ./pkg[extra]\n", more="six\n", limits="six<2\n"
    )
    assert found.files == ["binder/requirements.txt", "more.txt", "limits.txt"]
    assert found.trees == {"pkg"}


def test_what_is_names_and_nothing_else(needs):
    limits = "six<2  # ours\n"
    found = needs("-c ../limits.txt\nnumpy>=2,<3 # arrays\nidna ; os_name=='x'\n", limits=limits)
    assert found.named() == ("-c six<2", "numpy<3,>=2", 'idna; os_name == "x"')
    assert needs("").named() == ()


@pytest.mark.parametrize(
    "text",
    [
        "six --hash=sha256:aa\n",
        "six @ https://example.org/six-1-py3-none-any.whl\n",
        "./pkg\n",
        "-e ./pkg\n",
        "git+https://git.example/a/b.git\n",
        "--no-binary :all:\nsix\n",
        "-r ../more.txt\nsix\n",
    ],
)
def test_what_is_more_than_names(needs, text):
    assert needs(f"numpy\n{text}", more="-i https://example.org/simple\n").named() is None


def test_a_file_that_includes_itself(needs):
    assert needs("-r requirements.txt\nsix\n").files == ["binder/requirements.txt"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("six\nnot a requirement\n", "line 2 is not a requirement: not a requirement"),
        ("-r ../../../etc/passwd\n", "line 1 leaves the repository"),
        ("-r /etc/passwd\n", "line 1 leaves the repository"),
        ("-r nosuch.txt\n", "line 1 includes binder/nosuch.txt, which is not in the repository"),
        ("file:///etc\n", "line 1 installs from file:"),
        ("x @ file:///etc/x.whl\n", "line 1 installs from file:"),
        ("--find-links /srv/wheels\n", "no web address"),
        ("--index-url file:///srv\n", "no web address"),
        ("../outside\n", "leaves the repository"),
        ("./nosuch\n", "not in the repository"),
        ("--config-settings=x\n", "line 1 is not a requirement"),
        (b"caf\xe9\n", "not UTF-8"),
        (b"six\x00\n", "line 1 is not a requirement"),
    ],
)
def test_what_is_refused_with_its_line(needs, text, words):
    with pytest.raises(RecipeError) as caught:
        needs(text)
    assert words in caught.value.message
    assert caught.value.message.startswith("binder/requirements.txt")
