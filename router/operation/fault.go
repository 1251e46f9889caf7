package operation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes that errors of this package carry in extensions.code.
const (
	codeSyntax     = "GRAPHQL_PARSE_FAILED"
	codeResolution = "OPERATION_RESOLUTION_FAILURE"
	codeInput      = "BAD_USER_INPUT"
	codeTokens     = "MAX_TOKENS_LIMIT"
	codeDepth      = "MAX_DEPTH_LIMIT"
	codeAliases    = "MAX_ALIASES_LIMIT"
	codeRootFields = "MAX_ROOT_FIELDS_LIMIT"
	codeDirectives = "MAX_DIRECTIVES_LIMIT"
	codeFragments  = "MAX_FRAGMENTS_LIMIT"
	codeSelections = "MAX_SELECTIONS_LIMIT"
)

// fault makes an error with a code and, where there is one, a place in the document.
func fault(code string, at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}

// syntaxError gives the parser's error its code. The parser tells its token limit apart by the message only.
func syntaxError(err error) *gqlerror.Error {
	var e *gqlerror.Error
	if !errors.As(err, &e) {
		return fault(codeSyntax, nil, "%s", err.Error())
	}
	code := codeSyntax
	if strings.Contains(e.Message, "token limit") {
		code = codeTokens
	}
	return &gqlerror.Error{Message: e.Message, Locations: e.Locations, Extensions: map[string]any{"code": code}}
}
