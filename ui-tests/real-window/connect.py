"""Connecting an app: the page waits, a device asks over HTTP, and the page says what it was answered."""

import json
import re
import urllib.request

from stage import Stage, connect, create_app, make_key


def connect_app(stage: Stage) -> None:
    """The first check of a device is seen arriving, and a switch changes what devices of a system are told."""
    server = stage.server()
    with stage.themed() as app:
        connect(app, server.address, server.token)
        create_app(app)
        app.go("Connect your app")
        app.see(re.compile("^Tidepool trusts no key yet"))
        app.picture("no-key")
        app.press("Go to Keys")
        make_key(app)

        app.go("Connect your app")
        app.see(re.compile("^Waiting for the first check"))
        line = server.get("/v1/apps/tidepool/keys")[0]["public_key"]
        app.see(re.compile(re.escape(f'"pubkey": "{line}"')))
        app.see(re.compile(re.escape(f"http://{server.address}/feeds/hotswap/tidepool/{{{{current_sequence}}}}")))
        app.picture("waiting")

        check(server, "/feeds/hotswap/tidepool/0?binary_version=1.4.2&platform=linux&arch=x86_64&channel=beta")
        app.see(re.compile("^First check: linux x86_64, binary 1.4.2, sequence 0 → nothing: beta has no release yet"))
        app.picture("first-check")
        seen = server.get("/v1/apps/tidepool/checks")["systems"][0]
        stage.check((seen["count"], seen["last"]["answer"]["reason"]) == (1, "nothing_deployed"), "the server tells the same")

        app.window.find_enabled("Serve Capgo", None).press()
        app.see(re.compile("^Tidepool serves Capgo"))
        stage.check(server.get("/v1/apps/tidepool")["app"]["systems"]["serves"] == ["hotswap", "capgo"], "the server serves both")
        # Before the picture: the notice goes away by itself.
        app.press("Undo", "link")
        app.see(re.compile("^Tidepool no longer serves Capgo"))
        stage.check(server.get("/v1/apps/tidepool")["app"]["systems"]["serves"] == ["hotswap"], "it was taken back")
        app.picture("taken-back")

        server.kill()
        app.see(re.compile("^Whether devices ask is not known now"))
        app.picture("unreachable")
        server.start()
        # It is tried again by itself. Counted in memory: a server that was started anew waits for the first check again.
        app.see(re.compile("^Waiting for the first check"), patience_s=40)
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()


def check(server, path: str) -> None:  # noqa: ANN001
    """As a device asks: no token."""
    with urllib.request.urlopen(f"http://{server.address}{path}", timeout=10) as response:
        body = response.read()
        if response.status == 200:
            json.loads(body)
