// Keying in answers faster. Everything here also works without script.
// Number keys choose in the group that has the focus, Ctrl+Enter keeps, and questions whose condition is off hide.

const form = document.querySelector("[data-entry-form]");
const questions = [...form.querySelectorAll("[data-entry]")];

function fieldsOf(id) {
  return [...form.elements].filter((field) => field.name === `a.${id}` || field.name?.startsWith(`a.${id}.`));
}

function isFilled(field) {
  return field.type === "radio" || field.type === "checkbox" ? field.checked : field.value.trim() !== "";
}

function passes(test, shown) {
  if (!shown.has(test.question)) return false;
  const filled = fieldsOf(test.question).filter(isFilled);
  if (test.is === "answered") return filled.length > 0;
  return filled.some((field) => field.name === `a.${test.question}` && field.value === test.value);
}

function holds(condition, shown) {
  const results = condition.tests.map((test) => passes(test, shown));
  return condition.match === "any" ? results.includes(true) : !results.includes(false);
}

// Conditions look only at earlier questions, so one walk from the top settles all.
function showWhatIsAsked() {
  const shown = new Set();
  for (const question of questions) {
    const condition = question.dataset.shownIf ? JSON.parse(question.dataset.shownIf) : null;
    question.hidden = condition !== null && !holds(condition, shown);
    if (!question.hidden) shown.add(question.dataset.entry);
  }
}

function chooseByNumber(event) {
  const field = event.target.closest("input[type=radio], input[type=checkbox]");
  const number = Number(event.key);
  if (!field || !(number >= 1) || event.ctrlKey || event.metaKey || event.altKey) return;
  const group = [...form.elements].filter((other) => other.name === field.name);
  const wanted = group[number - 1];
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  wanted.click();
}

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  chooseByNumber(event);
});
form.addEventListener("change", showWhatIsAsked);
form.addEventListener("input", showWhatIsAsked);
showWhatIsAsked();
// After one was kept, the next begins with its code; what was kept is said by itself.
if ("entryNext" in form.dataset) form.querySelector("#code").focus({ preventScroll: true });
