"""A name for a user that the system does not know: containers run under any number, initdb wants a name."""

import functools
import pwd
import tempfile
from pathlib import Path
from typing import IO

_LIBRARY = "libnss_wrapper.so"


@functools.cache
def _passwd_file(uid: int, gid: int) -> IO[str]:
    """Return a file, deleted when this process ends, in which the user has a name."""
    file = tempfile.NamedTemporaryFile("w", prefix="flowdb-passwd-", encoding="utf-8")  # noqa: SIM115
    file.write(f"postgres:x:{uid}:{gid}:FlowDB:/:/usr/sbin/nologin\n")
    file.flush()
    return file


def name_for_nameless_user(uid: int, gid: int, libraries: Path = Path("/usr/lib")) -> dict[str, str]:
    """Return the variables that give programs a name for the user, if it has none.

    Parameters
    ----------
    uid, gid
        The user and its group.
    libraries
        Where libraries of the distribution are.

    Returns
    -------
    dict of str to str
        Empty if the user has a name, or if nss_wrapper, which lends one, is not installed.
    """
    try:
        pwd.getpwuid(uid)
    except KeyError:
        library = next(libraries.glob(f"*/{_LIBRARY}"), None)
        if library is None:
            return {}
        group = Path("/etc/group")
        return {
            "LD_PRELOAD": str(library),
            "NSS_WRAPPER_PASSWD": _passwd_file(uid, gid).name,
            "NSS_WRAPPER_GROUP": str(group),
        }
    return {}
