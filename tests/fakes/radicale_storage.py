"""Radicale's own storage, without waiting for the disk: a test's events need not outlive it."""

from typing import Any

from radicale.storage import multifilesystem


class Storage(multifilesystem.Storage):
    def __init__(self, configuration: Any) -> None:
        super().__init__(configuration)
        self._filesystem_fsync = False
