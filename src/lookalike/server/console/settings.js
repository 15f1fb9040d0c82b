// The settings of a sandbox: readings, faults, clock, tokens, snapshots; and the list of sandboxes.

import {ask, askText, mock, operations, session} from "./api.js";
import {Button, Component, download, Form, html, Select, Table, Upload, View} from "./elements.js";
import {copy, doing, say} from "./messages.js";

const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]*"; // of a snapshot or a sandbox

export class Readings extends View {
  state = {readings: null};

  load = async () => this.setState({readings: await ask("readings")});

  choose(id, choice) {
    return this.change(`${id} is ${choice} now, until the next reset.`, "readings", "PATCH", {[id]: choice});
  }

  render(_, {readings}) {
    if (!readings) return null;
    if (!readings.length) return html`<p>The document leaves no question open that it states.</p>`;
    return readings.map(({id, question, choices, choice, quotes = [], from, ...reading}) => html`
      <fieldset key=${id}>
        <legend>${id}</legend>
        <p>${question}</p>
        <label>Choice <${Select} id="reading-${id}" value=${choice} onChange=${doing(({target}) => this.choose(id, target.value))}
          options=${Object.fromEntries(Object.entries(choices).map(([name, says]) => [name, `${name}: ${says}`]))} /></label>
        <p>By default: ${reading.default}.</p>
        ${quotes.map((quote) => html`<blockquote>${quote}</blockquote>`)}
        ${from?.length > 0 && html`<p>From: ${[from].flat().join(", ")}</p>`}
      </fieldset>`);
  }
}

// The faults of the form, each with its description, a first value, and the rule of a value.
const FAULTS = {
  status: ["Answer this status", "503", (value) => ({status: Number(value)})],
  latency: ["Answer so much later", "500ms", (value) => ({latency: value})],
  reset: ["Reset the connection", "", () => ({reset: true})],
  lost: ["Reset the connection, after the changes", "", () => ({reset: true, at: "after-commit"})],
  truncate: ["Close the connection after so many bytes", "10", (value) => ({truncate: Number(value)})],
  dribble: ["Take so long to send the body", "2s", (value) => ({dribble: value})],
  malformed: ["Send a body that is no JSON", "", () => ({malformed: true})],
  expired: ["Refuse credentials as expired", "", () => ({expired: true})],
  limit: ["Answer 429 over so many requests a minute", "10", (value) => ({limit: {requests: Number(value), per: "60s"}})],
};

export class Faults extends View {
  state = {rules: null, profiles: {}};

  load = async () => this.setState({rules: await ask("faults"), profiles: await ask("fault-profiles")});

  // Puts the rules of a profile into force, besides those that are.
  async apply(name) {
    const present = Object.fromEntries((await ask("faults")).map((one) => [one.name, one.rule]));
    await this.change(`${name}: its rules are in force.`, "faults", "PUT", {...present, ...this.state.profiles[name]});
  }

  add = (name, rule) => this.change(`The fault ${name} is in force.`, `faults/${encodeURIComponent(name)}`, "PUT", rule);

  remove(name) {
    return this.change(`The fault ${name} is deleted.`, `faults/${encodeURIComponent(name)}`, "DELETE");
  }

