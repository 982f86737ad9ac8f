"""The extension with the median filters, compiled for the server of a test session."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from flowdb.testing import server_directory

SOURCES = Path(__file__).parents[2] / "flowdb" / "median_utils"


def _headers(version: int, directory: Path) -> Path:
    """Return the headers of the server: this machine's, or unpacked from the distribution's package."""
    installed = Path(f"/usr/include/postgresql/{version}/server")
    if (installed / "postgres.h").exists():
        return installed
    package = f"postgresql-server-dev-{version}"
    subprocess.run(["apt-get", "download", "-qq", package], cwd=directory, check=True, capture_output=True)
    (archive,) = directory.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "--extract", archive, directory / "headers"], check=True)
    return directory / "headers" / installed.relative_to("/")


@contextmanager
def median_windows(superuser: sa.Engine) -> Iterator[None]:
    """Let a database have the window functions for a while."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    assert compiler is not None, "these tests need a C compiler"
    with server_directory("flowmachine-medians-") as directory:
        with superuser.connect() as connection:
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
        library = directory / "pg_median_utils.so"
        headers, source = _headers(version, directory), SOURCES / "pg_median_utils.c"
        command = [
            compiler,
            "-std=gnu99",
            "-O2",
            "-fPIC",
            "-shared",
            "-isystem",
            headers,
            "-o",
            library,
            source,
        ]
        subprocess.run(command, check=True)
        script = (SOURCES / "pg_median_utils--1.0.sql").read_text()
        with superuser.begin() as connection:
            connection.exec_driver_sql(script.replace("MODULE_PATHNAME", str(library)))
        try:
            yield
        finally:
            with superuser.begin() as connection:
                for name in ("iterated_median_filter", "rolling_median_impute"):
                    connection.exec_driver_sql(f"DROP FUNCTION {name}(double precision, integer)")
