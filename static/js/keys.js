// Single keys on the workbench: data-key="a" on a button or link. "?" shows them; a switch turns them off for good,
// because a single key pressed by speech input or an unsteady hand must not act by itself.

const STORE = "engage-keys";
const panel = document.querySelector(".app-keys");
const control = panel.querySelector("[data-keys-switch]");

function isOn() {
  return control.checked;
}

function remember() {
  document.body.classList.toggle("app-keys-off", !isOn());
  try {
    localStorage.setItem(STORE, isOn() ? "on" : "off");
  } catch {
    // A browser that stores nothing forgets the choice; the keys themselves still work.
  }
}

function stored() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

function isTyping(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "?") {
    panel.open = !panel.open;
    if (panel.open) panel.querySelector("summary").focus();
    return;
  }
  if (!isOn()) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  wanted.click();
});

control.addEventListener("change", remember);
control.checked = stored() !== "off";
remember();