  render(_, {rules, profiles}) {
    if (!rules) return null;
    return html`
      <p class="bar">Chaos: ${Object.keys(profiles).map((name) => html`<${Button} work=${() => this.apply(name)}>${name}<//>`)}
        <${Button} work=${() => this.change("No fault is in force.", "faults", "DELETE")}>No faults<//></p>
      <div id="rules">${rules.length ? html`
        <${Table} caption="Rules in force" heads=${["Name", "Rule", "Requests counted", "Delete"]} rows=${rules.map(({name, requests, rule}) =>
          [name, html`<code>${JSON.stringify(rule)}</code>`, requests, html`<${Button} work=${() => this.remove(name)}>Delete ${name}<//>`])} />`
        : html`<p>No fault is in force.</p>`}
      </div>
      <${NewFault} add=${this.add} />`;
  }
}

// The form of a fault, and its rule as JSON, which can be edited further.
class NewFault extends Component {
  state = {kind: "status", value: FAULTS.status[1], operation: "", share: "100", name: "", rule: ""};

  componentDidMount() {
    this.describe({});
  }

  // Changes the form, and describes it by a rule.
  describe(change) {
    this.setState((before) => {
      const form = {...before, ...change};
      const [, , rule] = FAULTS[form.kind];
      const share = Number(form.share);
      return {...form, rule: JSON.stringify({
        ...(form.operation ? {operation: form.operation} : {}), ...(share < 100 ? {rate: share / 100} : {}), ...rule(form.value),
      })};
    });
  }

  render({add}, {kind, value, operation, share, name, rule}) {
    const set = (member) => ({target}) => this.describe({[member]: target.value});
    const choose = ({target}) => this.describe({kind: target.value, value: FAULTS[target.value][1]});
    const kinds = Object.fromEntries(Object.entries(FAULTS).map(([id, [text]]) => [id, text]));
    const named = operations().map((one) => [one.operationId ?? `${one.method} ${one.path}`, `${one.method} ${one.path}`]);
    return html`
      <${Form} work=${() => add(name || kind, rule)}>
        <fieldset>
          <legend>Add a fault</legend>
          <p class="bar">
            <span><label for="fault-kind">Fault</label> <${Select} id="fault-kind" options=${kinds} value=${kind} onInput=${choose} /></span>
            ${FAULTS[kind][1] && html`<label>Value <input size="8" value=${value} onInput=${set("value")} /></label>`}
            <span><label for="fault-operation">For</label> <${Select} id="fault-operation" value=${operation} onInput=${set("operation")}
              options=${{"": "all operations", ...Object.fromEntries(named)}} /></span>
            <label>Share of requests in % <input type="number" min="1" max="100" value=${share} onInput=${set("share")} /></label>
            <label>Called <input size="12" placeholder="as the fault" value=${name} onInput=${({target}) => this.setState({name: target.value})} /></label>
          </p>
          <label>Rule (JSON) <textarea rows="3" spellcheck=${false} value=${rule} onInput=${({target}) => this.setState({rule: target.value})} /></label>
          <p><button>Add it</button></p>
        </fieldset>
      <//>`;
  }
}

export class Clock extends View {
  state = {time: ""};

  load = async () => this.setState(await ask("clock"));

  render(_, {time, stopped, offset}) {
    if (!time) return null;
    const change = (message, body) => this.change(message, "clock", "PUT", body);
    const set = ({time: {value}}) => // from which a browser leaves the seconds out where they are zero
      change("The clock is set.", {time: `${value.length === 16 ? `${value}:00` : value}Z`});
    const move = ({by, unit}) => change("The clock is moved.", {move: Number(by.value) * Number(unit.value)});
    return html`
      <p class="large"><time id="now">${time}</time></p>
      <p id="how">${stopped ? "The clock stands still." : offset ? "The clock was set, and goes on." : "The clock shows the real time."}</p>
      <${Form} class="bar" work=${set}>
        <label>Time (UTC) <input name="time" type="datetime-local" step="1" required defaultValue=${time.slice(0, 19)} /></label>
        <button>Set it</button>
      <//>
      <${Form} class="bar" work=${move}>
        <label>Move by <input name="by" type="number" step="any" required defaultValue="1" /></label>
        <label>Unit <select name="unit">
          <option value="60">minutes</option><option value="3600" selected>hours</option><option value="86400">days</option>
        </select></label>
        <button>Move it</button>
      <//>
      <p class="bar">
        ${stopped ? html`<${Button} work=${() => change("The clock goes on.", {stopped: false})}>Let it go on<//>`
          : html`<${Button} work=${() => change("The clock is stopped.", {stopped: true})}>Stop it<//>`}
        <${Button} work=${() => this.change("The clock shows the real time.", "clock", "DELETE")}>Real time<//>
      </p>`;
  }
}

export class Tokens extends View {
  state = {credentials: null, minted: ""};

  async load() {
    mock.credentials = await ask("credentials");
    this.setState({credentials: mock.credentials});
  }

  mint = async ({subject, lasts, expired, claims}) => {
    const {token} = await ask("tokens", "POST", {
      ...(subject.value ? {subject: subject.value} : {}), expires_in: Number(lasts.value) * (expired.checked ? -1 : 1),
      ...(claims.value.trim() ? {claims: JSON.parse(claims.value)} : {}),
    });
    this.setState({minted: token});
    say("A token was minted.");
  };

  render(_, {credentials, minted}) {
    if (!credentials) return null;
    const rows = Object.entries(credentials).flatMap(([scheme, tokens]) => Object.entries(tokens).map(([kind, token]) => [
      scheme, kind, html`<code>${token.length > 40 ? `${token.slice(0, 40)}…` : token}</code>`,
      html`<${Button} work=${() => copy(token, `${scheme}, ${kind}`)} aria-label="Copy the ${kind} one of ${scheme}">Copy<//>`]));
    return html`
      <div id="credentials">${rows.length ? html`<${Table} caption="Credentials" heads=${["Scheme", "Kind", "Credentials", "Copy"]} rows=${rows} />`
        : html`<p>The document asks for no credentials.</p>`}
      </div>
      <${Form} work=${this.mint}>
        <fieldset>
          <legend>Mint a bearer token</legend>
          <p class="bar">
            <label>Subject <input name="subject" size="14" placeholder="a user" /></label>
            <label>Valid for seconds <input name="lasts" type="number" min="1" required defaultValue="3600" /></label>
            <label><input name="expired" type="checkbox" /> expired so long ago instead</label>
          </p>
          <label>Further claims (JSON) <textarea name="claims" rows="2" spellcheck=${false} /></label>
          <p><button>Mint</button></p>
          ${minted && html`<p><code id="minted-token">${minted}</code> <${Button} work=${() => copy(minted, "Token")}>Copy it<//></p>`}
        </fieldset>
      <//>`;
  }
}

