"""The cache directory: private, ours, and refused wherever another user could have put something."""

import os
import stat
from pathlib import Path

import pytest

from neural.cachedir import TAG, cache_directory, cache_path, caching_enabled, remove_cache

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NEURAL_CACHE", raising=False)
    path = tmp_path / "neural-cache"
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(path))
    return path


@pytest.mark.parametrize(
    ("value", "enabled"),
    [("", True), ("1", True), ("yes", True), ("0", False), ("false", False), ("No", False), (" off ", False)],
)
def test_the_switch(value: str, enabled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", value)
    assert caching_enabled() is enabled


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"NEURAL_CACHE_DIR": "/a/b", "XDG_CACHE_HOME": "/x"}, "/a/b"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/neural-playground"),
        ({"XDG_CACHE_HOME": "relative"}, "/h/.cache/neural-playground"),
        ({}, "/h/.cache/neural-playground"),
    ],
)
def test_where_it_stands(environment: dict[str, str], path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEURAL_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment, "HOME": "/h"}.items():
        monkeypatch.setenv(name, value)
    assert str(cache_path()) == path


def test_it_is_made_private_and_tagged(place: Path) -> None:
    assert cache_directory() == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert (place / "CACHEDIR.TAG").read_text() == TAG
    assert cache_directory() == place


def test_off_makes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", "0")
    assert cache_directory() is None
    assert not place.exists()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_one_that_others_may_enter_is_refused(mode: int, place: Path) -> None:
    place.mkdir()
    place.chmod(mode)
    assert cache_directory() is None


def test_a_link_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "planted").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "planted")
    assert cache_directory() is None
    assert remove_cache() is None


def test_one_of_another_user_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_directory() == place
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert cache_directory() is None
    assert remove_cache() is None
    assert place.exists()


def test_one_in_a_folder_that_all_may_write_is_refused(place: Path, tmp_path: Path) -> None:
    assert cache_directory() == place
    tmp_path.chmod(0o777)
    assert cache_directory() is None
    tmp_path.chmod(0o1777)
    assert cache_directory() == place


def test_a_folder_of_something_else_is_neither_used_nor_removed(place: Path) -> None:
    place.mkdir(mode=0o700)
    (place / "letters.txt").write_text("precious")
    assert cache_directory() is None
    assert remove_cache() is None
    assert (place / "letters.txt").read_text() == "precious"


def test_a_file_in_its_place_is_refused(place: Path) -> None:
    place.write_text("")
    assert cache_directory() is None
    assert remove_cache() is None


def test_removing(place: Path) -> None:
    assert remove_cache() is None
    assert cache_directory() == place
    (place / "grammar-1").write_bytes(b"...")
    assert remove_cache() == place
    assert not place.exists()
