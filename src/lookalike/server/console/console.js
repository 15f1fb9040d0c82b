// The console: one page over the control API. It has no parts but this file, and needs no build step.
//
// Whatever a client sent, or an item holds, is shown as text: elements are made by `make`, and no markup is ever parsed.
// The control token is kept in a variable of this module, and sent as a header field, never in a URL.

const POLL = 1000; // milliseconds between two looks at the journal
const SHOWN = 200; // exchanges in the list
const HIDDEN = "(redacted)"; // what the journal has in place of a secret
// Header fields that a page may not set (Fetch standard, forbidden request-headers), or that it sets by itself.
const NOT_SENT = /^(accept-encoding|connection|content-length|cookie|date|expect|host|origin|referer|te|trailer|transfer-encoding|upgrade|via|user-agent|sec-.*|proxy-.*)$/;

// The page may have been opened below the path of a sandbox, which the field then names in its stead.
const [, named] = location.pathname.match(/^\/__sandbox\/([^/]+)/) ?? [];
const ROOT = location.pathname.replace(/^\/__sandbox\/[^/]+/, "");

const at = (id) => document.getElementById(id);
let token = "";
let view = "journal";
let entries = [];
let chosen = null;
let resource = "";
let contract = {};
let credentials = {};

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function ask(path, method = "GET", body = undefined) {
  const headers = {"Lookalike-Sandbox": at("sandbox").value || "default"};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(ROOT + path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
  } catch {
    throw new Refused(0, "The mock does not answer. Is it still running?");
  }
  const text = await answer.text();
  if (!answer.ok) {
    let detail = text;
    try {
      detail = JSON.parse(text).detail ?? text;
    } catch {
      // not problem details, so the text itself says what is wrong
    }
    throw new Refused(answer.status, detail);
  }
  return text ? JSON.parse(text) : null;
}

function tell(error) {
  at("problem").hidden = !error;
  at("problem").textContent = error ? error.message : "";
  at("access").hidden = !(error && error.status === 401);
}

// Runs what a button asks for, and shows what went wrong.
function doing(work) {
  return async (event) => {
    event?.preventDefault();
    try {
      await work(event);
      tell(null);
    } catch (error) {
      tell(error);
    }
  };
}

// The journal

const reasonOf = (entry) => headerOf(entry.response.headers, "lookalike-reason");
const fullPath = ({request}) => request.base_path + request.path + (request.query ? `?${request.query}` : "");
const bodyOf = (body) => body.text ?? `(in Base64) ${body.base64}`;

