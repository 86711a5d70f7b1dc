"""What scenes in the real window are made of: the app, a server process, builds, and the steps that many of them share."""

import argparse
import contextlib
import datetime
import json
import os
import re
import subprocess
import urllib.request

from session import die_with_parent


class Stage:
    """What every scene has: a private session, a folder, and the app as often as it is started."""

    def __init__(self, desktop, folder: str, args: argparse.Namespace) -> None:  # noqa: ANN001
        self.desktop = desktop
        self.check = desktop.check
        self.folder = folder
        self.home = os.path.join(folder, "home")
        self.args = args

    def server(self) -> "Server":
        """A server process of its own, with data of its own."""
        return Server(self.args.server, os.path.join(self.folder, "server"))

    def themed(self):  # noqa: ANN201
        """The app in the theme that the scene is played in."""
        return self.app("--theme", self.args.theme)

    @contextlib.contextmanager
    def app(self, *arguments: str):  # noqa: ANN201
        """The app, with the files of the last time. A picture is taken if the scene fails."""
        app = self.desktop.Desktop(self.args.app, self.home, self.args.pictures, *arguments)
        try:
            yield app
        except BaseException:
            with contextlib.suppress(Exception):
                app.picture("failed")
            raise
        finally:
            if app.process.poll() is None:
                app.kill()

    def file(self, path: str, content: str = "") -> str:
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def build(self, name: str) -> str:
        """A small web build."""
        self.file(f"{name}/index.html", f"<!doctype html><title>{name}</title><script src='./app.js'></script>\n")
        self.file(f"{name}/app.js", "document.title += ' runs';\n")
        return os.path.join(self.folder, name)

    def big_build(self, name: str, megabytes: int) -> str:
        """A web build that does not get smaller: it takes a while to pack and to send."""
        folder = self.build(name)
        os.makedirs(os.path.join(folder, "media"))
        for number in range(megabytes):
            with open(os.path.join(folder, "media", f"chart-{number:03}.bin"), "wb") as file:
                file.write(os.urandom(1_000_000))
        return folder


class Server:
    """A real server process of its own, and what it says of itself over HTTP."""

    def __init__(self, program: str, data: str) -> None:
        self.program, self.data = program, data
        self.address = "127.0.0.1:0"
        self.start()
        self.token = self.new_token("Release desk", "admin")

    def start(self) -> None:
        command = [self.program, "serve", "--listen", self.address, "--data", self.data]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=die_with_parent)
        ready = json.loads(self.process.stdout.readline())
        self.address = ready["url"].removeprefix("http://")

    def kill(self) -> None:
        """`kill -9`: it ends between any two instructions."""
        self.process.kill()
        self.process.wait()

    def new_token(self, name: str, role: str, good_for_s: float | None = None) -> str:
        """A token as whoever runs the server makes one."""
        command = [self.program, "token", "create", "--name", name, "--role", role, "--data", self.data]
        if good_for_s is not None:
            expires_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=good_for_s)
            command += ["--expires-at", expires_at.isoformat()]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def get(self, path: str) -> object:
        return self._ask("GET", path, self.token)

    def channel(self, name: str) -> dict:
        """A channel of the app as it is now."""
        return next(channel for channel in self.get("/v1/apps/tidepool/channels") if channel["name"] == name)

    def releases(self) -> list[dict]:
        """Drafts and releases of the app, the newest first, without the built-in one that comes with a key."""
        return [release for release in self.get("/v1/apps/tidepool/releases")["releases"] if release["kind"] == "web"]

    def live(self, channel: str) -> tuple[str, str, int] | None:
        """What a channel offers: the kind of release, its version and its number."""
        live = self.channel(channel)["live"]
        return live and (live["release_kind"], live["version"], live["sequence"])

    def deploy(self, channel: str, token: str, **deploy: str) -> None:
        """Changes what a channel offers, as somebody else at another desk does."""
        revision = self.channel(channel)["revision"]
        self._ask("POST", f"/v1/apps/tidepool/channels/{channel}/deployments", token, deploy, {"If-Match": str(revision)})

    def _ask(self, method: str, path: str, token: str, body: object = None, headers: dict[str, str] | None = None) -> object:
        request = urllib.request.Request(f"http://{self.address}{path}", method=method, headers={"Authorization": f"Bearer {token}", **(headers or {})})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


def create_app(app) -> None:  # noqa: ANN001
    app.press("Create an app…")
    app.write("Name", "Tidepool")
    app.press("Create Tidepool")
    app.see("No release on staging yet")


def start_here(app) -> None:  # noqa: ANN001
    app.press("Start a local server")
    create_app(app)


def connect(app, address: str, token: str) -> None:  # noqa: ANN001
    """From the first run to a server that somebody runs."""
    app.see("Start a local server")
    app.write("Server address", f"http://{address}")
    app.see(re.compile("^A Switchtower server"))
    app.write("Access token", token, "password text")
    app.press(f"Connect to {address}")


def make_key(app) -> None:  # noqa: ANN001
    """A signing key that the app trusts."""
    app.go("Keys")
    app.press("Make the first key…")
    app.press("Make tidepool-prod")
    app.see(re.compile("^tidepool-prod, .*, Active, not backed up$"))


def usable(app, button: str | re.Pattern[str]) -> bool:  # noqa: ANN001
    return bool({"enabled", "sensitive"} & app.see(button, "button").states)


def is_checked(app, name: str) -> bool:  # noqa: ANN001
    return any("checked" in node.states for node in app.window.find_all(name, "radio button"))
