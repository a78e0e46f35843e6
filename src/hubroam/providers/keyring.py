"""An operator's credentials for private repositories, by the address of their host.

git gets them from a credential helper (gitcredentials(7)) that prints two variables of git's own
process.  So they are in no URL, in no command line and in no file that git writes; git itself
sees to it that a host gets only its own, after redirects and for submodules too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubroam.errors import ConfigurationError
from hubroam.providers.settings import plain_address

_SETTING = "Providers.git_credentials"
_FIELDS = {"username", "token", "token_file"}
# Beside a token GitHub, GitLab and Gitea take any name.
_USERNAME = "git"
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class _Key:
    address: str
    username: str
    token: str = field(repr=False)
    token_file: Path | None

    def secret(self) -> str:
        """The token; read anew each time from its file, where it may be changed.

        Raises:
            ConfigurationError: There is none.
        """
        try:
            token = self.token_file.read_text().strip() if self.token_file else self.token
        except (OSError, UnicodeError):
            token = ""
        if not _LINE.fullmatch(token):
            raise ConfigurationError(
                f"This hub's credentials for {self.address} cannot be read.",
                next_step="Tell the people who run this hub.",
            )
        return token


class Keyring:
    """Credentials of hosts.

    Args:
        credentials: By an address such as ``https://git.example.org``: ``token`` or
            ``token_file``, and ``username`` where the host wants one.

    Raises:
        ConfigurationError: They are of another form.
    """

    def __init__(self, credentials: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._keys = [_key(address, facts) for address, facts in (credentials or {}).items()]

    def options(self) -> list[str]:
        """What goes on git's command line: helpers, without a secret."""
        options: list[str] = []
        for number, key in enumerate(self._keys):
            name, token = _variables(number)
            helper = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n"'
            helper += f' "${name}" "${token}"; }}; f'
            options += ["-c", f"credential.{key.address}.helper={helper}"]
        return options

    def variables(self) -> dict[str, str]:
        """What goes into git's environment.

        Raises:
            ConfigurationError: A token cannot be read.
        """
        variables: dict[str, str] = {}
        for number, key in enumerate(self._keys):
            name, token = _variables(number)
            variables |= {name: key.username, token: key.secret()}
        return variables

    def token(self, url: str) -> str:
        """The token of the host that an address is on; empty for none.

        Raises:
            ConfigurationError: It cannot be read.
        """
        keys = [key for key in self._keys if f"{url}/".startswith(f"{key.address}/")]
        return keys[-1].secret() if keys else ""


def _variables(number: int) -> tuple[str, str]:
    return f"HUBROAM_GIT_USERNAME_{number}", f"HUBROAM_GIT_TOKEN_{number}"


def _key(address: str, facts: Mapping[str, str]) -> _Key:
    """One entry of the setting; what is wrong is told without what it holds.

    Raises:
        ConfigurationError: It is of another form.
    """
    address = plain_address(address, _SETTING)
    texts = isinstance(facts, Mapping) and all(isinstance(each, str) for each in facts.values())
    if (
        not texts
        or not facts.keys() <= _FIELDS
        or ("token" in facts) == ("token_file" in facts)
        or not all(_LINE.fullmatch(each) for each in facts.values())
    ):
        raise ConfigurationError(
            f"{_SETTING} of {address} is not understood.",
            next_step='Write {"username": …, "token_file": …}, or "token" in place of the file.',
        )
    file = Path(facts["token_file"]) if "token_file" in facts else None
    return _Key(address, facts.get("username", _USERNAME), facts.get("token", ""), file)
