package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/cmd/internal/fetch"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// world is an authority on a server of its own, and a fetcher that may ask it.
type world struct {
	*pkitest.PKI
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	pages  map[string]http.HandlerFunc // by path
	hits   []string
	now    time.Time
	cfg    fetch.Config
}

func newWorld(t *testing.T) *world {
	w := &world{PKI: pkitest.New(t, "root -> ca -> alice, other"), t: t, pages: map[string]http.HandlerFunc{}}
	w.server = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.server.Close)
	w.now = w.Now
	w.cfg = fetch.Config{
		Hosts: []string{w.host()}, Now: func() time.Time { return w.now }, AllowPrivate: true,
		Limits: fetch.Limits{Request: 5 * time.Second},
	}
	return w
}

func (w *world) host() string { return strings.TrimPrefix(w.server.URL, "http://") }

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.hits = append(w.hits, r.Method+" "+r.URL.Path)
	page := w.pages[r.URL.Path]
	if page == nil && strings.HasPrefix(r.URL.Path, "/ocsp/") {
		page = w.pages["/ocsp/"]
	}
	w.mu.Unlock()
	if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
		w.t.Error("the request says more than it should")
	}
	if page == nil {
		http.NotFound(out, r)
		return
	}
	page(out, r)
}

func (w *world) page(path string, body []byte) {
	w.pages[path] = func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write(body) }
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.hits)
}

func (w *world) session() *fetch.Session {
	w.t.Helper()
	f, err := fetch.New(w.cfg)
	require.NoError(w.t, err)
	w.t.Cleanup(f.Close)
	return f.Document()
}

// leaf is a certificate of ca that names these URLs; a path stands for the
// world's own server.
func (w *world) leaf(name string, lists, responders, issuers []string) *x509.Certificate {
	full := func(list []string) (out []string) {
		for _, u := range list {
			if strings.HasPrefix(u, "/") {
				u = w.server.URL + u
			}
			out = append(out, u)
		}
		return out
	}
	return w.Issue("ca", name, func(t *x509.Certificate) {
		t.CRLDistributionPoints, t.OCSPServer, t.IssuingCertificateURL = full(lists), full(responders), full(issuers)
	})
}

func (w *world) revocation(s *fetch.Session, c *x509.Certificate) []pki.Revocation {
	w.t.Helper()
	found, err := s.Revocation(w.t.Context(), c, w.Cert("ca"))
	require.NoError(w.t, err)
	return found
}

func TestList(t *testing.T) {
	w := newWorld(t)
	w.page("/der.crl", w.CRL("ca"))
	w.page("/pem.crl", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: w.CRL("root")}))
	c := w.leaf("bob", []string{"ldap://directory/cn=x", "/der.crl", "/pem.crl", "/none.crl"}, nil, nil)
	s := w.session()
	found := w.revocation(s, c)
	require.Len(t, found, 2)
	require.Equal(t, pki.CRL, found[0].Kind)
	require.Equal(t, byte(0x30), found[1].Raw[0], "PEM is unpacked")
	require.Equal(t, "fetched from "+w.server.URL+"/der.crl", found[0].Source)
	record := s.Fetched()
	require.Len(t, record, 3)
	require.Equal(t, "crl", record[0].Kind)
	require.Equal(t, w.Now, record[0].Time)
	require.Equal(t, int64(len(found[0].Raw)), record[0].Size)
	require.Len(t, record[0].SHA256, 64)
	require.Equal(t, "answered 404", record[2].Error)
	require.Empty(t, record[2].SHA256)
	require.Empty(t, s.Needed())

	w.revocation(s, c)
	require.Equal(t, 3, w.count(), "asked once in a document, good or bad")
}

func (w *world) answer(name string) http.HandlerFunc {
	der := w.OCSP(name)
	return func(out http.ResponseWriter, r *http.Request) {
		request, err := io.ReadAll(r.Body)
		if r.Method == http.MethodGet {
			_, text, _ := strings.Cut(r.URL.EscapedPath(), "/ocsp/")
			text, err = url.PathUnescape(text)
			if err == nil {
				request, err = base64.StdEncoding.DecodeString(text)
			}
		} else if r.Header.Get("Content-Type") != "application/ocsp-request" {
			w.t.Error("the Content-Type of an OCSP request")
		}
		if err != nil || !bytes.Contains(request, w.Cert(name).SerialNumber.Bytes()) {
			w.t.Errorf("not a request about the certificate: %x, %v", request, err)
		}
		_, _ = out.Write(der)
	}
}

