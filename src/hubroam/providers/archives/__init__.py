"""Archives: records of files that a DOI, an id or an address names.

Why these are our own clients and not repo2docker's content providers: those fetch whatever an
answer names, from wherever it leads, without limits of size or time, unpack it with ``extractall``
and check no checksum; they read records into memory, work in the process's own folder, know fixed
hosts only, and come with the whole of repo2docker and its Docker client.  What they get from a
record is what these get, from the same services in the same way.
"""

from hubroam.providers.archives.ckan import CKANProvider
from hubroam.providers.archives.dataverse import DataverseProvider
from hubroam.providers.archives.figshare import FigshareProvider
from hubroam.providers.archives.hydroshare import HydroShareProvider
from hubroam.providers.archives.provider import ArchiveProvider
from hubroam.providers.archives.swhid import SWHIDProvider
from hubroam.providers.archives.zenodo import ZenodoProvider

__all__ = [
    "ArchiveProvider",
    "CKANProvider",
    "DataverseProvider",
    "FigshareProvider",
    "HydroShareProvider",
    "SWHIDProvider",
    "ZenodoProvider",
]
