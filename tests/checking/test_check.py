"""Books are checked for real: environments from the registry, kernels that run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import hubroam.demo
from checking.conftest import findings, notebook, page
from hubroam.building import BuildOptions
from hubroam.errors import PathNotFound, RepositoryNotFound, SpecError
from support.cran import need_r
from support.processes import processes_of

pytestmark = pytest.mark.registry

PINNED = {"binder/requirements.txt": "six==1.17.0\n", "binder/runtime.txt": "python-3.11\n"}
MYST = """---
kernelspec:
  name: python3
---
# A page

```{code-cell} python
:tags: [hide-input]

import six
total = 1
```

Prose with `{code-cell}` in it.

```{code-cell}
%s
```
"""


async def test_a_good_book(book, run_check):
    folder = book({**PINNED, "a.ipynb": notebook("import six\nx = 1", "assert x == 1")})
    report = await run_check(folder)
    assert report["ok"] is True, report
    assert report["findings"] == []
    only = report["pages"][0]
    assert (only["path"], only["ok"], only["error"]) == ("a.ipynb", True, None)
    assert only["seconds"] > 0
    assert 20e6 < only["memory"] < 500e6
    assert report["needs"]["environment_bytes"] > 20e6
    again = await run_check(folder)
    assert again["needs"]["cached"] is True
    assert again["needs"]["digest"] == report["needs"]["digest"]


async def test_the_demo_s_book_is_well(run_check, tmp_path):
    book = shutil.copytree(Path(hubroam.demo.__file__).parent / "book", tmp_path / "book")
    report = await run_check(book)
    assert report["ok"] is True, report
    assert [page["path"] for page in report["pages"]] == [
        "notebooks/waves.ipynb",
        "notebooks/wildlife.ipynb",
    ]
    assert {finding["severity"] for finding in report["findings"]} == {"info"}


async def test_a_cell_that_fails(book, run_check):
    code = "def half(x):\n    return 1 / x\n\nprint('ok')\nhalf(0)"
    report = await run_check(book({**PINNED, "a.ipynb": notebook("", "x = 1", code, "y = 2")}))
    assert report["ok"] is False
    error = page(report, "a.ipynb")["error"]
    assert (error["cell"], error["message"]) == (2, "ZeroDivisionError: division by zero")
    assert error["source"] == "half(0)"
    assert "\x1b" not in error["traceback"]
    assert "return 1 / x" in error["traceback"]
    assert "line" not in error


async def test_r_runs_and_its_errors_are_told(book, run_check):
    need_r()
    r = {"kernel": "ir", "language": "R"}
    folder = book(
        {
            "binder/runtime.txt": "r-2023-05-01\n",
            "good.ipynb": notebook("x <- 6 * 7", "stopifnot(x == 42)", **r),
            "bad.ipynb": notebook("x <- 1", "library(nosuch)", **r),
            "other.ipynb": notebook("x <- 1", kernel="R-4", language="R"),
        }
    )
    report = await run_check(folder)
    assert page(report, "good.ipynb")["ok"] is True, report
    assert page(report, "other.ipynb")["ok"] is True
    assert [each["code"] for each in report["findings"]] == ["kernel-not-there"]
    error = page(report, "bad.ipynb")["error"]
    assert error["cell"] == 2
    assert "nosuch" in error["message"]


async def test_code_that_is_not_python(book, run_check):
    report = await run_check(book({**PINNED, "a.ipynb": notebook("x = 1\ny = = 2")}))
    error = page(report, "a.ipynb")["error"]
    assert error["cell"] == 1
    assert error["message"].startswith("SyntaxError: ")
    assert error["source"] == "y = = 2"


async def test_tags_are_honoured(book, run_check):
    cells = ["1 / 0", "raise SystemError('not run')", "x = 1"]
    tags = {0: ["raises-exception"], 1: ["skip-execution"]}
    report = await run_check(book({**PINNED, "a.ipynb": notebook(*cells, tags=tags)}))
    assert page(report, "a.ipynb")["ok"] is True


async def test_pages_of_myst(book, run_check):
    files = {
        **PINNED,
        "myst.yml": "project:\n  toc:\n    - file: intro.md\n    - title: Part\n"
        "      children:\n        - pattern: 'part/*.md'\n        - file: nosuch.md\n",
        "intro.md": MYST % "assert total == 1",
        "part/bad.md": MYST % "total += 1\nprint(nosuch)",
        "part/off.md": (MYST % "1/0").replace("kernelspec", "skip_execution: true\nkernelspec"),
        "part/prose.md": "# Prose\n\n````md\n```{code-cell}\n1/0\n```\n````\n",
        "unlisted.ipynb": notebook("1/0"),
    }
    report = await run_check(book(files))
    assert [page["path"] for page in report["pages"]] == ["intro.md", "part/bad.md", "part/off.md"]
    assert page(report, "intro.md")["ok"] is True
    error = page(report, "part/bad.md")["error"]
    assert error["message"] == "NameError: name 'nosuch' is not defined"
    assert (error["cell"], error["source"]) == (2, "print(nosuch)")
    lines = files["part/bad.md"].splitlines()
    assert lines[error["line"] - 1] == "print(nosuch)"
    assert page(report, "part/off.md")["skipped"]
    (lost,) = findings(report, "page-not-there")
    assert "nosuch.md" in lost["message"]


async def test_packages_that_the_recipe_does_not_name(book, run_check):
    files = {
        "requirements.txt": "python-dateutil==2.9.0.post0\n",
        "runtime.txt": "python-3.11",
        "helper.py": "",
        "works.ipynb": notebook(
            "import helper, os\nimport six", "from IPython.display import HTML"
        ),
        "fails.ipynb": notebook("x = 1", "import sklearn.linear_model", "import nosuchmodule"),
        "either.ipynb": notebook("try:\n    import ujson\nexcept ImportError:\n    import json"),
    }
    report = await run_check(book(files))
    assert page(report, "works.ipynb")["ok"] is True
    assert page(report, "either.ipynb")["ok"] is True
    (brought,) = findings(report, "package-not-named")
    assert brought["severity"] == "warning"
    assert brought["path"] == "works.ipynb"
    assert "requirements.txt: six==1." in brought["remedy"]
    first, second = findings(report, "package-missing")
    assert "imports nosuchmodule" in first["message"]
    assert "https://pypi.org/project/nosuchmodule/" in first["remedy"]
    assert second["remedy"] == "Add the line to requirements.txt: scikit-learn"
    assert {first["severity"], second["severity"]} == {"fault"}
    error = page(report, "fails.ipynb")["error"]
    assert (error["cell"], error["missing"]) == (2, "sklearn")


async def test_what_is_not_pinned(book, run_check):
    lines = ["# packages", "six", "python-dateutil>=2", "pytz<2030", "tzdata==2025.2", "-c limits"]
    files = {"requirements.txt": "\n".join(lines), "limits": "pytz==2025.2\n"}
    report = await run_check(book({**files, "a.ipynb": notebook("import six")}))
    assert report["ok"] is True
    loose = {each["line"]: each for each in findings(report, "not-pinned")}
    assert loose.keys() == {2, 3}
    assert loose[2]["severity"] == "warning"
    assert loose[2]["remedy"].startswith("Pin it to what ran here: six==1.")
    assert findings(report, "python-not-named")


async def test_paths_and_the_network(book, run_check):
    cells = [
        "p = '/home/ada/data.csv'\nq = r'C:\\data\\x.csv'\nr = '~/x'\ns = '/tmp/x'",
        "import pandas as pd\ndef later(url='https://example.org/d.csv'):\n"
        "    return pd.read_csv('https://example.org/e.csv')",
        "from urllib.request import urlopen\ntry:\n    urlopen('http://data.invalid/x')\n"
        "except OSError:\n    pass",
        "!cat /mnt/disk/x; true",
    ]
    files = {**PINNED, "a.ipynb": notebook(*cells)}
    files["binder/requirements.txt"] += "pandas==2.3.3\n"
    report = await run_check(book(files))
    assert page(report, "a.ipynb")["hosts"] == ["data.invalid"]
    named = [finding["message"] for finding in findings(report, "absolute-path")]
    for path in ("/home/ada/data.csv", "C:\\data\\x.csv", "~/x", "/mnt/disk/x"):
        assert any(path in message for message in named), (path, named)
    assert len(named) == 4
    (network,) = findings(report, "network")
    assert "https://example.org/e.csv" in network["message"]
    assert "it asked for data.invalid" in network["message"]
    assert report["ok"] is True


async def test_limits(book, run_check):
    files = {
        **PINNED,
        "slow.ipynb": notebook("x = 1", "import time\ntime.sleep(1000)"),
        "well.ipynb": notebook("x = 1"),
    }
    report = await run_check(book(files), seconds=25)
    error = page(report, "slow.ipynb")["error"]
    assert error["cell"] == 2
    assert error["message"] == "The page did not end in 25 seconds."
    assert page(report, "well.ipynb")["ok"] is True


async def test_too_much_memory(book, run_check):
    slowly = "held = []\nwhile True:\n    held.append(bytearray(10_000_000))"
    files = {
        **PINNED,
        "grows.ipynb": notebook("x = 1", slowly),
        "child.ipynb": notebook(
            "import subprocess, sys",
            "code = 'held = b\"x\" * 500_000_000; import time; time.sleep(1000)'\n"
            "subprocess.run([sys.executable, '-c', code])",
        ),
    }
    report = await run_check(book(files), memory=300 * 1024**2)
    for path in files.keys() - PINNED.keys():
        error = page(report, path)["error"]
        assert error["message"] == "The page used more memory than the 300 MB that it may."
        assert error["cell"] == 2
        assert page(report, path)["memory"] > 300 * 1024**2


async def test_a_kernel_that_dies(book, run_check):
    files = {
        **PINNED,
        "dies.ipynb": notebook("x = 1", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"),
        "early.ipynb": notebook("x = 1", kernel="broken", language="broken"),
        "binder/postBuild": "#!/bin/sh\nset -e\n"
        "kernel=$NB_PYTHON_PREFIX/share/jupyter/kernels/broken\nmkdir -p $kernel\n"
        """echo '{"argv": ["sh", "-c", "echo no license >&2; exit 3"], "language": "broken","""
        """ "display_name": "Broken"}' > $kernel/kernel.json\n""",
    }
    report = await run_check(book(files))
    error = page(report, "dies.ipynb")["error"]
    assert (error["cell"], error["message"]) == (2, "The kernel died (SIGSEGV).")
    error = page(report, "early.ipynb")["error"]
    assert error["cell"] is None
    assert error["message"] == "The kernel broken did not start: no license"


