// The operators' page. Callers choose parts of these texts, so nothing here ever parses HTML:
// everything is put on screen by `make`, which sets textContent. The policy the page is served
// with forbids the rest (require-trusted-types-for 'script').
"use strict";

const EVERY = 5000; // milliseconds between two looks
const LANGUAGES = { cmn: "Mandarin", yue: "Cantonese", en: "English" };
const byId = (id) => document.getElementById(id);

function make(tag, text = "", className = "", ...inside) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  element.append(...inside);
  return element;
}

function spoken(element, language) {
  element.lang = language in LANGUAGES ? language : "";
  return element;
}

const languageName = (code) => LANGUAGES[code] ?? (code || "not chosen");
const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB");
const day = (iso) => new Date(iso).toLocaleDateString("en-CA");
const since = (call, iso) => Math.max(0, new Date(iso) - new Date(call.started));

function offset(milliseconds) {
  const tenths = Math.floor(milliseconds / 100);
  const seconds = String(Math.floor((tenths % 600) / 10)).padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${seconds}.${tenths % 10}`;
}

function length(call) {
  if (!call.ended) return "";
  const seconds = Math.round(since(call, call.ended) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

let who = null; // who is logged in: her name, her role, and what a change is asked with

function showLogin(is_asked) {
  byId("login").hidden = !is_asked;
  document.querySelector("main").hidden = byId("who").hidden = is_asked;
  if (is_asked) who = null;
}

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  const body = await answer.json();
  if (answer.status === 401) showLogin(true);
  // Not the status: an unwell hotline answers 503, and tells all the same.
  if (body.error) throw new Error(body.error);
  return body;
}

function showParts(health) {
  const items = Object.entries(health.parts).map(([name, part]) => {
    const process = part.pid === null ? "" : ` · process ${part.pid}`;
    const detail = part.detail ? ` · ${part.detail}` : "";
    const item = make("li", "", part.ok ? "part" : "part bad", make("b", name));
    item.append(part.ok ? "" : " is not well", process, detail);
    return item;
  });
  byId("parts").replaceChildren(...items);
}

function row(call, opened) {
  const link = make("a", call.caller || "withheld");
  link.href = `#${encodeURIComponent(call.id)}`;
  link.title = call.caller;
  const path = make("div", call.path.map((step) => step.node).join(" → "), "few");
  path.title = path.textContent;
  const began = make("time", clock(call.started));
  began.dateTime = call.started;
  began.title = day(call.started);
  const result = call.ended ? call.outcome || "ended" : "still on the line";
  const outcome = make("div", result, call.ended ? "few why" : "few lasting");
  outcome.title = call.why;
  const line = make("tr");
  const cells = [link, began, length(call), languageName(call.language), call.speed, path, outcome];
  line.append(...cells.map((cell) => make("td", "", "", cell)));
  if (call.id === opened) line.setAttribute("aria-current", "true");
  line.addEventListener("click", () => { location.hash = link.hash; });
  return line;
}

function showCalls(calls) {
  const opened = openedId();
  // Do not take the link away under the keyboard of someone who is on it.
  const focused = document.activeElement?.hash;
  byId("rows").replaceChildren(...calls.map((call) => row(call, opened)));
  byId("none").hidden = calls.length > 0;
  if (focused) [...byId("rows").querySelectorAll("a")].find((a) => a.hash === focused)?.focus();
}

function moment(milliseconds, kind, what, more = "") {
  const item = make("li", "", kind, make("span", offset(milliseconds), "when"), what);
  if (more) item.append(make("span", more, "more"));
  return { milliseconds, item };
}

function heardMoment(heard) {
  const what = spoken(make("span", heard.text, "what"), heard.language);
  const seconds = ((heard.to - heard.from) / 1000).toFixed(1);
  const facts = [heard.prompt, languageName(heard.language), heard.speed, `${seconds} s`];
  const shown = moment(heard.from, "heard", what, facts.filter(Boolean).join(" · "));
  if (!heard.finished) {
    const place = heard.cut_at === null ? "cut short" : `cut short at clip ${heard.cut_at + 1}`;
    shown.item.lastChild.append(" ", make("span", place, "cut"));
  }
  return shown;
}

