// Pages work without this file. It only saves steps.
"use strict";

// Exact times also in the reader's own zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) time.title += "\n" + at.toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "long" });
}
