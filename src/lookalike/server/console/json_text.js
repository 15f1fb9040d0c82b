// JSON as its text: numbers keep every digit, which JSON.parse does not, and a part of a value can be marked or replaced.

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/y;

// A value is {raw} for a scalar, {list: [value, …]} for an array, and {members: [[name, value], …]} for an object.
// Throws SyntaxError where the text is no JSON.
export function parse(text) {
  JSON.parse(text); // whose grammar counts, and whose messages tell where a text is wrong
  const next = tokens(text);
  return valueFrom(next, next());
}

function tokens(text) {
  let end = 0;
  return () => {
    TOKEN.lastIndex = end;
    const found = TOKEN.exec(text);
    end = TOKEN.lastIndex;
    return found[1] ?? found[2] ?? found[3];
  };
}

function valueFrom(next, token) {
  if (token === "[") {
    const list = [];
    for (let item = next(); item !== "]"; item = next()) if (item !== ",") list.push(valueFrom(next, item));
    return {list};
  }
  if (token === "{") {
    const members = [];
    for (let name = next(); name !== "}"; name = next()) {
      if (name === ",") continue;
      next(); // the colon
      members.push([JSON.parse(name), valueFrom(next, next())]);
    }
    return {members};
  }
  return {raw: token};
}

export const member = (value, name) => value?.members?.find(([own]) => own === name)?.[1];

// The value with a member set to another one, or without it where that is undefined.
export function withMember(value, name, other) {
  const kept = value.members.map(([own, old]) => [own, own === name ? other : old]);
  if (!member(value, name)) kept.push([name, other]);
  return {members: kept.filter(([, one]) => one !== undefined)};
}

// The text of a value, in one line.
export function compact(value) {
  if (value.list) return `[${value.list.map(compact).join(",")}]`;
  if (value.members) return `{${value.members.map(([name, one]) => `${JSON.stringify(name)}:${compact(one)}`).join(",")}}`;
  return value.raw;
}

export const pretty = (value) => pieces(value, []).map((piece) => piece.text).join("");

// The text of a value in pieces, of which those at one of the pointers, lists of names and numbers, are marked. A pointer
// to a value that is missing marks the name-bearing value around it as far as it leads.
export function pieces(value, pointers, indent = "") {
  const isMarked = pointers.some((pointer) => !pointer.length || !leads(value, pointer[0]));
  const found = value.list
    ? block(value.list.map((one, index) => ["", one, String(index)]), "[", "]", pointers, indent)
    : value.members
      ? block(value.members.map(([name, one]) => [`${JSON.stringify(name)}: `, one, name]), "{", "}", pointers, indent)
      : [{text: value.raw, isMarked: false}];
  return isMarked ? found.map(({text}) => ({text, isMarked: true})) : found;
}

const leads = (value, name) => (value.list ? value.list[name] !== undefined : member(value, name) !== undefined);

function block(entries, open, close, pointers, indent) {
  if (!entries.length) return [{text: open + close, isMarked: false}];
  const inner = `${indent}  `;
  const found = [{text: open, isMarked: false}];
  entries.forEach(([label, value, name], index) => {
    const below = pointers.filter((pointer) => pointer.length && String(pointer[0]) === name).map((one) => one.slice(1));
    found.push({text: `${index ? "," : ""}\n${inner}${label}`, isMarked: false}, ...pieces(value, below, inner));
  });
  return [...found, {text: `\n${indent}${close}`, isMarked: false}];
}
