// What autocannon sends, where there is no wrk: the same requests, told in the same words.
//
//     ASKS=FILE node load.mjs URL SECONDS CONNECTIONS

import fs from 'node:fs';
import autocannon from 'autocannon';

const HOLE = '@@@@@@@@@@';
const [url, seconds, connections] = process.argv.slice(2);
const asks = fs.readFileSync(process.env.ASKS, 'utf8').split('\n').filter(Boolean).map((line) => {
  const [method, path, body, headers] = line.split('\t');
  const pairs = headers.split(';').map((pair) => pair.split(/:(.*)/).slice(0, 2));
  return { method, path, body: body || undefined, headers: Object.fromEntries(pairs) };
});
let count = Number(process.env.FIRST ?? 0);
const number = () => String(++count).padStart(HOLE.length, '0');
const requests = asks.map((ask) =>
  ask.body?.includes(HOLE)
    ? { ...ask, setupRequest: (sent) => ({ ...sent, body: ask.body.replace(HOLE, number()) }) }
    : ask,
);
const told = await autocannon({
  url, requests, duration: Number(seconds), connections: Number(connections),
});
console.log('RESULT ' + JSON.stringify({
  requests: told.requests.total,
  seconds: told.duration,
  refused: told['4xx'] + told['5xx'],
  broken: told.errors + told.timeouts,
  p50: told.latency.p50 * 1000,
  p99: told.latency.p99 * 1000,
}));
