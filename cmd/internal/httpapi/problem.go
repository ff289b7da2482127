package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Problem is an error over HTTP (RFC 9457). Type is stable; Detail and Hint
// are for people and may change. Nothing in it repeats what was submitted.
type Problem struct {
	Type    string   `json:"type" doc:"Stable identifier of the kind of problem" example:"urn:tamga:problem:unauthorized"`
	Title   string   `json:"title" doc:"The kind of problem in words"`
	Status  int      `json:"status" doc:"HTTP status"`
	Code    string   `json:"code" doc:"The last part of type" example:"unauthorized"`
	Detail  string   `json:"detail,omitempty" doc:"What happened here"`
	Hint    string   `json:"hint,omitempty" doc:"What to do next"`
	Reasons []string `json:"reasons,omitempty" doc:"Each thing that stands in the way"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// kinds is the one list of problems: code → status and title.
var kinds = map[string]struct {
	status int
	title  string
}{
	"bad-request":         {http.StatusBadRequest, "The request cannot be understood"},
	"unauthorized":        {http.StatusUnauthorized, "A valid bearer token is needed"},
	"not-found":           {http.StatusNotFound, "There is nothing here"},
	"method-not-allowed":  {http.StatusMethodNotAllowed, "This method is not allowed here"},
	"too-large":           {http.StatusRequestEntityTooLarge, "The request is too large"},
	"unsupported-type":    {http.StatusUnsupportedMediaType, "This content type is not accepted here"},
	"not-readable":        {http.StatusUnprocessableEntity, "The document cannot be read"},
	"invalid":             {http.StatusUnprocessableEntity, "The request is understood, but cannot be fulfilled"},
	"holder-key-required": {http.StatusUnprocessableEntity, "The holder's public key is needed"},
	"busy":                {http.StatusServiceUnavailable, "The server is busy"},
	"not-ready":           {http.StatusServiceUnavailable, "The server is not ready"},
	"internal":            {http.StatusInternalServerError, "Something went wrong on our side"},
}

// problem makes a problem of a kind in the list; an unknown code is our fault.
func problem(code, detail, hint string) *Problem {
	k, ok := kinds[code]
	if !ok {
		code, k, detail, hint = "internal", kinds["internal"], "", ""
	}
	return &Problem{
		Type: "urn:tamga:problem:" + code, Title: k.title, Status: k.status,
		Code: code, Detail: detail, Hint: hint,
	}
}

func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="tamga"`) // RFC 6750 §3
	}
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

// writeJSON writes v on one line. What cannot be marshalled is our fault and
// must not leave as half an answer.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, contentType = http.StatusInternalServerError, "application/problem+json"
		body = []byte(`{"type":"urn:tamga:problem:internal","title":"Something went wrong on our side",` +
			`"status":500,"code":"internal"}`)
	}
	body = append(body, '\n')
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no error of ours
}
