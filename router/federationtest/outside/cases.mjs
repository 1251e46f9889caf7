// Finds what is composed: the fixture suites, the shop's subgraphs in every combination, drafts, and the broken inputs.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fromRoot, run } from './tools.mjs';
import { asArguments } from './composers.mjs';

const shared = process.env.SOUK_SHARED ?? fromRoot('../shared');

// without tells that there are no fixtures: outside of the project's own machines there need not be any.
const without = !process.env.SOUK_SHARED && !existsSync(shared);
if (without) console.log('without fixture suites and drafts: set SOUK_SHARED to their folder');

const read = (...path) => readFileSync(join(...path), 'utf8');

// suites are the fixture suites, each with the supergraph that came with it.
export function suites() {
  if (without) return [];
  const root = join(shared, 'fixtures/federation');
  return readdirSync(root, { withFileTypes: true }).filter((d) => d.isDirectory()).map(({ name }) => {
    const files = readdirSync(join(root, name, 'subgraphs')).filter((f) => f.endsWith('.graphql') && !f.endsWith('.exec.graphql'));
    const sources = files.map((f) => ({ name: basename(f, '.graphql'), sdl: read(root, name, 'subgraphs', f) }));
    return { name: `suite ${name}`, sources, given: read(root, name, 'supergraph.graphql') };
  });
}

// outside is our own program for what only Go can tell.
const outside = fromRoot('router/federationtest/outside/.cache/outside');

const four = ['product', 'cart', 'checkout', 'customer'];

// shop is every combination of the shop's subgraphs, with our stub for the owners that a combination lacks.
export async function shop(folder) {
  const cases = [];
  for (let set = 1; set < 1 << four.length; set++) {
    const sources = four.filter((_, i) => set & (1 << i)).map((name) => ({ name, sdl: `${read(fromRoot('schema/shared.graphql'))}\n${read(fromRoot(`schema/${name}.graphql`))}` }));
    const stub = await run(outside, ['stub', ...await asArguments(folder, sources)]);
    if (stub.code !== 0) throw new Error(stub.err);
    if (stub.out) sources.push({ name: 'stub', sdl: stub.out });
    cases.push({ name: `shop ${sources.map((s) => s.name).join(' ')}`, sources });
  }
  return cases;
}

// drafts are schemas that are larger than what the shop has by now.
export function drafts() {
  if (without) return [];
  const root = join(shared, 'reference/schema-draft');
  const draft = (name) => ({ name, sdl: (four.includes(name) ? `${read(root, 'shared.graphql')}\n` : '') + read(root, `${name}.graphql`) });
  return [four, [...four, 'content'], [...four, 'content', 'node']].map((names) => ({ name: `draft ${names.join(' ')}`, sources: names.map(draft) }));
}

// worlds are random graphs. Not all of them compose.
export async function worlds(seed, count) {
  const printed = await run(outside, ['worlds', seed, count]);
  if (printed.code !== 0) throw new Error(printed.err);
  return printed.out.trim().split('\n').map((line, i) => ({ name: `world ${seed}/${i}`, sources: JSON.parse(line) }));
}

// broken are the inputs that composition must refuse.
export function broken() {
  const root = fromRoot('router/compose/testdata/errors');
  return readdirSync(root).filter((f) => f.endsWith('.txt')).map((f) => ({ name: basename(f, '.txt'), sources: sections(read(root, f)) }));
}

// composed are the small inputs whose supergraph our own tests hold.
export function composed() {
  const root = fromRoot('router/compose/testdata/composed');
  return readdirSync(root).filter((f) => f.endsWith('.txt')).map((f) => ({ name: `composed ${basename(f, '.txt')}`, sources: sections(read(root, f)) }));
}

// sections reads the txtar notation: the subgraphs are the sections whose name ends in .graphql.
function sections(text) {
  const parts = text.split(/^-- (.+) --\n/m).slice(1);
  const sources = [];
  for (let i = 0; i < parts.length; i += 2) {
    if (parts[i].endsWith('.graphql') && parts[i] !== 'supergraph.graphql') sources.push({ name: basename(parts[i], '.graphql'), sdl: parts[i + 1] });
  }
  return sources;
}
