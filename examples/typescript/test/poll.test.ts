import { describe, expect } from "vitest";
import { type Options, endpoint, poll } from "../src/poll.js";
import { type OxenMock, test } from "./oxen-mock.js";

const REPOSITORY = "ox/cats";

function options(mock: OxenMock, more: Partial<Options> = {}) {
  return { baseUrl: mock.url, token: "any-token", clock: mock.clock(), interval: 1_000, ...more };
}

/** An evaluation of which one good look is enough. */
async function completed(mock: OxenMock): Promise<string> {
  const id = await mock.addEvaluation("happy-path");
  await mock.advanceUntil(id, "completed");
  return id;
}

describe("a poller", () => {
  test("sees a whole life, and no share of rows while the total is not known", async ({ mock }) => {
    const id = await mock.addEvaluation("happy-path", { rows: 40 });
    const seen = new Map<string, (number | undefined)[]>();
    const onLook: Options["onLook"] = ({ status }, share) =>
      seen.set(status, [...(seen.get(status) ?? []), share]);
    const ended = await poll(REPOSITORY, id, options(mock, { onLook }));
    expect([...seen.keys()]).toEqual(["queued", "running", "committing", "completed"]);
    expect(new Set(seen.get("queued"))).toEqual(new Set([undefined]));
    expect(seen.get("completed")).toEqual([1]);
    expect(ended.progress).toEqual({ processed: 40, total: 40 });
    const [client] = (await mock.report()).clients;
    expect(client?.polls_after_end).toBe(0);
  });

  test("stops where an evaluation fails, and knows why", async ({ mock }) => {
    const id = await mock.addEvaluation("errored-midway", { error_message: "No model." });
    const ended = await poll(REPOSITORY, id, options(mock));
    expect([ended.status, ended.error_message]).toEqual(["errored", "No model."]);
  });

  test("stops where an evaluation is cancelled", async ({ mock }) => {
    const id = await mock.addEvaluation("happy-path");
    await mock.advanceUntil(id, "running");
    await mock.cancel(id);
    expect((await poll(REPOSITORY, id, options(mock))).status).toBe("cancelled");
  });

  test("waits as long as the hub says", async ({ mock }) => {
    const id = await completed(mock);
    await mock.addFault({ operation: "get_evaluation", code: 429, retry_after: 7, count: 2 });
    const clock = mock.clock();
    await poll(REPOSITORY, id, options(mock, { clock }));
    expect(clock.slept).toEqual([7_000, 7_000]);
  });

  for (const fault of [{ code: 500 }, { body: "truncated" }, { body: "malformed" }] as const) {
    test(`gets over ${JSON.stringify(fault)}`, async ({ mock }) => {
      const id = await completed(mock);
      await mock.addFault({ operation: "get_evaluation", count: 3, ...fault });
      const clock = mock.clock();
      await poll(REPOSITORY, id, options(mock, { clock }));
      expect(clock.slept).toEqual([1_000, 1_000, 1_000]);
    });
  }

  test("gets over an answer that takes too long", async ({ mock }) => {
    const id = await completed(mock);
    await mock.addFault({ operation: "get_evaluation", delay: 2, count: 1 });
    const ended = await poll(REPOSITORY, id, options(mock, { requestTimeout: 200 }));
    expect(ended.status).toBe("completed");
  });

  test("gives up a hub that goes on failing", async ({ mock }) => {
    const id = await mock.addEvaluation("happy-path");
    await mock.addFault({ operation: "get_evaluation", status: "running", code: 503 });
    await expect(poll(REPOSITORY, id, options(mock))).rejects.toMatchObject({ status: 503 });
  });

  test("gives up an evaluation that does not end", async ({ mock }) => {
    const phases = [{ queued: "1s" }, { running: "1h" }, "completed"];
    const id = await mock.addEvaluation("happy-path", { phases });
    const clock = mock.clock();
    const polled = poll(REPOSITORY, id, options(mock, { clock, timeout: 60_000 }));
    await expect(polled).rejects.toThrow("has not ended in time");
    expect(clock.now()).toBeLessThanOrEqual(60_000);
  });

  test("asks once for an evaluation that is not there", async ({ mock }) => {
    const clock = mock.clock();
    const polled = poll(REPOSITORY, crypto.randomUUID(), options(mock, { clock }));
    await expect(polled).rejects.toMatchObject({ status: 404 });
    expect(clock.slept).toEqual([]);
  });

  test("keeps the path of its base URL", ({ mock }) => {
    expect(endpoint(mock.url, "api", "x").href).toBe(`${mock.url}/api/x`);
    expect(new URL("/api/x", mock.url).pathname).toBe("/api/x"); // the sandbox is lost
  });
});
