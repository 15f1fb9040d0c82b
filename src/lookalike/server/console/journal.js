// The journal: its list, which follows server-sent events, and one exchange with all that is known about it.

import {ask, at, button, code, copy, credentials, doing, field, make, mock, operations, ROOT, sandbox, say, table, tell} from "./page.js";
import {parse, pieces, pretty} from "./json_text.js";

const POLL = 1000; // milliseconds between two looks where events do not come through
const PATIENCE = 3000; // milliseconds until the first bytes of a stream must be here: proxies that collect it send none
const SHOWN = 200; // exchanges in the list
const HIDDEN = "(redacted)"; // what the journal has in place of a secret
// Header fields that a page may not set (Fetch standard, forbidden request-headers), or that it sets by itself.
const NOT_SENT = /^(accept-encoding|connection|content-length|cookie|date|expect|host|origin|referer|te|trailer|transfer-encoding|upgrade|via|user-agent|sec-.*|proxy-.*)$/;

let entries = [];
let chosen = null;

const ofServer = (entry) => entry.violations.filter((one) => one.in === "response");
const ofRequest = (entry) => entry.violations.filter((one) => one.in !== "response");

// The reason that the mock gives. Of a server behind a proxy, it is what the server and then the client did wrong.
function reasonOf(entry) {
  const wrong = [...ofServer(entry), ...ofRequest(entry)].map(described).join("; ");
  return (mock.isProxy && wrong) || headerOf(entry.response.headers, "lookalike-reason");
}

const described = (one) => (one.in === "response" && one.rule ? `${one.rule}: ${one.message}` : one.message);
const isBad = (entry) => entry.response.status >= 400 || ofServer(entry).length > 0;
const method = (request) => make("span", {class: "method", "data-method": request.method}, request.method);
const statusOf = ({response}) => response.status || "no answer";

const fullPath = ({request}) => request.base_path + request.path + (request.query ? `?${request.query}` : "");

function headerOf(fields, name) {
  const found = fields.find(([own]) => own.toLowerCase() === name);
  return found ? found[1] : "";
}

// The list

export async function load() {
  entries = await ask(`journal?limit=${SHOWN}`);
  draw();
}

export function forget() {
  entries = [];
  chosen = null;
  draw();
  at("exchange").replaceChildren(make("p", {}, "Choose an exchange to see it."));
}

function matches(entry) {
  const wanted = at("filter").value.toLowerCase().split(/\s+/);
  const text = `${entry.request.method} ${fullPath(entry)} ${entry.response.status} ${reasonOf(entry)} ${entry.operation}`;
  return wanted.every((word) => text.toLowerCase().includes(word));
}

function draw() {
  const focused = document.activeElement?.dataset?.number; // which would lose the focus with its row
  const shown = entries.filter(matches);
  at("entries").replaceChildren(...shown.map((entry) => {
    const {number, request} = entry;
    const open = () => show(entry);
    return make("tr", {"aria-current": String(number === chosen), onclick: open},
      make("td", {class: "number"}, number),
      make("td", {class: "time"}, new Date(entry.at * 1000).toTimeString().slice(0, 8)),
      make("td", {}, make("button", {class: "request clamped", "data-number": number}, method(request), ` ${fullPath(entry)}`)),
      make("td", {}, make("span", {class: `status ${isBad(entry) ? "bad" : "good"}`}, `${ofServer(entry).length ? "✗ " : ""}${statusOf(entry)}`)),
      make("td", {}, make("div", {class: "clamped"}, reasonOf(entry))));
  }));
  at("none").hidden = shown.length > 0;
  at("none").textContent = entries.length ? "No exchange has all these words." : "No request has come yet. Each one is shown here as it comes.";
  if (focused) document.querySelector(`button[data-number="${focused}"]`)?.focus();
}

// The events

let following = null; // what ends the present stream

// Follows the journal until `unfollow`; calling it again begins anew.
export function follow() {
  unfollow();
  const ending = following = new AbortController();
  keepUp(ending.signal);
}

export function unfollow() {
  following?.abort();
  following = null;
  at("live").textContent = "";
}

