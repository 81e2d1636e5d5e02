"""Finds and imports the modules that an entry of ``model_paths`` means."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from dbwarden.core.suggestions import nearest
from dbwarden.errors import ModelPathError

from .importing import Importer


def locate(entry: str, root: Path, importer: Importer) -> dict[str, ModuleType]:
    """The modules that ``entry`` means, packages with all their modules, by name in the order of import."""
    names = _of_path(entry, root, importer) if _is_path(entry) else _of_name(entry, importer)
    return {name: importer.load(name, entry) for name in names}


def _is_path(entry: str) -> bool:
    return "/" in entry or "\\" in entry or entry.endswith(".py") or entry.startswith((".", "~"))


# -- names


def _of_name(entry: str, importer: Importer) -> Iterator[str]:
    parts = entry.split(".")
    if not all(part.isidentifier() for part in parts):
        raise ModelPathError(
            path=entry, reason="neither a module name (app.models) nor a path (app/models.py, ./models/)"
        )
    module: ModuleType | None = None
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        if not importer.exists(name):
            raise _not_found_error(entry, name, module, importer)
        module = importer.load(name)
    yield from _walk(entry, importer, entry)


_CONFIGURATION = {"warden", "dbwarden"}
"""Names of configuration modules, which are never imported as models."""


def _not_found_error(entry: str, name: str, parent: ModuleType | None, importer: Importer) -> ModelPathError:
    package, _, last = name.rpartition(".")
    if parent is not None and not hasattr(parent, "__path__"):
        relation = "is a name inside the module" if hasattr(parent, last) else "is not in the module"
        return ModelPathError(
            path=entry, reason=f"{last!r} {relation} {package}, which is not a package", hint=f'Write "{package}".'
        )
    if parent is None:
        tried = ", ".join(str(base) for base in importer.bases)
        top_modules = {module.name for module in pkgutil.iter_modules([str(base) for base in importer.bases])}
        module_names = sorted(top_modules - _CONFIGURATION)
        reason = f"there is no module {name!r} in {tried} or on the import path"
    else:
        module_names = [module.name for module in pkgutil.iter_modules(parent.__path__)]
        reason = f"there is no module {last!r} in the package {package} ({', '.join(parent.__path__)})"
    suggestions = nearest(last, module_names) or module_names[:8]
    prefix = f"{package}." if package else ""
    return ModelPathError(
        path=entry,
        reason=reason,
        hint=f"Did you mean {', '.join(prefix + item for item in suggestions)}?" if suggestions else None,
    )


def _walk(name: str, importer: Importer, entry: str) -> Iterator[str]:
    """``name`` and, if it is a package, all modules below it except ``__main__``, which is a program."""
    yield name
    for child in _children(getattr(importer.load(name, entry), "__path__", ())):
        yield from _walk(f"{name}.{child}", importer, entry)


def _children(folders: Iterable[str]) -> list[str]:
    names = {item.name for item in pkgutil.iter_modules(list(folders)) if item.name.isidentifier()}
    for folder in folders:
        if Path(folder).is_dir():  # packages without __init__.py, which pkgutil does not list
            names |= {item.name for item in Path(folder).iterdir() if item.name.isidentifier() and _has_python(item)}
    scripts = {name for name in names if any(_is_environment(Path(folder) / name) for folder in folders)}
    return sorted(names - scripts - {"__main__", "__pycache__"})


def _is_environment(folder: Path) -> bool:
    """Whether a folder is an Alembic environment, whose ``env.py`` only Alembic can run."""
    return (folder / "env.py").is_file() and (folder / "script.py.mako").is_file()


def _has_python(folder: Path) -> bool:
    if not folder.is_dir() or folder.name.startswith((".", "__pycache__")):
        return False
    return any(item.suffix == ".py" or _has_python(item) for item in folder.iterdir())


# -- paths


def _of_path(entry: str, root: Path, importer: Importer) -> Iterator[str]:
    path = (root / Path(os.path.expanduser(entry))).resolve()
    if path.is_dir():
        files = sorted(_python_files(path), key=lambda file: (file.parent, file.name != "__init__.py", file.name))
        if not files:
            raise ModelPathError(path=entry, reason=f"the folder {path} has no Python file")
    elif path.is_file() and path.suffix == ".py":
        files = [path]
    else:
        raise _no_file(entry, path)
    for file in files:
        name = importer.name_of(file)
        if file.name == "__init__.py" and path == file:
            yield from _walk(name, importer, entry)
        else:
            yield name


def _python_files(folder: Path) -> Iterator[Path]:
    for item in folder.iterdir():
        if item.name.startswith((".", "__pycache__", "__main__")):
            continue
        if item.is_dir():
            if not _is_environment(item):
                yield from _python_files(item)
        elif item.suffix == ".py":
            yield item


def _no_file(entry: str, path: Path) -> ModelPathError:
    if path.exists():
        return ModelPathError(path=entry, reason=f"{path} is not a Python file")
    parent = path.parent
    while not parent.is_dir():
        parent = parent.parent
    entries = [item.name for item in parent.iterdir() if item.suffix == ".py" or (item.is_dir() and _has_python(item))]
    missing = path.relative_to(parent).parts[0]
    suggestions = nearest(missing, entries) or (
        [f"{missing}.py"] if f"{missing}.py" in entries else sorted(entries)[:8]
    )
    hint = f"In {parent} there is {', '.join(suggestions)}." if suggestions else None
    return ModelPathError(path=entry, reason=f"there is no {path}", hint=hint)
