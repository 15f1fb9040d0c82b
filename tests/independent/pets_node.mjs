// The API of fixtures/contracts/pets on Node's http module, as a loose hand-written server: it looks things up first,
// checks types and little else, keeps members that it does not know, and insists on names that are unique.

import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

const pets = new Map();
const visits = new Map();
const users = new Map();
let settings = { language: "en", newsletter: false };
let last = 0;

class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");

function require(condition, message, status = 400) {
  if (!condition) throw new Failure(status, message);
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new Failure(400, "The body is no JSON.");
  }
}

const number = (text) => (/^\d+$/.test(text) ? Number(text) : NaN);

function petOf(text) {
  const pet = pets.get(number(text));
  require(pet, `There is no pet ${text}.`, 404);
  return pet;
}

function checkPet(body, isPart = false) {
  require(isObject(body), "A pet is an object.");
  const names = isPart ? [] : ["name", "kind"];
  require(names.every((name) => name in body), "A pet has a name and a kind.");
  for (const name of ["name", "kind"]) require(!(name in body) || typeof body[name] === "string", `${name} is a text.`);
  require(!("tags" in body) || isTexts(body.tags), "tags are texts.");
}

function kept(body) {
  const { id, created_at, ...rest } = body;
  if (rest.tags) rest.tags = [...new Set(rest.tags)];
  if (typeof rest.name === "string") rest.name = rest.name.toLowerCase();
  return rest;
}

function unique(name, except) {
  for (const pet of pets.values()) require(pet === except || pet.name !== name, `There is a pet ${name}.`, 409);
}

const routes = [
  ["GET", /^\/pets$/, ([], query) => {
    let found = [...pets.values()];
    if (query.get("kind")) found = found.filter((pet) => pet.kind === query.get("kind"));
    if (query.get("tag")) found = found.filter((pet) => pet.tags?.includes(query.get("tag")));
    const sort = query.get("sort");
    if (sort) {
      const name = sort.replace(/^-/, "");
      const text = (pet) => String(pet[name] ?? "");
      found.sort((one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0));
      if (sort.startsWith("-")) found.reverse();
    }
    const [limit, offset] = ["limit", "offset"].map((name) => query.get(name));
    for (const text of [limit, offset]) require(text === null || /^\d+$/.test(text), "Pages are counted in numbers.");
    const start = Number(offset ?? 0);
    return [200, { data: found.slice(start, start + Number(limit ?? 20)), total: found.length }];
  }],
  ["POST", /^\/pets$/, ([], query, bytes) => {
    const body = parsed(bytes);
    checkPet(body);
    const pet = { ...kept(body), id: (last += 1), created_at: new Date().toISOString() };
    unique(pet.name);
    pets.set(pet.id, pet);
    return [201, pet];
  }],
  ["GET", /^\/pets\/([^/]+)$/, ([id]) => [200, petOf(id)]],
  ["PUT", /^\/pets\/([^/]+)$/, ([id], query, bytes) => {
    const pet = petOf(id);
    const body = parsed(bytes);
    checkPet(body);
    unique(kept(body).name, pet);
    return [200, Object.assign(pet, kept(body))];
  }],
  ["PATCH", /^\/pets\/([^/]+)$/, ([id], query, bytes) => {
    const pet = petOf(id);
    const body = parsed(bytes);
    checkPet(body, true);
    unique(kept(body).name, pet);
    return [200, Object.assign(pet, kept(body))];
  }],
  ["DELETE", /^\/pets\/([^/]+)$/, ([id]) => {
    pets.delete(petOf(id).id);
    visits.delete(Number(id));
    return [204];
  }],
  ["GET", /^\/pets\/([^/]+)\/visits$/, ([id]) => [200, [...(visits.get(petOf(id).id)?.values() ?? [])]]],
  ["POST", /^\/pets\/([^/]+)\/visits$/, ([id], query, bytes) => {
    const pet = petOf(id);
    const body = parsed(bytes);
    require(isObject(body) && typeof body.reason === "string", "A visit has a reason.");
    require(!("cost" in body) || typeof body.cost === "number", "A cost is a number.");
    const visit = { ...body, id: randomUUID() };
    visits.set(pet.id, (visits.get(pet.id) ?? new Map()).set(visit.id, visit));
    return [201, visit];
  }],
  ["GET", /^\/pets\/([^/]+)\/visits\/([^/]+)$/, ([id, visit]) => {
    const found = visits.get(petOf(id).id)?.get(visit);
    require(found, "There is no such visit.", 404);
    return [200, found];
  }],
  ["POST", /^\/pets\/([^/]+)\/vaccinate$/, () => [202, { message: "ordered" }]],
  ["GET", /^\/users\/([^/]+)$/, ([name]) => {
    require(users.has(name), "There is no such user.", 404);
    return [200, users.get(name)];
  }],
  ["PUT", /^\/users\/([^/]+)$/, ([name], query, bytes) => {
    const body = parsed(bytes);
    require(isObject(body) && typeof body.email === "string", "A user has an email.");
    const others = Object.keys(body).filter((one) => !["username", "email", "password"].includes(one));
    require(others.length === 0, "A user has nothing else.");
    const isNew = !users.has(name);
    users.set(name, { username: name, email: body.email });
    return [isNew ? 201 : 200, users.get(name)];
  }],
  ["GET", /^\/settings$/, () => [200, settings]],
  ["PATCH", /^\/settings$/, ([], query, bytes) => {
    const body = parsed(bytes);
    require(isObject(body), "Settings are an object.");
    require(!("language" in body) || typeof body.language === "string", "A language is a text.");
    require(!("newsletter" in body) || typeof body.newsletter === "boolean", "Yes or no.");
    settings = { ...settings, ...body };
    return [200, settings];
  }],
];

function answer(method, url, bytes) {
  const path = decodeURIComponent(url.pathname).replace(/^\/api/, "");
  const there = routes.filter(([, pattern]) => pattern.test(path));
  const [, pattern, handle] = there.find(([one]) => one === method) ?? [];
  if (!handle) return [404, { message: "no such thing" }];
  try {
    return handle(path.match(pattern).slice(1), url.searchParams, bytes);
  } catch (error) {
    if (error instanceof Failure) return [error.status, { error: error.message }];
    throw error;
  }
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const [status, body] = answer(request.method, new URL(request.url, "http://localhost"), Buffer.concat(parts));
    response.writeHead(status, body ? { "Content-Type": "application/json" } : {});
    response.end(body ? JSON.stringify(body) : undefined);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
