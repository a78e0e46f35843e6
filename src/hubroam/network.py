"""What the operator's environment says of how to reach the network."""

from __future__ import annotations

import os
import re

_SETTINGS = re.compile(
    r"(https?|all|no|ftp)_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSH_COMMAND"
    r"|(UV|PIP)_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|HTTP_TIMEOUT"
    r"|DEFAULT_TIMEOUT|CERT|NATIVE_TLS|SYSTEM_CERTS|HTTP_RETRIES|INSECURE_HOST|TRUSTED_HOST)",
    re.IGNORECASE,
)


def network_settings() -> dict[str, str]:
    """Proxies, certificates and package indexes.

    Builds, sessions and the Binder service get these of the hub's variables, since they reach
    the network as the hub does; they get none that may be a secret of the hub's.
    """
    return {name: value for name, value in os.environ.items() if _SETTINGS.fullmatch(name)}
