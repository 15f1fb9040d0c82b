// The console of a mock: one page over its control API, with a component for each view. It needs no build step.

import {ask, mock, ROOT, session} from "./api.js";
import {Button, Component, Form, html, render} from "./elements.js";
import {doing, say} from "./messages.js";
import {Journal} from "./journal.js";
import {Page} from "./page.js";
import {Clock, Faults, Readings, Sandboxes, Snapshots, Tokens} from "./settings.js";
import {State} from "./state.js";
import {Verdict} from "./verdict.js";

const VIEWS = [
  ["journal", "Journal", Journal], ["state", "State", State], ["readings", "Readings", Readings], ["faults", "Faults", Faults],
  ["clock", "Clock", Clock], ["tokens", "Tokens", Tokens], ["snapshots", "Snapshots", Snapshots],
  ["sandbox-list", "Sandboxes", Sandboxes], ["verdict", "Verdict", Verdict],
];

async function begin() {
  mock.contract = await ask("contract");
  mock.credentials = await ask("credentials");
  const [{url}] = (await ask("openapi.json")).servers;
  mock.mount = ROOT.endsWith(`${url}/`) ? ROOT.slice(0, -url.length - 1) : "";
  return `${mock.contract.info?.title ?? "Lookalike"} (mock)`;
}

// The choice of a sandbox, and its reset.
class Controls extends Component {
  state = {text: null, names: []}; // the text while it is being written

  load = doing(async () => this.setState({names: (await ask("sandboxes")).map(({name}) => name)}));

  choose = doing(async () => {
    const {text} = this.state;
    this.setState({text: null});
    await this.props.page.use(text || "default");
  });

  reset = async () => {
    await ask("reset", "POST");
    this.props.page.refresh();
    say("The sandbox is as it was at the start.");
  };

  render(_, {text, names}) {
    return html`
      <label>Sandbox <input id="sandbox" list="sandboxes" size="14" value=${text ?? session.sandbox} onFocus=${this.load}
        onInput=${({target}) => this.setState({text: target.value})} onChange=${this.choose} /></label>
      <datalist id="sandboxes">${names.map((name) => html`<option value=${name} />`)}</datalist>
      <${Button} work=${this.reset}>Reset<//>`;
  }
}

// The form for the control token, which a refused request asks for.
function Access({page, status}) {
  const use = async ({token}) => {
    session.token = token.value;
    await page.begin();
  };
  return html`
    <${Form} id="access" hidden=${status !== 401 && status !== 403} work=${use}>
      <label>Control token <input name="token" type="password" autocomplete="off" /></label>
      <button>Use it</button>
      <p>It is the value of <code>--control-token</code>, or the one that the mock printed when it started. It is kept in this page
        only.</p>
      <p hidden=${status !== 403}>This page was reached through a proxy, a tunnel such as that of Codespaces, or by a name of another
        machine. Start the mock with <code>lookalike mock --control-token TOKEN</code>, and use that token here.</p>
    <//>`;
}

const REFERENCE = html`<a href="docs">Reference</a>`;

render(html`<${Page} views=${VIEWS} links=${REFERENCE} begin=${begin} Controls=${Controls} Access=${Access} />`, document.body);
