// A subgraph in plain Node. It needs no library for federation: two fields of Query make a server a subgraph.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSchema, execute, parse, validate } from 'graphql';

const guides = [
  { kind: 'lantern', instructions: 'Let it cool before you wipe it with a dry cloth.' },
  { kind: 'tajine', instructions: 'Soak it for two hours before its first use, and never pour cold water into the hot pot.' },
  { kind: 'rug', instructions: 'Beat it outdoors and turn it round twice a year.' },
  { kind: 'tea', instructions: 'Keep it dry, dark and away from spices.' },
];
const guideOf = (handle) => guides.find(({ kind }) => handle.split('-').includes(kind)) ?? null;

const sdl = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

// What the federation specification adds to the schema of a subgraph: its directives, and the two fields that routers ask.
const schema = buildSchema(`
  ${sdl}
  directive @link(url: String!, import: [String]) repeatable on SCHEMA
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  schema { query: Query }
  scalar _Any
  union _Entity = Product
  type _Service { sdl: String! }
  extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
`);

const root = {
  careGuides: guides,
  _service: { sdl },
  _entities: ({ representations }) =>
    representations.map(({ __typename, handle }) => ({ __typename, handle, care: guideOf(handle) })),
};

/** Carries out a request; the answer is what GraphQL says it is. */
async function answer({ query, variables, operationName }) {
  try {
    const document = parse(query, { maxTokens: 50_000 });
    const errors = validate(schema, document);
    return errors.length > 0
      ? { errors }
      : await execute({ schema, document, rootValue: root, variableValues: variables, operationName });
  } catch (error) {
    return { errors: [{ message: error.message }] };
  }
}

const limit = 4 << 20;

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > limit) throw new Error('the request is too long');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts));
}

const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/graphql') {
    response.writeHead(request.url === '/livez' ? 200 : 404).end();
    return;
  }
  try {
    const text = JSON.stringify(await answer(await body(request)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  } catch (error) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(error.message);
  }
});

server.listen(Number(process.env.PORT ?? 4006), '127.0.0.1', () => {
  const { address, port } = server.address();
  console.log(`care answers at http://${address}:${port}/graphql`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
