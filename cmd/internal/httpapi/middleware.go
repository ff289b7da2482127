package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/pades"
	"tamga/signer"
)

// outer stands around everything: it counts, logs, catches panics, and answers
// where no route does.
func (s *server) outer(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		rec := &recorder{ResponseWriter: w}
		h := rec.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		handler, pattern := mux.Handler(r)
		defer func() {
			abort := s.panicked(rec, pattern, recover())
			s.Log.LogAttrs(r.Context(), levelOf(rec.status), "request", attrs(r, rec, pattern, s.Now().Sub(start))...)
			if abort {
				panic(http.ErrAbortHandler)
			}
		}()
		select {
		case s.requests <- struct{}{}:
			defer func() { <-s.requests }()
		default:
			problem("busy", "as many requests as allowed are being answered", "try again in a moment").write(rec)
			return
		}
		if pattern == "" {
			noRoute(rec, r, handler)
			return
		}
		mux.ServeHTTP(rec, r)
	})
}

// panicked answers 500 if nothing has been answered yet; otherwise it reports
// that the connection must be broken off, so that half an answer cannot pass
// for a whole one.
func (s *server) panicked(rec *recorder, pattern string, cause any) (abort bool) {
	if cause == nil {
		return false
	}
	if cause != http.ErrAbortHandler {
		s.Log.Error("panic", "route", pattern, "stack", string(debug.Stack()))
		if rec.status == 0 {
			problem("internal", "", "").write(rec)
			return false
		}
	}
	return true
}

// noRoute turns the mux's plain 404 and 405 into problems; the mux knows which
// methods there are.
func noRoute(w http.ResponseWriter, r *http.Request, mux http.Handler) {
	probe := &recorder{ResponseWriter: discard{http.Header{}}}
	mux.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.Header().Get("Allow"))
		problem("method-not-allowed", "", "see the Allow header").write(w)
		return
	}
	problem("not-found", "", "the operations are listed at /openapi.json").write(w)
}

// handle wraps a route: who may come in, how long, and how errors look.
func (s *server) handle(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.token && !s.authorised(req) {
			problem("unauthorized", "", "send the header Authorization: Bearer TOKEN; "+
				"`tamga serve --dev` says where its token is").write(w)
			return
		}
		if req.Body != nil {
			req.Body = &patient{req.Body, http.NewResponseController(w), s.Now, s.Now().Add(wholeTime)}
		}
		err := r.serve(w, req)
		if err != nil {
			s.problemOf(req, r, err).write(w)
		}
	})
}

// authorised compares digests in constant time, so that neither the token nor
// its length can be found out by measuring.
func (s *server) authorised(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || s.Token == "" {
		return false
	}
	have, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.Token))
	return subtle.ConstantTimeCompare(have[:], want[:]) == 1
}

// problemOf decides what a client may learn of an error. What we do not know
// stays inside, but for the log.
func (s *server) problemOf(req *http.Request, r route, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if m, ok := errors.AsType[*request.Error](err); ok {
		return problem("invalid", m.Text, m.Hint)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem("too-large", "", "the limits are in the server's settings")
	}
	for _, sentinel := range []error{
		formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported, formats.ErrNotRecognised,
	} {
		if errors.Is(err, sentinel) {
			return problem("not-readable", err.Error(), "")
		}
	}
	if errors.Is(err, signer.ErrClaims) || errors.Is(err, pades.ErrWish) || errors.Is(err, pades.ErrForbidden) ||
		errors.Is(err, cades.ErrWish) || errors.Is(err, cades.ErrForbidden) {
		return problem("invalid", err.Error(), "")
	}
	if _, ours := errors.AsType[*spoolError](err); !ours && req.Context().Err() != nil {
		return problem("bad-request", "the request broke off", "")
	}
	s.Log.Error("failure", "route", r.method+" "+r.path, "error", err.Error())
	return problem("internal", "", "")
}

// working waits for a place among those who keep a processor busy.
func (s *server) working(ctx context.Context) (done func(), err error) {
	select {
	case s.work <- struct{}{}:
		return func() { <-s.work }, nil
	case <-ctx.Done():
		return nil, problem("busy", "", "try again in a moment")
	}
}

// patient is a body whose sender may be slow but not silent.
type patient struct {
	io.ReadCloser
	rc    *http.ResponseController
	now   func() time.Time
	until time.Time
}

func (p *patient) Read(b []byte) (int, error) {
	// Where the connection knows no deadline, the server's own one stays.
	if next := p.now().Add(idle); next.Before(p.until) {
		_ = p.rc.SetReadDeadline(next)
	}
	return p.ReadCloser.Read(b)
}
