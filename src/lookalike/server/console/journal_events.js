// Following the journal: by server-sent events, or by looks each second where they do not come through.

import {credentials, ROOT} from "./api.js";
import {sayLive, tell} from "./messages.js";

const POLL = 1000; // milliseconds between two looks where events do not come through
const PATIENCE = 3000; // milliseconds until the first bytes of a stream must be here: proxies that collect it send none
const REFUSED = [401, 403];

class NoStream extends Error {}

// Loads the journal now, and whenever there is something new, until the signal; `load` gives the number of the latest entry.
export async function follow(load, signal) {
  let isLost = false; // whether the latest look failed
  while (!signal.aborted) {
    try {
      const latest = await load();
      if (isLost) tell(null);
      isLost = false;
      await listen(load, latest, signal);
    } catch (error) {
      if (signal.aborted) return;
      isLost = !(error instanceof NoStream);
      if (isLost) tell(error);
      else sayLive(`Every second (${error.message})`);
      if (REFUSED.includes(error.status)) return; // the page begins anew with the token
    }
    await new Promise((resolve) => { setTimeout(resolve, POLL); });
  }
}

// Loads the journal whenever an event tells of something new. Ends where the stream does; throws where there is none.
async function listen(load, latest, signal) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    const headers = {...credentials(), "Last-Event-ID": latest}; // what came since the list was read, too
    const answer = await fetch(`${ROOT}journal/events`, {headers, signal: AbortSignal.any([signal, late.signal])}).catch(() => {
      throw new NoStream("a proxy holds events back");
    });
    if (!answer.ok) throw new NoStream(answer.status === 503 ? "many pages follow" : "no events");
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const {done, value} = await reader.read().catch(() => ({done: true}));
      clearTimeout(timer);
      if (done) return;
      sayLive("Live");
      if (decoder.decode(value, {stream: true}).includes("event:")) await load();
    }
  } finally {
    clearTimeout(timer);
    late.abort(); // which ends a stream that is still open, as after a failed look
  }
}
