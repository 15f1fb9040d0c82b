export type Item = Record<string, unknown>;

export interface Exchange {
  number: number;
  at: number;
  operation: string | null;
  request: {
    method: string;
    base_path: string;
    path: string;
    query: string;
    headers: Record<string, string>;
    body: {text?: string; base64?: string};
  };
  response: {status: number; headers: [string, string][]; body: {text?: string; base64?: string}};
  clauses: string[];
  readings: string[];
  violations: {in: string; pointer: (string | number)[]; rule: string; message: string}[];
  changes: {resource: string; key: unknown; before: Item | null; item: Item | null}[];
}

export interface StartOptions {
  /** The command that starts Lookalike, such as "lookalike" (the default), a path, or ["python", "-m", "lookalike"]. */
  command?: string | string[];
  /** Further options of `lookalike mock`, such as ["--populate", "20"]. */
  options?: string[];
  /** Environment variables of the process, beside those of this one. */
  environment?: Record<string, string>;
}

export interface Sandbox {
  readonly name: string;
  /** The URL below which the operations are, in this sandbox. */
  readonly url: string;
  /** The answer of the control API; throws an Error with its reason where it refuses. */
  control(path: string, method?: string, body?: unknown): Promise<unknown>;
  state(): Promise<Record<string, Item[]>>;
  /** Replaces all items of the resources that are named. */
  setState(items: Record<string, Item[]>): Promise<Record<string, Item[]>>;
  /** The exchanges, newest first. */
  journal(): Promise<Exchange[]>;
  fault(name: string, rule: Record<string, unknown>): Promise<unknown>;
  setClock(change: {time?: string; move?: number; stopped?: boolean}): Promise<{time: string; stopped: boolean; offset: number}>;
  credentials(): Promise<Record<string, {valid?: string; expired?: string; revoked?: string}>>;
  reset(): Promise<null>;
  /** Deletes the sandbox. */
  close(): Promise<null>;
}

export interface Mock {
  readonly origin: string;
  readonly url: string;
  /** A new sandbox: state, journal and faults of its own. */
  sandbox(name?: string): Promise<Sandbox>;
  /** Stops the mock. */
  close(): Promise<void>;
}

/** Starts a mock of a document on a free port, and waits until it answers. */
export function startMock(document: string, options?: StartOptions): Promise<Mock>;

/** A mock that runs already, by any of its URLs, such as one that Playwright's `webServer` started; `close` leaves it running. */
export function connectMock(url: string): Promise<Mock>;
