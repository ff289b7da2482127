package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	sent   int64
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.sent += int64(n)
	return n, err
}

// Unwrap lets [http.ResponseController] through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// discard is where an answer goes that only its status is wanted of.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// attrs is one line of the log: no address, no name, no query, no header, for
// each of them may tell who a person is.
func attrs(r *http.Request, rec *recorder, route string, took time.Duration) []slog.Attr {
	if route == "" {
		route = "none"
	}
	return []slog.Attr{
		slog.String("method", methodOf(r)), slog.String("route", route), slog.Int("status", rec.status),
		slog.Int64("received", max(0, r.ContentLength)), slog.Int64("sent", rec.sent),
		slog.Float64("ms", float64(took.Microseconds())/1000),
	}
}

// methodOf keeps invented methods out of the log.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

func levelOf(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}
