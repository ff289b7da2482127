package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxStampRequest bounds an RFC 3161 request: a digest and some numbers.
const maxStampRequest = 16 << 10

// timestamp is RFC 3161 §3.4. A request that is refused is answered with 200
// and a response that says why, as the RFC has it.
func (s *server) timestamp(w http.ResponseWriter, r *http.Request) error {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || t != "application/timestamp-query" {
		return problem("unsupported-type", "", "send application/timestamp-query (RFC 3161 3.4)")
	}
	query, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStampRequest))
	if err != nil {
		return bodyError(err)
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	defer done()
	reply, err := s.TSA.Respond(r.Context(), query)
	if len(reply) == 0 {
		return errors.Join(err, errors.New("the time-stamp authority gave no answer"))
	}
	if err != nil { // the answer says that there is no stamp; why is ours to know
		s.Log.Error("time-stamping", "error", err.Error())
	}
	writeBytes(w, "application/timestamp-reply", reply)
	return nil
}

// crl serves the list that certificates point to (RFC 5280 §4.2.1.13).
func (s *server) crl(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".crl")
	var list []byte
	if ok {
		list = s.CRL(name)
	}
	if list == nil {
		return problem("not-found", "there is no revocation list of this name", "")
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	writeBytes(w, "application/pkix-crl", list) // RFC 2585 §4.2
	return nil
}

// health says that the process answers, and nothing else.
func (s *server) health(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, "application/json", Health{Status: "alive"})
	return nil
}

// ready says whether the server can do its work, or each reason why not.
func (s *server) ready(w http.ResponseWriter, r *http.Request) error {
	if reasons := s.Ready(r.Context()); len(reasons) > 0 {
		p := problem("not-ready", strings.Join(reasons, "; "), "")
		p.Reasons = reasons
		return p
	}
	writeJSON(w, http.StatusOK, "application/json", Health{Status: "ready"})
	return nil
}

// Health is the answer of healthz and readyz when all is well.
type Health struct {
	Status string `json:"status" enum:"alive,ready"`
}

func writeBytes(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that has gone is no error of ours
}
