// While somebody writes: says how easy it reads and shows the question as people will meet it. Nothing is saved.
// It asks the page's own form, with the button that only looks; without script that button does the same.

const WAIT_MS = 1200;
const PARTS = ["[data-look-advice]", "[data-look-preview]", "[data-look-condition]"];
const form = document.querySelector("form[data-look]");
let waiting = 0;
let asked = 0;

async function look() {
  const number = ++asked;
  const fields = new FormData(form);
  fields.set("do", "look");
  try {
    const reply = await fetch(window.location.href, { method: "POST", body: fields, cache: "no-store" });
    if (!reply.ok || number !== asked) return;
    show(new DOMParser().parseFromString(await reply.text(), "text/html"));
  } catch {
    // No connection just now: what stands there stays.
  }
}

function show(page) {
  for (const part of PARTS) {
    const here = document.querySelector(part);
    const there = page.querySelector(part);
    if (here && there && here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
  }
}

if (form) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asked += 1;
  });
}