const pathOf = (snapshot) => `snapshots/${encodeURIComponent(snapshot)}`;

export class Snapshots extends View {
  state = {snapshots: null};

  load = async () => this.setState({snapshots: await ask("snapshots")});

  take = (text, file) => {
    const name = file.replace(/\.json$/, "").replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "file";
    return this.change(`The file is the snapshot ${name}.`, pathOf(name), "PUT", text);
  };

  render(_, {snapshots}) {
    if (!snapshots) return null;
    return html`
      <${Form} class="bar" work=${({snapshot}) => this.change("The state is saved.", pathOf(snapshot.value), "PUT")}>
        <label>Name <input name="snapshot" required pattern=${NAME} /></label>
        <button>Save the present state</button>
      <//>
      <p class="bar"><${Upload} label="From a file" then=${this.take} /></p>
      <ul id="saved">${snapshots.map(({name, items}) => html`
        <li key=${name}>
          ${name} (${items} items)${" "}
          <${Button} aria-label="Restore ${name}" work=${() =>
            this.change(`The state is that of ${name}.`, `${pathOf(name)}/restore`, "POST")}>Restore<//>${" "}
          <${Button} aria-label="Save ${name} as a file" work=${async () =>
            download(`${name}.json`, await askText(pathOf(name)))}>Save as a file<//>${" "}
          <${Button} aria-label="Delete ${name}" work=${() =>
            this.change(`The snapshot ${name} is deleted.`, pathOf(name), "DELETE")}>Delete<//>
        </li>`)}
      </ul>`;
  }
}

export class Sandboxes extends View {
  state = {sandboxes: null};

  load = async () => this.setState({sandboxes: await ask("sandboxes")});

  make = ({name: {value}}) => this.change(`The sandbox ${value} is there.`, `sandboxes/${encodeURIComponent(value)}`, "PUT");

  remove(name) {
    return this.change(`The sandbox ${name} is deleted.`, `sandboxes/${encodeURIComponent(name)}`, "DELETE");
  }

  render(_, {sandboxes}) {
    if (!sandboxes) return null;
    const rows = sandboxes.map(({name, changed, idle, expires_in: left}) => [
      name === session.sandbox ? `${name} (shown)` : name, changed ? "changed" : "as at the start",
      left === null ? "" : `${Math.round(idle)} s`, left === null ? "stays" : `${Math.round(left)} s`,
      html`<${Button} work=${() => this.props.page.use(name)}>Open ${name}<//>`,
      left !== null && html`<${Button} work=${() => this.remove(name)}>Delete ${name}<//>`]);
    return html`
      <${Form} class="bar" work=${this.make}>
        <label>New sandbox <input name="name" required pattern=${NAME} /></label>
        <button>Make it</button>
      <//>
      <div id="all-sandboxes">
        <${Table} caption="All sandboxes" heads=${["Name", "State", "Idle", "Goes in", "Open", "Delete"]} rows=${rows} />
      </div>`;
  }
}
