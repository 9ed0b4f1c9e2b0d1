// Before answers are sent, ask whether a proof of work is wanted, which is so only under attack, and do it.
// Answers go out in any case, also when this fails: then a person looks at them first.

const PATIENCE_MS = 60_000;
const ASK_MS = 5_000;

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

// The number whose derived key begins with the digits that are asked for.
async function solve({ nonce, salt, cost, keyLength, keyPrefix }) {
  const password = new Uint8Array(nonce.length / 2 + 4);
  password.set(bytes(nonce));
  const counted = new DataView(password.buffer, nonce.length / 2);
  const method = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  const started = performance.now();
  for (let counter = 0; performance.now() - started < PATIENCE_MS; counter++) {
    counted.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(method, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey, time: performance.now() - started };
  }
  throw new Error("no proof in time");
}

async function prove(address, onWork) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(ASK_MS) });
  if (answer.status !== 200) return "";
  onWork();
  const challenge = await answer.json();
  const solution = await solve(challenge.parameters);
  return btoa(JSON.stringify({ challenge, solution }));
}

// Buttons with an address of their own keep answers for later.
function wantsToSend(form, button) {
  const on = form.dataset.proofOn;
  return !button?.hasAttribute("formaction") && (!on || button?.value === on);
}

for (const form of document.querySelectorAll("form[data-proof]")) {
  let working = false;
  form.addEventListener("submit", async (event) => {
    if (working) event.preventDefault();
    if (working || form.dataset.proved || !wantsToSend(form, event.submitter)) return;
    event.preventDefault();
    working = true;
    const said = form.querySelector("[data-proof-says]");
    const show = () => { said.textContent = said.dataset.proofSays; };
    try {
      form.elements.proof.value = await prove(form.dataset.proof, show);
    } catch {
      form.elements.proof.value = "";
    }
    form.dataset.proved = "yes";
    working = false;
    form.requestSubmit(event.submitter);
  });
}

// Back from the next page, the proof was used up.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-proof]")) delete form.dataset.proved;
});
