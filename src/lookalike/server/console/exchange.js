// One exchange: its reason, the flaws in it, the document's words, the changes of the state, and both messages.

import {mock, operations} from "./api.js";
import {Button, Code, Component, html, Table} from "./elements.js";
import {parse, pieces, pretty} from "./json_text.js";
import {copy, say} from "./messages.js";
import {FORMS, repeated} from "./repeating.js";

export const ofServer = (entry) => entry.violations.filter((one) => one.in === "response");
const ofRequest = (entry) => entry.violations.filter((one) => one.in !== "response");

// The reason that the mock gives. Of a server behind a proxy, it is what the server and then the client did wrong.
export function reasonOf(entry) {
  const wrong = [...ofServer(entry), ...ofRequest(entry)].map(described).join("; ");
  return (mock.isProxy && wrong) || (entry.response.headers.find(([name]) => name.toLowerCase() === "lookalike-reason")?.[1] ?? "");
}

const described = (one) => (one.in === "response" && one.rule ? `${one.rule}: ${one.message}` : one.message);
export const statusOf = ({response}) => response.status || "no answer";
export const fullPath = ({request}) => request.base_path + request.path + (request.query ? `?${request.query}` : "");
export const Method = ({request}) => html`<span class="method" data-method=${request.method}>${request.method}</span>`;

// `leave` goes back to the list; `sent` is called when the request was sent again.
export const Exchange = ({entry, heading, leave, sent}) => html`
  <h2 tabindex="-1" ref=${heading}><${Method} request=${entry.request} /> ${fullPath(entry)} → ${statusOf(entry)}</h2>
  <button class="back" onClick=${leave}>Back to the list</button>
  <p>${reasonOf(entry)}</p>
  <${Flaws} title="What is wrong with the response" texts=${ofServer(entry).map(described)} />
  <${Flaws} title="What is wrong with the request" texts=${ofRequest(entry).map((one) => `${one.in} ${one.pointer.join(".")}: ${one.message}`)} />
  <${Words} entry=${entry} />
  <${Changes} entry=${entry} />
  <h3>Request</h3>
  <${Code}>${requestText(entry)}<//>
  <h3>Response</h3>
  <${Code}>${responseText(entry)}<//>
  <p>Copy as ${Object.entries(FORMS).map(([name, form]) => html`<${Button} work=${() => copy(form(repeated(entry)), name)}>${name}<//> `)}</p>
  ${!mock.isProxy && html`<${Again} request=${repeated(entry)} sent=${sent} />`}`;

const Flaws = ({title, texts}) => (texts.length ? html`
  <h3>${title}</h3>
  <ul>${texts.map((text) => html`<li class="bad">${text}</li>`)}</ul>` : null);

// The document's words: those of the operation, the clauses that decided, and the readings that had a part.
function Words({entry}) {
  const {clauses = {}, readings = {}} = mock.contract["x-lookalike"] ?? {};
  const operation = operations().find(({operationId}) => operationId === entry.operation);
  const words = [];
  if (operation) {
    const summary = [operation.summary, operation.description].filter(Boolean).join(" ");
    words.push([entry.operation, summary || `${operation.method} ${operation.path}`]);
    const documented = operation.responses[entry.response.status]?.description;
    if (documented) words.push([entry.response.status, documented]);
  }
  for (const id of entry.clauses) {
    const from = [clauses[id]?.from ?? []].flat().join(", ");
    words.push([id, (clauses[id]?.says ?? "") + (from ? ` (${from})` : "")]);
  }
  for (const id of entry.readings) words.push([id, readings[id]?.question ?? "a reading"]);
  return words.length ? html`
    <h3>The document</h3>
    <dl>${words.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>` : null;
}

function Changes({entry}) {
  if (entry.cut.includes("changes")) return html`<h3>State</h3><p>The changes were too large to be kept.</p>`;
  return entry.changes.map(({resource, key, before, item}) => {
    const kind = before === null ? "created" : item === null ? "deleted" : "changed";
    const text = (value) => (value === undefined ? "" : JSON.stringify(value));
    const rows = Object.keys({...before, ...item}).map((name) => [name, text(before?.[name]), text(item?.[name])])
      .filter(([, old, now]) => old !== now)
      .map(([name, old, now]) => [name, old, marked(now, before !== null)]);
    return html`
      <h3>State: ${resource} ${key} was ${kind}</h3>
      ${rows.length ? html`<${Table} caption="${resource} ${key}" heads=${["Member", "Before", "After"]} rows=${rows} />`
        : html`<p>It is as it was.</p>`}`;
  });
}

// The messages, as texts and marks

const marked = (text, isMarked) => (isMarked ? html`<mark>${text}</mark>` : text);

function requestText(entry) {
  const {request} = entry;
  const pointers = (where) => entry.violations.filter((one) => one.in === where).map((one) => one.pointer);
  const named = (where) => new Set(pointers(where).map(([name]) => String(name).toLowerCase()));
  const [parameters, fields] = [named("query"), named("header")];
  const query = request.query.split("&").flatMap((pair, index) =>
    [index ? "&" : "?", marked(pair, parameters.has(decoded(pair.split("=")[0]).toLowerCase()))]);
  return [`${request.method} `, marked(request.base_path + request.path, pointers("path").length > 0), request.query ? query : "", "\n",
    ...Object.entries(request.headers).flatMap(([name, value]) => [marked(`${name}: ${value}`, fields.has(name)), "\n"]), "\n",
    ...content(request.body, pointers("body")), entry.cut.includes("request.body") ? "\n… (cut)" : ""];
}

function responseText({response, cut}) {
  return [`${response.status}\n`, ...response.headers.map(([name, value]) => `${name}: ${value}\n`), "\n",
    ...content(response.body, []), cut.includes("response.body") ? "\n… (cut)" : ""];
}

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

// The form that sends a request again, edited.
class Again extends Component {
  state = {
    url: this.props.request.url, body: indented(this.props.request.body),
    fields: Object.entries(this.props.request.headers).map(([name, value]) => `${name}: ${value}`).join("\n"),
  };

  send = async () => {
    const {method} = this.props.request;
    const {url, fields, body} = this.state;
    const lines = fields.split("\n").filter(Boolean).map((line) => line.split(/:(.*)/s));
    const headers = lines.map(([name, value]) => [name.trim(), (value ?? "").trim()]);
    const answer = await fetch(new URL(url, location.href), {method, headers, body: ["GET", "HEAD"].includes(method) ? undefined : body});
    await this.props.sent();
    say(`Sent again: ${answer.status}.`);
  };

  render({request}, {url, fields, body}) {
    const set = (name) => ({target}) => this.setState({[name]: target.value});
    return html`
      <fieldset>
        <legend>Send ${request.method} again</legend>
        <label>URL <input size="40" value=${url} onInput=${set("url")} /></label>
        <label>Header fields <textarea rows="4" value=${fields} onInput=${set("fields")} /></label>
        <label>Body <textarea rows="5" value=${body} onInput=${set("body")} /></label>
        <${Button} work=${this.send}>Send<//>
      </fieldset>`;
  }
}

function indented(body) {
  try {
    return pretty(parse(body));
  } catch {
    return body;
  }
}
