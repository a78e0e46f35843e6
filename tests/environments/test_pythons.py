"""The Python that a recipe asks for, where it is not hubroam's own."""

from __future__ import annotations

import os
import platform

import pytest
from jupyter_client.manager import start_new_async_kernel

from hubroam.environments import add_layer
from hubroam.environments.pythons import find_python
from support.pythons import other_python


async def test_hubroams_own_where_it_will_do():
    own = platform.python_version()
    for wanted in (None, own, own.rsplit(".", 1)[0], f">={own}"):
        found = await find_python(wanted, download=False)
        assert found.name == f"cpython {own}"


async def test_one_that_is_nowhere():
    assert await find_python("3.3", download=False) is None


@pytest.fixture(scope="module")
def other():
    found = other_python()
    if found is None:
        pytest.skip("this machine has no other Python from 3.10 on")
    return found


@pytest.mark.registry
@pytest.mark.parametrize("precision", [2, 3])
async def test_another_python_of_the_machine(workshop, monkeypatch, tmp_path, other, precision):
    """``runtime.txt`` names it and the kernel is it; nothing is downloaded for that."""
    version, python = other
    monkeypatch.setenv("PATH", f"{python.parent}{os.pathsep}{os.environ['PATH']}")
    wanted = ".".join(version.split(".")[:precision])
    shop = workshop(python_downloads=False)
    environment = await shop.build(
        {"runtime.txt": f"python-{wanted}\n", "requirements.txt": "six==1.17.0\n"}
    )
    assert shop.store.facts(environment.digest).interpreter == f"cpython {version}"
    assert 'name = "pip"' in environment.lock.read_text()
    add_layer(environment.path, tmp_path / "layer")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "layer/share/jupyter"))
    manager, client = await start_new_async_kernel(kernel_name="python3")
    try:
        said = []
        await client.execute_interactive(
            "import pip, platform, six; print(platform.python_version(), six.__version__)",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text")),
        )
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    assert f"{version} 1.17.0\n" in said
