package subgraph

import (
	"encoding/json"
	"mime"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// post answers POST requests. Unlike gqlgen's own transport it writes the data of an answer as the executor made it,
// without reading it again.
type post struct{}

// Supports tells whether this is a POST request with a JSON body.
func (post) Supports(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json" && r.Method == http.MethodPost
}

// Do carries out the operation of a request.
func (post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	var params graphql.RawParams
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	params.ReadTime.Start = graphql.Now()
	if err := d.Decode(&params); err != nil {
		write(w, http.StatusBadRequest, failed("The request body is not a GraphQL request in JSON.", "BAD_REQUEST"))
		return
	}
	params.Headers, params.ReadTime.End = r.Header, graphql.Now()
	operation, problems := exec.CreateOperationContext(ctx, &params)
	if problems != nil {
		write(w, http.StatusOK, exec.DispatchError(graphql.WithOperationContext(ctx, operation), problems))
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, operation)
	response := responses(ctx)
	if response == nil { // The executor has nothing to say to a caller who is gone.
		response = failed("The request was given up.", "SERVICE_UNAVAILABLE")
	}
	write(w, http.StatusOK, response)
}

func failed(message, code string) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{with(new(gqlerror.Error), message, code)}}
}

func write(w http.ResponseWriter, status int, response *graphql.Response) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body, err := encode(response)
	if err != nil { // Extensions of ours that JSON cannot hold.
		status, body = http.StatusInternalServerError, []byte(`{"errors":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // Nobody is left to tell if the caller is gone.
}

// encode writes errors and extensions with encoding/json, and the data as it is.
func encode(response *graphql.Response) ([]byte, error) {
	body := make([]byte, 0, len(response.Data)+256)
	body = append(body, '{')
	if response.Data != nil {
		body = append(append(body, `"data":`...), response.Data...)
	}
	for _, part := range []struct {
		name  string
		value any
		there bool
	}{{"errors", response.Errors, len(response.Errors) > 0}, {"extensions", response.Extensions, len(response.Extensions) > 0}} {
		if !part.there {
			continue
		}
		text, err := json.Marshal(part.value)
		if err != nil {
			return nil, err
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(append(append(body, '"'), part.name...), `":`...), text...)
	}
	return append(body, '}'), nil
}
