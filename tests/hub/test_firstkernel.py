"""The first kernel of a session, on a real Jupyter server of ours without a hub."""

from __future__ import annotations

import psutil
import pytest

from hubroam.hub.readiness import VARIABLE
from hubroam.hub.sessions import NOTEBOOK_VARIABLE
from support.jupyterserver import notebook, serving


def test_the_page_gets_the_kernel_that_is_there_once(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.ipynb").write_text(notebook({"name": "python3"}))
    (tmp_path / "part" / "two.ipynb").write_text(notebook())
    with serving(tmp_path, "part/one.ipynb") as server:
        (there,) = server.kernels()
        assert server.api.get("kernels").json() == []  # nobody has asked for it yet
        first = server.open("part/one.ipynb")
        assert server.kernels() == [there]
        assert [kernel["id"] for kernel in server.api.get("kernels").json()] == [first]
        code = "import os; print(os.getpid(), os.getcwd(), os.environ['JPY_SESSION_NAME'])"
        one = str(tmp_path / "part" / "one.ipynb")
        assert server.run(first, code) == f"{there} {tmp_path / 'part'} {one}\n"
        code = (
            f"import os; print(os.environ.get('{NOTEBOOK_VARIABLE}'), '{VARIABLE}' in os.environ)"
        )
        assert server.run(first, code) == "None False\n"
        second = server.open("part/two.ipynb")
        assert second != first
        assert len(server.kernels()) == 2


def test_whoever_asks_for_another_kernel_gets_another(tmp_path):
    (tmp_path / "one.ipynb").write_text(notebook())
    (tmp_path / "two.ipynb").write_text(notebook())
    with serving(tmp_path, "one.ipynb") as server:
        (there,) = server.kernels()
        other = server.open("two.ipynb")
        bare = server.api.post("kernels").json()["id"]
        pids = [server.run(kernel, "import os; print(os.getpid())") for kernel in (other, bare)]
        assert f"{there}\n" not in pids
        first = server.open("one.ipynb")
        assert server.run(first, "import os; print(os.getpid())") == f"{there}\n"


def test_a_kernel_that_nobody_asks_for_is_given_back(tmp_path):
    (tmp_path / "one.ipynb").write_text(notebook())
    with serving(tmp_path, "one.ipynb", patience=0.1) as server:
        psutil.wait_procs([psutil.Process(pid) for pid in server.kernels()], timeout=30)
        assert server.kernels() == []
        kernel = server.open("one.ipynb")
        assert server.run(kernel, "print(1)") == "1\n"


@pytest.mark.parametrize(
    "content",
    [
        notebook({"name": "no-such-kernel"}),
        notebook({"name": "../../etc/passwd"}),
        notebook({"name": ["python3"]}),
        notebook("python3"),
        "[]",
        "not a notebook",
        None,
    ],
)
def test_a_notebook_that_names_no_kernel_of_ours_gets_the_default(tmp_path, content):
    if content is not None:
        (tmp_path / "one.ipynb").write_text(content)
    with serving(tmp_path, "one.ipynb") as server:
        (there,) = server.kernels()
        kernel = server.open("one.ipynb")
        assert server.run(kernel, "import os; print(os.getpid())") == f"{there}\n"
