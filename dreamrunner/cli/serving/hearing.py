"""How far a build is, from the lines of its JSON log: one number that never falls, and a line for people."""

from __future__ import annotations

from typing import Any

from dreamrunner.files.json import parse


class Hearing:
    """Hears the log of one build.

    ``done`` and ``total`` count tasks, those at work by their part; ``total`` is 0 until it is known. ``said`` are the
    lines for people and the warnings, ``wrong`` why the build failed.
    """

    def __init__(self) -> None:
        self.done, self.total = 0.0, 0
        self.said: list[str] = []
        self.wrong: list[str] = []
        self._over = 0
        self._parts: dict[str, float] = {}

    def hear(self, line: str) -> str | None:
        """Hear a line of the log; gives what is to be told with the new numbers, None where nothing is."""
        try:
            event = parse(line)
        except ValueError:
            return None
        if not isinstance(event, dict):
            return None
        told = self._hear(event)
        if self.total:
            self.done = max(self.done, min(self._over + sum(self._parts.values()), float(self.total)))
        return told

    def _hear(self, event: dict[str, Any]) -> str | None:
        task = str(event.get("task", ""))
        match event.get("event"):
            case "build-started":
                # of several builds in one, such as that of each take, the next begins where the last ended
                self.total = self._over + sum(stage["total"] for stage in event["stages"])
                self._parts.clear()
            case "said":
                self.said.append(str(event["text"]))
                return self.said[-1]
            case "diagnostic" if event.get("severity") == "error":
                self.wrong.append(f"{event['file']}:{event['line']}: {event['message']}")
            case "diagnostic":
                self.said.append(f"{event['file']}:{event['line']}: {event['message']}")
            case "error":
                self.wrong.append(str(event["message"]))
            case "task-started":
                self._parts[task] = 0.0
                return task
            case "task-advanced":
                self._parts[task] = float(event["fraction"])
                left = event.get("build_left")
                return f"{task} {event['fraction']:.0%}" + (f", {left:.0f} s left in all" if left is not None else "")
            case "task-finished" | "task-kept" | "task-failed" as kind:
                self._parts.pop(task, None)
                self._over += self.total > 0  # planning is over before it is known what there is to do
                return f"{task} {kind.removeprefix('task-')}"
        return None
