// Hiding words by selecting them and pressing M. Everything here also works without script.

document.addEventListener("keydown", (event) => {
  const off = document.body.classList.contains("app-keys-off");
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "m") return;
  if (event.target.closest("input, textarea, select")) return;
  const selected = document.getSelection();
  const words = selected ? selected.toString().trim() : "";
  const inside = selected?.anchorNode?.parentElement?.closest("[data-words]");
  const field = document.querySelector("textarea[name=words]");
  if (!words || !inside || !field) return;
  event.preventDefault();
  field.closest("details").open = true;
  field.value = words;
  field.focus();
});
