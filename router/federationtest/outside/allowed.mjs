// What may differ from others' composition, each with its reason. Where the others do not agree we follow Apollo.

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
  ['router', 'composed', '@keep', 'the Guild\'s public schema defines the composed directives of specifications; ours, like that of Apollo, does not'],
  ['router', 'composed', '@differ', 'the Guild\'s public schema defines the composed directives of specifications; ours, like that of Apollo, does not'],
  ['guild', 'composed custom_directives', 'composition', 'the Guild wants one major version even where one of them is not composed'],
  ['guild', 'composed names', 'composition', 'the Guild does not know the namespace that a link gives with as'],
  ['guild', 'world', 'Query.root', 'the Guild loses @provides where the subgraphs differ in the type of a field; Apollo keeps it'],
  ['guild', 'composed roots', 'composition', 'the Guild fails on root types with other names'],
];

const laxer = 'the Guild does not check this; Apollo refuses it as we do';
const otherCode = 'the Guild has another code for it, or more of them; ours is that of Apollo';

// codes are differences between refusals: the oracle, what it says instead, the reason, and the cases.
const codes = [
  ['guild', 'composes', laxer, `
    default_value_uses_inaccessible.input directive_definition_invalid.argument directive_definition_invalid.location external_collision_with_another_directive
    directive_definition_invalid.repeatable directive_composition_error.no_at disallowed_inaccessible extension_with_no_base.enum extension_with_no_base.interface external_on_interface
    implemented_by_inaccessible.argument interface_key_missing_implementation_type invalid_field_sharing.override
    invalid_field_sharing.provided invalid_field_sharing.subscription invalid_shareable_usage.twice
    invalid_shareable_usage.type_twice key_fields_select_invalid_type.union key_invalid_fields.alias link_import_name_mismatch
    link_import_name_mismatch.namespace
    missing_transitive_auth_requirements.scopes only_inaccessible_children.union override_collision_with_another_directive
    referenced_inaccessible.directive required_argument_missing_in_some_subgraph.interface requires_fields_missing_external.nested
    requires_invalid_fields.argument requires_invalid_fields.missing_argument requires_invalid_fields.value
    requires_invalid_fields.variable satisfiability_error.mutation shareable_has_mismatched_runtime_types`],
  ['guild', 'composes', 'the Guild does not check this; Apollo fails on it', 'key_invalid_fields.selection'],
  ['guild', 'DIRECTIVE_DEFINITION_INVALID,INVALID_GRAPHQL', otherCode, 'directive_definition_invalid.missing directive_definition_invalid.type'],
  ['guild', 'EXTERNAL_ARGUMENT_MISSING,REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH', otherCode, 'external_argument_missing.required'],
  ['guild', 'EXTERNAL_TYPE_MISMATCH,FIELD_TYPE_MISMATCH', otherCode, 'external_type_mismatch'],
  ['guild', 'FIELD_ARGUMENT_DEFAULT_MISMATCH', otherCode, 'external_argument_default_mismatch'],
  ['guild', 'FIELD_ARGUMENT_TYPE_MISMATCH', otherCode, 'external_argument_type_mismatch'],
  ['guild', 'INTERFACE_OBJECT_USAGE_ERROR', otherCode, 'type_kind_mismatch.interface_object'],
  ['guild', 'INVALID_GRAPHQL', otherCode, 'field_type_mismatch.interface'],
  ['guild', 'INVALID_GRAPHQL,KEY_UNSUPPORTED_ON_INTERFACE', otherCode, 'invalid_graphql.newer'],
  ['guild', 'KEY_INVALID_FIELDS', otherCode, 'key_directive_in_fields_arg'],
  ['guild', 'PROVIDES_INVALID_FIELDS', otherCode, 'provides_directive_in_fields_arg'],
  ['guild', 'REQUIRES_INVALID_FIELDS', otherCode, 'requires_directive_in_fields_arg'],
  ['guild', 'LIST_SIZE_INVALID_SIZED_FIELD', otherCode, 'list_size_applied_to_non_list'],
  ['guild', 'OVERRIDE_SOURCE_HAS_OVERRIDE', otherCode, 'override_source_has_override'],
  ['guild', 'PROVIDES_UNSUPPORTED_ON_INTERFACE,REQUIRES_UNSUPPORTED_ON_INTERFACE', otherCode, 'provides_unsupported_on_interface'],
  ['guild', 'SATISFIABILITY_ERROR', otherCode, 'invalid_field_sharing.interface_object_key type_with_only_unused_external'],
  ['guild', 'uncoded', 'the Guild says the same without a code', 'invalid_link_directive_usage.name'],
  ['guild', 'threw', 'the Guild and Apollo fail on it', 'provides_invalid_fields.fragment satisfiability_error.requires'],
  ['apollo', 'threw', 'Apollo fails on it', 'directive_composition_error.renamed key_invalid_fields.selection provides_invalid_fields.fragment satisfiability_error.requires'],
  ['apollo', 'INVALID_LINK_DIRECTIVE_USAGE', 'Apollo takes the second link for a repetition before it looks at its version', 'unknown_link_version'],
  ['guild', 'composes', 'we say that we lack it, and do not serve a graph that relies on it', 'unsupported_feature unsupported_linked_feature'],
  ['apollo', 'composes', 'we say that we lack it, and do not serve a graph that relies on it', 'unsupported_feature unsupported_linked_feature'],
];

const used = new Set();

// allowedFact returns why a fact may differ, or undefined.
export function allowedFact(oracle, name, what) {
  return use(facts.find(([who, inCase, inWhat]) => who === oracle && name.includes(inCase) && what.includes(inWhat)))?.[3];
}

// allowedCodes returns why an oracle may give these codes for a broken input, or undefined.
export function allowedCodes(oracle, name, theirs) {
  return use(codes.find(([who, says, , cases]) => who === oracle && says === theirs && cases.trim().split(/\s+/).includes(name)))?.[2];
}

function use(entry) {
  used.add(entry);
  return entry;
}

// unused lists what is allowed to the oracles without need. Random graphs need not show all that is allowed to them.
export const unused = (oracles) => [...facts, ...codes].filter((e) => oracles.includes(e[0]) && e[1] !== 'world' && !used.has(e)).map((e) => e.join(', '));
