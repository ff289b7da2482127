package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"tamga/verifier/report"
)

// Session is what is fetched for one document: its budget, and the record of
// what was asked and what came. It is a [pki.RevocationSource] and a
// [pki.IssuerSource], and safe for concurrent use; what it asks, it asks one
// after the other.
type Session struct {
	f *Fetcher

	mu       sync.Mutex
	started  time.Time // by the system's clock: of the first request
	requests int
	bytes    int64
	record   []report.Fetched
	known    map[string][]byte // by key, nil where nothing came
	needed   []string          // hosts that may not be asked
}

type sessionKey struct{}

// Document begins with a document.
func (f *Fetcher) Document() *Session { return &Session{f: f, known: map[string][]byte{}} }

// Fetched returns what was asked and what came, in the order of asking.
func (s *Session) Fetched() []report.Fetched {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.record)
}

// Needed returns the hosts that would have been asked, if they were allowed.
func (s *Session) Needed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.needed)
}

// query is one thing to ask for.
type query struct {
	kind  string // "crl", "ocsp" or "certificate"
	url   string
	body  []byte // POST it; nil: GET
	limit int64  // bytes of the answer
	// accept returns what of the answer counts, and until when it may be kept;
	// its error says that this is not what was asked for.
	accept func(body []byte) (useful []byte, until time.Time, err error)
}

func (q query) key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d %s\n%x", q.kind, len(q.url), q.url, q.body)
	return hex.EncodeToString(h.Sum(nil))
}

// get answers from the session, the cache or the network. Whatever goes wrong
// out there is recorded and answered with nil: nothing known is no error. The
// error is that of a context that has ended, ours or the caller's.
func (s *Session) get(ctx context.Context, q query) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := q.key()
	if body, asked := s.known[key]; asked {
		return body, nil
	}
	line := report.Fetched{URL: cut(q.url), Kind: q.kind, Time: s.f.cfg.Now().UTC()}
	body, err := s.find(ctx, q, key, &line)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		line.Error = report.Printable(cause(err))
		body = nil
	} else {
		sum := sha256.Sum256(body)
		line.Size, line.SHA256 = int64(len(body)), hex.EncodeToString(sum[:])
	}
	s.known[key] = body
	s.record = append(s.record, line)
	return body, nil
}

func cut(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return report.Printable(text)
}

// cause drops the method and the URL that package http puts in front.
func cause(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}

func (s *Session) find(ctx context.Context, q query, key string, line *report.Fetched) ([]byte, error) {
	u, err := url.Parse(q.url)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	if err := s.f.refused(u); err != nil {
		if host := hostOf(u); errors.Is(err, errNotAllowed) && !slices.Contains(s.needed, host) {
			s.needed = append(s.needed, host)
		}
		return nil, err
	}
	if kept, ok := s.f.cache.get(q, key); ok {
		if useful, _, err := q.accept(kept.body); err == nil {
			line.Cached, line.Time = true, kept.Fetched
			return useful, nil
		}
	}
	body, err := s.ask(ctx, q, u)
	if err != nil {
		return nil, err
	}
	useful, until, err := q.accept(body)
	if err != nil {
		return nil, err
	}
	s.f.cache.put(q, key, body, until)
	return useful, nil
}

// spend takes one request from the budget.
func (s *Session) spend() error {
	if s.requests >= s.f.cfg.Limits.Requests {
		return fmt.Errorf("more than %d requests for one document", s.f.cfg.Limits.Requests)
	}
	s.requests++
	return nil
}

// ask sends one request and reads the answer within every limit.
func (s *Session) ask(ctx context.Context, q query, u *url.URL) ([]byte, error) {
	if err := s.spend(); err != nil {
		return nil, err
	}
	limits := s.f.cfg.Limits
	if s.started.IsZero() {
		s.started = time.Now()
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, sessionKey{}, s), limits.Request)
	defer cancel()
	ctx, cancelAll := context.WithDeadline(ctx, s.started.Add(limits.Document))
	defer cancelAll()
	method, reader := http.MethodGet, io.Reader(http.NoBody)
	if q.body != nil {
		method, reader = http.MethodPost, bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), reader)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "tamga")
	if q.body != nil {
		r.Header.Set("Content-Type", "application/ocsp-request") // RFC 6960 A.1
	}
	answer, err := s.f.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return s.read(answer, min(q.limit, limits.Bytes-s.bytes))
}

func (s *Session) read(answer *http.Response, limit int64) ([]byte, error) {
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %d", answer.StatusCode)
	}
	if e := answer.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, errors.New("the answer is packed, though that was not asked for")
	}
	if answer.ContentLength > limit {
		return nil, fmt.Errorf("the answer has %d bytes, more than %d", answer.ContentLength, limit)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	s.bytes += int64(len(body))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("the answer has more than %d bytes", limit)
	}
	return body, nil
}
