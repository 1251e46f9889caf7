// What may differ from others' composition, each with its reason. Where the others do not agree we follow Apollo.

const laxer = 'the Guild does not check this; Apollo refuses it as we do';
const wording = 'the Guild has another code for it; ours is that of Apollo';

// facts are differences between graphs: the oracle, parts of the names of the case and of what differs, and the reason.
const facts = [
  ['guild', 'suite requires-with-fragments', 'composition', 'the Guild does not find the way through the fragments; Apollo and the given supergraph compose'],
  ['guild', 'suite union-intersection', '.book', 'the Guild takes the narrower type, which other subgraphs may leave; Apollo and the given supergraph have the wider'],
  ['guild', 'composed types', 'Query.item', 'the Guild takes the narrower type, which other subgraphs may leave; Apollo has the wider'],
  ['guild', 'draft', '@inContext', 'the Guild drops the descriptions of directives'],
  ['guild', 'draft', 'Cart.id', 'we and Apollo keep the description that most subgraphs have'],
  ['guild', 'composed descriptions', 'Genre', 'we and Apollo keep the description that most subgraphs have'],
  ['apollo', 'composed applied_directives', 'composition', 'Apollo does not know @oneOf'],
  ['guild', 'composed executable_directives', 'composition', 'the Guild wants equal types of a directive\'s arguments; we and Apollo take the narrower'],
  ['guild', 'composed federation_1', 'Book in a', 'extension only informs; the supergraphs that came with the fixtures have it as we do'],
  ['apollo', 'composed federation_1', 'Book in a', 'extension only informs; the supergraphs that came with the fixtures have it as we do'],
  ['guild', 'composed machinery', 'composition', 'others want definitions of the directives of specifications that they do not know; we drop such directives'],
  ['apollo', 'composed machinery', 'composition', 'others want definitions of the directives of specifications that they do not know; we drop such directives'],
  ['guild', 'composed names', 'composition', 'the Guild does not know the namespace that a link gives with as'],
  ['guild', 'composed roots', 'composition', 'the Guild fails on root types with other names'],
];

// codes are differences between refusals: the case, the oracle, the codes of the oracle, and the reason.
const codes = [
];

// allowedFact returns why a fact may differ, or undefined.
export function allowedFact(oracle, name, what) {
  return facts.find(([who, inCase, inWhat]) => who === oracle && name.includes(inCase) && what.includes(inWhat))?.at(-1);
}

// allowedCodes returns why the codes for a broken input may differ, or undefined.
export function allowedCodes(oracle, name, theirs) {
  return codes.find(([inCase, who, others]) => who === oracle && name === inCase && others === theirs)?.at(-1);
}
