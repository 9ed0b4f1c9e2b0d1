// Enhancement only: every page works without this file.
// Marks the page as scripted, starts the parts of the page kit that the page has, and makes small things kinder.

const KIT_PARTS = ["Button", "CharacterCount", "ErrorSummary", "PasswordInput", "SkipLink"];

document.body.classList.add("js-enabled", "govuk-frontend-supported");

async function startKit() {
  if (!document.querySelector('[data-module^="govuk-"]')) return;
  const kit = await import("../vendor/govuk/govuk-frontend.min.js");
  KIT_PARTS.forEach((part) => kit.createAll(kit[part]));
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll(".app-menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest(".app-menu"));
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".app-menu[open]");
  if (event.key !== "Escape" || !menu) return;
  closeMenus();
  menu.querySelector("summary").focus();
});

if (document.querySelector("[data-job]")) import("./progress.js");
if (document.querySelector(".app-keys")) import("./keys.js");
if (document.getElementById("listen") && "speechSynthesis" in window) import("./read_aloud.js");
if (document.querySelector("[data-only-if]")) import("./only_if.js");
startKit();
