// Reads a page or a question aloud with the voices of the device, when somebody asks for it and never by itself.
// Nothing leaves the device, unless its voices are made elsewhere, which the device's own settings say.

const RATES = [0.6, 0.75, 0.9, 1, 1.15, 1.3, 1.5];
const YEAR = 365 * 24 * 3600;
const LONGEST = 180; // Some voices fall silent in the middle of a longer piece.
const BLOCKS = "h1, h2, h3, h4, p, li, dt, dd, label, legend, td, th, caption, summary, blockquote, div, fieldset, section";
const SILENT = "[hidden], [aria-hidden='true'], script, style, svg, template, textarea, select, input, button, nav, .app-listen, .app-progress svg, .govuk-character-count__message, .govuk-error-summary";

const speech = window.speechSynthesis;
const template = document.getElementById("listen");
let current = null; // What is being read: {bar, pieces, at, paused}
let turn = 0; // Rises with each start and stop, so that the end of an old piece starts nothing.

const keptRate = Number(document.cookie.match(/(?:^|; )speech_rate=([\d.]+)/)?.[1]);
let rate = RATES.includes(keptRate) ? keptRate : 1;

// --- What to read: pieces of text, each with its language --------------------------------------------------

function isSilent(element) {
  return element.closest(SILENT) !== null || element.getClientRects().length === 0;
}

function languageOf(element) {
  return element.closest("[lang]")?.lang || "en";
}

function* sentences(text) {
  let rest = text;
  while (rest.length > LONGEST) {
    const part = rest.slice(0, LONGEST);
    const end = Math.max(part.lastIndexOf(". "), part.lastIndexOf("? "), part.lastIndexOf("! "), part.lastIndexOf("۔ "), part.lastIndexOf("। "));
    const cut = end > 0 ? end + 1 : part.lastIndexOf(" ") > 0 ? part.lastIndexOf(" ") : LONGEST;
    yield rest.slice(0, cut);
    rest = rest.slice(cut).trim();
  }
  if (rest) yield rest;
}

function piecesOf(root) {
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.replace(/\s+/g, " ");
    if (!text.trim() || isSilent(node.parentElement)) continue;
    const block = node.parentElement.closest(BLOCKS);
    const lang = languageOf(node.parentElement);
    const last = found[found.length - 1];
    if (last && last.block === block && last.lang === lang) last.text += text;
    else found.push({ block, lang, text });
  }
  return found.flatMap(({ lang, text }) => [...sentences(text.trim())].map((part) => ({ lang, text: part })));
}

// --- Voices ------------------------------------------------------------------------------------------------

function voiceFor(lang) {
  const wanted = lang.toLowerCase().split("-")[0];
  const fitting = speech.getVoices().filter((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === wanted);
  return fitting.find((voice) => voice.lang.replace("_", "-") === "en-GB") || fitting.find((voice) => voice.localService) || fitting[0];
}

// --- Speaking ----------------------------------------------------------------------------------------------

function show(bar, now) {
  for (const words of bar.querySelectorAll("[data-now]")) words.hidden = words.dataset.now !== now;
  const more = bar.querySelector(".app-listen__more");
  if (now === "still" && more.contains(document.activeElement)) bar.querySelector("[data-listen=go]").focus();
  more.hidden = now === "still";
}

function stop() {
  turn += 1;
  speech.cancel();
  if (current) show(current.bar, "still");
  current = null;
}

function speakOn() {
  const mine = (turn += 1);
  speech.cancel();
  const piece = current.pieces[current.at];
  if (!piece) return stop();
  const words = new SpeechSynthesisUtterance(piece.text);
  words.lang = piece.lang;
  words.rate = rate;
  words.voice = voiceFor(piece.lang) || voiceFor("en") || null;
  const next = () => {
    if (mine !== turn || !current) return;
    current.at += 1;
    speakOn();
  };
  words.addEventListener("end", next);
  words.addEventListener("error", (event) => {
    if (!["canceled", "interrupted"].includes(event.error)) next();
  });
  speech.speak(words);
}

function start(bar, root) {
  stop();
  current = { bar, pieces: piecesOf(root), at: 0, paused: false };
  show(bar, "speaking");
  speakOn();
}

function pauseOrGoOn() {
  current.paused = !current.paused;
  show(current.bar, current.paused ? "paused" : "speaking");
  // Pausing is not kept by every device, so a pause ends the piece and going on begins it once more.
  if (current.paused) {
    turn += 1;
    speech.cancel();
  } else speakOn();
}

function changeRate(bar, step) {
  const place = Math.min(Math.max(RATES.indexOf(rate) + step, 0), RATES.length - 1);
  rate = RATES[place];
  const secure = window.location.protocol === "https:" ? "; secure" : "";
  document.cookie = `speech_rate=${rate}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
  const speed = new Intl.NumberFormat(document.documentElement.lang).format(rate);
  bar.querySelector("[data-listen-said]").textContent = template.dataset.speed.replace("{speed}", speed);
  if (current && !current.paused) speakOn();
}

// --- The buttons -------------------------------------------------------------------------------------------

function put(root, before) {
  const bar = template.content.cloneNode(true).firstElementChild;
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("[data-listen]")?.dataset.listen;
    if (what === "go") {
      if (current?.bar === bar) pauseOrGoOn();
      else start(bar, root);
    } else if (what === "stop") stop();
    else if (what) changeRate(bar, what === "faster" ? 1 : -1);
  });
  before.prepend(bar);
}

function sayThereIsNoVoice(main) {
  const words = document.createElement("p");
  words.className = "app-soft app-listen__none";
  words.textContent = template.dataset.novoice;
  main.prepend(words);
}

function begin() {
  const main = document.getElementById("main-content");
  if (!main || document.querySelector(".app-listen")) return;
  document.querySelector(".app-listen__none")?.remove();
  if (!voiceFor(document.documentElement.lang)) {
    if (template.dataset.say === "always") sayThereIsNoVoice(main);
    return;
  }
  const questions = [...main.querySelectorAll(".app-asked")];
  for (const question of questions) put(question, question);
  // On the page of one question the button beside it reads everything there is.
  if (questions.length !== 1) put(main, main);
}

if (speech && template) {
  begin();
  // Many devices tell of their voices only after a while.
  speech.addEventListener?.("voiceschanged", begin);
  window.addEventListener("pagehide", stop);
}
