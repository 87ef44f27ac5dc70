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
