// Keys for the desk, and words to hide by selecting them. Everything here also works without script.
const typing = (element) =>
  element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key.toLowerCase() === "m") {
    takeSelection(event);
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input[type=checkbox]")) wanted.focus();
  wanted.click();
});

function takeSelection(event) {
  const selected = document.getSelection();
  const words = selected ? selected.toString().trim() : "";
  const inside = selected && selected.anchorNode && selected.anchorNode.parentElement.closest("[data-words]");
  const field = document.querySelector("textarea[name=words]");
  if (!words || !inside || !field) return;
  event.preventDefault();
  field.value = words;
  field.focus();
}
