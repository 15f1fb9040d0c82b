// The control API: requests to it, and the facts about the mock that all views need.
//
// The control token is kept in a variable, and sent as a header field, never in a URL.

// The page may have been opened below the path of a sandbox, which the field then names in its stead.
const [, named] = location.pathname.match(/^\/__sandbox\/([^/]+)/) ?? [];
export const ROOT = location.pathname.replace(/^\/__sandbox\/[^/]+/, "");

export const session = {sandbox: named ?? "default", token: ""};

// Facts about the mock, which the page asks for as it begins; `mount` is the path that a proxy serves the mock below. On the
// page of a proxy, `origin` is that of the server behind it.
export const mock = {contract: {}, credentials: {}, mount: "", origin: location.origin, isProxy: false};

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function credentials() {
  return {"Lookalike-Sandbox": session.sandbox, ...(session.token ? {Authorization: `Bearer ${session.token}`} : {})};
}

// The text of an answer of the control API; `body` is a value, or already its text as JSON. Throws `Refused`.
export async function askText(path, method = "GET", body = undefined) {
  const headers = {...credentials(), ...(body === undefined ? {} : {"Content-Type": "application/json"})};
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const answer = await fetch(ROOT + path, {method, headers, body: text}).catch(() => {
    throw new Refused(0, "The mock does not answer. Is it still running?");
  });
  const got = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, detailOf(got));
  return got;
}

// The detail of problem details; anything else says itself what is wrong.
function detailOf(text) {
  try {
    return JSON.parse(text).detail ?? text;
  } catch {
    return text;
  }
}

export async function ask(...request) {
  const text = await askText(...request);
  return text ? JSON.parse(text) : null;
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
