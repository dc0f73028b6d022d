"""Compiles the solver's core for the package: `python core/build.py [NAME ...]`.

The compiler is Clang from the package `ziglang`, the same on every machine, so no other compiler is needed and the same
source gives the same bits. Without a name the core is built for this machine; the names are those of `TARGETS`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
BUILT = HERE.parent / "src" / "offramp" / "equilibrium" / "built"

TARGETS = {
    "linux-x86_64": ("x86_64-linux-gnu.2.17", ".so"),
    "linux-aarch64": ("aarch64-linux-gnu.2.17", ".so"),
    "macos-arm64": ("aarch64-macos.11.0", ".dylib"),
    "macos-x86_64": ("x86_64-macos.11.0", ".dylib"),
    "windows-x86_64": ("x86_64-windows-gnu", ".dll"),
}
"""By system: Zig's name of the target, with the oldest C library or macOS that it runs with, and the files' ending."""
LEVELS = {"x86_64": {"plain": "x86_64", "avx2": "x86_64_v3", "avx512": "x86_64_v4"}}
"""By processor, the instruction sets that the core is built for; other processors have one."""
FLAGS = (
    "-std=c++17", "-O3", "-fPIC", "-fno-exceptions", "-fno-rtti", "-fno-sanitize=undefined",
    "-ffp-contract=off",  # the same bits with and without fused multiplication
    "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-g0",
)  # fmt: skip
LINKED = ("-shared", "-nostdlib++", "-s")


def sources() -> list[Path]:
    """The core's files, in a fixed order."""
    return sorted(HERE.glob("*.cpp"))


def stamp() -> str:
    """A hash of everything that the core is made of."""
    parts = [Path(__file__), *sources(), *sorted(HERE.glob("*.hpp"))]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]


def here() -> str:
    """The name of the present machine in `TARGETS`."""
    system = {"Darwin": "macos", "Linux": "linux", "Windows": "windows"}.get(platform.system(), platform.system())
    machine = {"AMD64": "x86_64", "arm64": "arm64" if system == "macos" else "aarch64"}.get(
        platform.machine(), platform.machine()
    )
    return f"{system}-{machine}"


def build(name: str, folder: Path) -> None:
    """Compile the core for a system into a folder, one library for each instruction set."""
    target, ending = TARGETS[name]
    clang = [sys.executable, "-m", "ziglang", "c++", "-target", target]
    stamped = {"processor": [f'-DSTAMP="{stamp()}"']}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as made, ThreadPoolExecutor(os.cpu_count()) as pool:
        for level, processor in LEVELS.get(name.partition("-")[2], {"plain": None}).items():
            chosen = [f"-mcpu={processor}"] * (processor is not None)
            objects = [Path(made, f"{source.stem}-{level}.o") for source in sources()]
            commands = [
                [*clang, *FLAGS, *stamped.get(source.stem, []), *chosen, "-c", str(source), "-o", str(object_)]
                for source, object_ in zip(sources(), objects, strict=True)
            ]
            list(pool.map(partial(subprocess.run, check=True), commands))
            library = Path(made, f"core-{level}{ending}")
            subprocess.run([*clang, *chosen, *LINKED, *map(str, objects), "-o", str(library)], check=True)
            os.replace(library, folder / library.name)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or [here()]:
        if chosen not in TARGETS:
            sys.exit(f"the core cannot be built for {chosen}: expected one of {', '.join(TARGETS)}")
        build(chosen, BUILT if chosen == here() else BUILT.with_name(f"built-{chosen}"))
        print(chosen)
