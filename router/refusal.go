package router

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// refusal is the answer to a request that is not carried out. It has no data.
type refusal struct {
	status int // for application/graphql-response+json, and for application/json unless the error is the document's
	errs   gqlerror.List
	header http.Header
}

func refuse(status int, code, message string) *refusal {
	return &refusal{status: status, errs: gqlerror.List{{Message: message, Extensions: map[string]any{"code": code}}}}
}

// with adds a header to the answer.
func (f *refusal) with(name, value string) *refusal {
	f.header = http.Header{name: {value}}
	return f
}

// refuseAll makes a refusal of errors that carry their codes.
func refuseAll(errs gqlerror.List) *refusal {
	return &refusal{status: http.StatusBadRequest, errs: errs}
}

// documentCodes are the errors that application/json, in its older reading, answers with 200.
var documentCodes = map[string]bool{
	"GRAPHQL_PARSE_FAILED":          true,
	"GRAPHQL_VALIDATION_FAILED":     true,
	"OPERATION_RESOLUTION_FAILURE":  true,
	"BAD_USER_INPUT":                true,
	"INTROSPECTION_DISABLED":        true,
	"OPERATION_NOT_PLANNABLE":       true,
	"PERSISTED_QUERY_NOT_SUPPORTED": true,
}

func (f *refusal) code() string {
	code, _ := f.errs[0].Extensions["code"].(string)
	return code
}

// write answers with the errors and returns the status.
func (f *refusal) write(w http.ResponseWriter, media string) (status int) {
	status = f.status
	if media == mediaJSON && documentCodes[f.code()] {
		status = http.StatusOK
	}
	for name, values := range f.header {
		w.Header()[name] = values
	}
	body, err := json.Marshal(map[string]gqlerror.List{"errors": f.errs})
	if err != nil {
		panic(err) // errors hold strings and numbers only
	}
	send(w, status, media, body)
	return status
}

// The values of headers that never vary.
var (
	contentTypes = map[string][]string{
		mediaJSON:     {mediaJSON + "; charset=utf-8"},
		mediaResponse: {mediaResponse + "; charset=utf-8"},
	}
	noSniff            = []string{"nosniff"}
	varyAccept         = []string{"Accept"}
	varyAcceptEncoding = []string{"Accept-Encoding"}
)

// send writes an answer in one piece.
func send(w http.ResponseWriter, status int, media string, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentTypes[media]
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Content-Type-Options"] = noSniff
	w.WriteHeader(status)
	_, _ = w.Write(body) // Nobody is left to tell if the client is gone.
}

// addVary names one more header that the answer depends on. The value is of one element, and is not copied.
func addVary(h http.Header, value []string) {
	if before := h["Vary"]; before != nil {
		value = append(before[:len(before):len(before)], value...)
	}
	h["Vary"] = value
}

// propagated returns the canonical names of the headers that may go to subgraphs: never ours, nor those of the
// connection.
func propagated(names []string) []string {
	var out []string
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		if !strings.HasPrefix(name, "X-Router-") && !hopByHop[name] {
			out = append(out, name)
		}
	}
	return out
}

// hopByHop are headers that hold for one connection (RFC 9110, 7.6.1), or are made anew for each request.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"Host": true, "Content-Length": true, "Content-Type": true, "Content-Encoding": true, "Accept": true, "Accept-Encoding": true,
}
