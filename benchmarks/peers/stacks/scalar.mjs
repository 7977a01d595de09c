// Scalar's mock server, as its README starts it.
//
//     node scalar.mjs PORT FOLDER

import fs from 'node:fs';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { createMockServer } from '@scalar/mock-server';

const [port, folder] = process.argv.slice(2);
const document = JSON.parse(fs.readFileSync(path.join(folder, 'peers.json'), 'utf8'));
// Its versions call the document by one name or the other.
const app = await createMockServer({ specification: document, document });
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(port) });
