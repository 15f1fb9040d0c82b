// The state: the items of each resource in a table, one of them as a form by its schema, and as JSON.

import {askText, mock} from "./api.js";
import {Button, Component, createRef, Form, html, Select, Table, View} from "./elements.js";
import {compact, member, parse, pretty, withMember} from "./json_text.js";

const MOST_COLUMNS = 7;
const MOST_ROWS = 500;

const itemsOf = (state, resource) => member(state, resource)?.list ?? [];
const loadState = async () => parse(await askText("state"));

export class State extends View {
  state = {all: null, resource: "", words: "", edited: null, isSaved: false};
  find = createRef();
  heading = createRef(); // of the item that is edited

  async load() {
    const all = await loadState();
    const names = all.members.map(([name]) => name);
    await this.draw(({resource}) => ({all, resource: names.includes(resource) ? resource : names[0] ?? ""}));
  }

  populate = ({count: {value}}) =>
    this.change(`There are at least ${value} items of each resource.`, "populate", "POST", {count: Number(value)});

  // Opens an item for editing; one past the last is a new one.
  async edit(index) {
    const {all, resource} = this.state;
    await this.draw({edited: {resource, index, item: itemsOf(all, resource)[index]}, isSaved: false});
    this.heading.current.focus();
  }

  // Puts others in the place of the item that is edited, unless it was changed meanwhile.
  replace = async (...others) => {
    const {resource, index, item} = this.state.edited;
    const items = itemsOf(await loadState(), resource);
    if (textOf(items[index]) !== textOf(item)) throw new Error("The item was changed meanwhile. Open the state again to see it.");
    items.splice(index, 1, ...others);
    await askText("state", "PATCH", `{${JSON.stringify(resource)}: ${compact({list: items})}}`);
    this.setState({edited: null, isSaved: true});
    await this.load();
    this.leave(Math.min(index, items.length - 1));
  };

  // Puts the focus on an item of the table, or on the search field where that item is not shown.
  leave(index) {
    (document.querySelector(`#items [data-index="${index}"]`) ?? this.find.current).focus();
  }

  render(_, {all, resource, words, edited, isSaved}) {
    if (!all) return null;
    const items = itemsOf(all, resource);
    const columns = [...new Set(items.slice(0, 100).flatMap((item) => item.members.map(([name]) => name)))].slice(0, MOST_COLUMNS);
    const found = items.map((item, index) => [item, index]).filter(([item]) => hasWords(item, words));
    const rows = found.slice(0, MOST_ROWS).map(([item, index]) => [
      html`<${Button} work=${() => this.edit(index)} data-index=${index}>Edit ${index + 1}<//>`, ...columns.map((name) => shown(member(item, name)))]);
    return html`
      <div class="bar">${all.members.map(([name, {list}]) => html`
        <button aria-pressed=${name === resource} onClick=${() => this.setState({resource: name})}>${name} (${list.length})</button>`)}
      </div>
      <${Form} class="bar" work=${this.populate}>
        <label>Items of each resource <input name="count" type="number" min="1" max="10000" defaultValue="20" /></label>
        <button>Populate</button>
      <//>
      <div class="columns">
        <div id="items">
          <p><label>Find <input type="search" placeholder="values of the item" ref=${this.find} value=${words}
            onInput=${({target}) => this.setState({words: target.value})} /></label></p>
          <${Table} caption="Items of ${resource}" heads=${["Edit", ...columns]} rows=${rows} />
          ${found.length > MOST_ROWS && html`<p>These are ${MOST_ROWS} of ${found.length} items.</p>`}
          <p><${Button} work=${() => this.edit(items.length)}>Add an item<//></p>
        </div>
        <article id="item" aria-label="Item">${edited
          ? html`<${Item} key=${edited} ...${edited} heading=${this.heading} replace=${this.replace} leave=${() => this.leave(edited.index)} />`
          : html`<p>${isSaved ? "Saved." : "Choose an item to change it."}</p>`}
        </article>
      </div>`;
  }
}

const textOf = (item) => (item ? compact(item) : "");

// A value in a cell: a text without its quotes, and anything else as JSON.
function shown(value) {
  const text = textOf(value);
  return text.startsWith('"') ? JSON.parse(text) : text;
}

function hasWords(item, words) {
  const text = item.members.map(([, value]) => shown(value)).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

// An item that is edited in a form and as JSON, each of which follows the other.
class Item extends Component {
  state = {draft: this.props.item ?? {members: []}, text: pretty(this.props.item ?? {members: []}), problem: ""};

  setDraft = (draft) => this.setState({draft, text: pretty(draft), problem: ""});

  setText = ({target}) => {
    const text = target.value;
    try {
      this.setState({text, draft: parse(text), problem: ""});
    } catch (error) {
      this.setState({text, problem: error.message});
    }
  };

  render({resource, index, item, heading, replace, leave}, {draft, text, problem}) {
    return html`
      <h2 tabindex="-1" ref=${heading}>${item ? `${resource} ${index + 1}` : `New ${resource}`}</h2>
      <button class="back" onClick=${leave}>Back to the items</button>
      <${Fields} resource=${resource} item=${draft} change=${this.setDraft} />
      <label>As JSON <textarea rows="14" spellcheck=${false} aria-describedby="item-syntax" value=${text} onInput=${this.setText} /></label>
      <p id="item-syntax" class="bad" role="status">${problem}</p>
      <p><${Button} work=${() => replace(parse(text))}>Save<//> ${item && html`<${Button} work=${() => replace()}>Delete<//>`}</p>`;
  }
}

// A field for each member of the schema that holds a scalar; `change` gets the item with another value.
function Fields({resource, item, change}) {
  const schema = resolved(mock.contract["x-lookalike"]?.resources?.[resource]?.schema);
  if (!item.members) return null;
  return Object.entries(properties(schema)).map(([name, described]) => {
    const set = ({target: {value}}) => change(withMember(item, name, value === "" ? undefined : {raw: asJson(described, value)}));
    const input = inputFor(described, member(item, name), set);
    return input && html`
      <div class="field">
        <label>${name}${schema.required?.includes(name) && " *"} ${input}</label>
        ${described.description && html`<small>${described.description}</small>`}
      </div>`;
  });
}

const typesOf = (schema) => [schema.type ?? []].flat().filter((type) => type !== "null");

// The field for a scalar of a schema; null where it may be something else.
function inputFor(schema, value, onInput) {
  const [type, ...others] = typesOf(schema);
  if (others.length || value?.list || value?.members) return null;
  const choices = schema.enum ?? (type === "boolean" ? [true, false] : null);
  if (choices) {
    const texts = choices.filter((one) => one !== null).map((one) => [String(one), String(one)]);
    return html`<${Select} options=${{"": "(none)", ...Object.fromEntries(texts)}} value=${shown(value)} onInput=${onInput} />`;
  }
  const mode = {string: "text", integer: "decimal", number: "decimal"}[type];
  return mode ? html`<input inputmode=${mode} value=${shown(value)} onInput=${onInput} />` : null;
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
