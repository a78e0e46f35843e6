"""What an operator may write as a setting of a provider."""

from __future__ import annotations

from typing import Any

from traitlets import Unicode

from hubroam.addresses import split_url
from hubroam.errors import ConfigurationError


def plain_address(url: str, setting: str) -> str:
    """A web address that the operator wrote, without a slash at its end.

    Args:
        url: The address; shown to readers, so it must hold no credentials.
        setting: The setting's name.

    Raises:
        ConfigurationError: It is no plain web address.
    """
    parts = split_url(url)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or parts.userinfo is not None
        or {"?", "#"} & set(parts.path)
    ):
        raise ConfigurationError(
            f"{setting} is not a plain web address.",
            next_step="Write it like https://git.example.org, without user name or password.",
        )
    return url.rstrip("/")


class Address(Unicode):
    """A setting that is a plain web address; kept without a slash at its end."""

    def validate(self, obj: Any, value: Any) -> str:
        """Check it when it is set.

        Raises:
            ConfigurationError: It is no plain web address.
        """
        return plain_address(super().validate(obj, value), f"{type(obj).__name__}.{self.name}")
