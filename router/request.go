package router

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxName is the longest name of an operation.
const maxName = 128

// request is what a client asks for.
type request struct {
	query     string
	name      string
	variables json.RawMessage
}

// decode reads a request from the body of a POST or from the URL of another method. It may refer to the exchange.
func (r *Router) decode(x *exchange, w http.ResponseWriter, q *http.Request) (request, *refusal) {
	if q.Method != http.MethodPost {
		if len(q.RequestURI) > r.opt.MaxURL {
			return request{}, refuse(http.StatusRequestURITooLong, "URI_TOO_LONG", "The URL is too long.")
		}
		return decodeURL(q.URL.RawQuery)
	}
	if fail := checkContentType(q.Header.Get("Content-Type")); fail != nil {
		return request{}, fail
	}
	if fail := x.read(http.MaxBytesReader(w, q.Body, r.opt.MaxBody), q.Header.Get("Content-Encoding"), r.opt.MaxBody); fail != nil {
		return request{}, fail
	}
	return x.decodeBody()
}

// checkContentType demands JSON in UTF-8.
func checkContentType(text string) *refusal {
	if text == "application/json" {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(text)
	if err != nil || media != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body of a POST request must be application/json.")
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The request body must be in UTF-8.")
	}
	return nil
}

func badRequest(message string) *refusal {
	return refuse(http.StatusBadRequest, "BAD_REQUEST", message)
}

func (x *exchange) decodeBody() (request, *refusal) {
	body := x.in.Bytes()
	if !utf8.Valid(body) {
		return request{}, badRequest("The request body is not UTF-8.")
	}
	m := object(body)
	if m == nil {
		return request{}, badRequest("The request body must be a JSON object.")
	}
	var given [4][]byte // by index of the parameter
	for key, value, ok := m.next(); ok; key, value, ok = m.next() {
		x.text = appendString(x.text[:0], key)
		if i := slices.Index(parameters[:], string(x.text)); i >= 0 {
			given[i] = value
		}
	}
	for i, value := range given {
		switch {
		case string(value) == "null":
			given[i] = nil
		case value != nil && i < firstObject && value[0] != '"':
			return request{}, badRequest("The parameter " + parameters[i] + " must be a string.")
		case value != nil && i >= firstObject && value[0] != '{':
			return request{}, badRequest("The parameter " + parameters[i] + " must be an object.")
		}
	}
	out := request{query: x.string(given[0]), name: x.string(given[1]), variables: given[2]}
	return out.check(given[3])
}

// parameters are what a request may have: strings, then objects.
var parameters = [...]string{"query", "operationName", "variables", "extensions"}

const firstObject = 2

// string returns what a JSON string says, "" for none.
func (x *exchange) string(quoted []byte) string {
	if quoted == nil {
		return ""
	}
	x.text = appendString(x.text[:0], quoted)
	return string(x.text)
}

func decodeURL(rawQuery string) (request, *refusal) {
	parameters, err := url.ParseQuery(rawQuery)
	if err != nil || !utf8.ValidString(parameters.Get("query")) {
		return request{}, badRequest("The URL's parameters cannot be read.")
	}
	out := request{query: parameters.Get("query"), name: parameters.Get("operationName")}
	object := func(name string) (json.RawMessage, bool) {
		raw := bytes.Trim([]byte(parameters.Get(name)), " \t\r\n")
		if len(raw) == 0 || string(raw) == "null" {
			return nil, true
		}
		return raw, raw[0] == '{' && utf8.Valid(raw) && json.Valid(raw)
	}
	variables, ok := object("variables")
	extensions, ok2 := object("extensions")
	if !ok || !ok2 {
		return request{}, badRequest("The parameters variables and extensions must be JSON objects.")
	}
	out.variables = variables
	return out.check(extensions)
}

// check demands a document.
func (q request) check(extensions json.RawMessage) (request, *refusal) {
	if len(q.name) > maxName {
		return request{}, badRequest("The operation's name is too long.")
	}
	if q.query != "" {
		return q, nil
	}
	var known struct {
		PersistedQuery json.RawMessage `json:"persistedQuery"`
	}
	if err := json.Unmarshal(extensions, &known); err == nil && known.PersistedQuery != nil {
		return request{}, refuse(http.StatusOK, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
	}
	return request{}, badRequest("The parameter query is missing.")
}
