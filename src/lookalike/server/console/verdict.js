// The verdict of `lookalike verify`: operations by clauses, coverage, and the story of each failure.

import {ask, at, askText, button, code, copy, make, say, table, upload} from "./page.js";

// The status of a clause: the sign in the table, and the class of its colour.
const SIGNS = {
  held: ["✓", "good"], violated: ["✗", "bad"], flaky: ["~", "bad"], "not-observable": ["?", "none"], "not-exercised": ["·", "none"],
};

export async function load() {
  let report = null;
  try {
    report = await ask("verdict");
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  at("report").replaceChildren(...(report ? drawn(report) : [make("p", {}, "No report yet. Choose the file that ",
    make("code", {}, "lookalike verify URL --report json=FILE"), " wrote.")]));
}

function drawn(report) {
  const {summaries, columns, rest} = sorted(report);
  const coverage = Math.round(100 * (report.coverage ?? 0));
  return [
    make("h2", {class: report.verdict === "conforms" ? "good" : "bad"}, `${report.url} ${VERDICTS[report.verdict] ?? report.verdict}`),
    make("p", {}, `${report.document}; ${report.requests} requests in ${Number(report.seconds).toFixed(1)} s${report.seed === null ? "" : `, seed ${report.seed}`}.`),
    ...(report.problem ? [make("p", {class: "bad"}, report.problem)] : []),
    make("p", {}, make("label", {}, `Documented responses that were seen: ${coverage} % `, make("progress", {max: "100", value: coverage}))),
    make("h3", {}, "Operations and clauses"),
    make("ul", {class: "counts"}, ...Object.entries(SIGNS).map(([name, [sign, colour]]) =>
      make("li", {}, make("span", {class: colour, "aria-hidden": "true"}, sign), ` ${name.replace("-", " ")}: ${report.clauses.filter(({status}) => status === name).length}`))),
    ...(columns.length ? [table("Operations by clauses", ["Operation", ...columns.map((column) => column.replaceAll("-", " "))], summaries.map(({operation, clauses}) => [
      make("span", {class: "path", title: operation.reason}, `${operation.method} ${operation.path}`),
      ...columns.map((column) => sign(clauses[column]))]))] : []),
    ...(rest.length ? [table("Other clauses", ["Clause", "Status", "Requests", "Says", "Reason"], rest.map((one) =>
      [one.id, sign(one), one.requests, one.says, one.reason]))] : []),
    make("h3", {}, `Failures: ${report.failures.length}`), ...report.failures.map(failure),
    ...(report.readings.length ? [table("Readings", ["Reading", "Status", "Choice", "Evidence"], report.readings.map((one) =>
      [one.id, one.status, one.choice, one.evidence]))] : []),
    ...(report.notes ?? []).map((note) => make("p", {}, note)),
  ];
}

const VERDICTS = {conforms: "conforms to its document", violates: "violates its document", unjudged: "could not be judged"};

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

function sign(clause) {
  if (!clause) return "";
  const [text, colour] = SIGNS[clause.status] ?? [clause.status, ""];
  return make("span", {class: colour, role: "img", "aria-label": clause.status, title: clause.reason || clause.says || clause.status}, text);
}

function failure(one) {
  const kinds = [one.waived ? `waived: ${one.waived}` : "", one.flaky ? "flaky" : "", one.attempts ? `failed again in ${one.reproduced} of ${one.attempts} replays` : ""];
  return make("details", {open: !one.waived && !one.flaky}, make("summary", {}, `${one.clause || "no clause"}: ${one.title}`),
    make("p", {}, kinds.filter(Boolean).join("; ")),
    make("ol", {class: "story"}, ...(one.story ?? []).map(step)),
    make("div", {class: "against"}, make("div", {}, make("h4", {}, "Expected"), code(one.expected)),
      make("div", {}, make("h4", {class: "bad"}, "Got"), code(one.got))));
}

function step({request, status, response, sent, curl}, index, all) {
  const text = `${request} → ${status}`;
  return make("li", {}, make(index === all.length - 1 ? "mark" : "span", {class: "request"}, text), " ", button("Copy as curl", () => copy(curl, "curl")),
    ...(sent?.body ? [make("small", {}, "Sent"), code(sent.body)] : []), ...(response ? [make("small", {}, "Answer"), code(response)] : []));
}

at("report-file")?.append(upload("Report (JSON)", async (text) => {
  await askText("verdict", "PUT", text);
  await load();
  say("The report is shown, and kept by the mock until it stops.");
}));