async function keepUp(signal) {
  let isLost = false; // whether the latest look failed
  while (!signal.aborted) {
    try {
      if (mock.isProxy || at("access").hidden) await load();
      if (isLost) tell(null);
      isLost = false;
      await listen(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error.isOfStream) {
        at("live").textContent = `Every second (${error.message})`;
      } else {
        isLost = true;
        tell(error);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

function ofStream(message) {
  return Object.assign(new Error(message), {isOfStream: true});
}

// Loads the journal whenever an event tells of something new. Ends where the stream does; throws where there is none.
async function listen(signal) {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end);
  const late = setTimeout(end, PATIENCE);
  try {
    const headers = {...credentials(), "Last-Event-ID": entries[0]?.number ?? 0}; // what came since the list was read, too
    const answer = await fetch(`${ROOT}journal/events`, {headers, signal: ending.signal}).catch(() => {
      throw ofStream("a proxy holds events back");
    });
    if (!answer.ok) throw ofStream(answer.status === 503 ? "many pages follow" : "no events");
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const {done, value} = await reader.read().catch(() => ({done: true}));
      clearTimeout(late);
      if (done) return;
      at("live").textContent = "Live";
      if (decoder.decode(value, {stream: true}).includes("event:")) await load();
    }
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", end);
    end();
  }
}

// One exchange

function show(entry) {
  chosen = entry.number;
  draw();
  const {request} = entry;
  const heading = make("h2", {tabindex: "-1"}, method(request), ` ${fullPath(entry)} → ${statusOf(entry)}`);
  const back = make("button", {class: "back", onclick: () => document.querySelector(`button[data-number="${entry.number}"]`)?.focus()}, "Back to the list");
  at("exchange").replaceChildren(heading, back, make("p", {}, reasonOf(entry)), ...wrong(entry), ...words(entry), ...changes(entry),
    make("h3", {}, "Request"), code(...requestText(entry)),
    make("h3", {}, "Response"), code(...responseText(entry)), copies(entry), ...(mock.isProxy ? [] : [again(entry)]));
  heading.focus({preventScroll: true});
  if (matchMedia("(max-width: 60rem)").matches) heading.scrollIntoView(); // below the list there, not beside it
}

function wrong(entry) {
  const parts = [["What is wrong with the response", ofServer(entry)], ["What is wrong with the request", ofRequest(entry)]];
  return parts.filter(([, found]) => found.length).flatMap(([title, found]) => [make("h3", {}, title), make("ul", {}, ...found.map((one) =>
    make("li", {class: "bad"}, one.in === "response" ? described(one) : `${one.in} ${one.pointer.join(".")}: ${one.message}`)))]);
}

// What the document says: the operation, the clauses that decided, and the choices of readings that had a part.
function words(entry) {
  const operation = operations().find(({operationId}) => operationId === entry.operation);
  const clauses = mock.contract["x-lookalike"]?.clauses ?? {};
  const readings = mock.contract["x-lookalike"]?.readings ?? {};
  const parts = [];
  if (operation) {
    const summary = [operation.summary, operation.description].filter(Boolean).join(" ");
    parts.push(make("dt", {}, entry.operation), make("dd", {}, summary || `${operation.method} ${operation.path}`));
    const documented = operation.responses[entry.response.status]?.description;
    if (documented) parts.push(make("dt", {}, entry.response.status), make("dd", {}, documented));
  }
  for (const id of entry.clauses) {
    const from = [clauses[id]?.from ?? []].flat().join(", ");
    parts.push(make("dt", {}, id), make("dd", {}, clauses[id]?.says ?? "", from ? ` (${from})` : ""));
  }
  for (const id of entry.readings) parts.push(make("dt", {}, id), make("dd", {}, readings[id]?.question ?? "a reading"));
  return parts.length ? [make("h3", {}, "The document"), make("dl", {}, ...parts)] : [];
}

function changes(entry) {
  if (entry.cut.includes("changes")) return [make("h3", {}, "State"), make("p", {}, "The changes were too large to be kept.")];
  return entry.changes.flatMap(({resource, key, before, item}) => {
    const kind = before === null ? "created" : item === null ? "deleted" : "changed";
    const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(item ?? {})])];
    const text = (value) => (value === undefined ? "" : JSON.stringify(value));
    const differing = names.filter((name) => text(before?.[name]) !== text(item?.[name]));
    return [make("h3", {}, `State: ${resource} ${key} was ${kind}`),
      differing.length ? table(`${resource} ${key}`, ["Member", "Before", "After"], differing.map((name) =>
        [name, text(before?.[name]), make(before ? "mark" : "span", {}, text(item?.[name]))])) : make("p", {}, "It is as it was.")];
  });
}

function requestText(entry) {
  const {request} = entry;
  const pointers = (where) => entry.violations.filter((one) => one.in === where).map((one) => one.pointer);
  const named = (where) => new Set(pointers(where).map(([name]) => String(name).toLowerCase()));
  const parameters = named("query");
  const query = request.query.split("&").flatMap((pair, index) => [index ? "&" : "",
    marked(pair, parameters.has(decoded(pair.split("=")[0]).toLowerCase()))]);
  const fields = named("header");
  const lines = Object.entries(request.headers).flatMap(([name, value]) => [marked(`${name}: ${value}`, fields.has(name)), "\n"]);
  const path = marked(request.base_path + request.path, pointers("path").length > 0);
  return [`${request.method} `, path, ...(request.query ? ["?", ...query] : []), "\n", ...lines, "\n",
    ...content(request.body, pointers("body")), ...(entry.cut.includes("request.body") ? ["\n… (cut)"] : [])];
}