async def test_endless_output_and_what_is_left_running(book, run_check, data_dir):
    files = {
        **PINNED,
        "prints.ipynb": notebook("while True:\n    print('x' * 10_000)"),
        "leaves.ipynb": notebook(
            "import subprocess\nleft = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
        ),
    }
    report = await run_check(book(files))
    error = page(report, "prints.ipynb")["error"]
    assert (error["cell"], error["message"]) == (
        1,
        "The page printed more than 20 million characters.",
    )
    assert page(report, "leaves.ipynb")["ok"] is True
    assert processes_of(data_dir) == []


async def test_pages_that_are_no_notebooks(book, run_check):
    files = {
        **PINNED,
        "a.ipynb": notebook("x = 1"),
        "broken.ipynb": '{"cells": [',
        "list.ipynb": "[]",
        "other.ipynb": '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"x": 1}]}',
        "old.ipynb": '{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets":'
        ' [{"cells": [{"cell_type": "code", "input": "x = 1", "language": "python",'
        ' "outputs": [], "metadata": {}}], "metadata": {}}]}',
        "bad.md": "---\nkernelspec: {name: python3}\n---\n```{code-cell}\n:tags: [\nx = 1\n```\n",
    }
    report = await run_check(book(files))
    assert page(report, "a.ipynb")["ok"] is True
    assert page(report, "old.ipynb")["ok"] is True
    for path in ("broken.ipynb", "list.ipynb", "other.ipynb", "bad.md"):
        error = page(report, path)["error"]
        assert error["cell"] is None
        assert "notebook" in error["message"] or "settings" in error["message"]


