// A poller as an application has it: it knows nothing of a mock, only a base URL and a clock.

export interface Evaluation {
  id: string;
  status: "queued" | "running" | "committing" | "completed" | "errored" | "cancelled";
  progress: { processed: number; total: number };
  error_message: string | null;
}

/** Time as the poller knows it, in milliseconds; a test puts one of its own here. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Options {
  baseUrl: string;
  token: string;
  /** Milliseconds between two looks, and after a failure that does not say how long to wait. */
  interval?: number;
  /** Milliseconds until an evaluation is given up. */
  timeout?: number;
  /** Milliseconds until one request is given up. */
  requestTimeout?: number;
  /** How many looks in a row may fail. */
  failures?: number;
  clock?: Clock;
  /** Called at each look; the share of rows done is undefined while nobody knows the total. */
  onLook?: (evaluation: Evaluation, share: number | undefined) => void;
}

/** The hub, or the way to it, failed for good. */
export class OxenError extends Error {
  override name = "OxenError";
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds)),
};
const ends: ReadonlySet<string> = new Set(["completed", "errored", "cancelled"]);

/**
 * A path below a base URL that has one itself, as in http://HOST/hub.
 *
 * `new URL("/api/...", base)` would drop the path of the base: it takes no slash at the start
 * of the one, and needs one at the end of the other.
 */
export function endpoint(baseUrl: string, ...segments: string[]): URL {
  const base = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
  return new URL(segments.map(encodeURIComponent).join("/"), base);
}

/** The share of rows that are done; a total of 0 is that of an evaluation still queued. */
export function share({ processed, total }: Evaluation["progress"]): number | undefined {
  return total === 0 ? undefined : processed / total;
}

/** Look at an evaluation until it has completed, failed or been cancelled, and say how it ended. */
export async function poll(repository: string, id: string, options: Options): Promise<Evaluation> {
  const { interval = 5_000, timeout = 600_000, failures = 3, clock = realClock } = options;
  const url = endpoint(options.baseUrl, "api", "repos", ...repository.split("/"), "evaluations", id);
  const givenUp = clock.now() + timeout;
  let failed = 0;
  for (;;) {
    const seen = await look(url, options);
    if (seen.evaluation) {
      failed = 0;
      options.onLook?.(seen.evaluation, share(seen.evaluation.progress));
      if (ends.has(seen.evaluation.status)) return seen.evaluation;
    } else if (++failed > failures) {
      throw seen.failure;
    }
    const pause = seen.wait ?? interval;
    if (clock.now() + pause > givenUp) throw new OxenError(`${id} has not ended in time`);
    await clock.sleep(pause);
  }
}

type Look =
  | { evaluation: Evaluation; wait?: never }
  | { evaluation?: never; failure: OxenError; wait: number | undefined };

/** Look once; what may go well the next time is returned, and anything else thrown. */
async function look(url: URL, { token, requestTimeout = 30_000 }: Options): Promise<Look> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(requestTimeout),
    });
    text = await response.text(); // here a body that was cut short is noticed
  } catch (error) {
    return { failure: new OxenError(`no answer: ${error}`), wait: undefined };
  }
  if (response.ok) {
    try {
      return { evaluation: JSON.parse(text).evaluation };
    } catch {
      return { failure: new OxenError("an answer that is no JSON", 200), wait: undefined };
    }
  }
  const failure = new OxenError(`${response.status}: ${text}`, response.status);
  if (response.status !== 408 && response.status !== 429 && response.status < 500) throw failure;
  return { failure, wait: retryAfter(response) };
}

/** What the header says, in milliseconds; it holds seconds or a date. */
function retryAfter(response: Response): number | undefined {
  const said = response.headers.get("Retry-After");
  if (said === null) return undefined;
  const wait = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}
