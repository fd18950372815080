"""
Volumes of a pod: empty folders, whatever they would be, and where a container has them.

A process cannot have folders of its own, so what the pod's spec says about paths is translated.
"""

from __future__ import annotations


class Mounts:
    """Where the volumes of one container are on this machine."""

    def __init__(self, container, folder):
        self._places = []
        for mount in container.get("volumeMounts") or ():
            local = folder / "volumes" / mount["name"] / mount.get("subPath", "")
            local.mkdir(parents=True, exist_ok=True)
            self._places.append((mount["mountPath"].rstrip("/"), str(local)))

    def locate(self, text):
        """Translate a path that lies in a volume; anything else stays what it is."""
        for inside, local in self._places:
            if text == inside or text.startswith(f"{inside}/"):
                return f"{local}{text[len(inside) :]}"
        return text
