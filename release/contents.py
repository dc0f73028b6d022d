"""What a wheel says it is, and what is in it."""

from __future__ import annotations

import re
import struct
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

PLATFORMS = {
    "linux-x86_64": "manylinux2014_x86_64",
    "linux-aarch64": "manylinux2014_aarch64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_11_0_x86_64",
    "windows-x86_64": "win_amd64",
}
"""By system, the platform in the name of its wheel (PEP 425, PEP 600)."""
OLDEST = {"linux": (2, 17), "macos": (11, 0)}
"""The oldest C library, and the oldest macOS, that the names of the wheels promise."""
BUILD_VERSION, VERSION_MIN = 0x32, 0x24  # commands of a Mach-O file that name the oldest system
PACKAGED = ("offramp/app/page/index.html", "offramp/app/page/licenses.txt", "offramp/app/page/packages.json")
"""Files that a wheel has beside the package's modules; without its page a wheel is not released."""


def needed_system(library: bytes) -> tuple[int, ...] | None:
    """The oldest C library (ELF) or macOS (Mach-O) that a shared library runs with; None for a Windows library."""
    if library[:4] == b"\x7fELF":
        versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", library)
        return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))
    if library[:4] == b"\xcf\xfa\xed\xfe":
        (commands,), place = struct.unpack_from("<I", library, 16), 32
        for _ in range(commands):
            command, size = struct.unpack_from("<II", library, place)
            if command in (BUILD_VERSION, VERSION_MIN):
                (version,) = struct.unpack_from("<I", library, place + (12 if command == BUILD_VERSION else 8))
                return version >> 16, version >> 8 & 0xFF
            place += size
    return None


def faults(wheel: Path, system: str, version: str) -> list[str]:
    """What is wrong with a wheel: its name, its core, its page."""
    said = []
    expected = f"offramp-{version}-py3-none-{PLATFORMS[system]}.whl"
    if wheel.name != expected:
        said.append(f"the name is {wheel.name}, expected {expected}")
    with ZipFile(wheel) as files:
        names = files.namelist()
        cores = [name for name in names if name.startswith("offramp/equilibrium/built/")]
        if not any(PurePosixPath(name).name.startswith("core-plain") for name in cores):
            said.append(f"the core is missing, found {cores}")
        oldest = OLDEST.get(system.partition("-")[0])
        for name in cores:
            needed = needed_system(files.read(name))
            if oldest is not None and (needed is None or needed > oldest):
                said.append(f"{name} needs {needed}, and the name of the wheel promises {oldest}")
        said += [f"{name} is missing" for name in PACKAGED if name not in names]
        top = {PurePosixPath(name).parts[0] for name in names}
        if top != {"offramp", f"offramp-{version}.dist-info"}:
            said.append(f"unexpected at the top: {sorted(top)}")
    return [f"{wheel.name}: {fault}" for fault in said]
