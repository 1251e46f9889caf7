// Three composers behind one function each: sources in, supergraph or set of error codes out.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { others, run } from './tools.mjs';

const { parse } = others('graphql');
const guild = others('@theguild/federation-composition');
const apollo = optional('@apollo/composition');

// oracles are the composers of others that are installed, by name.
export const oracles = { guild: composeByGuild, ...(apollo && { apollo: composeByApollo }) };

// composeByUs runs `souk compose`. The supergraph is also left in the folder, as file.
export async function composeByUs(souk, folder, sources) {
  const file = join(folder, 'supergraph.graphql');
  const result = await run(souk, ['compose', ...await asArguments(folder, sources), '-o', file]);
  if (result.code === 0) return { file };
  const codes = [...result.err.matchAll(/^(?:\S*:\d+:\d+: )?([A-Z][A-Z0-9_]+): /gm)].map((m) => m[1]);
  return { codes: sorted(codes.length ? codes : [`exit status ${result.code}`]), text: result.err };
}

// asArguments writes the sources into the folder and names them as NAME=FILE.
export async function asArguments(folder, sources) {
  const named = [];
  for (const [i, s] of sources.entries()) {
    const file = join(folder, `${i}.graphql`);
    await writeFile(file, s.sdl);
    named.push(`${s.name}=${file}`);
  }
  return named;
}

function composeByGuild(sources) {
  return judged(() => guild.composeServices(services(sources)));
}

function composeByApollo(sources) {
  return judged(() => apollo.composeServices(services(sources)));
}

const services = (sources) => sources.map((s) => ({ name: s.name, url: '', typeDefs: parse(s.sdl) }));

// judged makes the two libraries alike. A library may also throw: text that is not GraphQL, or a fault of its own.
function judged(compose) {
  try {
    const { supergraphSdl, errors } = compose();
    if (!errors?.length) return { sdl: supergraphSdl };
    return { codes: sorted(errors.map((e) => e.extensions?.code ?? 'uncoded')), text: errors.map((e) => e.message).join('\n') };
  } catch (e) {
    return { codes: [e.extensions?.code ?? (e.name === 'GraphQLError' ? 'INVALID_GRAPHQL' : 'threw')], text: String(e.message) };
  }
}

const sorted = (codes) => [...new Set(codes)].sort();

function optional(name) {
  try {
    return others(name);
  } catch (e) {
    if (e.code !== 'MODULE_NOT_FOUND') throw e;
    return undefined;
  }
}