function headerOf(fields, name) {
  const found = fields.find(([field]) => field.toLowerCase() === name);
  return found ? found[1] : "";
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function loadJournal() {
  const newest = entries.length ? entries[0].number : 0;
  const found = await ask(`journal?limit=${SHOWN}`);
  if (found.length === entries.length && (found[0]?.number ?? 0) === newest) return;
  entries = found;
  drawJournal();
}

function matches(entry) {
  const wanted = at("filter").value.toLowerCase();
  const text = `${entry.request.method} ${fullPath(entry)} ${entry.response.status} ${reasonOf(entry)} ${entry.operation}`;
  return text.toLowerCase().includes(wanted);
}

function drawJournal() {
  const focused = document.activeElement?.dataset?.number; // which would lose the focus with its row
  at("entries").replaceChildren(...entries.filter(matches).map((entry) => {
    const {number, request, response} = entry;
    return make("tr", {"aria-current": String(number === chosen)},
      make("td", {}, number),
      make("td", {}, new Date(entry.at * 1000).toLocaleTimeString()),
      make("td", {}, make("button", {"data-number": number, onclick: () => show(entry)}, `${request.method} ${fullPath(entry)}`)),
      make("td", {class: response.status < 400 ? "good" : "bad"}, response.status),
      make("td", {}, reasonOf(entry)));
  }));
  if (focused) document.querySelector(`button[data-number="${focused}"]`)?.focus();
}

function show(entry) {
  chosen = entry.number;
  drawJournal();
  const {request, response} = entry;
  const parts = [make("h2", {}, `${request.method} ${fullPath(entry)} → ${response.status}`), make("p", {}, reasonOf(entry))];
  if (entry.violations.length) {
    parts.push(make("h2", {}, "What is wrong with the request"), make("ul", {}, ...entry.violations.map((one) =>
      make("li", {class: "bad"}, `${one.in} ${one.pointer.join(".")}: ${one.message}`))));
  }
  const clauses = contract["x-lookalike"]?.clauses ?? {};
  if (entry.clauses.length) {
    parts.push(make("h2", {}, "Clauses"), make("ul", {}, ...entry.clauses.map((id) =>
      make("li", {}, clauses[id] ? `${id}: ${clauses[id].says}` : id))));
  }
  if (entry.changes.length) {
    parts.push(make("h2", {}, "What changed"), ...entry.changes.map((change) => make("pre", {}, change.item === null
      ? `${change.resource} ${change.key} was deleted`
      : `${change.resource} ${change.key} is now\n${JSON.stringify(change.item, null, 2)}`)));
  }
  const sent = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  parts.push(make("h2", {}, "Request"), make("pre", {}, [...sent, "", pretty(bodyOf(request.body))].join("\n")));
  const got = response.headers.map(([name, value]) => `${name}: ${value}`);
  parts.push(make("h2", {}, "Response"), make("pre", {}, [...got, "", pretty(bodyOf(response.body))].join("\n")));
  parts.push(copies(entry), again(entry));
  at("exchange").replaceChildren(...parts);
}

// The request of an entry, with a valid token in place of a hidden one.
function repeated(entry) {
  const valid = Object.values(credentials).map((tokens) => tokens.valid).find(Boolean) ?? "TOKEN";
  const fields = Object.entries(entry.request.headers).filter(([name]) => !NOT_SENT.test(name));
  const headers = Object.fromEntries(fields.map(([name, value]) =>
    [name, value !== HIDDEN ? value : name === "authorization" ? `Bearer ${valid}` : valid]));
  return {method: entry.request.method, url: location.origin + fullPath(entry), headers, body: entry.request.body.text ?? ""};
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

const FORMS = {
  curl: ({method, url, headers, body}) => ["curl", "-i", "-X", quoted(method), quoted(url),
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", quoted(`${name}: ${value}`)]),
    ...(body ? ["--data-raw", quoted(body)] : [])].join(" "),
  fetch: ({method, url, headers, body}) =>
    `await fetch(${JSON.stringify(url)}, ${JSON.stringify({method, headers, ...(body ? {body} : {})}, null, 2)})`,
  Python: ({method, url, headers, body}) => `import requests\n\nrequests.request(${JSON.stringify(method)}, `
    + `${JSON.stringify(url)}, headers=${JSON.stringify(headers)}${body ? `, data=${JSON.stringify(body)}.encode()` : ""})`,
};

function copies(entry) {
  return make("p", {}, "Copy as ", ...Object.entries(FORMS).map(([name, form]) => make("button", {
    onclick: doing(() => navigator.clipboard.writeText(form(repeated(entry)))),
  }, name)));
}

function again(entry) {
  const {method, url, headers, body} = repeated(entry);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  const target = make("input", {id: "again-url", size: "40"});
  const header = make("textarea", {id: "again-headers", rows: "4"}, fields);
  const content = make("textarea", {id: "again-body", rows: "5"}, body);
  target.value = url;
  const send = doing(async () => {
    const lines = header.value.split("\n").filter(Boolean).map((line) => line.split(/:(.*)/s).slice(0, 2));
    const sent = Object.fromEntries(lines.map(([name, value]) => [name.trim(), (value ?? "").trim()]));
    sent["Lookalike-Sandbox"] ??= at("sandbox").value || "default";
    await fetch(new URL(target.value, location.href), {
      method, headers: sent, body: ["GET", "HEAD"].includes(method) ? undefined : content.value,
    });
    await loadJournal();
    if (entries.length) show(entries[0]);
  });
  return make("fieldset", {}, make("legend", {}, `Send ${method} again`),
    make("label", {}, "URL ", target), make("label", {}, "Header fields ", header),
    make("label", {}, "Body ", content), make("button", {onclick: send}, "Send"));
}

// The state

async function loadState() {
  const state = await ask("state");
  const names = Object.keys(state);
  resource = names.includes(resource) ? resource : names[0] ?? "";
  at("resources").replaceChildren(...names.map((name) => make("button", {
    "aria-pressed": String(name === resource), onclick: doing(async () => { resource = name; await loadState(); }),
  }, `${name} (${state[name].length})`)));
  const items = state[resource] ?? [];
  const members = [...new Set(items.slice(0, 100).flatMap(Object.keys))].slice(0, 7);
  const rows = items.map((item, index) => make("tr", {},
    make("td", {}, make("button", {onclick: () => edit(items, index)}, `Edit ${index + 1}`)),
    ...members.map((name) => make("td", {}, typeof item[name] === "object" ? JSON.stringify(item[name]) : item[name] ?? ""))));
  at("items").replaceChildren(
    make("table", {}, make("caption", {}, `Items of ${resource}`), make("thead", {}, make("tr", {},
      make("td", {}), ...members.map((name) => make("th", {scope: "col"}, name)))), make("tbody", {}, ...rows)),
    make("p", {}, make("button", {onclick: () => edit(items, items.length)}, "Add an item")));
}

function edit(items, index) {
  const place = resource; // the one that is shown now, whatever is chosen later
  const text = make("textarea", {id: "item-json", rows: "16"}, JSON.stringify(items[index] ?? {}, null, 2));
  const replace = (...others) => doing(async () => {
    const now = (await ask("state"))[place];
    if (JSON.stringify(now[index]) !== JSON.stringify(items[index])) {
      throw new Error("The item was changed meanwhile. Open the state again to see it.");
    }
    now.splice(index, 1, ...others.map((one) => JSON.parse(one())));
    await ask("state", "PATCH", {[place]: now});
    at("item").replaceChildren(make("p", {}, "Saved."));
    await loadState();
  });
  const remove = make("button", {onclick: replace()}, "Delete");
  remove.hidden = index >= items.length;
  at("item").replaceChildren(make("h2", {}, index < items.length ? `${place} ${index + 1}` : `New ${place}`),
    make("label", {}, "As JSON ", text), make("p", {}, make("button", {onclick: replace(() => text.value)}, "Save"), " ", remove));
}

// Readings and snapshots

async function loadReadings() {
  const readings = await ask("readings");
  at("readings").replaceChildren(...readings.map((reading) => {
    const choice = make("select", {
      id: `reading-${reading.id}`,
      onchange: doing(() => ask("readings", "PATCH", {[reading.id]: choice.value})),
    }, ...Object.entries(reading.choices).map(([id, says]) => make("option", {value: id}, `${id}: ${says}`)));
    choice.value = reading.choice;
    return make("fieldset", {}, make("legend", {}, reading.id), make("p", {}, reading.question),
      make("label", {}, "Choice ", choice), ...reading.quotes.map((quote) => make("blockquote", {}, quote)));
  }));
  if (!readings.length) at("readings").append(make("p", {}, "The document leaves no question open that it states."));
}

async function loadSnapshots() {
  const snapshots = await ask("snapshots");
  at("saved").replaceChildren(...snapshots.map(({name, items}) => make("li", {}, `${name} (${items} items) `,
    make("button", {onclick: doing(() => ask(`snapshots/${encodeURIComponent(name)}/restore`, "POST"))}, "Restore"), " ",
    make("button", {onclick: doing(async () => {
      await ask(`snapshots/${encodeURIComponent(name)}`, "DELETE");
      await loadSnapshots();
    })}, "Delete"))));
}

// The page

const VIEWS = {journal: loadJournal, state: loadState, readings: loadReadings, snapshots: loadSnapshots};

async function open(name) {
  view = name;
  for (const button of document.querySelectorAll("nav button")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === name));
  }
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  await VIEWS[name]();
}

