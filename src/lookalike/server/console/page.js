// The parts that all views share: elements, requests to the control API, and messages.
//
// Whatever a client sent, or an item holds, is shown as text: elements are made by `make`, and no markup is ever parsed.
// The control token is kept in a variable, and sent as a header field, never in a URL.

// The page may have been opened below the path of a sandbox, which the field then names in its stead.
export const [, named] = location.pathname.match(/^\/__sandbox\/([^/]+)/) ?? [];
export const ROOT = location.pathname.replace(/^\/__sandbox\/[^/]+/, "");

// Facts about the mock, which `console.js` asks for; `mount` is the path that a proxy serves the mock below. On the page of
// a proxy, `origin` is that of the server behind it.
export const mock = {token: "", contract: {}, credentials: {}, mount: "", origin: location.origin, isProxy: false};

export const at = (id) => document.getElementById(id);
export const sandbox = () => at("sandbox")?.value || "default";

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false) element.setAttribute(key, value);
  }
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

// A button whose work may fail, which is shown.
export const button = (text, work, properties = {}) => make("button", {type: "button", ...properties, onclick: doing(work)}, text);

export function table(caption, heads, rows) {
  return make("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption}, make("table", {},
    make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", {scope: "col"}, head)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))))));
}

export const code = (...content) => make("pre", {tabindex: "0"}, ...content);

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function credentials() {
  return {"Lookalike-Sandbox": sandbox(), ...(mock.token ? {Authorization: `Bearer ${mock.token}`} : {})};
}

// The text of an answer of the control API; `body` is JSON. Throws `Refused`.
export async function askText(path, method = "GET", body = undefined) {
  const headers = {...credentials(), ...(body === undefined ? {} : {"Content-Type": "application/json"})};
  let answer;
  try {
    answer = await fetch(ROOT + path, {method, headers, body});
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
  return text;
}

export async function ask(path, method = "GET", body = undefined) {
  const text = await askText(path, method, body === undefined ? undefined : JSON.stringify(body));
  return text ? JSON.parse(text) : null;
}

export function tell(error) {
  at("problem").hidden = !error;
  at("problem").textContent = error ? error.message : "";
  if (mock.isProxy) return; // which has no token
  at("access").hidden = !(error && (error.status === 401 || error.status === 403));
  at("proxied").hidden = !(error && error.status === 403);
}

// Says what has been done, to the eye and to a screen reader.
export function say(text) {
  at("done").textContent = text;
}

// Runs the work of a button, and shows what went wrong.
export function doing(work) {
  return async (event) => {
    event?.preventDefault();
    try {
      say("");
      await work(event);
      tell(null);
    } catch (error) {
      tell(error);
    }
  };
}

// Copies a text, or shows it for copying by hand: a page that does not come from this machine has no clipboard.
export async function copy(text, name) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${name}: copied.`);
  } catch {
    const shown = make("textarea", {id: "to-copy", rows: "6", readonly: true}, text);
    at("by-hand").replaceChildren(make("label", {}, `${name}, to be copied by hand `, shown));
    shown.select();
  }
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], {type: "application/json"}));
  make("a", {href: url, download: name}).click();
  URL.revokeObjectURL(url);
}

// A button that reads a file, and gives its text to a function.
export function upload(label, then) {
  const input = make("input", {type: "file", accept: ".json,application/json"});
  input.addEventListener("change", doing(async () => {
    if (input.files.length) await then(await input.files[0].text(), input.files[0].name);
    input.value = "";
  }));
  return make("label", {}, `${label} `, input);
}

// Name and value of a field of a form.
export const field = (label, input) => make("label", {}, `${label} `, input);

export function select(options, properties = {}) {
  return make("select", properties, ...Object.entries(options).map(([value, text]) => make("option", {value}, text)));
}

// The operations of the contract, each with its method and path.
export function operations() {
  const found = [];
  for (const [path, item] of Object.entries(mock.contract.paths ?? {})) {
    for (const [method, operation] of Object.entries({...item, ...item?.additionalOperations})) {
      if (operation?.responses) found.push({...operation, method: method.toUpperCase(), path});
    }
  }
  return found;
}
