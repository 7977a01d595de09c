// openapi-backend on bare node:http: the request and the answer are checked in every call, formats
// included, and the evaluation moves with the clock.
//
//     node openapi_backend.cjs PORT FOLDER

const http = require('node:http');
const fs = require('node:fs');
const path = require('node:path');
const { OpenAPIBackend } = require('openapi-backend');
const addFormats = require('ajv-formats').default;

const [port, folder] = process.argv.slice(2);
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const example = read('answer.json');
const begun = Date.now();

function moving(prefer) {
  const rows = Math.floor((Date.now() - begun) * 11.574);
  const evaluation = {
    ...example.evaluation,
    progress: { processed: rows, total: example.evaluation.progress.total },
    prompt_tokens_used: rows * 80,
    completion_tokens_used: rows * 20,
    tokens_used: rows * 100,
  };
  if (prefer === 'example=wrong') evaluation.progress = 'half';
  return { ...example, evaluation };
}

function send(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

const problem = (type, errors) => ({ error: { type, title: JSON.stringify(errors) } });

function answer(context, _, response) {
  const body = moving(context.request.headers.prefer);
  const { errors } = context.api.validateResponse(body, context.operation, 200);
  if (errors) send(response, 500, problem('unknown_error', errors));
  else send(response, 200, body);
}

const definition = read('peers.json');
const handlers = {
  validationFail: (context, _, response) =>
    send(response, 400, problem('invalid_params', context.validation.errors)),
  notFound: (_, __, response) => send(response, 404, problem('resource_not_found', [])),
  unauthorizedHandler: (_, __, response) => send(response, 401, problem('unauthenticated', [])),
};
for (const methods of Object.values(definition.paths)) {
  for (const operation of Object.values(methods)) handlers[operation.operationId] = answer;
}
const api = new OpenAPIBackend({ definition, handlers, customizeAjv: (ajv) => addFormats(ajv) });
api.registerSecurityHandler('authorization', (context) =>
  /^Bearer ./.test(context.request.headers.authorization ?? ''),
);

function handle(request, response, body) {
  const { method, url, headers } = request;
  api.handleRequest({ method, path: url, headers, body }, request, response);
}

api.init().then(() => {
  http
    .createServer((request, response) => {
      if (request.method === 'GET') return handle(request, response);
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => handle(request, response, Buffer.concat(parts).toString()));
    })
    .listen(Number(port), '127.0.0.1');
});
