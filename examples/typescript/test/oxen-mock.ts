// The mock's control API, as far as these tests need it, and a sandbox for each Vitest worker.

import { expect, test as base } from "vitest";
import type { Clock, Evaluation } from "../src/poll.js";

type Status = Evaluation["status"];

/** When something goes wrong, and what; the mock's README has every word. */
export interface Fault {
  operation?: string;
  status?: Status;
  count?: number;
  code?: number;
  retry_after?: number;
  delay?: number;
  body?: "truncated" | "malformed";
}

export interface Report {
  clean: boolean;
  violations: { place: string; expected: string; found: string }[];
  missing: { place: string }[];
  clients: { saw: string[]; never_saw: string[]; polls_after_end: number }[];
}

/** One sandbox: a world of its own, in which time stands still until it is moved. */
export class OxenMock {
  private constructor(
    /** The base URL that leads into it, for the code under test. */
    readonly url: string,
  ) {}

  /** Make a sandbox of this name, anew where there is one; any text will do. */
  static async createSandbox(name: string, options: object = {}): Promise<OxenMock> {
    const server = process.env["OXEN_MOCK_URL"];
    if (server === undefined) throw new Error("no OXEN_MOCK_URL: oxen-mock run -- npm test");
    const path = `/_mock/sandboxes/${encodeURIComponent(name)}`;
    const made = await call("PUT", server + path, { rate: 0, ...options });
    return new OxenMock(made.url);
  }

  /** An evaluation that lives as a fixture of the mock does, but for what is overridden. */
  async addEvaluation(fixture: string, overrides: object = {}): Promise<string> {
    return (await this.post("evaluations", { fixture, overrides })).id;
  }

  async cancel(id: string): Promise<void> {
    await this.post(`evaluations/${id}/cancel`, {});
  }

  async advance(seconds: number): Promise<void> {
    await this.post("clock/advance", { seconds });
  }

  async advanceUntil(id: string, status: Status): Promise<void> {
    await this.post("clock/advance", { until: { id, status } });
  }

  async addFault(fault: Fault): Promise<void> {
    await this.post("faults", fault);
  }

  /** What was asked here, and what of it broke the contract. */
  async report(): Promise<Report> {
    return call("GET", `${this.url}/_mock/report`);
  }

  /** A clock for the code under test: whoever sleeps by it moves this sandbox on. */
  clock(): Clock & { slept: number[] } {
    const slept: number[] = [];
    return {
      slept,
      now: () => slept.reduce((sum, milliseconds) => sum + milliseconds, 0),
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
        await this.advance(milliseconds / 1_000);
      },
    };
  }

  private post(path: string, body: object): Promise<any> {
    return call("POST", `${this.url}/_mock/${path}`, body);
  }
}

async function call(method: string, url: string, body?: object): Promise<any> {
  const token = process.env["OXEN_MOCK_CONTROL_TOKEN"];
  const response = await fetch(url, {
    method,
    headers: {
      "Content-Type": "application/json",
      ...(token === undefined ? {} : { "X-Mock-Control-Token": token }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${JSON.stringify(told)}`);
  return told;
}

/**
 * `test` with the sandbox of its worker, in which the contract must have been kept at its end.
 *
 * A worker runs one test after the other, so the sandbox is made anew for each, and workers side
 * by side are in nobody's way. The seed is the test's: its ids are the same in whichever worker.
 */
export const test = base.extend<{ mock: OxenMock }>({
  mock: async ({ task }, use) => {
    const worker = `vitest worker ${process.env["VITEST_POOL_ID"] ?? "alone"}`;
    const seed = `${task.file.name} > ${task.name}`.slice(0, 200);
    const mock = await OxenMock.createSandbox(worker, { seed });
    await use(mock);
    const { clean, violations, missing } = await mock.report();
    expect({ clean, violations, missing }).toEqual({ clean: true, violations: [], missing: [] });
  },
});
