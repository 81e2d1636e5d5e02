"""Imports modules of the user's project by name, and finds the line of the user's code where an import failed."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import linecache
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import sqlalchemy

from dbwarden.core.redaction import redacted_text
from dbwarden.errors import DBWardenError, ModelImportError, ModelPathError, ModelReadError, text_of

_LOCK = threading.RLock()
# The modules that a project imported in place of foreign ones, for the next time that it is opened.
_ASIDE: dict[Path, dict[str, ModuleType]] = {}
_OURS = Path(__file__).resolve().parents[1]
_STANDARD = Path(sysconfig.get_path("stdlib")).resolve()
_SQLALCHEMY = Path(sqlalchemy.__file__).resolve().parent
_PACKAGES = frozenset(("site-packages", "dist-packages"))


class Importer:
    """Imports modules of the project at ``root``, and isolates them from other projects in the process.

    ``foreign`` are loaded modules of other projects whose names this project has too. ``open`` removes them from
    ``sys.modules``, ``close`` restores them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bases: list[Path] = []
        self.foreign: dict[str, ModuleType] = {}
        self.open(root)

    def open(self, base: Path) -> None:
        """Add a folder of the project to the import path, and set aside modules from elsewhere with its names."""
        if base in self.bases:
            return
        sys.path.insert(len(self.bases), str(base))
        self.bases.append(base)
        foreign = _foreign(base)
        for name in foreign:
            del sys.modules[name]
        self.foreign.update(foreign)
        tops = _top_level_names(foreign)
        sys.modules.update(
            {name: module for name, module in _ASIDE.get(self.root, {}).items() if name.partition(".")[0] in tops}
        )

    def close(self) -> None:
        """Restore the modules set aside, and store the project's own modules of those names for the next time."""
        tops = _top_level_names(self.foreign)
        own_modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}
        for name in own_modules:
            del sys.modules[name]
        if own_modules:
            _ASIDE.setdefault(self.root, {}).update(own_modules)
        sys.modules.update(self.foreign)

    def exists(self, name: str) -> bool:
        """Whether a module of that name exists. Its parent package must be loaded."""
        if name in sys.modules:
            return True
        try:
            return importlib.util.find_spec(name) is not None
        except (ModuleNotFoundError, ValueError):
            return False

    def load(self, name: str, entry: str | None = None) -> ModuleType:
        """The module, imported if needed. Raises ``ModelImportError`` for any error of the user's code.

        ``entry`` is the entry of ``model_paths`` that contains it.
        """
        if name in sys.modules:
            return sys.modules[name]
        try:
            return importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the user's module may raise anything; re-raised as ours
            _failed(name, error, self.root, entry)

    def name_of(self, file: Path) -> str:
        """The module name of a file: the one under which it is loaded, else derived from its package, ``root`` or file name."""
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) == str(file) and name != "__main__":
                return name
        folder, parts = file.parent, [] if file.name == "__init__.py" else [file.stem]
        while (folder / "__init__.py").is_file():
            parts.insert(0, folder.name)
            folder = folder.parent
        if folder != file.parent:
            self.open(folder)
            return ".".join(parts)
        return self._below_root(file) or self._import_standalone(file)

    def load_again(self, file: Path) -> ModuleType:
        """The module of a file, imported anew if it was imported before. Raises ``ModelImportError``."""
        name = self.name_of(file)
        if getattr(sys.modules.get(name), "__file__", None) == str(file):
            del sys.modules[name]
            name = self.name_of(file)
        return self.load(name)

    def _below_root(self, file: Path) -> str | None:
        """The dotted name of a file below ``root``; ``None`` if importing that name would not lead to the file."""
        if not file.is_relative_to(self.root):
            return None
        parts = file.relative_to(self.root).with_suffix("").parts
        if not all(part.isidentifier() for part in parts):
            return None
        for depth in range(1, len(parts)):
            parent = ".".join(parts[:depth])
            if not self.exists(parent) or not hasattr(self.load(parent), "__path__"):
                return None
        name = ".".join(parts)
        spec = importlib.util.find_spec(name) if self.exists(name) else None
        return name if spec is not None and spec.origin == str(file) else None

    def _import_standalone(self, file: Path) -> str:
        """Import a file that has no dotted name, under a unique one."""
        name = f"_dbwarden_models_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_{file.stem}"
        if name in sys.modules:
            return name
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise ModelPathError(path=str(file), reason="Python cannot import a file of this kind")
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the user's module may raise anything; re-raised as ours
            del sys.modules[name]
            _failed(str(file), error, self.root)
        return name


@contextmanager
def project(root: Path) -> Iterator[Importer]:
    """Open a project for importing, with ``root`` first on the import path. Only one project is open at a time.

    After a failure, the newly imported modules of the project are removed, so that the same process can import a corrected
    file.
    """
    with _LOCK:
        importlib.invalidate_caches()
        path, before = list(sys.path), dict(sys.modules)
        importer = Importer(root.resolve())
        try:
            with ExitStack() as undo:
                undo.callback(_forget, importer, before)
                yield importer
                undo.pop_all()
        finally:
            sys.path[:] = path
            importer.close()


