"""The browser's modules: their own tests, and their types."""

from pathlib import Path

from support.node import install_packages, run_node

WEB = Path(__file__).parent.parent / "web"


def test_the_modules_pass_their_tests():
    assert "# fail 0" in run_node("node", "--test", "--test-reporter=tap", folder=WEB)


def test_the_types_are_sound():
    install_packages(WEB)
    run_node("npm", "run", "--silent", "check", folder=WEB)