async def test_kernels_that_are_not_there(book, run_check):
    files = {
        **PINNED,
        "r.ipynb": notebook("x <- 1", kernel="ir", language="R"),
        "mine.ipynb": notebook("x = 1", kernel="my-conda-env"),
        "none.ipynb": notebook("x = 1", kernel=None),
    }
    report = await run_check(book(files))
    error = page(report, "r.ipynb")["error"]
    assert error["message"] == (
        "It asks for the kernel ir (r), which the environment does not have."
    )
    assert "python3" in error["next_step"]
    assert page(report, "mine.ipynb")["ok"] is True
    assert findings(report, "kernel-not-there")[0]["path"] == "mine.ipynb"
    assert page(report, "none.ipynb")["ok"] is True
    assert findings(report, "kernel-not-named")[0]["path"] == "none.ipynb"


async def test_no_recipe(book, run_check):
    report = await run_check(book({"a.ipynb": notebook("import numpy")}))
    assert findings(report, "no-recipe")
    (missing,) = findings(report, "package-missing")
    assert missing["remedy"].startswith("Make a file requirements.txt with the line: numpy")
    assert report["ok"] is False


async def test_no_pages(book, run_check):
    report = await run_check(book({**PINNED, "README.md": "# Prose", "_build/a.ipynb": "{}"}))
    assert report["ok"] is False
    assert report["pages"] == []
    assert [finding["code"] for finding in report["findings"]] == ["no-pages"]


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (
            {"Dockerfile": "FROM scratch"},
            "recipe-unsupported",
            ["Dockerfile", "requirements.txt"],
        ),
        ({"requirements.txt": "nosuch==["}, "invalid-recipe", ["line 1"]),
        ({"requirements.txt": "six==0.0.99"}, "resolution-failed", ["six"]),
    ],
)
async def test_recipes_that_cannot_be_built(book, run_check, files, code, words):
    build = BuildOptions(builder="local")  # whatever engine this machine has
    report = await run_check(book({**files, "a.ipynb": notebook("x = 1")}), build=build)
    assert report["ok"] is False
    (fault,) = findings(report, code)
    assert all(word in fault["message"] + fault["remedy"] for word in words)
    error = page(report, "a.ipynb")["error"]
    assert error["message"] == "It was not run: there is no environment."


