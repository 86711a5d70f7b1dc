"""Reads and drives the window of another program as a screen reader does, through AT-SPI."""

import re
from collections.abc import Callable, Iterator

import gi

from session import wait_until

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402


class Node:
    """One element of a window: a button, a label, a text field."""

    def __init__(self, accessible: Atspi.Accessible) -> None:
        self._accessible = accessible

    @property
    def role(self) -> str:
        """As AT-SPI names it, whatever its age: what is a button today was a “push button” in at-spi 2.46."""
        return self._accessible.get_role_name().removeprefix("push ")

    @property
    def name(self) -> str:
        return self._accessible.get_name() or ""

    @property
    def description(self) -> str:
        return self._accessible.get_description() or ""

    @property
    def states(self) -> set[str]:
        return {state.value_nick for state in self._accessible.get_state_set().get_states()}

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """x, y, width and height on the screen."""
        box = self._accessible.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        return box.x, box.y, box.width, box.height

    @property
    def text(self) -> str:
        """What a text field holds; the name of anything else."""
        text = self._accessible.get_text_iface()
        return text.get_text(0, text.get_character_count()) if text else self.name

    def forget(self) -> None:
        """Makes the next reading ask the program, not what was read before."""
        self._accessible.clear_cache()

    def children(self) -> list["Node"]:
        found = (self._accessible.get_child_at_index(index) for index in range(self._accessible.get_child_count()))
        return [Node(child) for child in found if child]

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children():
            yield from child.walk()

    def press(self) -> None:
        """Does what a click does."""
        action = self._accessible.get_action_iface()
        if not action or not action.do_action(0):
            raise RuntimeError(f"{self} cannot be pressed")

    def focus(self) -> None:
        if not self._accessible.get_component_iface().grab_focus():
            raise RuntimeError(f"{self} does not take the focus")

    def set_text(self, text: str) -> None:
        editable = self._accessible.get_editable_text_iface()
        if not editable or not editable.set_text_contents(text):
            raise RuntimeError(f"{self} takes no text")
        # A field for secrets tells how long they are, and no more.
        told = (lambda: len(self.text)) if "password" in self.role else (lambda: self.text)
        wanted = len(text) if "password" in self.role else text
        wait_until(f"{self} holding {wanted!r}", lambda: told() == wanted)

    def __repr__(self) -> str:
        return f"{self.role} {self.name!r}"


class Window:
    """All that one program shows."""

    def __init__(self, app_name: str, patience_s: float = 20.0) -> None:
        self.patience_s = patience_s
        try:
            self._root = Node(wait_until(f"a window of {app_name}", lambda: _application(app_name), patience_s))
        except TimeoutError as error:
            raise TimeoutError(f"{error}; programs with a window: {[app.get_name() for app in _applications()]}") from None

    def nodes(self) -> list[Node]:
        """Everything there is now. A window that is redrawn meanwhile is read again."""
        for _ in range(100):
            try:
                self._root.forget()
                return list(self._root.walk())
            except GLib.Error as error:
                if not _is_gone(error):
                    raise
        raise RuntimeError("the window changes faster than it can be read, or its program is gone")

    def find_all(self, name: str | re.Pattern[str], role: str | None = None) -> list[Node]:
        return [node for node in self.nodes() if _fits(node, name, role)]

    def has(self, name: str | re.Pattern[str], role: str | None = None) -> bool:
        return bool(self.find_all(name, role))

    def find(self, name: str | re.Pattern[str], role: str | None = None, patience_s: float | None = None) -> Node:
        """Waits for the first element with this name (whole, or a pattern found in it) and role."""
        what = f"{role or 'element'} {name if isinstance(name, str) else name.pattern!r}"
        return self.wait(what, lambda: next(iter(self.find_all(name, role)), None), patience_s)

    def find_enabled(self, name: str | re.Pattern[str], role: str = "button") -> Node:
        """Waits until it is there and can be used."""

        def usable() -> Node | None:
            return next((node for node in self.find_all(name, role) if {"enabled", "sensitive"} & node.states), None)

        return self.wait(f"usable {role} {name!r}", usable)

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        self.find_enabled(name, role).press()

    def wait_gone(self, name: str | re.Pattern[str], role: str | None = None) -> None:
        self.wait(f"{name!r} going away", lambda: not self.has(name, role))

    def wait(self, what: str, condition: Callable[[], object], patience_s: float | None = None) -> object:
        try:
            return wait_until(what, condition, patience_s or self.patience_s)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\nThe window shows:\n{self.dump()}") from None

    def dump(self) -> str:
        """The tree as text, for messages."""
        lines: list[str] = []

        def add(node: Node, depth: int) -> None:
            lines.append(f"{'  ' * depth}{node}")
            for child in node.children():
                add(child, depth + 1)

        try:
            self._root.forget()
            add(self._root, 0)
        except GLib.Error as error:
            lines.append(f"(reading stopped: {error.message})")
        return "\n".join(lines)


def _applications() -> list[Atspi.Accessible]:
    desktop = Atspi.get_desktop(0)
    found = (desktop.get_child_at_index(index) for index in range(desktop.get_child_count()))
    return [app for app in found if app]


def _application(name: str) -> Atspi.Accessible | None:
    for app in _applications():
        if app.get_name() == name and app.get_child_count():
            # Names change while we look: nothing may come from an older answer.
            app.set_cache_mask(Atspi.Cache.NONE)
            return app
    return None


def _fits(node: Node, name: str | re.Pattern[str], role: str | None) -> bool:
    try:
        if role is not None and node.role != role:
            return False
        return node.name == name if isinstance(name, str) else bool(name.search(node.name))
    except GLib.Error as error:
        if _is_gone(error):
            return False
        raise


def _is_gone(error: GLib.Error) -> bool:
    """Whether the element was taken away between two questions."""
    if error.domain == "atspi_error":
        return True
    message = error.message.lower()
    return any(part in message for part in ("unknownobject", "unknown object", "no longer exists", "does not exist", "defunct"))
