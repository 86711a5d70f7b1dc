"""Scenes between people: somebody else acts first, and a token that expires while its owner is at work."""

import re

from stage import Server, Stage, connect, create_app, make_key, usable

REASON = "Tide tables show last year's dates"


def publish(app, build: str, version: str) -> None:  # noqa: ANN001
    app.drop(build)
    app.window.find_enabled("Sign & publish to staging")
    app.write("Version", version)
    app.press("Sign & publish to staging")
    app.see(f"{version} is live on staging", patience_s=60)
    app.press("Watch staging")


def promote(app, version: str) -> None:  # noqa: ANN001
    app.press(re.compile(f"^Promote ({re.escape(version)}|staging) to beta…$"))
    app.press(f"Promote {version} to beta")
    app.see(re.compile(f"^Promoted {re.escape(version)} to beta"))


def went_back(server: Server, channel: str, night: str, version: str | None) -> None:
    """Somebody else takes a channel back, at the same moment."""
    if version is None:
        server.deploy(channel, night, action="built_in", reason="Blank chart")
    else:
        releases = {release["version"]: release["id"] for release in server.releases()}
        server.deploy(channel, night, action="rollback", release=releases[version], reason="Blank chart")


def conflict(stage: Stage) -> None:
    """Somebody else changes a channel while its dialog is open: it is said what they did, and decided again on that."""
    server = stage.server()
    night = server.new_token("Night support", "support")
    with stage.themed() as app:
        connect(app, server.address, server.token)
        create_app(app)
        make_key(app)
        publish(app, stage.build("one"), "1.0.0")
        promote(app, "1.0.0")
        publish(app, stage.build("two"), "1.0.1")

        # The channel that is promoted to.
        app.press("Promote staging to beta…")
        app.window.find_enabled("Promote 1.0.1 to beta")
        went_back(server, "beta", night, None)
        theirs = server.live("beta")
        app.press("Promote 1.0.1 to beta")
        app.see("Beta changed while you were deciding")
        app.see(re.compile("^Rolled back beta to the built-in assets .*by Night support"))
        app.see("Nothing was overwritten. Not done: Promote 1.0.1 to beta.")
        app.picture("promote-conflict")
        stage.check(server.live("beta") == theirs, f"what they did stands: {theirs}")
        app.press("Decide again on beta…")
        app.see("Promote to beta")
        app.window.find_enabled("Promote 1.0.1 to beta")
        app.picture("promote-again")
        app.press("Promote 1.0.1 to beta")
        app.see(re.compile("^Promoted 1.0.1 to beta"))
        stage.check(server.live("beta") == ("web", "1.0.1", 4), f"decided on what is true now, it is done: {server.live('beta')}")

        # The channel that is rolled back.
        app.press("Roll back beta…")
        app.press(re.compile("^1.0.0, "), "radio button")
        app.window.find_enabled("Roll back beta to 1.0.0")
        app.write("Reason", REASON)
        went_back(server, "beta", night, "1.0.0")
        theirs = server.live("beta")
        app.press("Roll back beta to 1.0.0")
        app.see("Beta changed while you were deciding")
        app.see("Nothing was overwritten. Not done: Roll back beta to 1.0.0.")
        app.picture("roll-back-conflict")
        stage.check(server.live("beta") == theirs, f"what they did stands: {theirs}")
        app.press("Decide again on beta…")
        app.press(re.compile("^Built-in assets"), "radio button")
        app.window.find_enabled("Roll back beta to built-in assets")
        stage.check(app.see("Reason", "entry").text == REASON, "the reason is not typed twice")
        app.see("Keep 1.0.0")
        app.picture("roll-back-again")
        app.press("Roll back beta to built-in assets")
        app.see(re.compile("^Rolled back beta to its built-in assets"))
        stage.check(server.live("beta")[0] == "built_in", "decided on what is true now, it is done")

        # The channel that is promoted from.
        app.press("Promote staging to beta…")
        app.window.find_enabled("Promote 1.0.1 to beta")
        before = server.live("beta")
        went_back(server, "staging", night, "1.0.0")
        app.press("Promote 1.0.1 to beta")
        app.see("Staging changed while you were deciding")
        app.picture("source-conflict")
        stage.check(server.live("beta") == before, "beta was not touched")
        app.press("Decide again on staging…")
        app.window.find_enabled("Promote 1.0.0 to beta")
        app.press("Keep beta as it is")
        app.window.wait_gone("Promote to beta")
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()


def expired_token(stage: Stage) -> None:
    """A token expires while a form is half filled: the app says so, keeps the form, takes a new token, and goes on."""
    server = stage.server()
    build = stage.build("dist")
    server_says = re.compile("^Your access token expired at ")
    with stage.themed() as app:
        # Long enough to get to the review by hand.
        connect(app, server.address, server.new_token("Release desk", "admin", good_for_s=30))
        create_app(app)
        make_key(app)
        app.drop(build)
        app.window.find_enabled("Sign & publish to staging")
        app.write("Version", "3.0.0")
        app.write("Notes", "Half a sentence about")

        # Nothing is pressed: it is said when it happens.
        app.see(f"{server.address} no longer accepts your token", patience_s=45)
        app.see(server_says)
        app.picture("token-expired")
        app.write("Access token", "swt_wrong", "password text")
        app.press("Sign in again")
        app.see(re.compile("does not know the access token"))
        app.picture("token-wrong")
        app.press("Stay read-only")
        app.window.wait_gone("Access token")
        app.see(re.compile(f"^{server.address} no longer accepts your token. Showing what was true"))
        stage.check(not usable(app, "Sign & publish to staging"), "nothing can be published")
        app.picture("read-only-review")
        app.go("Channels")
        app.see("No release on staging yet")
        app.picture("read-only-channels")
        app.go("Publish")

        app.press("Sign in again…")
        app.write("Access token", server.new_token("Release desk", "admin"), "password text")
        app.press("Sign in again")
        app.window.wait_gone("Access token")
        app.window.wait_gone(re.compile("no longer accepts your token"))
        stage.check(app.see("Version", "entry").text == "3.0.0", "the version is still there")
        stage.check(app.see("Notes", "entry").text == "Half a sentence about", "the notes are still there")
        app.write("Notes", "Half a sentence about tides, and the rest of it.")
        app.window.find_enabled("Sign & publish to staging")
        app.picture("signed-in-again")
        app.press("Sign & publish to staging")
        app.see("3.0.0 is live on staging", patience_s=60)
        stage.check(server.live("staging") == ("web", "3.0.0", 1), "the server offers it on staging")
        stage.check(app.close() == 0, "closing the window ends the program well")
    # The new token is the one that is kept.
    with stage.themed() as app:
        app.window.wait("a connection", lambda: app.window.has(re.compile(f"^Server {server.address}: Connected")))
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()
