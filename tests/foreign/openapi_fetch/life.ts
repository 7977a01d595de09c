// A whole life, asked for by openapi-fetch with the types that openapi-typescript makes of the
// mock's documents, its control API included. It prints what it saw, as JSON.

import createClient from "openapi-fetch";
import type { paths as Control } from "./control.js";
import type { components, paths as Oxen } from "./oxen.js";

type Evaluation = components["schemas"]["Evaluation"];
type Request = components["schemas"]["CreateEvaluationRequest"];
type Status = Evaluation["status"];

const baseUrl = process.env["OXEN_BASE_URL"] ?? "";
const oxen = createClient<Oxen>({ baseUrl, headers: { Authorization: "Bearer any-token" } });
const control = createClient<Control>({ baseUrl });

const CREATE = "/api/repos/{namespace}/{repo_name}/evaluations/{resource_path}";
const LOOK = "/api/repos/{namespace}/{repo_name}/evaluations/{evaluation_id}";
const cats = { namespace: "ox", repo_name: "cats" };
const body: Request = {
  prompt: "Is this a cat? {picture}",
  input_type: "text",
  output_type: "text",
  model_id: "123e4567-e89b-12d3-a456-426614174000",
  target_column: "answer",
  auto_commit: true,
};

const sent: string[] = [];
oxen.use({
  onRequest({ request }) {
    sent.push(new URL(request.url).pathname.split("/evaluations/")[1] ?? "");
  },
});

/** What was answered, for the places where anything else is a bug. */
function there<T>(answered: { data?: T; error?: unknown }): T {
  if (answered.data === undefined) throw new Error(JSON.stringify(answered.error));
  return answered.data;
}

const create = (resource_path: string) =>
  oxen.POST(CREATE, { params: { path: { ...cats, resource_path } }, body });
const look = (evaluation_id: string) =>
  oxen.GET(LOOK, { params: { path: { ...cats, evaluation_id } } });

async function reach(id: string, status: Status): Promise<Evaluation> {
  there(await control.POST("/_mock/clock/advance", { body: { until: { id, status } } }));
  return there(await look(id)).evaluation;
}

const created = there(await create("main/data/a.parquet")).evaluation;
const statuses: Status[] = [];
const shares: (number | null)[] = [];
for (const status of ["queued", "running", "committing", "completed"] as const) {
  const { status: seen, progress } = await reach(created.id, status);
  statuses.push(seen);
  shares.push(progress.total === 0 ? null : progress.processed / progress.total);
}

const failing = there(await create("main/data/b.parquet")).evaluation;
there(
  await control.POST("/_mock/evaluations/{id}/outcome", {
    params: { path: { id: failing.id } },
    body: { at_row: 7, message: "The model did not answer." },
  }),
);
const failed = await reach(failing.id, "errored");

there(
  await control.POST("/_mock/faults", {
    body: { operation: "get_evaluation", code: 429, retry_after: 5, count: 1 },
  }),
);
const limited = await look(created.id);
const unknown = await look("00000000-0000-4000-8000-000000000000");

there(await control.POST("/_mock/expectations", { body: { place: "body /prompt" } }));
const { prompt, ...rest } = body;
const refused = await oxen.POST(CREATE, {
  params: { path: { ...cats, resource_path: "main/data/a.parquet" } },
  // @ts-expect-error The document asks for a prompt, and so do its types.
  body: rest,
});

console.log(
  JSON.stringify({
    sent,
    resource: created.resource,
    statuses,
    shares,
    error_message: failed.error_message,
    limited: [
      limited.response.status,
      limited.response.headers.get("Retry-After"),
      limited.error?.status_message,
    ],
    unknown: [unknown.response.status, unknown.error?.status_message],
    refused: [refused.response.status, refused.error?.error.detail],
  }),
);