async def test_each_page_runs_in_a_fresh_copy_in_its_own_folder(book, run_check):
    look = (
        "import os, sys\nfrom pathlib import Path\n"
        "assert Path('beside.txt').exists()\nassert not Path('made.txt').exists()\n"
        "Path('made.txt').write_text('')\n"
        "assert os.environ['HOME'] == os.environ['REPO_DIR'] == str(Path.cwd().parent)\n"
        "assert Path(sys.prefix).name == 'layer', sys.prefix\n"
        f"assert {hubroam.__file__!r} not in str(sys.path)\n"
        "try:\n    import hubroam\nexcept ImportError:\n    pass\nelse:\n    raise SystemError"
    )
    files = {f"part/{name}.ipynb": notebook(look) for name in "ab"}
    report = await run_check(book({**PINNED, **files, "part/beside.txt": ""}), jobs=1)
    assert [page["error"] for page in report["pages"]] == [None, None]


async def test_a_folder_of_a_repository(book, run_check, monkeypatch):
    """Its recipe is the repository's, and what git ignores is not there, as on a hub."""
    folder = book(
        {
            "requirements.txt": "six==1.17.0",
            ".gitignore": "secret.csv",
            "docs/secret.csv": "1",
            "docs/a.ipynb": notebook("import six"),
            "docs/b.ipynb": notebook("open('secret.csv')"),
            "other.ipynb": notebook("1/0"),
        }
    )
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    report = await run_check(folder / "docs")
    assert [page["path"] for page in report["pages"]] == ["a.ipynb", "b.ipynb"]
    assert page(report, "a.ipynb")["ok"] is True
    assert page(report, "b.ipynb")["error"]["message"].startswith("FileNotFoundError")


