"""Only regular files of bounded size are read; pipes, devices and sockets are refused without blocking."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from offramp.common.bounded import open_regular, read_bounded

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links of a POSIX system")


def refused(path: Path, most: int = 10, *, follow: bool = True) -> OSError:
    with pytest.raises(OSError, match=str(path)) as error:
        read_bounded(path, most, follow=follow)
    return error.value


def test_a_file_within_the_bound_is_read_and_a_larger_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert read_bounded(path, 10) == b"0123456789"
    error = refused(path, 9)
    assert (error.errno, error.strerror) == (errno.EFBIG, "it is larger than 9 bytes")


@posix
def test_a_pipe_a_device_a_socket_and_a_folder_are_refused_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path / "socket"):
            assert refused(path).strerror in ("it is not a regular file", os.strerror(errno.ENXIO))
    assert isinstance(refused(tmp_path), IsADirectoryError)


@posix
def test_a_link_at_the_end_of_a_path_is_followed_only_with_follow(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert read_bounded(tmp_path / "link", 10) == b"text"
    assert refused(tmp_path / "link", follow=False).errno == errno.ELOOP


@posix
def test_a_refused_file_is_closed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open_regular(Path(__file__)) as file:
        next_handle = file.fileno()
    refused(tmp_path / "pipe")
    refused(tmp_path)
    with open_regular(Path(__file__)) as file:
        assert file.fileno() == next_handle
