// Pages work without this file. It only saves steps.
"use strict";

// Exact times also in the reader's own zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) time.title += "\n" + at.toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "long" });
}

// A button that copies a field. Without the clipboard there is the field.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}

// A box that ticks all the others of its form.
for (const all of document.querySelectorAll("input[data-all]")) {
  all.closest("label").hidden = false;
  const boxes = () => all.form.querySelectorAll(`input[name="${all.dataset.all}"]`);
  all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; });
}

// Work that goes on page by page goes on by itself.
const next = document.querySelector("form[data-next]");
if (next) setTimeout(() => next.requestSubmit(), 300);