async def test_a_recipe_in_a_folder(book, run_check):
    """It is read as if the folder were the repository; the pages have all of the repository."""
    script = "#!/bin/sh\necho 42 > answer\n"
    code = "import six\nassert open('../week1/answer').read() == '42\\n'\nopen('../data.csv')"
    folder = book(
        {
            "requirements.txt": "nosuch-package-of-the-root",
            "data.csv": "1",
            "pages/binder/requirements.txt": "nosuch-package-of-the-pages",
            "pages/a.ipynb": notebook(code),
            "week1/requirements.txt": "six",
            "week1/postBuild": script,
            "week2/prose.md": "",
        }
    )
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    report = await run_check(folder / "pages", env_path="week1")
    assert report["ok"] is True, report
    assert [page["path"] for page in report["pages"]] == ["a.ipynb"]
    (loose,) = findings(report, "not-pinned")
    assert (loose["path"], loose["line"]) == ("week1/requirements.txt", 1)
    assert loose["message"].startswith("week1/requirements.txt, line 1 does not pin six")
    (python,) = findings(report, "python-not-named")
    assert python["remedy"].startswith("Add week1/runtime.txt with one line")
    with pytest.raises(PathNotFound, match="There is no folder week3"):
        await run_check(folder / "pages", env_path="week3")


async def test_what_postbuild_leaves_is_there(book, run_check):
    script = "#!/bin/sh\nmkdir -p data\necho 42 > data/answer\n"
    cell = "assert open('data/answer').read() == '42\\n'"
    report = await run_check(
        book({**PINNED, "binder/postBuild": script, "a.ipynb": notebook(cell)})
    )
    assert page(report, "a.ipynb")["error"] is None


async def test_only(book, run_check):
    files = {"a.ipynb": notebook("x = 1"), "part/b.ipynb": notebook("1/0")}
    report = await run_check(book({**PINNED, **files}), only=("a*",))
    assert [page["path"] for page in report["pages"]] == ["a.ipynb"]


async def test_a_repository(data_dir, git_server):
    from hubroam.checking import Wishes, check

    repository = git_server.repo("check/book")
    repository.commit({**PINNED, "a.ipynb": notebook("import six")})
    report = await check(repository.spec, data_dir, lambda *_: None, Wishes())
    assert report.ok is True
    with pytest.raises(SpecError):
        await check("nosuch", data_dir, lambda *_: None, Wishes())
    lost = repository.spec.replace("book", "nosuch")
    with pytest.raises(RepositoryNotFound):
        await check(lost, data_dir, lambda *_: None, Wishes())
    assert list((data_dir / "checks").iterdir()) == []


async def test_a_recipe_of_conda(book, run_check, forge):
    recipe = (
        f"channels: [{forge}, nodefaults]\n"
        "dependencies:\n- atlas=1\n- pip\n- ipykernel\n- pip:\n  - cowsay==6.1\n"
    )
    code = "import os, cowsay, ipykernel, traitlets\nassert os.environ['DATA_OF_ATLAS']"
    report = await run_check(book({"environment.yml": recipe, "a.ipynb": notebook(code)}))
    assert report["ok"] is True, report
    (loose,) = findings(report, "not-pinned")
    assert loose["message"] == "environment.yml names packages without a lock file: pip, ipykernel."
    (brought,) = findings(report, "package-not-named")
    assert "imports traitlets" in brought["message"]
    assert brought["remedy"].startswith("Add it to dependencies in environment.yml, by conda's")
    assert findings(report, "python-not-named")[0]["remedy"].endswith("python=3.12")
