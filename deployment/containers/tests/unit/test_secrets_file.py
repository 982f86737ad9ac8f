"""The file of passwords: private, complete, and never made anew."""

import base64
import stat
from pathlib import Path

from flowkit_containers import secrets_file
from flowkit_jwt_generator import load_private_key


def test_it_is_made_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "env"
    made = secrets_file.ensure(file)
    assert set(made) == {*secrets_file.PASSWORDS, *secrets_file.KEYS, "FLOWAPI_IDENTIFIER"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = secrets_file.read(file)
    assert set(values) == set(made)
    assert len({values[name] for name in secrets_file.PASSWORDS}) == len(secrets_file.PASSWORDS)
    assert load_private_key(base64.b64decode(values["PRIVATE_JWT_SIGNING_KEY"]).decode())


def test_what_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# mine\nREDIS_PASSWORD=kept\nN_DAYS=3\nFLOWAPI_FLOWDB_PASSWORD=\n")
    file.chmod(0o644)
    made = secrets_file.ensure(file)
    assert "REDIS_PASSWORD" not in made
    assert "FLOWAPI_FLOWDB_PASSWORD" in made
    text = file.read_text()
    assert text.startswith("# mine\nREDIS_PASSWORD=kept\nN_DAYS=3\n")
    assert text.count("FLOWAPI_FLOWDB_PASSWORD=") == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    assert secrets_file.ensure(file) == []
    assert file.read_text() == before
