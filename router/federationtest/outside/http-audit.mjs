// Holds `souk router` against the server audit of the package graphql-http: 61 checks of GraphQL over HTTP.
// usage: node http-audit.mjs SOUK
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { others, serveSupergraph } from './tools.mjs';

const { auditServer } = others('graphql-http');
const souk = process.argv[2];

// The audit asks for __typename and sends a mutation by GET, so the graph has both roots; hello goes through a subgraph.
const supergraph = (url) => `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
  mutation: Mutation
}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { GREETER @join__graph(name: "greeter", url: "${url}") }
type Query @join__type(graph: GREETER) { hello(name: String): String }
type Mutation @join__type(graph: GREETER) { greet: String }
`;

const subgraph = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ data: { hello: 'Hello' } }));
  });
});

// listen resolves to the subgraph's address.
const listen = () => new Promise((resolve) => subgraph.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${subgraph.address().port}/`)));

// closed are the checks that ask __type: where introspection is off they cannot pass.
const closed = ['28B9', '2EA1', '6A70', 'D6D5'];

// audit runs all checks, tells which do not pass and returns how many of these were not to be expected.
async function audit(url, title, expected) {
  const hello = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"query":"{ hello }"}' });
  const answer = await hello.json();
  if (answer.data?.hello !== 'Hello') throw new Error(`the subgraph is not reached: ${JSON.stringify(answer)}`);
  const results = await auditServer({ url, fetchFn: fetch });
  const failed = results.filter((r) => r.status !== 'ok');
  const unexpected = failed.filter((r) => !expected.includes(r.id));
  console.log(`${title}: ${results.length - failed.length} of ${results.length} checks pass`);
  for (const r of failed) {
    console.log(`  ${r.id} ${r.name}: ${r.reason} (status ${r.response?.status})${expected.includes(r.id) ? ', as introspection is off' : ''}`);
  }
  return unexpected.length + (results.length === 61 ? 0 : 1);
}

const folder = await mkdtemp(join(tmpdir(), 'souk-audit-'));
try {
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraph(await listen()));
  const open = await serveSupergraph(souk, file, [], (url) => audit(url, 'souk router', []));
  const shut = await serveSupergraph(souk, file, ['--introspection', 'off'], (url) => audit(url, 'souk router --introspection off', closed));
  process.exitCode = open + shut === 0 ? 0 : 1;
} finally {
  subgraph.close();
  subgraph.closeAllConnections();
  await rm(folder, { recursive: true });
}