// A responder that answers makes the list needless.
func TestOCSP(t *testing.T) {
	w := newWorld(t)
	c := w.leaf("bob", []string{"/der.crl"}, []string{"/ocsp"}, nil)
	w.page("/der.crl", w.CRL("ca"))
	w.pages["/ocsp/"] = w.answer("bob")
	s := w.session()
	found := w.revocation(s, c)
	require.Len(t, found, 1)
	require.Equal(t, pki.OCSP, found[0].Kind)
	require.Equal(t, "ocsp", s.Fetched()[0].Kind)
	require.Len(t, s.Fetched(), 1)

	// One that does not know GET is asked by POST.
	w.pages["/ocsp/"], w.pages["/ocsp"] = nil, w.answer("bob")
	s = w.session()
	require.Len(t, w.revocation(s, c), 1)
	require.Len(t, s.Fetched(), 2)

	// One that answers about somebody else, or says nothing, does not keep us
	// from the list.
	for _, body := range [][]byte{w.OCSP("other"), {0x30, 3, 0x0a, 1, 3}, []byte("<html>"), {}} {
		w.page("/ocsp", body)
		s = w.session()
		found = w.revocation(s, c)
		require.Len(t, found, 1)
		require.Equal(t, pki.CRL, found[0].Kind)
		require.NotEmpty(t, s.Fetched()[1].Error)
	}
}

// Who can answer in the responder's place, but has no key of it, must not keep
// us from the lists. The answer is kept: the verifier may trust that responder by
// a decision of its own.
func TestOCSPByAStranger(t *testing.T) {
	w := newWorld(t)
	c := w.leaf("bob", []string{"/der.crl"}, []string{"/ocsp"}, nil)
	w.page("/der.crl", w.CRL("ca"))
	forged := w.OCSP("bob")
	forged[len(forged)-1] ^= 1
	w.page("/ocsp/", forged)
	found := w.revocation(w.session(), c)
	require.Len(t, found, 2)
	require.Equal(t, pki.OCSP, found[0].Kind)
	require.Equal(t, pki.CRL, found[1].Kind)
}

// A long URL is no GET, and one with a query cannot have a path after it.
func TestOCSPByPost(t *testing.T) {
	w := newWorld(t)
	for i, address := range []string{"/ocsp?x=1", "/" + strings.Repeat("o", 250)} {
		name := fmt.Sprintf("bob%d", i)
		c := w.leaf(name, nil, []string{address}, nil)
		path, _, _ := strings.Cut(address, "?")
		w.pages[path] = w.answer(name)
		require.Len(t, w.revocation(w.session(), c), 1)
	}
	require.Equal(t, 2, w.count())
}

func TestIssuers(t *testing.T) {
	w := newWorld(t)
	w.page("/ca.p7c", bundle(t, w.Chain("alice")...))
	w.page("/ca.der", w.Cert("ca").Raw)
	w.page("/ca.pem", w.PEM("ca"))
	w.page("/wrong.der", w.Cert("root").Raw)
	w.page("/ca.html", []byte("<html>moved</html>"))
	for path, want := range map[string]int{"/ca.der": 1, "/ca.pem": 1, "/ca.p7c": 1, "/wrong.der": 0, "/ca.html": 0, "/none": 0} {
		c := w.leaf("bob"+path, nil, nil, []string{path})
		s := w.session()
		found, err := s.Issuers(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, found, want, path)
		if want > 0 {
			require.True(t, found[0].Equal(w.Cert("ca")))
		}
		require.Equal(t, "certificate", s.Fetched()[0].Kind)
	}
}

// bundle is a SignedData without signers (RFC 5652 §5.1), as authorities publish
// the certificates of theirs:
//
//	ContentInfo { signedData, [0] SignedData {
//	    version 1, digestAlgorithms {}, { data }, certificates [0], signerInfos {} } }
func bundle(t *testing.T, list ...*x509.Certificate) []byte {
	constructed := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
		b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {})
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1})
				})
				b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
					for _, c := range list {
						b.AddBytes(c.Raw)
					}
				})
				b.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {})
			})
		})
	})
	der, err := b.Bytes()
	require.NoError(t, err)
	return der
}

// Nobody is asked who is not on the list. The session says who it would have
// been.
func TestHostsAreDeniedByDefault(t *testing.T) {
	w := newWorld(t)
	w.cfg.Hosts = []string{"crl.example.com", "127.0.0.1"} // another port is another host
	c := w.leaf("bob", []string{"/der.crl", "http://CRL.Example.com:8080/x", "http://a.crl.example.com/x"}, []string{"/ocsp"}, nil)
	s := w.session()
	require.Empty(t, w.revocation(s, c))
	require.Equal(t, []string{w.host(), "crl.example.com:8080", "a.crl.example.com"}, s.Needed())
	require.Zero(t, w.count())
	for _, line := range s.Fetched() {
		require.Contains(t, line.Error, "not on the list")
	}
}

func TestOddURLs(t *testing.T) {
	w := newWorld(t)
	w.page("/der.crl", w.CRL("ca"))
	for _, address := range []string{
		"file:///etc/passwd", "gopher://" + w.host() + "/x", "http:/der.crl", "http://", "https:" + w.host(),
		"http://user:secret@" + w.host() + "/der.crl", "http://" + w.host() + "\r\nHost: x/", "HTTP://%zz/",
	} {
		c := &x509.Certificate{CRLDistributionPoints: []string{address}, RawIssuer: w.Cert("ca").RawSubject}
		s := w.session()
		require.Empty(t, w.revocation(s, c), address)
		for _, line := range s.Fetched() {
			require.NotEmpty(t, line.Error)
			require.NotContains(t, line.Error, "secret")
		}
	}
	require.Zero(t, w.count())
}

