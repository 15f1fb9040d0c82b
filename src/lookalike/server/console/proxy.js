// The console of a proxy: the exchanges that pass, and the verdict so far. Nothing can be changed here.

import {ask, mock} from "./api.js";
import {html, render} from "./elements.js";
import {Journal} from "./journal.js";
import {Page} from "./page.js";
import {Verdict} from "./verdict.js";

async function begin() {
  mock.contract = await ask("contract");
  const {url} = await ask("verdict");
  mock.origin = new URL(url).origin;
  mock.isProxy = true;
  return `Lookalike proxy of ${url}`;
}

const VIEWS = [["journal", "Exchanges", Journal], ["verdict", "Verdict", Verdict]];

render(html`<${Page} views=${VIEWS} begin=${begin} />`, document.body);
