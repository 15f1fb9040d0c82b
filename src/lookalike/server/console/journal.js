// The journal: its list, which follows the events, and the exchange that is chosen.

import {ask, mock} from "./api.js";
import {Button, createRef, html, View} from "./elements.js";
import {Exchange, fullPath, Method, ofServer, reasonOf, statusOf} from "./exchange.js";
import {follow} from "./journal_events.js";
import {sayLive} from "./messages.js";

const SHOWN = 200; // exchanges in the list

export class Journal extends View {
  state = {entries: null, chosen: null, filter: ""};
  heading = createRef(); // of the exchange
  following = null; // what ends the present stream

  componentDidMount() {
    super.componentDidMount();
    document.addEventListener("visibilitychange", this.seen);
  }

  componentDidUpdate(before) {
    super.componentDidUpdate(before);
    if (!this.props.isShown) this.unfollow();
  }

  componentWillUnmount() {
    document.removeEventListener("visibilitychange", this.seen);
    this.unfollow();
  }

  // A page that is not looked at, or shows another view, takes no place among those that follow the journal.
  seen = () => (this.props.isShown && !document.hidden ? this.open() : this.unfollow());

  open() {
    this.unfollow();
    this.following = new AbortController();
    follow(() => this.load(), this.following.signal);
  }

  unfollow() {
    if (!this.following) return;
    this.following.abort();
    this.following = null;
    sayLive("");
  }

  async load() {
    const entries = await ask(`journal?limit=${SHOWN}`);
    await this.draw({entries});
    return entries[0]?.number ?? 0;
  }

  async choose(chosen) {
    await this.draw({chosen});
    this.heading.current.focus({preventScroll: true});
    if (matchMedia("(max-width: 60rem)").matches) this.heading.current.scrollIntoView(); // below the list there, not beside it
  }

  leave = () => document.querySelector(`button[data-number="${this.state.chosen.number}"]`)?.focus();

  clear = async () => {
    await ask("journal", "DELETE");
    this.setState({entries: [], chosen: null});
  };

  // Shows the exchange that was just sent.
  showLatest = async () => {
    await this.load();
    if (this.state.entries.length) await this.choose(this.state.entries[0]);
  };

  render(_, {entries, chosen, filter}) {
    const shown = (entries ?? []).filter((entry) => matches(entry, filter));
    return html`
      <div class="bar">
        <label>Filter <input id="filter" type="search" placeholder="path, status, method, reason" value=${filter}
          onInput=${({target}) => this.setState({filter: target.value})} /></label>
        <${Button} work=${this.clear}>${mock.isProxy ? "Empty the list" : "Empty the journal"}<//>
      </div>
      <div class="columns">
        <div>
          <table>
            <caption>Exchanges, newest first</caption>
            <thead><tr><th scope="col" class="number">No.</th><th scope="col" class="time">Time</th><th scope="col">Request</th>
              <th scope="col">Status</th><th scope="col">${mock.isProxy ? "Verdict" : "Reason"}</th></tr></thead>
            <tbody id="entries">${shown.map((entry) => html`
              <${Row} key=${entry.number} entry=${entry} isChosen=${entry.number === chosen?.number} choose=${() => this.choose(entry)} />`)}
            </tbody>
          </table>
          ${entries && !shown.length && html`<p class="none">${entries.length ? "No exchange has all these words."
            : "No request has come yet. Each one is shown here as it comes."}</p>`}
        </div>
        <article id="exchange" aria-label="Exchange">${chosen ? html`
          <${Exchange} key=${chosen.number} entry=${chosen} heading=${this.heading} leave=${this.leave} sent=${this.showLatest} />`
          : html`<p>Choose an exchange to see it.</p>`}
        </article>
      </div>`;
  }
}

function matches(entry, filter) {
  const text = `${entry.request.method} ${fullPath(entry)} ${entry.response.status} ${reasonOf(entry)} ${entry.operation}`;
  return filter.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
}

function Row({entry, isChosen, choose}) {
  const {number, request, response} = entry;
  const isBroken = ofServer(entry).length > 0;
  return html`
    <tr aria-current=${isChosen} onClick=${choose}>
      <td class="number">${number}</td>
      <td class="time">${new Date(entry.at * 1000).toTimeString().slice(0, 8)}</td>
      <td><button class="request clamped" data-number=${number}><${Method} request=${request} /> ${fullPath(entry)}</button></td>
      <td><span class="status ${isBroken || response.status >= 400 ? "bad" : "good"}">${isBroken && "✗ "}${statusOf(entry)}</span></td>
      <td><div class="clamped">${reasonOf(entry)}</div></td>
    </tr>`;
}
