"""Import of the driver, without what only few logins need."""

from __future__ import annotations

import sys
import threading
from importlib import import_module, reload
from typing import Any

from dbwarden.core.engine import SCHEMES
from dbwarden.core.url import Url

_DEFERRED = "cryptography"
_ONE_AT_A_TIME = threading.Lock()


def driver(url: Url) -> Any:
    """The module of the driver that a URL names.

    PyMySQL imports ``cryptography`` where that is installed, which takes longer than its own modules. It encrypts a password
    with it, where an account of ``sha256_password`` or ``caching_sha2_password`` logs in without TLS. So it is imported then.
    """
    name = SCHEMES[url.scheme].sync_drivers[url.driver].module
    with _ONE_AT_A_TIME:
        imported = name in sys.modules or _DEFERRED in sys.modules
        if name != "pymysql" or imported or _others_run():  # another thread might import it at this moment
            return import_module(name)
        sys.modules[_DEFERRED] = None  # type: ignore[assignment]  # importlib: the import fails
        try:
            module = import_module(name)
        finally:
            del sys.modules[_DEFERRED]
        _import_on_demand(module._auth)
        return module


def _others_run() -> bool:
    """Whether there are threads of others than DBWarden."""
    this = threading.current_thread()
    return any(thread is not this and not thread.name.startswith("dbwarden-") for thread in threading.enumerate())


def _import_on_demand(authentication: Any) -> None:
    """Let PyMySQL's module of logins be imported once more, with ``cryptography``, when it encrypts a password."""

    def encrypt(*args: Any) -> Any:
        return reload(authentication).sha2_rsa_encrypt(*args)

    if hasattr(authentication, "sha2_rsa_encrypt"):
        authentication.sha2_rsa_encrypt = encrypt
    else:
        reload(authentication)
