"""Sizes of images, of the real ones that tell hubs apart."""

import base64
from pathlib import Path

import jupyter_server
import jupyterhub
import pytest

import hubroam.binder
from hubroam.images import image_size
from hubroam.inquiry import IMAGES

HUB = Path(jupyterhub.__file__).parent.parent.parent.parent.parent / "share/jupyterhub/static"
ICO = base64.b64decode("AAABAAIAEBAAAAEAIABoBAAAJgAAAAAAAAABACAAKAAAACYAAAA=")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("hub-image", HUB / "images" / "jupyterhub-80.png"),
        ("badge", Path(hubroam.binder.__file__).parent / "static" / "badge_logo.svg"),
        ("server-image", Path(jupyter_server.__file__).parent / "static" / "logo" / "logo.png"),
    ],
)
def test_real_images(name, path):
    assert image_size(path.read_bytes()) == IMAGES[name][1]


def test_the_largest_of_an_icon_file():
    assert image_size(ICO) == (256, 256)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"<svg width='10px' height=\"20.0\">", (10, 20)),
        (b'<svg viewBox="0 0 1 1">', None),
        (b'<svg width="100%" height="5">', None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\x00\x00\x01\x00\xff\xff", None),
        (b"<!doctype html>", None),
        (b"", None),
    ],
)
def test_other_content(content, size):
    assert image_size(content) == size
