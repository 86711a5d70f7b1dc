// What an ordinary app does with its own version: show it.
window.__TAURI__.core.invoke("plugin:hotswap|hotswap_current_version").then((current) => {
  document.getElementById("version").textContent = current.active
    ? `Web build ${current.version} (sequence ${current.sequence})`
    : `Built-in web build of ${current.binary_version}`;
});
