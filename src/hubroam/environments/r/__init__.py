"""R for the local builder: this machine's or conda's, CRAN as it was on a day, a lock."""

from hubroam.environments.r.choosing import HostR, RSettings, choose_r
from hubroam.environments.r.library import LIBRARY, RLibrary
from hubroam.environments.r.lock import RENV_LOCK, check_r_lock, read_r_lock, write_r_lock

__all__ = [
    "LIBRARY",
    "RENV_LOCK",
    "HostR",
    "RLibrary",
    "RSettings",
    "check_r_lock",
    "choose_r",
    "read_r_lock",
    "write_r_lock",
]
