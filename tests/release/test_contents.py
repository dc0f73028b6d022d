"""A wheel that says something wrong about itself is not released."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from zipfile import ZipFile

from release.building import SYSTEMS
from release.contents import OLDEST, PACKAGED, PLATFORMS, faults, needed_system

from offramp.equilibrium import core

ELF = b"\x7fELF\x02\x01\x01"
VERSION = "1.2.3"


def mac_library(oldest: int) -> bytes:
    """The head of a Mach-O library with one command, which names the oldest macOS."""
    return struct.pack("<IiiIIIII", 0xFEEDFACF, 0, 0, 6, 1, 24, 0, 0) + struct.pack(
        "<IIIIII", 0x32, 24, 1, oldest, 0, 0
    )


def wheel(folder: Path, system: str, library: bytes, *, without: str = "", also: str = "", name: str = "") -> Path:
    """A wheel with everything that belongs into it, except `without`."""
    file = folder / (name or f"offramp-{VERSION}-py3-none-{PLATFORMS[system]}.whl")
    names = {"offramp/__init__.py", f"offramp-{VERSION}.dist-info/METADATA", *PACKAGED, also} - {without, ""}
    with ZipFile(file, "w") as files:
        for each in sorted(names):
            files.writestr(each, "")
        if without != "core":
            files.writestr("offramp/equilibrium/built/core-plain.so", library)
    return file


def test_every_system_that_the_core_can_be_built_for_gets_a_wheel_with_its_own_name() -> None:
    build = (Path(__file__).parents[2] / "core" / "build.py").read_text(encoding="utf-8")
    targets = re.findall(r'^    "(\S+)": \("\S+", "\.\S+"\),$', build, re.MULTILINE)
    assert set(SYSTEMS) == set(PLATFORMS) == set(targets)
    assert len(set(PLATFORMS.values())) == len(PLATFORMS)


def test_the_core_of_this_machine_runs_with_the_oldest_system_that_the_wheel_promises() -> None:
    needed = needed_system(Path(core.LIBRARY._name).read_bytes())
    assert needed is None or needed <= max(OLDEST.values())


def test_the_oldest_system_is_read_from_a_library() -> None:
    assert needed_system(ELF + b"\0GLIBC_2.9\0GLIBC_2.17\0GLIBC_2.2.5\0") == (2, 17)
    assert needed_system(mac_library(0x000B0000)) == (11, 0)
    assert needed_system(mac_library(0x000F0200)) == (15, 2)
    assert needed_system(b"MZ") is None


def test_a_wheel_is_refused_if_its_name_its_core_or_its_page_is_not_right(tmp_path: Path) -> None:
    good = ELF + b"\0GLIBC_2.14\0"
    assert faults(wheel(tmp_path, "linux-x86_64", good), "linux-x86_64", VERSION) == []
    assert faults(wheel(tmp_path, "macos-arm64", mac_library(0x000B0000)), "macos-arm64", VERSION) == []
    assert faults(wheel(tmp_path, "windows-x86_64", b"MZ"), "windows-x86_64", VERSION) == []
    for system, library, changes, fault in [
        ("linux-x86_64", ELF + b"\0GLIBC_2.34\0", {}, "needs (2, 34)"),
        ("macos-arm64", mac_library(0x000F0000), {}, "needs (15, 0)"),
        ("linux-x86_64", b"MZ", {}, "needs None"),
        ("linux-x86_64", good, {"without": "core"}, "the core is missing"),
        ("linux-x86_64", good, {"without": "offramp/app/page/licenses.txt"}, "licenses.txt is missing"),
        ("linux-x86_64", good, {"also": "tests/planted.py"}, "unexpected at the top"),
        ("linux-x86_64", good, {"name": f"offramp-{VERSION}-cp311-cp311-linux_x86_64.whl"}, "expected offramp-"),
    ]:
        (said,) = faults(wheel(tmp_path, system, library, **changes), system, VERSION)
        assert fault in said