async function begin() {
  contract = await ask("contract");
  credentials = await ask("credentials");
  at("title").textContent = `${contract.info?.title ?? "Lookalike"} (mock)`;
  const sandboxes = await ask("sandboxes");
  at("sandboxes").replaceChildren(...sandboxes.map(({name}) => make("option", {value: name})));
  entries = [];
  chosen = null;
  drawJournal();
  await open(view);
}

let isLost = false; // whether the last look at the journal failed

async function poll() {
  if (!document.hidden && view === "journal" && at("access").hidden) {
    try {
      await loadJournal();
      if (isLost) tell(null);
      isLost = false;
    } catch (error) {
      isLost = true;
      tell(error);
    }
  }
  setTimeout(poll, POLL);
}

for (const button of document.querySelectorAll("nav button")) {
  button.addEventListener("click", doing(() => open(button.dataset.view)));
}
at("filter").addEventListener("input", drawJournal);
at("sandbox").addEventListener("change", doing(begin));
at("access").addEventListener("submit", doing(async () => { token = at("token").value; await begin(); }));
at("reset").addEventListener("click", doing(async () => { await ask("reset", "POST"); await begin(); }));
at("clear").addEventListener("click", doing(async () => { await ask("journal", "DELETE"); await loadJournal(); }));
at("save").addEventListener("submit", doing(async () => {
  await ask(`snapshots/${encodeURIComponent(at("snapshot").value)}`, "PUT");
  await loadSnapshots();
}));
if (named) at("sandbox").value = named;
await doing(begin)();
poll();
