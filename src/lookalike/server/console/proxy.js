// The console of a proxy: the exchanges that pass, and the verdict so far. Nothing can be changed here.

import * as journal from "./journal.js";
import * as verdict from "./verdict.js";
import {ask, at, doing, mock} from "./page.js";
import {views} from "./views.js";

const open = views({journal: journal.load, verdict: verdict.load}, journal);

await doing(async () => {
  mock.contract = await ask("contract");
  const {url} = await ask("verdict");
  mock.origin = new URL(url).origin;
  mock.isProxy = true;
  at("title").textContent = `Lookalike proxy of ${url}`;
  await open("journal");
})();