// A page that sends on to where nobody may go, or for ever, or down from https.
func TestRedirects(t *testing.T) {
	w := newWorld(t)
	w.page("/der.crl", w.CRL("ca"))
	to := func(target string) http.HandlerFunc {
		return func(out http.ResponseWriter, r *http.Request) { http.Redirect(out, r, target, http.StatusFound) }
	}
	w.pages["/good"] = to("/der.crl")
	w.pages["/away"] = to("http://internal.example/der.crl")
	w.pages["/file"] = to("file:///etc/passwd")
	w.pages["/user"] = to("http://user:pw@" + w.host() + "/der.crl")
	w.pages["/loop"] = to("/loop")
	for path, want := range map[string]string{
		"/good": "", "/away": "not on the list", "/file": "only http and https", "/user": "a user's name", "/loop": "redirects",
	} {
		s := w.session()
		found := w.revocation(s, w.leaf("bob"+path, []string{path}, nil, nil))
		if want == "" {
			require.Len(t, found, 1)
			continue
		}
		require.Empty(t, found)
		require.Contains(t, s.Fetched()[0].Error, want, path)
	}
}

// A redirect is a request like any other.
func TestRedirectsCount(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits.Requests = 1
	w.page("/der.crl", w.CRL("ca"))
	w.pages["/good"] = func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, "/der.crl", http.StatusMovedPermanently)
	}
	s := w.session()
	require.Empty(t, w.revocation(s, w.leaf("bob", []string{"/good"}, nil, nil)))
	require.Contains(t, s.Fetched()[0].Error, "more than 1 requests")
	require.Equal(t, 1, w.count())
}

// Answers that are too long, never end, come by drops, are packed, or are
// something else.
func TestBadAnswers(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = fetch.Limits{Request: 300 * time.Millisecond, Bytes: 1 << 20}
	zeros := make([]byte, 64<<10)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 160 {
		_, _ = z.Write(zeros)
	}
	require.NoError(t, z.Close())
	w.pages["/endless"] = func(out http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := out.Write(zeros); err != nil {
				return
			}
		}
	}
	w.pages["/declared"] = func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Length", "99999999")
	}
	w.pages["/drops"] = func(out http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = out.Write([]byte{0x30})
			_ = http.NewResponseController(out).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	w.pages["/silent"] = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(2 * time.Second):
		}
	}
	w.pages["/bomb"] = func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("we ask for packed answers")
		}
		out.Header().Set("Content-Encoding", "gzip")
		_, _ = out.Write(bomb.Bytes())
	}
	w.page("/html", []byte("<html>not here</html>"))
	w.page("/empty", nil)
	w.page("/cut", w.CRL("ca")[:100])
	w.page("/more", append(w.CRL("ca"), 0))
	for path, want := range map[string]string{
		"/endless": "more than", "/declared": "more than", "/drops": "in time", "/silent": "in time", "/bomb": "packed",
		"/html": "not a revocation list", "/empty": "not a revocation list", "/cut": "not a revocation list",
		"/more": "not a revocation list",
	} {
		s := w.session()
		began := time.Now()
		require.Empty(t, w.revocation(s, w.leaf("bob"+path, []string{path}, nil, nil)), path)
		require.Contains(t, s.Fetched()[0].Error, want, path)
		require.Less(t, time.Since(began), time.Minute)
	}
}

func TestBudgets(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = fetch.Limits{Requests: 2}
	w.page("/der.crl", w.CRL("ca"))
	c := w.leaf("bob", []string{"/a", "/b", "/der.crl"}, nil, nil)
	s := w.session()
	require.Empty(t, w.revocation(s, c))
	require.Equal(t, 2, w.count())
	require.Contains(t, s.Fetched()[2].Error, "more than 2 requests")
	require.Len(t, w.revocation(w.session(), w.leaf("eve", []string{"/der.crl"}, nil, nil)), 1, "the next document has its own")

	w.cfg.Limits = fetch.Limits{Bytes: int64(len(w.CRL("ca"))) + 10}
	w.page("/second.crl", w.CRL("ca"))
	s = w.session()
	require.Len(t, w.revocation(s, w.leaf("mallory", []string{"/der.crl", "/second.crl"}, nil, nil)), 1)
	require.Contains(t, s.Fetched()[1].Error, "more than")

	w.cfg.Limits = fetch.Limits{Document: time.Nanosecond}
	s = w.session()
	require.Empty(t, w.revocation(s, w.leaf("late", []string{"/der.crl"}, nil, nil)))
	require.Contains(t, s.Fetched()[0].Error, "in time")
}

// Who stops us is told at once, and nothing is recorded as an answer.
func TestCancel(t *testing.T) {
	w := newWorld(t)
	began := make(chan struct{})
	w.pages["/silent"] = func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-began; stop() }()
	s := w.session()
	_, err := s.Revocation(ctx, w.leaf("bob", []string{"/silent"}, nil, nil), w.Cert("ca"))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, s.Fetched())
	_, err = s.Issuers(ctx, w.leaf("eve", nil, nil, []string{"/x"}))
	require.ErrorIs(t, err, context.Canceled)
}
