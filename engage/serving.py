"""Serving the application: gunicorn with threads, and the worker in the same process where wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from engage import tasks

THREADS = 8


class Server(BaseApplication):
    """Gunicorn, set up from Python instead of from a file."""

    def __init__(
        self, create: Callable[[], Flask], *, host: str, port: int, processes: int, with_worker: bool
    ) -> None:
        self.create = create
        self.with_worker = with_worker
        self.options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": processes,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 15,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self._start_worker,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each serving process, so that no connection is shared between two."""
        return self.create()

    def _start_worker(self, process: Any) -> None:
        if self.with_worker:
            tasks.start_consumer(process.wsgi)


def serve(
    create: Callable[[], Flask], *, host: str, port: int, processes: int = 1, with_worker: bool = False
) -> None:
    """Serve what ``create`` builds until stopped. ``with_worker`` also does the background jobs here."""
    Server(create, host=host, port=port, processes=processes, with_worker=with_worker).run()
