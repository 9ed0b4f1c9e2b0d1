// Asks how far a job has got, and says it, until it is finished. Without script the page has a link to check again.

const EVERY_MS = 2000;
const AFTER_FAILURE_MS = 10000;

async function ask(part) {
  const answer = await fetch(part.dataset.job, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function show(part, job) {
  const words = part.querySelector("[data-job-text]");
  const bar = part.querySelector("progress");
  if (job.text && words.textContent !== job.text) words.textContent = job.text;
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  }
}

async function follow(part) {
  let wait = EVERY_MS;
  try {
    const job = await ask(part);
    show(part, job);
    if (job.finished) {
      window.location.assign(job.url || window.location.href);
      return;
    }
  } catch {
    wait = AFTER_FAILURE_MS;
  }
  setTimeout(follow, wait, part);
}

for (const part of document.querySelectorAll("[data-job]")) setTimeout(follow, EVERY_MS, part);
