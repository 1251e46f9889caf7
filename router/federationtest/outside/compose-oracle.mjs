// Holds our composition against that of others: equal schemas for what composes, equal codes for what does not.
// usage: node compose-oracle.mjs SOUK [PART OF A CASE'S NAME]
// WORLDS=SEED:COUNT says which random graphs are tried.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedCodes, allowedFact, unused } from './allowed.mjs';
import { broken, composed, drafts, shop, suites, worlds } from './cases.mjs';
import { composeByUs, oracles } from './composers.mjs';
import { differences, introspected, joinFacts, publicSchema, schemaFacts } from './graphs.mjs';
import { serveSupergraph } from './tools.mjs';

const [souk, part = ''] = process.argv.slice(2);
const [seed, count] = (process.env.WORLDS ?? '1:40').split(':');
const folder = await mkdtemp(join(tmpdir(), 'souk-oracle-'));
const tally = { equal: 0, allowed: 0, different: 0 };

// judge counts a comparison and prints what is different; why is the reason where a difference is allowed.
function judge(title, found, why) {
  const open = found.filter((f) => !why(f));
  tally[open.length ? 'different' : found.length ? 'allowed' : 'equal']++;
  if (open.length) console.log(`DIFFERENT ${title}`);
  for (const [what, ours, theirs] of open.slice(0, 12)) console.log(`  ${what}\n    ours:   ${ours}\n    theirs: ${theirs}`);
  if (open.length > 12) console.log(`  and ${open.length - 12} more`);
}

// checkGraph compares what one set of subgraphs makes.
async function checkGraph({ name, sources, given }) {
  const { file, codes, text } = await composeByUs(souk, folder, sources);
  const others = Object.entries(oracles).map(([oracle, compose]) => [oracle, compose(sources)]);
  if (given) others.push(['given', { sdl: given }]);
  if (!file) {
    for (const [oracle, theirs] of others) {
      if (theirs.sdl) judge(`${name}, ${oracle}`, [['composition', `${codes}\n${text}`, 'composes']], () => '');
    }
    return;
  }
  const sdl = await readFile(file, 'utf8');
  const addresses = sources.flatMap((s) => ['--subgraph', `${s.name}=http://127.0.0.1:9/`]);
  const live = await serveSupergraph(souk, file, ['--dev', ...addresses], introspected);
  const ours = publicSchema(sdl);
  compareSchemas(name, 'router', live, ours);
  for (const [oracle, theirs] of others) {
    if (!theirs.sdl) {
      judge(`${name}, ${oracle}`, [['composition', 'composes', `${theirs.codes} ${theirs.text}`]], ([what]) => allowedFact(oracle, name, what));
      continue;
    }
    compareSupergraphs(name, oracle, sdl, theirs.sdl);
  }
}

function compareSupergraphs(name, oracle, ours, theirs) {
  compareSchemas(name, oracle, publicSchema(ours), publicSchema(theirs));
  judge(`${name}, ${oracle}: join data`, differences(joinFacts(ours), joinFacts(theirs)), ([what]) => allowedFact(oracle, name, what));
}

// checkWorld compares what a random graph makes, or why it is refused. Nobody looks at every path, so that composers may
// disagree on what can be satisfied: result tells where. That what we compose answers right is held by TestWorlds.
async function checkWorld({ name, sources }, result) {
  const ours = await composeByUs(souk, folder, sources);
  const sdl = ours.file && await readFile(ours.file, 'utf8');
  result[sdl ? 'composed' : 'refused']++;
  for (const [oracle, compose] of Object.entries(oracles)) {
    const theirs = compose(sources);
    const [mine, yours] = [ours, theirs].map((r) => String(r.codes ?? 'composes'));
    if (sdl && theirs.sdl) {
      compareSupergraphs(name, oracle, sdl, theirs.sdl);
    } else if (mine === 'SATISFIABILITY_ERROR' && theirs.sdl) {
      result.stricter.push(`${name} (${oracle})`);
    } else if (sdl && yours === 'SATISFIABILITY_ERROR') {
      result.laxer.push(`${name} (${oracle})`);
    } else {
      judge(`${name}, ${oracle}`, mine === yours ? [] : [['codes', `${mine}${details(ours)}`, `${yours}${details(theirs)}`]], () => '');
    }
  }
}

// compareSchemas compares what clients see, first with all descriptions.
function compareSchemas(name, oracle, ours, theirs) {
  for (const descriptions of [true, false]) {
    const found = differences(schemaFacts(ours, { descriptions }), schemaFacts(theirs, { descriptions }));
    judge(`${name}, ${oracle}: schema${descriptions ? ' with descriptions' : ''}`, found, ([what]) => allowedFact(oracle, name, what));
  }
}

// checkBroken compares why a set of subgraphs is refused, and returns by whom for the same reasons.
async function checkBroken({ name, sources }) {
  const ours = await composeByUs(souk, folder, sources);
  const agree = [];
  for (const [oracle, compose] of Object.entries(oracles)) {
    const theirs = compose(sources);
    const [mine, yours] = [ours, theirs].map((r) => String(r.codes ?? 'composes'));
    if (mine === yours) agree.push(oracle);
    const found = mine === yours ? [] : [['codes', `${mine}${details(ours)}`, `${yours}${details(theirs)}`]];
    judge(`refusal ${name}, ${oracle}`, found, () => allowedCodes(oracle, name, yours));
  }
  return agree;
}

const details = ({ text }) => (text ? `\n      ${text.trim().replaceAll('\n', '\n      ').slice(0, 1500)}` : '');

async function main() {
  console.log(`composers: souk, ${Object.keys(oracles).join(', ')}`);
  const named = (c) => c.name.includes(part);
  for (const c of [...suites(), ...await shop(folder), ...drafts(), ...composed()].filter(named)) await checkGraph(c);
  const random = { composed: 0, refused: 0, stricter: [], laxer: [] };
  for (const c of (await worlds(seed, count)).filter(named)) await checkWorld(c, random);
  console.log(`random graphs: ${random.composed} compose, ${random.refused} do not; ours is stricter for ${random.stricter.join(', ') || 'none'}, laxer for ${random.laxer.join(', ') || 'none'}`);
  console.log(`graphs: ${tally.equal} comparisons equal, ${tally.allowed} allowed to differ, ${tally.different} different`);
  const graphs = tally.different;
  const agreed = { all: 0, some: 0, none: 0 };
  const inputs = broken().filter(named);
  for (const c of inputs) {
    const by = await checkBroken(c);
    agreed[by.length === Object.keys(oracles).length ? 'all' : by.length ? 'some' : 'none']++;
  }
  console.log(`broken inputs: ${inputs.length}; the same codes from all: ${agreed.all}, from one of them: ${agreed.some}, from none: ${agreed.none}; not allowed: ${tally.different - graphs}`);
  const idle = part ? [] : unused([...Object.keys(oracles), 'router']);
  if (idle.length) console.log(`allowed without need:\n  ${idle.join('\n  ')}`);
  return tally.different || idle.length ? 1 : 0;
}

try {
  process.exitCode = await main();
} finally {
  await rm(folder, { recursive: true });
}