function keyMoment(call, press) {
  const secret = press.key === "•";
  const what = make("span", "", "what", make("kbd", press.key), secret ? " a secret key" : " pressed");
  return moment(since(call, press.at), "key", what);
}

function moments(call) {
  const all = [
    ...call.path.map((step) =>
      moment(since(call, step.entered), "node", make("span", `→ ${step.node}`, "what"))),
    ...call.heard.map(heardMoment),
    ...call.keys.map((press) => keyMoment(call, press)),
  ].sort((one, other) => one.milliseconds - other.milliseconds);
  if (call.ended) {
    const what = make("span", call.outcome || "ended", "what");
    all.push(moment(since(call, call.ended), "end", what, call.why));
  }
  return all.map((each) => each.item);
}

function showStory(call) {
  byId("story-title").textContent = call.caller || "withheld";
  const facts = {
    Called: call.called,
    Began: `${day(call.started)} ${clock(call.started)}`,
    Length: length(call) || "still on the line",
    Language: `${languageName(call.language)}, ${call.speed}`,
    Flow: `${call.flow}, version ${call.version}`,
    Call: call.id,
  };
  const pairs = Object.entries(facts).flatMap(([name, fact]) => [make("dt", name), make("dd", fact)]);
  byId("facts").replaceChildren(...pairs);
  byId("moments").replaceChildren(...moments(call));
  byId("story").hidden = false;
}

function openedId() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

let told = ""; // what is shown of the opened call, so that an unchanged story is not drawn again

async function lookAtStory() {
  const id = openedId();
  if (!id) {
    told = "";
    byId("story").hidden = true;
    return;
  }
  const call = await ask(`/api/calls/${encodeURIComponent(id)}`);
  const text = JSON.stringify(call);
  if (id !== openedId() || text === told) return;
  told = text;
  showStory(call);
}

function showTrouble(failure) {
  const lost = failure instanceof TypeError;
  if (lost) byId("parts").replaceChildren();
  byId("trouble").hidden = false;
  byId("trouble").textContent = lost
    ? "The controller does not answer; the calls shown may be old."
    : failure.message;
}

async function logIn(event) {
  event.preventDefault();
  const said = { name: byId("user").value, password: byId("password").value };
  const answer = await fetch("/api/session", {
    method: "POST", body: JSON.stringify(said), headers: { "Content-Type": "application/json" },
  });
  const body = await answer.json();
  byId("password").value = "";
  byId("refused").textContent = body.error ?? "";
  if (answer.ok) await look();
}

async function logOut() {
  await fetch("/api/session", { method: "DELETE", headers: { "X-CSRF-Token": who?.csrf ?? "" } });
  byId("rows").replaceChildren();
  location.hash = "";
  await look();
}

async function look() {
  try {
    who ??= await ask("/api/session");
  } catch (failure) {
    // Nobody is logged in, or nobody answers: the health is told to everybody.
    await ask("/healthz").then(showParts).catch(() => byId("parts").replaceChildren());
    if (failure instanceof TypeError) showTrouble(failure);
    return;
  }
  showLogin(false);
  byId("name").textContent = `${who.name}, ${who.role}`;
  byId("logout").hidden = !who.csrf;
  const looks = [ask("/healthz").then(showParts), ask("/api/calls").then(showCalls), lookAtStory()];
  const failed = (await Promise.allSettled(looks)).find((each) => each.status === "rejected");
  if (who && failed) showTrouble(failed.reason);
  else byId("trouble").hidden = true;
}

async function keepLooking() {
  if (!document.hidden) await look();
  setTimeout(keepLooking, EVERY);
}

byId("login").addEventListener("submit", logIn);
byId("logout").addEventListener("click", logOut);
addEventListener("hashchange", look);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
keepLooking();
