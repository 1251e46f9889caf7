// Brings schemas and supergraphs, whoever made them, into forms whose differences can be listed.
import { others } from './tools.mjs';

const { buildASTSchema, buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, parse, print, printSchema, visit } = others('graphql');
const { transformSupergraphToPublicSchema } = others('@theguild/federation-composition');

// publicSchema is what a supergraph shows to clients.
export function publicSchema(sdl) {
  return buildASTSchema(transformSupergraphToPublicSchema(parse(sdl)), { assumeValidSDL: true });
}

// introspected is what a running router shows to clients.
export async function introspected(url) {
  const query = getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true, schemaDescription: true });
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return buildClientSchema(data);
}

// schemaFacts lists a schema as sorted lines, one for each definition, without descriptions where these are not to count.
export function schemaFacts(schema, { descriptions }) {
  const definitions = parse(printSchema(lexicographicSortSchema(schema))).definitions;
  const facts = new Map();
  for (let d of definitions) {
    if (!descriptions) d = visit(d, { enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined) });
    const name = d.kind === 'DirectiveDefinition' ? `@${d.name.value}` : (d.name?.value ?? 'schema');
    for (const [key, text] of parts(name, d)) facts.set(key, text);
  }
  return facts;
}

// parts splits a definition into itself and its members, so that a difference names the field and not the whole type.
function* parts(name, d) {
  const members = d.fields ?? d.values ?? [];
  yield [name, print({ ...d, fields: undefined, values: undefined })];
  for (const m of members) yield [`${name}.${m.name.value}`, print(m)];
}

// joinFacts lists which subgraph has what, in a form that does not depend on what the notation lets one leave out, and
// which other directives the supergraph applies.
export function joinFacts(sdl) {
  const facts = new Map();
  const graphs = new Map();
  const definitions = parse(sdl).definitions;
  const machinery = /^(join|link)__|__(Scope|Policy|ContextArgument)$/;
  for (const v of definitions.find((d) => d.name?.value === 'join__Graph').values) {
    graphs.set(v.name.value, applied(v, 'join__graph')[0].name);
  }
  for (const d of definitions) {
    if (!d.name || d.kind === 'DirectiveDefinition' || machinery.test(d.name.value)) continue;
    typeFacts(d, graphs, facts);
    appliedFacts(d.name.value, d, facts);
  }
  return facts;
}

// appliedFacts lists the directives that are not the notation's own.
function appliedFacts(coordinate, node, facts) {
  const others = (node.directives ?? []).filter((d) => !d.name.value.startsWith('join__'));
  const sorted = (nodes) => nodes.toSorted((x, y) => (print(x) < print(y) ? -1 : 1));
  const sort = { Directive: (d) => ({ ...d, arguments: sorted(d.arguments) }), ListValue: (l) => ({ ...l, values: sorted(l.values) }) };
  for (const d of others) add(facts, `${coordinate} applies @${d.name.value}`, print(visit(d, sort)));
  for (const member of [...(node.fields ?? []), ...(node.values ?? [])]) appliedFacts(`${coordinate}.${member.name.value}`, member, facts);
  for (const a of node.arguments ?? []) appliedFacts(`${coordinate}(${a.name.value}:)`, a, facts);
}

function typeFacts(d, graphs, facts) {
  const type = d.name.value;
  const owners = new Set();
  for (const { graph, ...more } of applied(d, 'join__type')) {
    owners.add(graph);
    add(facts, `${type} in ${graphs.get(graph)}`, describe(more));
  }
  for (const { graph, ...more } of applied(d, 'join__implements')) facts.set(`${type} in ${graphs.get(graph)} implements ${more.interface}`, '');
  for (const { graph, member } of applied(d, 'join__unionMember')) facts.set(`${type} in ${graphs.get(graph)} has member ${member}`, '');
  for (const v of d.values ?? []) {
    for (const { graph } of applied(v, 'join__enumValue')) facts.set(`${type}.${v.name.value} in ${graphs.get(graph)}`, '');
  }
  for (const f of d.fields ?? []) {
    const merged = print(f.type);
    const joins = applied(f, 'join__field');
    for (const join of joins.length ? joins : [...owners].map((graph) => ({ graph }))) {
      const { graph, ...more } = join;
      facts.set(`${type}.${f.name.value} in ${graph ? graphs.get(graph) : 'an interface object'}`, describe({ type: merged, ...more }));
    }
  }
}

// applied returns the arguments of each application of a directive.
function applied(node, directive) {
  return (node.directives ?? []).filter((d) => d.name.value === directive).map((d) => Object.fromEntries(d.arguments.map((a) => [a.name.value, argument(a)])));
}

const fieldSets = ['key', 'requires', 'provides'];

function argument({ name, value }) {
  if (fieldSets.includes(name.value)) return fieldSet(value.value);
  return 'value' in value ? value.value : print(value);
}

// fieldSet writes the fields in one order and with one spacing.
function fieldSet(text) {
  const order = { SelectionSet: (s) => ({ ...s, selections: s.selections.toSorted((x, y) => (print(x) < print(y) ? -1 : 1)) }) };
  const set = visit(parse(`{ ${text} }`), { SelectionSet: { leave: order.SelectionSet } });
  return print(set).replace(/\s+/g, ' ').trim();
}

// describe leaves out what is so by default.
function describe(properties) {
  const defaults = { extension: false, resolvable: true, isInterfaceObject: false, external: false, usedOverridden: false };
  return Object.entries(properties).filter(([k, v]) => v !== defaults[k]).map(([k, v]) => `${k}: ${v}`).sort().join(', ');
}

function add(facts, key, text) {
  facts.set(key, [...(facts.get(key)?.split(' | ') ?? []), text].sort().join(' | '));
}

// differences lists what two sets of facts do not have in common: [what, ours, theirs].
export function differences(ours, theirs) {
  const found = [];
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    if (ours.get(key) !== theirs.get(key)) found.push([key, ours.get(key) ?? 'missing', theirs.get(key) ?? 'missing']);
  }
  return found;
}
