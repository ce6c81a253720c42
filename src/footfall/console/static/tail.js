// Follows the workspace through the page's own stream. What arrives is shown as text, never as markup.
"use strict";

const MOST_ROWS = 200;
const rows = document.getElementById("events");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
document.getElementById("without").hidden = true;
document.getElementById("controls").hidden = false;
let waiting = [];
let paused = false;
let missed = 0;

function cell(row, text, kind) {
  const made = row.insertCell();
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function link(into, address, text) {
  const made = document.createElement("a");
  made.href = address;
  made.textContent = text;
  into.textContent = "";
  into.append(made);
}

function show(event) {
  const row = rows.insertRow(0);
  cell(row, event.occurred_at.replace("T", " ").replace("Z", ""), "time");
  link(cell(row, ""), "/console/events/" + encodeURIComponent(event.id), event.name);
  const customer = event.customer;
  const whom = cell(row, "nobody");
  if (customer) {
    const name = customer.external_id || customer.email || customer.mobile || customer.object_id || customer.id;
    link(whom, "/console/customers/" + encodeURIComponent(customer.number), name);
  }
  cell(row, event.source || "");
  const told = JSON.stringify(event.properties);
  cell(row, told.length > 120 ? told.slice(0, 117) + "..." : told, "cut");
  while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1);
}

function tell(text) {
  if (!paused) state.textContent = text;
  else state.textContent = `paused, ${waiting.length} waiting` + (missed ? `, ${missed} older ones passed over` : "");
}

const source = new EventSource("/console/tail/stream" + location.search);
source.onopen = () => tell("following");
source.onerror = () => tell("connection lost; trying again");
source.onmessage = (message) => {
  const event = JSON.parse(message.data);
  if (!paused) {
    show(event);
    return;
  }
  waiting.push(event);
  if (waiting.length > MOST_ROWS) {
    waiting.shift();
    missed += 1;
  }
  tell("");
};
source.addEventListener("ended", () => {
  source.close();
  paused = false;
  tell("the session has ended; sign in again");
});

pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (!paused) {
    waiting.forEach(show);
    waiting = [];
    missed = 0;
  }
  tell("following");
});
