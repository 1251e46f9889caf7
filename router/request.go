package router

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
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

// decode reads a request from the body of a POST or from the URL of another method.
func (r *Router) decode(w http.ResponseWriter, q *http.Request) (request, *refusal) {
	if q.Method != http.MethodPost {
		if len(q.RequestURI) > r.opt.MaxURL {
			return request{}, refuse(http.StatusRequestURITooLong, "URI_TOO_LONG", "The URL is too long.")
		}
		return decodeURL(q.URL.RawQuery)
	}
	if fail := checkContentType(q.Header); fail != nil {
		return request{}, fail
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, r.opt.MaxBody))
	if err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return request{}, refuse(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "The request body is too large.")
		}
		return request{}, badRequest("The request body cannot be read.")
	}
	return decodeBody(body)
}

// checkContentType demands JSON in UTF-8 that is not compressed.
func checkContentType(h http.Header) *refusal {
	media, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body of a POST request must be application/json.")
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The request body must be in UTF-8.")
	}
	if encoding := h.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The request body must not be compressed.")
	}
	return nil
}

func badRequest(message string) *refusal {
	return refuse(http.StatusBadRequest, "BAD_REQUEST", message)
}

func decodeBody(body []byte) (request, *refusal) {
	var members map[string]json.RawMessage
	if !utf8.Valid(body) {
		return request{}, badRequest("The request body is not UTF-8.")
	}
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return request{}, badRequest("The request body must be a JSON object.")
	}
	var out request
	var fail *refusal
	text := func(name string) (s string) {
		raw := members[name]
		if raw == nil || string(raw) == "null" {
			return ""
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			fail = badRequest("The parameter " + name + " must be a string.")
		}
		return s
	}
	object := func(name string) json.RawMessage {
		raw := members[name]
		if raw == nil || string(raw) == "null" {
			return nil
		}
		if raw[0] != '{' {
			fail = badRequest("The parameter " + name + " must be an object.")
		}
		return raw
	}
	out.query, out.name, out.variables = text("query"), text("operationName"), object("variables")
	extensions := object("extensions")
	if fail != nil {
		return request{}, fail
	}
	return out.check(extensions)
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
