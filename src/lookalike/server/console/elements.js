// The elements that the views share, and the base of the views.
//
// Whatever a client sent, or an item holds, is shown as text: a value in a template of `html` is never parsed as markup.

import htm from "./vendor/htm.mjs";
import {Component, createRef, h, render} from "./vendor/preact.mjs";
import {askText} from "./api.js";
import {doing, say, tell} from "./messages.js";

export {Component, createRef, render};
export const html = htm.bind(h);

// A view loads what it shows each time that it is opened, and when `round` changes while it is shown.
export class View extends Component {
  componentDidMount() {
    if (this.props.isShown) this.open();
  }

  componentDidUpdate(before) {
    if (this.props.isShown && !(before.isShown && before.round === this.props.round)) this.open();
  }

  open() {
    this.load().then(() => tell(null), tell);
  }

  // Changes the mock by a request, shows how it is then, and says so.
  async change(message, ...request) {
    await askText(...request);
    await this.load();
    say(message);
  }

  // Changes the state of the view, and waits until it is drawn.
  draw(change) {
    return new Promise((resolve) => { this.setState(change, resolve); });
  }
}

// A button whose work may fail, which is shown.
export const Button = ({work, children, ...properties}) =>
  html`<button type="button" ...${properties} onClick=${doing(work)}>${children}</button>`;

// A form whose work, which gets the element, may fail.
export const Form = ({work, children, ...properties}) =>
  html`<form ...${properties} onSubmit=${doing(({target}) => work(target.elements))}>${children}</form>`;

export const Table = ({caption, heads, rows}) => html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption>${caption}</caption>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;

export const Code = ({children}) => html`<pre tabindex="0">${children}</pre>`;

export const Select = ({options, ...properties}) => html`
  <select ...${properties}>${Object.entries(options).map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select>`;

// A field that reads a JSON file, and gives its text and name to a function.
export const Upload = ({label, then}) => {
  const read = async ({target}) => {
    if (target.files.length) await then(await target.files[0].text(), target.files[0].name);
    target.value = "";
  };
  return html`<label>${label} <input type="file" accept=".json,application/json" onChange=${doing(read)} /></label>`;
};

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], {type: "application/json"}));
  Object.assign(document.createElement("a"), {href: url, download: name}).click();
  URL.revokeObjectURL(url);
}
