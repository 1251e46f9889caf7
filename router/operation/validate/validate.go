// Package validate checks documents against the rules of the specification, in a time that grows with their length only.
package validate

import (
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// The codes that errors carry in extensions.code.
const (
	codeInvalid       = "GRAPHQL_VALIDATION_FAILED"
	codeTooComplex    = "TOO_COMPLEX_TO_VALIDATE"
	codeIntrospection = "MAX_INTROSPECTION_DEPTH_LIMIT"
)

// maxErrors is how many validation errors a client is told of.
const maxErrors = 50

// ruleSet holds the rules of the specification, without suggestions, which would tell the names of a hidden schema.
// FieldsInSetCanMerge runs after them since it needs their result.
var ruleSet = rules.NewRules(
	rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
	rules.FragmentsOnCompositeTypesRule,
	rules.KnownArgumentNamesRuleWithoutSuggestions,
	rules.KnownDirectivesRule,
	rules.KnownFragmentNamesRule,
	rules.KnownRootTypeRule,
	rules.KnownTypeNamesRuleWithoutSuggestions,
	rules.LoneAnonymousOperationRule,
	rules.MaxIntrospectionDepth,
	rules.NoFragmentCyclesRule,
	rules.NoUndefinedVariablesRule,
	rules.NoUnusedFragmentsRule,
	rules.NoUnusedVariablesRule,
	rules.PossibleFragmentSpreadsRule,
	rules.ProvidedRequiredArgumentsRule,
	rules.ScalarLeafsRuleWithoutSuggestions,
	rules.UniqueArgumentNamesRule,
	rules.UniqueDirectivesPerLocationRule,
	rules.UniqueFragmentNamesRule,
	rules.UniqueInputFieldNamesRule,
	rules.UniqueOperationNamesRule,
	rules.UniqueVariableNamesRule,
	rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	rules.VariablesAreInputTypesRule,
	rules.VariablesInAllowedPositionRule,
	intRange,
	singleFieldSubscriptions,
)

// Document checks a document against the schema and links its parts to their definitions, so nobody else may use the
// document meanwhile. The errors carry a code in their extensions.
func Document(api *ast.Schema, document *ast.QueryDocument) gqlerror.List {
	errs := validator.ValidateWithRules(api, document, ruleSet)
	if len(errs) == 0 {
		if err := checkMerge(api, document); err != nil {
			return gqlerror.List{err}
		}
		return nil
	}
	errs = errs[:min(len(errs), maxErrors)]
	for _, err := range errs {
		code := codeInvalid
		if err.Rule == rules.MaxIntrospectionDepth.Name {
			code = codeIntrospection
		}
		err.Extensions = map[string]any{"code": code}
	}
	return errs
}

// intRange refuses literals that do not fit into 32 bits where an Int is expected.
var intRange = core.Rule{
	Name: "IntRange",
	RuleFunc: func(events *core.Events, report core.AddErrFunc) {
		events.OnValue(func(_ *core.Walker, v *ast.Value) {
			if v.Kind != ast.IntValue || v.Definition == nil || v.Definition.Name != "Int" {
				return
			}
			// Numbers beyond 64 bits are refused by ValuesOfCorrectType.
			if n, err := strconv.ParseInt(v.Raw, 10, 64); err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
				report(core.Message("Int cannot represent non 32-bit signed integer value: %s", v.Raw), core.At(v.Position))
			}
		})
	},
}

// singleFieldSubscriptions demands one response key at the root of a subscription, and no introspection there.
var singleFieldSubscriptions = core.Rule{
	Name: "SingleFieldSubscriptions",
	RuleFunc: func(events *core.Events, report core.AddErrFunc) {
		events.OnOperation(func(_ *core.Walker, op *ast.OperationDefinition) {
			if op.Operation != ast.Subscription {
				return
			}
			keys, visited := map[string]bool{}, map[string]bool{}
			var walk func(ast.SelectionSet)
			walk = func(set ast.SelectionSet) {
				for _, s := range set {
					switch s := s.(type) {
					case *ast.Field:
						keys[s.Alias] = true
						if strings.HasPrefix(s.Name, "__") {
							report(core.Message("A subscription must not select an introspection field at its root."), core.At(s.Position))
						}
					case *ast.InlineFragment:
						walk(s.SelectionSet)
					case *ast.FragmentSpread:
						if s.Definition != nil && !visited[s.Name] {
							visited[s.Name] = true
							walk(s.Definition.SelectionSet)
						}
					}
				}
			}
			walk(op.SelectionSet)
			if len(keys) > 1 {
				report(core.Message("A subscription must select only one field at its root."), core.At(op.Position))
			}
		})
	},
}
