// On the page with all questions, shows those that concern a person by what they answered so far.
// The server keeps the same rule. Without script each of these questions says for whom it is.

const rules = [...document.querySelectorAll("[data-only-if]")].map((line) => ({
  line,
  id: line.dataset.for,
  condition: JSON.parse(line.dataset.onlyIf),
}));
const form = rules[0].line.closest("form");
const said = document.createElement("p");
said.className = "govuk-visually-hidden";
said.setAttribute("role", "status");
form.append(said);

function questionOf(id) {
  return form.querySelector(`[data-question="${id}"]`);
}

function chosen(question, name) {
  const marks = [...question.querySelectorAll(`input[name="${name}"]:checked`)];
  const values = marks.map((mark) => mark.value);
  const other = question.querySelector(`input[name="${name}.other"]`);
  const one = question.querySelector('input[type="radio"]') !== null;
  // Whoever wrote what else means it, even without the mark.
  if (other?.value.trim() && !values.includes("other") && !(one && values.length)) values.push("other");
  return values;
}

function isAnswered(question) {
  return [...question.querySelectorAll("input, textarea, select")].some((field) =>
    ["radio", "checkbox"].includes(field.type) ? field.checked : field.value.trim() !== "",
  );
}

function holds(condition, shown) {
  const results = condition.tests.map((test) => {
    const question = questionOf(test.question);
    // An answer to a question that is not asked does not count.
    if (!question || shown.get(test.question) === false) return false;
    return test.is === "answered" ? isAnswered(question) : chosen(question, `a.${test.question}`).includes(test.value);
  });
  return condition.match === "any" ? results.some(Boolean) : results.every(Boolean);
}

function look(isFirst) {
  const shown = new Map(); // In the order of the page, since conditions look back only.
  const news = [];
  for (const { line, id, condition } of rules) {
    const question = questionOf(id);
    const on = holds(condition, shown);
    shown.set(id, on);
    if (!isFirst && question.hidden === on) news.push(on ? line.dataset.added : line.dataset.taken);
    question.hidden = !on;
    line.hidden = true;
  }
  for (const section of form.querySelectorAll("section")) {
    const questions = [...section.querySelectorAll("[data-question]")];
    section.hidden = questions.length > 0 && questions.every((question) => question.hidden);
  }
  if (news.length) said.textContent = news.join(" ");
}

form.addEventListener("input", () => look(false));
form.addEventListener("change", () => look(false));
window.addEventListener("pageshow", () => look(true)); // Answers that the browser brings back count, too.
look(true);
