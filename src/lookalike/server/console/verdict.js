// The verdict of `lookalike verify`: operations by clauses, coverage, and the story of each failure.

import {ask, mock} from "./api.js";
import {Button, Code, html, Table, Upload, View} from "./elements.js";
import {copy} from "./messages.js";

// The status of a clause: the sign in the table, and the class of its colour.
const SIGNS = {
  held: ["✓", "good"], violated: ["✗", "bad"], flaky: ["~", "bad"], "not-observable": ["?", "none"], "not-exercised": ["·", "none"],
};
const VERDICTS = {conforms: "conforms to its document", violates: "violates its document", unjudged: "could not be judged"};

export class Verdict extends View {
  state = {report: null, isLoaded: false};

  async load() {
    const report = await ask("verdict").catch((error) => {
      if (error.status === 404) return null; // no report yet
      throw error;
    });
    this.setState({report, isLoaded: true});
  }

  keep = (text) => this.change("The report is shown, and kept by the mock until it stops.", "verdict", "PUT", text);

  render(_, {report, isLoaded}) {
    if (!isLoaded) return null;
    return html`
      ${!mock.isProxy && html`<p class="bar"><${Upload} label="Report (JSON)" then=${this.keep} /></p>`}
      <div id="report">${report ? html`<${Report} report=${report} />`
        : html`<p>No report yet. Choose the file that <code>lookalike verify URL --report json=FILE</code> wrote.</p>`}
      </div>`;
  }
}

function Report({report}) {
  const {summaries, columns, rest} = sorted(report);
  const coverage = Math.round(100 * (report.coverage ?? 0));
  const seed = report.seed === null ? "" : `, seed ${report.seed}`;
  return html`
    <h2 class=${report.verdict === "conforms" ? "good" : "bad"}>${report.url} ${VERDICTS[report.verdict] ?? report.verdict}</h2>
    <p>${report.document}; ${report.requests} requests in ${Number(report.seconds).toFixed(1)} s${seed}.</p>
    ${report.problem && html`<p class="bad">${report.problem}</p>`}
    <p><label>Documented responses that were seen: ${coverage} % <progress max="100" value=${coverage} /></label></p>
    <h3>Operations and clauses</h3>
    <ul class="counts">${Object.entries(SIGNS).map(([name, [sign, colour]]) => html`
      <li><span class=${colour} aria-hidden="true">${sign}</span> ${name.replace("-", " ")}: ${report.clauses.filter(({status}) => status === name).length}</li>`)}
    </ul>
    ${columns.length > 0 && html`
      <${Table} caption="Operations by clauses" heads=${["Operation", ...columns.map((column) => column.replaceAll("-", " "))]}
        rows=${summaries.map(({operation, clauses}) => [
          html`<span class="path" title=${operation.reason}>${operation.method} ${operation.path}</span>`,
          ...columns.map((column) => clauses[column] && html`<${Sign} clause=${clauses[column]} />`)])} />`}
    ${rest.length > 0 && html`
      <${Table} caption="Other clauses" heads=${["Clause", "Status", "Requests", "Says", "Reason"]}
        rows=${rest.map((one) => [one.id, html`<${Sign} clause=${one} />`, one.requests, one.says, one.reason])} />`}
    <h3>Failures: ${report.failures.length}</h3>
    ${report.failures.map((one) => html`<${Failure} failure=${one} />`)}
    ${report.readings.length > 0 && html`
      <${Table} caption="Readings" heads=${["Reading", "Status", "Choice", "Evidence"]}
        rows=${report.readings.map((one) => [one.id, one.status, one.choice, one.evidence])} />`}
    ${(report.notes ?? []).map((note) => html`<p>${note}</p>`)}`;
}

// The clauses of an operation are named after it, as in getPet.unknown-is-404: the rest of the name is their column.
function sorted(report) {
  const columns = new Set();
  const summaries = (report.operations ?? []).map((operation) => ({operation, clauses: {}}));
  const byId = new Map(summaries.map((one) => [one.operation.id, one]));
  const rest = [];
  for (const clause of report.clauses) {
    const end = clause.id.lastIndexOf(".");
    const of = byId.get(clause.id.slice(0, end));
    if (end < 0 || !of) {
      rest.push(clause);
      continue;
    }
    columns.add(clause.id.slice(end + 1));
    of.clauses[clause.id.slice(end + 1)] = clause;
  }
  return {summaries, columns: [...columns], rest};
}

function Sign({clause}) {
  const [text, colour] = SIGNS[clause.status] ?? [clause.status, ""];
  return html`<span class=${colour} role="img" aria-label=${clause.status} title=${clause.reason || clause.says || clause.status}>${text}</span>`;
}

function Failure({failure}) {
  const {waived, flaky, attempts, reproduced, clause, title, story = [], expected, got} = failure;
  const kinds = [waived && `waived: ${waived}`, flaky && "flaky", attempts && `failed again in ${reproduced} of ${attempts} replays`];
  return html`
    <details open=${!waived && !flaky}>
      <summary>${clause || "no clause"}: ${title}</summary>
      <p>${kinds.filter(Boolean).join("; ")}</p>
      <ol class="story">${story.map((step, index) => html`<${Step} step=${step} isLast=${index === story.length - 1} />`)}</ol>
      <div class="against">
        <div><h4>Expected</h4><${Code}>${expected}<//></div>
        <div><h4 class="bad">Got</h4><${Code}>${got}<//></div>
      </div>
    </details>`;
}

function Step({step: {request, status, response, sent, curl}, isLast}) {
  const text = `${request} → ${status}`;
  return html`
    <li>
      ${isLast ? html`<mark>${text}</mark>` : html`<span class="request">${text}</span>`} <${Button} work=${() => copy(curl, "curl")}>Copy as curl<//>
      ${sent?.body && html`<small>Sent</small><${Code}>${sent.body}<//>`}
      ${response && html`<small>Answer</small><${Code}>${response}<//>`}
    </li>`;
}
