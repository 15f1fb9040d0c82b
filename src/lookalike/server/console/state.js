// The state: the items of each resource in a table, one of them as a form by its schema, and as JSON.

import {ask, askText, at, button, doing, field, make, mock, say, select, table} from "./page.js";
import {compact, member, parse, pretty, withMember} from "./json_text.js";

const MOST_COLUMNS = 7;
const MOST_ROWS = 500;

let resource = "";

export async function load() {
  const state = parse(await askText("state"));
  const names = state.members.map(([name]) => name);
  resource = names.includes(resource) ? resource : names[0] ?? "";
  at("resources").replaceChildren(...state.members.map(([name, {list}]) => button(`${name} (${list.length})`, async () => {
    resource = name;
    await load();
  }, {"aria-pressed": String(name === resource)})));
  const items = member(state, resource)?.list ?? [];
  const columns = [...new Set(items.slice(0, 100).flatMap((item) => item.members.map(([name]) => name)))].slice(0, MOST_COLUMNS);
  const rows = items.slice(0, MOST_ROWS).map((item, index) => [button(`Edit ${index + 1}`, () => edit(items, index)),
    ...columns.map((name) => shown(member(item, name)))]);
  at("items").replaceChildren(find, table(`Items of ${resource}`, ["Edit", ...columns], rows),
    ...(items.length > MOST_ROWS ? [make("p", {}, `These are ${MOST_ROWS} of ${items.length} items.`)] : []),
    make("p", {}, button("Add an item", () => edit(items, items.length))));
  narrow();
}

// The field that narrows the table to the rows with all of its words.
const found = make("input", {id: "find", type: "search", placeholder: "values of the item", oninput: narrow});
const find = make("p", {}, field("Find", found));

function narrow() {
  const words = found.value.toLowerCase().split(/\s+/);
  for (const row of at("items").querySelectorAll("tbody tr")) {
    row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  }
}

// Puts the focus on an item of the table, or on the last one where there are not so many; on the field where it is not shown.
function focusRow(index) {
  const rows = at("items").querySelectorAll("tbody tr");
  const row = rows[Math.min(index, rows.length - 1)];
  (row && !row.hidden ? row.querySelector("button") : found).focus();
}

// A value in a cell: a text without its quotes, and anything else as JSON.
function shown(value) {
  const text = value === undefined ? "" : compact(value);
  return text.startsWith('"') ? JSON.parse(text) : text;
}

function edit(items, index) {
  const place = resource; // the one that is shown now, whatever is chosen later
  const isNew = index >= items.length;
  const text = make("textarea", {id: "item-json", rows: "14", spellcheck: "false", "aria-describedby": "item-syntax"});
  const syntax = make("p", {id: "item-syntax", class: "bad", role: "status"});
  const form = make("div", {});
  const fill = (value) => {
    text.value = pretty(value);
    syntax.textContent = "";
  };
  const replace = (...others) => async () => {
    const state = parse(await askText("state"));
    const now = member(state, place)?.list ?? [];
    if (compact(now[index] ?? {raw: ""}) !== compact(items[index] ?? {raw: ""})) {
      throw new Error("The item was changed meanwhile. Open the state again to see it.");
    }
    now.splice(index, 1, ...others.map((other) => parse(other())));
    await askText("state", "PATCH", `{${JSON.stringify(place)}: ${compact({list: now})}}`);
    at("item").replaceChildren(make("p", {}, "Saved."));
    await load();
    focusRow(index);
  };
  const draw = () => form.replaceChildren(...fields(place, parse(text.value), (value) => fill(value)));
  text.addEventListener("input", () => {
    try {
      draw();
      syntax.textContent = "";
    } catch (error) {
      syntax.textContent = error.message;
    }
  });
  fill(items[index] ?? {members: []});
  draw();
  const remove = button("Delete", replace());
  remove.hidden = isNew;
  const heading = make("h2", {tabindex: "-1"}, isNew ? `New ${place}` : `${place} ${index + 1}`);
  const back = button("Back to the items", () => focusRow(index), {class: "back"});
  at("item").replaceChildren(heading, back, form, make("label", {}, "As JSON ", text), syntax,
    make("p", {}, button("Save", replace(() => text.value)), " ", remove));
  heading.focus();
}

// The fields of a form: one for each member of the schema that holds a scalar. `then` gets the item with a change.
function fields(name, item, then) {
  if (!item.members) return [];
  const schema = resolved(mock.contract["x-lookalike"]?.resources?.[name]?.schema);
  let now = item;
  return Object.entries(properties(schema)).flatMap(([own, described]) => {
    const input = inputFor(described, member(item, own), `form-${own}`);
    if (!input) return [];
    input.addEventListener("input", () => {
      now = withMember(now, own, input.value === "" ? undefined : {raw: asJson(described, input.value)});
      then(now);
    });
    const needed = schema.required?.includes(own) ? " *" : "";
    return [make("p", {class: "field"}, field(`${own}${needed}`, input), described.description ? make("small", {}, described.description) : "")];
  });
}

const typesOf = (schema) => [schema.type ?? []].flat().filter((type) => type !== "null");

function inputFor(schema, value, id) {
  const raw = value === undefined ? "" : compact(value);
  const [type, ...others] = typesOf(schema);
  if (others.length || value?.list || value?.members) return null;
  const choices = schema.enum ?? (type === "boolean" ? [true, false] : null);
  const text = raw.startsWith('"') ? JSON.parse(raw) : raw;
  const input = choices
    ? select({"": "(none)", ...Object.fromEntries(choices.filter((one) => one !== null).map((one) => [String(one), String(one)]))}, {id})
    : ["string", "integer", "number"].includes(type) ? make("input", {id, inputmode: type === "string" ? "text" : "decimal"}) : null;
  if (input) input.value = text;
  return input;
}

function asJson(schema, text) {
  const isText = typesOf(schema)[0] === "string" || (!typesOf(schema).length && !schema.enum?.some((one) => String(one) === text && typeof one !== "string"));
  return isText || !isJson(text) ? JSON.stringify(text) : text;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// The schema that a reference leads to, and the properties of a schema with those of its allOf; both to a small depth.
function resolved(schema, depth = 8) {
  if (!schema?.$ref || !depth) return schema ?? {};
  const names = schema.$ref.replace(/^#\//, "").split("/").map((one) => decodeURIComponent(one).replaceAll("~1", "/").replaceAll("~0", "~"));
  return resolved(names.reduce((value, name) => value?.[name], mock.contract), depth - 1);
}

function properties(schema, depth = 8) {
  const parts = depth ? (schema.allOf ?? []).map((part) => properties(resolved(part), depth - 1)) : [];
  const own = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, resolved(one)]);
  return Object.assign({}, ...parts, Object.fromEntries(own));
}

at("populate").addEventListener("submit", doing(async () => {
  await ask("populate", "POST", {count: Number(at("count").value)});
  await load();
  say(`There are at least ${at("count").value} items of each resource.`);
}));
