// A request of the journal that can be sent again, and its forms for copying.

import {mock, session} from "./api.js";

const HIDDEN = "(redacted)"; // what the journal has in place of a secret
// Header fields that a page may not set (Fetch standard, forbidden request-headers), or that it sets by itself.
const NOT_SENT = /^(accept-encoding|connection|content-length|cookie|date|expect|host|origin|referer|te|trailer|transfer-encoding|upgrade|via|user-agent|sec-.*|proxy-.*)$/;

// The request of an entry, with a valid token in place of a hidden one.
export function repeated(entry) {
  const valid = Object.values(mock.credentials).map((tokens) => tokens.valid).find(Boolean) ?? "TOKEN";
  const fields = Object.entries(entry.request.headers).filter(([name]) => !NOT_SENT.test(name));
  const headers = Object.fromEntries(fields.map(([name, value]) =>
    [name, value !== HIDDEN ? value : name === "authorization" ? `Bearer ${valid}` : valid]));
  // A sandbox that the path does not name would be another one for whoever sends the request again.
  if (session.sandbox !== "default" && !entry.request.base_path.startsWith("/__sandbox/")) headers["lookalike-sandbox"] ??= session.sandbox;
  const query = entry.request.query.replaceAll(`=${HIDDEN}`, `=${valid}`);
  const url = mock.origin + mock.mount + entry.request.base_path + entry.request.path + (query ? `?${query}` : "");
  return {method: entry.request.method, url, headers, body: entry.request.body.text ?? "", base64: entry.request.body.base64 ?? ""};
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
// JavaScript takes both as the end of a line in a string; Python takes what JSON has in the same way.
const literal = (value) => JSON.stringify(value);

export const FORMS = {
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