def _forget(importer: Importer, before: Mapping[str, ModuleType]) -> None:
    """Remove from ``sys.modules`` the project's modules that were not there ``before``."""
    earlier_ids = {id(module) for module in (*before.values(), *_ASIDE.get(importer.root, {}).values())}
    for name in _below(importer.bases, {name for name, module in sys.modules.items() if id(module) not in earlier_ids}):
        del sys.modules[name]


def _top_level_names(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def _foreign(base: Path) -> dict[str, ModuleType]:
    """Loaded modules from elsewhere with names that ``base`` provides, except installed packages and DBWarden."""
    if not base.is_dir():
        return {}
    provided = {item.stem for item in base.iterdir() if item.suffix == ".py" or item.is_dir()} - {"__main__"}
    taken = set()
    for name in provided.intersection(sys.modules):
        place = _place(sys.modules[name])
        if place is not None and not place.is_relative_to(base) and not _installed(place):
            taken.add(name)
    if not taken:
        return {}
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in taken}


def _place(module: ModuleType) -> Path | None:
    place = getattr(module, "__file__", None)
    if place is None:
        folders = list(getattr(module, "__path__", ()))
        place = folders[0] if folders else None
    return Path(place).resolve() if place else None


def _installed(place: Path) -> bool:
    """Whether a file belongs to Python, an installed package or DBWarden, and not to the user's code."""
    return place.is_relative_to(_STANDARD) or place.is_relative_to(_OURS) or not _PACKAGES.isdisjoint(place.parts)


def _below(bases: list[Path], names: set[str]) -> list[str]:
    modules = []
    for name in names:
        place = _place(sys.modules[name])
        if place is not None and any(place.is_relative_to(base) for base in bases) and not _installed(place):
            modules.append(name)
    return modules


# -- the failing line


def is_users_code(filename: str) -> bool:
    """Whether a source file belongs to the user, and not to Python, an installed package or DBWarden."""
    place = Path(filename)
    return place.is_file() and not _installed(place.resolve())


@contextmanager
def models_read(root: Path) -> Iterator[None]:
    """Context for reading models, which calls the user's code (types, compilers, events).

    Raises ``ModelReadError`` with file and line for errors of that code; other errors pass.
    """
    try:
        yield
    except DBWardenError:
        raise
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_machinery(frame.filename)]
        if not frames:
            raise
        last = frames[-1]
        where = f"{_shown(last.filename, root)}:{last.lineno}: {(last.line or '').strip()}"
        raise ModelReadError(where=where, reason=_describe(error)) from error


def _is_machinery(filename: str) -> bool:
    """Whether a file belongs to Python, SQLAlchemy or DBWarden, which call the models' code."""
    place = Path(filename).resolve()
    ours = place.is_relative_to(_OURS) or place.is_relative_to(_SQLALCHEMY)
    pythons = place.is_relative_to(_STANDARD) and _PACKAGES.isdisjoint(place.parts)
    return filename.startswith("<") or ours or pythons


def _failed(module: str, error: BaseException, root: Path, entry: str | None = None) -> NoReturn:
    file, line, source = _failing_line(error, root)
    cause, source = redacted_text(_describe(error)), redacted_text(source)
    hints = []
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] not in sys.modules:
        hints.append(f"Is {error.name.partition('.')[0]} installed in this environment ({sys.prefix})?")
    if entry is not None and module.startswith(f"{entry}."):
        hints.append(
            f"model_paths names all of {entry}: to leave this module out, name those that hold the models, or one that"
            " imports them."
        )
    raise ModelImportError(
        f"Cannot import {module}: {cause}\n  {file}:{line}: {source}",
        hint=" ".join(hints) or None,
        module=module,
        cause=cause,
        file=file,
        line=line,
        source=source,
    ) from error


def _describe(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else text_of(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _failing_line(error: BaseException, root: Path) -> tuple[str, int, str]:
    """The innermost line of the user's code: file (relative to the root), line, source."""
    if isinstance(error, SyntaxError) and error.filename and not _installed(Path(error.filename).resolve()):
        return _shown(error.filename, root), error.lineno or 0, (error.text or "").strip()
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and not Path(frame.filename).resolve().is_relative_to(_OURS)
    ]
    own_frames = [frame for frame in frames if not _installed(Path(frame.filename).resolve())] or frames
    if not own_frames:
        return "<unknown>", 0, ""
    last = own_frames[-1]
    source = (last.line or linecache.getline(last.filename, last.lineno or 0)).strip()
    return _shown(last.filename, root), last.lineno or 0, source


def _shown(filename: str, root: Path) -> str:
    path = Path(filename).resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
