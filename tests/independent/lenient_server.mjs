// The Lead API on Node's http module, as lenient as Express with a loose body parser: whatever can be read is.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const FIELDS = ["add_tags", "remove_tags", "lead_data", "new_contact_number", "new_country_code"];
const RESERVED = ["tags", "contact_number", "country_code", "data"];

const world = JSON.parse(readFileSync(0, "utf8"));
let leads, tags;

function reset({ leads: given, tags: known }) {
  leads = structuredClone(given);
  tags = new Set(known);
}

class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const names = (lead) => [lead.contact_number, Number(`${lead.country_code}${lead.contact_number}`)];
const find = (number) => leads.find((lead) => names(lead).includes(number));

function require(condition, message) {
  if (!condition) throw new Failure(400, message);
}

function parse(request, bytes) {
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (bytes.length === 0 || type !== "application/json") return {};
  try {
    const body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    JSON.stringify(body); // fails where it is nested too deep to be shown
    return body;
  } catch (error) {
    throw new Failure(400, `The body cannot be read: ${error.message}`);
  }
}

function authorize(request) {
  const header = request.headers.authorization;
  const [, bearer] = header?.match(/^bearer +(.*?) *;* *$/i) ?? [];
  const token = header === undefined ? request.headers["x-access-token"] : bearer;
  if (token === undefined || !Object.hasOwn(world.tokens, token) || world.tokens[token] !== "valid")
    throw new Failure(401, "UnAuthorized Access-Token!");
}

function check(body) {
  require(isObject(body), "The body must be an object.");
  const given = Object.fromEntries(FIELDS.filter((name) => body[name] != null).map((name) => [name, body[name]]));
  for (const name of ["add_tags", "remove_tags"])
    if (name in given) {
      require(Array.isArray(given[name]) && given[name].every(isNumber), `${name} must be an array of numbers.`);
      given[name] = given[name].map(Math.trunc).filter((tag) => tags.has(tag));
    }
  for (const name of ["new_contact_number", "new_country_code"])
    if (name in given) {
      require(isNumber(given[name]), `${name} must be a number.`);
      given[name] = Math.trunc(given[name]);
    }
  if ("lead_data" in given) require(isObject(given.lead_data), "lead_data must be an object.");
  if ("new_contact_number" in given) require("new_country_code" in given, "new_country_code is required.");
  return given;
}

function update(lead, given) {
  const changed = {
    ...lead,
    contact_number: given.new_contact_number ?? lead.contact_number,
    country_code: given.new_country_code ?? lead.country_code,
  };
  const taken = leads.some((other) => other !== lead && names(other).some((name) => names(changed).includes(name)));
  require(!taken, "This number belongs to another lead.");
  const gone = new Set(given.remove_tags);
  changed.tags = [...new Set([...lead.tags, ...(given.add_tags ?? [])])].filter((tag) => !gone.has(tag));
  const kept = Object.entries(given.lead_data ?? {}).filter(([name]) => !RESERVED.includes(name));
  changed.data = Object.fromEntries([...Object.entries(lead.data), ...kept]);
  Object.assign(lead, changed);
}

function route(request, bytes) {
  const path = request.url.split("?")[0];
  if (request.method === "POST" && path === "/reset") {
    reset(bytes.length ? JSON.parse(bytes) : world);
    return [200, {}];
  }
  if (request.method === "PUT") {
    const body = parse(request, bytes);
    const [, digits] = path.match(/^\/leads\/(0|[1-9][0-9]*)\/update$/) ?? [];
    if (digits === undefined) throw new Failure(404, "Invalid contact number!");
    authorize(request);
    const lead = find(Number(digits));
    if (!lead) throw new Failure(404, "Invalid contact number!");
    update(lead, check(body));
    return [201, { status: 201, message: "Successfully updated lead.", success: true, time: Date.now() }];
  }
  const [, digits] = (request.method === "GET" && path.match(/^\/leads\/([0-9]+)$/)) || [];
  if (digits === undefined) throw new Failure(404, "Not found");
  authorize(request);
  const lead = find(Number(digits));
  if (!lead) throw new Failure(404, "Invalid contact number!");
  return [200, lead];
}

function answer(request, bytes) {
  try {
    return route(request, bytes);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [error.status, { status: error.status, message: error.message, success: false, time: Date.now() }];
  }
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const [status, body] = answer(request, Buffer.concat(parts));
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  });
});

reset(world);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