function responseText(entry) {
  const lines = entry.response.headers.map(([name, value]) => `${name}: ${value}\n`);
  return [`${entry.response.status}\n`, ...lines, "\n", ...content(entry.response.body, []),
    ...(entry.cut.includes("response.body") ? ["\n… (cut)"] : [])];
}

const marked = (text, isMarked) => (isMarked ? make("mark", {}, text) : text);

function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function content(body, pointers) {
  if (body.base64) return [`(in Base64) ${body.base64}`];
  try {
    return pieces(parse(body.text), pointers).map(({text, isMarked}) => marked(text, isMarked));
  } catch {
    return [marked(body.text, pointers.length > 0 && body.text !== "")];
  }
}

// Copies, and sending again

// The request of an entry, with a valid token in place of a hidden one.
function repeated(entry) {
  const valid = Object.values(mock.credentials).map((tokens) => tokens.valid).find(Boolean) ?? "TOKEN";
  const fields = Object.entries(entry.request.headers).filter(([name]) => !NOT_SENT.test(name));
  const headers = Object.fromEntries(fields.map(([name, value]) =>
    [name, value !== HIDDEN ? value : name === "authorization" ? `Bearer ${valid}` : valid]));
  // A sandbox that the path does not name would be another one for whoever sends the request again.
  if (sandbox() !== "default" && !entry.request.base_path.startsWith("/__sandbox/")) headers["lookalike-sandbox"] ??= sandbox();
  const query = entry.request.query.replaceAll(`=${HIDDEN}`, `=${valid}`);
  const url = mock.origin + mock.mount + entry.request.base_path + entry.request.path + (query ? `?${query}` : "");
  return {method: entry.request.method, url, headers, body: entry.request.body.text ?? "", base64: entry.request.body.base64 ?? ""};
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
// JavaScript takes both as the end of a line in a string; Python takes what JSON has in the same way.
const literal = (value) => JSON.stringify(value);

const FORMS = {
  curl: ({method, url, headers, body, base64}) => [
    ...(base64 ? ["printf %s", quoted(base64), "| base64 -d |"] : []), "curl", "-i", "-X", quoted(method), quoted(url),
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", quoted(`${name}: ${value}`)]),
    ...(base64 ? ["--data-binary", "@-"] : body ? ["--data-raw", quoted(body)] : [])].join(" "),
  fetch: ({method, url, headers, body, base64}) => `await fetch(${literal(url)}, {\n  method: ${literal(method)},\n  `
    + `headers: ${literal(headers)},\n`
    + (base64 ? `  body: Uint8Array.from(atob(${literal(base64)}), (one) => one.charCodeAt(0)),\n` : body ? `  body: ${literal(body)},\n` : "")
    + "})",
  Python: ({method, url, headers, body, base64}) => (base64 ? "import base64\n\n" : "") + "import requests\n\n"
    + `requests.request(\n    ${literal(method)},\n    ${literal(url)},\n    headers=${literal(headers)},\n`
    + (base64 ? `    data=base64.b64decode(${literal(base64)}),\n` : body ? `    data=${literal(body)}.encode(),\n` : "") + ")",
};

function copies(entry) {
  return make("p", {}, "Copy as ", ...Object.entries(FORMS).flatMap(([name, form]) =>
    [button(name, () => copy(form(repeated(entry)), name)), " "]));
}

function again(entry) {
  const {method, url, headers, body} = repeated(entry);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  const target = make("input", {id: "again-url", size: "40"});
  const header = make("textarea", {id: "again-headers", rows: "4"}, fields);
  const text = make("textarea", {id: "again-body", rows: "5"}, indented(body));
  target.value = url;
  const send = async () => {
    const lines = header.value.split("\n").filter(Boolean).map((line) => line.split(/:(.*)/s).slice(0, 2));
    const sent = lines.map(([name, value]) => [name.trim(), (value ?? "").trim()]);
    const answer = await fetch(new URL(target.value, location.href), {
      method, headers: sent, body: ["GET", "HEAD"].includes(method) ? undefined : text.value,
    });
    await load();
    if (entries.length) show(entries[0]);
    say(`Sent again: ${answer.status}.`);
  };
  return make("fieldset", {}, make("legend", {}, `Send ${method} again`), field("URL", target),
    field("Header fields", header), field("Body", text), button("Send", send));
}

function indented(body) {
  try {
    return pretty(parse(body));
  } catch {
    return body;
  }
}

at("filter").addEventListener("input", draw);
at("clear").addEventListener("click", doing(async () => { await ask("journal", "DELETE"); forget(); }));
