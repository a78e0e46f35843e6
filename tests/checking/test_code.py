"""What is read of a page's code before it runs."""

from __future__ import annotations

import nbformat
import pytest

from hubroam.checking.book import Book
from hubroam.checking.code import read_code
from hubroam.checking.pages import read_page


@pytest.fixture
def facts(tmp_path):
    def read(*cells):
        v4 = nbformat.v4
        made = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        (tmp_path / "a.ipynb").write_text(nbformat.writes(made))
        return read_code(read_page(tmp_path, "a.ipynb", Book()))

    return read


def texts(uses):
    return [use.text for use in uses]


def test_imports(facts):
    found = facts(
        "import a.b, c as d\nfrom e.f import g\nfrom . import own",
        "try:\n    import maybe\nexcept ImportError:\n    import instead\nelse:\n    import surely",
        "try:\n    import needed\nexcept ValueError:\n    pass",
        "%%time\nimport timed\nx = await y()",
        "%%bash\nimport shell",
        "def f():\n    import inside",
        "this is no Python",
    )
    assert texts(found.imports) == ["a", "c", "e", "surely", "needed", "timed", "inside"]
    assert [use.cell for use in found.imports] == [1, 1, 1, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("x = '/home/ada/x.csv'", "/home/ada/x.csv"),
        ("f('/Users/ada/x')", "/Users/ada/x"),
        ("f(r'C:\\Users\\x')", "C:\\Users\\x"),
        ("f('D:/x')", "D:/x"),
        ("f('~/x')", "~/x"),
        ("f(f'/home/ada/{x}')", "/home/ada/"),
        ("%cd /home/ada/book", "/home/ada/book"),
        ("!cp /media/disk/x .", "/media/disk/x"),
        ("f('/tmp/x')", None),
        ("f('data/x')", None),
        ("f('/home')", None),
        ("f('https://x.org/home/ada/')", None),
        ("f('s3://x')", None),
        ("'''/home/ada is a comment'''", None),
        ("f('y ~ x')", None),
        ("f('a\\n/home/ada/x')", None),
    ],
)
def test_absolute_paths(facts, code, path):
    assert texts(facts(code).paths) == ([path] if path else [])


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("pd.read_csv('https://x.org/a.csv')", "https://x.org/a.csv"),
        ("url = 'http://x.org/a'\nrequests.get(url)", "http://x.org/a"),
        ("b = 'http://x.org/'\nrequests.get(b + name)", "http://x.org/"),
        ("b = 'http://x.org/'\nurlretrieve(f'{b}{name}', 'x')", "http://x.org/"),
        ("pd.read_parquet(path='s3://bucket/a')", "s3://bucket/a"),
        ("sns.load_dataset('tips')", "sns.load_dataset()"),
        ("datasets.fetch_openml()", "datasets.fetch_openml()"),
        ("!wget -q https://x.org/b", "https://x.org/b"),
        ("!git clone https://x.org/c", "https://x.org/c"),
        ("print('https://x.org')", None),
        ("IFrame('https://x.org', 1, 2)", None),
        ("d.get('key')", None),
        ("pd.read_csv('a.csv')", None),
    ],
)
def test_what_is_fetched(facts, code, address):
    assert texts(facts(code).fetches) == ([address] if address else [])


@pytest.mark.parametrize(
    "code", ["%pip install x", "!pip install -q x", "!python -m pip install x", "%conda install x"]
)
def test_what_is_installed(facts, code):
    assert len(facts(code).installs) == 1
    assert facts("!pip list").installs == []


def test_lines_of_markdown(tmp_path):
    cell = "```{code-cell}\n:tags: [x]\n\na = 1\nimport b\n```"
    text = f"---\nkernelspec: {{name: python3}}\n---\n\n{cell}"
    (tmp_path / "a.md").write_text(text)
    page = read_page(tmp_path, "a.md", Book())
    (use,) = read_code(page).imports
    assert text.splitlines()[use.line - 1] == "import b"


def test_a_script_and_its_notebook(tmp_path):
    kernel = "#   kernelspec:\n#     name: python3\n#     display_name: P\n"
    script = f"# ---\n# jupyter:\n{kernel}# ---\n\n# %%\nimport b\n"
    (tmp_path / "a.py").write_text(script)
    page = read_page(tmp_path, "a.py", Book())
    assert page.kernel == "python3"
    assert [cell.source for cell in page.cells] == ["import b"]
    (tmp_path / "a.ipynb").write_text("{}")
    assert read_page(tmp_path, "a.py", Book()) is None
    (tmp_path / "b.py").write_text("import b\n")
    assert read_page(tmp_path, "b.py", Book()) is None
