package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bare is a server whose ports are not wired, for all that happens before.
func bare(t *testing.T, log io.Writer) *API {
	return &API{
		Token: "secret-token", Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now, Tool: "test",
		CRL:    func(string) []byte { return nil },
		Limits: Limits{File: 1 << 20, JSON: 1 << 10, SpoolDir: t.TempDir()},
	}
}

// call sends one request and insists that an error is a problem that repeats
// nothing of it.
func call(t *testing.T, h http.Handler, r *http.Request) (*httptest.ResponseRecorder, *Problem) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	if w.Code < 400 {
		return w, nil
	}
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var p Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, w.Code, p.Status)
	require.Equal(t, "urn:tamga:problem:"+p.Code, p.Type)
	require.NotEmpty(t, p.Title)
	require.NotContains(t, w.Body.String(), "Zrazok")
	return w, &p
}

func asked(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Authorization", "Bearer secret-token")
	return r
}

func TestProblems(t *testing.T) {
	var log bytes.Buffer
	h := bare(t, &log).Handler()
	form := func(write func(*multipart.Writer)) (string, string) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		write(m)
		require.NoError(t, m.Close())
		return m.FormDataContentType(), b.String()
	}
	twice := func(m *multipart.Writer) {
		for range 2 {
			w, _ := m.CreateFormFile("file", "Zrazok.pdf")
			w.Write([]byte("Zrazok"))
		}
	}
	unknown := func(m *multipart.Writer) { m.WriteField("Zrazok", "Zrazok") }
	none := func(*multipart.Writer) {}
	long := func(m *multipart.Writer) { m.WriteField("reason", strings.Repeat("x", maxField+1)) }
	many := func(m *multipart.Writer) {
		for range maxParts + 1 {
			m.CreateFormFile("file", "a")
		}
	}
	huge := func(m *multipart.Writer) {
		w, _ := m.CreateFormFile("file", "Zrazok.pdf")
		w.Write(make([]byte, 1<<20+1))
	}
	for name, c := range map[string]struct {
		method, path, contentType, body string
		form                            func(*multipart.Writer)
		code                            string
	}{
		"nothing there":           {"GET", "/Zrazok", "", "", nil, "not-found"},
		"a list that is not":      {"GET", "/crl/Zrazok.crl", "", "", nil, "not-found"},
		"a list without its end":  {"GET", "/crl/Zrazok", "", "", nil, "not-found"},
		"wrong method":            {"GET", "/v1/sign", "", "", nil, "method-not-allowed"},
		"invented method":         {"ZRAZOK", "/v1/verify", "", "", nil, "method-not-allowed"},
		"JSON instead of a file":  {"POST", "/v1/verify", "application/json", `{"Zrazok":1}`, nil, "unsupported-type"},
		"curl -d":                 {"POST", "/v1/sign", "application/x-www-form-urlencoded", "Zrazok", nil, "unsupported-type"},
		"broken content type":     {"POST", "/v1/sign", "Zrazok; =", "x", nil, "unsupported-type"},
		"no boundary":             {"POST", "/v1/sign", "multipart/form-data", "x", nil, "bad-request"},
		"form cut off":            {"POST", "/v1/sign", "multipart/form-data; boundary=b", "--b\r\nContent-Disp", nil, "bad-request"},
		"no file":                 {"POST", "/v1/sign", "", "", none, "bad-request"},
		"two files":               {"POST", "/v1/sign", "", "", twice, "bad-request"},
		"unknown field":           {"POST", "/v1/sign", "", "", unknown, "bad-request"},
		"unknown query":           {"POST", "/v1/sign?Zrazok=1", "application/pdf", "x", nil, "bad-request"},
		"long field":              {"POST", "/v1/sign", "", "", long, "bad-request"},
		"many parts":              {"POST", "/v1/sign", "", "", many, "bad-request"},
		"file too large":          {"POST", "/v1/sign", "", "", huge, "too-large"},
		"body too large":          {"POST", "/v1/verify", "application/pdf", strings.Repeat("x", 1<<20+1), nil, "too-large"},
		"not a PDF, no format":    {"POST", "/v1/sign", "text/plain", "Zrazok", nil, "invalid"},
		"unknown format":          {"POST", "/v1/sign?format=Zrazok", "text/plain", "x", nil, "invalid"},
		"claims of another type":  {"POST", "/v1/issue/pid", "text/plain", "{}", nil, "unsupported-type"},
		"claims too large":        {"POST", "/v1/issue/pid", "application/json", strings.Repeat(" ", 1<<10+1), nil, "too-large"},
		"no JSON":                 {"POST", "/v1/issue/pid", "application/json", "Zrazok", nil, "bad-request"},
		"a member we do not know": {"POST", "/v1/issue/pid", "application/json", `{"claims":{},"Zrazok":1}`, nil, "bad-request"},
		"a member twice":          {"POST", "/v1/issue/pid", "application/json", `{"claims":{"a":1,"a":"Zrazok"}}`, nil, "bad-request"},
		"no claims":               {"POST", "/v1/issue/pid", "application/json", `{}`, nil, "invalid"},
		"claims are a list":       {"POST", "/v1/issue/pid", "application/json", `{"claims":["Zrazok"]}`, nil, "invalid"},
		"no holder key":           {"POST", "/v1/issue/pid", "application/json", `{"claims":{}}`, nil, "holder-key-required"},
		"holder key null":         {"POST", "/v1/issue/pid", "application/json", `{"claims":{},"holder_key":null}`, nil, "holder-key-required"},
		"holder key of nonsense":  {"POST", "/v1/issue/pid", "application/json", `{"claims":{},"holder_key":{"kty":"Zrazok"}}`, nil, "invalid"},
		"deep JSON":               {"POST", "/v1/issue/pid", "application/json", strings.Repeat("[", 1000), nil, "bad-request"},
		"a time-stamp by GET":     {"GET", "/tsa", "", "", nil, "method-not-allowed"},
		"a time-stamp of text":    {"POST", "/tsa", "text/plain", "x", nil, "unsupported-type"},
		"a large time-stamp":      {"POST", "/tsa", "application/timestamp-query", strings.Repeat("x", maxStampRequest+1), nil, "too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.form != nil {
				c.contentType, c.body = form(c.form)
			}
			w, p := call(t, h, asked(c.method, c.path, c.contentType, c.body))
			require.NotNil(t, p, "%d %s", w.Code, w.Body)
			require.Equal(t, c.code, p.Code, w.Body.String())
			if p.Code == "method-not-allowed" {
				require.NotEmpty(t, w.Header().Get("Allow"))
			}
		})
	}
	require.NotContains(t, log.String(), "Zrazok")
	require.NotContains(t, log.String(), "secret-token")
	require.NotContains(t, log.String(), "192.0.2.1") // httptest's client
}

func TestToken(t *testing.T) {
	api := bare(t, io.Discard)
	h := api.Handler()
	for name, header := range map[string]string{
		"none": "", "wrong": "Bearer secret-tokem", "short": "Bearer secret", "long": "Bearer secret-token1",
		"empty": "Bearer ", "scheme": "Basic secret-token", "bare": "secret-token",
	} {
		for _, path := range []string{"/v1/sign", "/v1/issue/pid"} {
			t.Run(name+path, func(t *testing.T) {
				r := asked("POST", path, "application/pdf", "%PDF-1.7")
				r.Header.Set("Authorization", header)
				w, p := call(t, h, r)
				require.Equal(t, "unauthorized", p.Code)
				require.Equal(t, `Bearer realm="tamga"`, w.Header().Get("WWW-Authenticate"))
			})
		}
	}
	// A server without a token lets nobody in, least of all those without one.
	api.Token = ""
	r := asked("POST", "/v1/sign", "application/pdf", "%PDF-1.7")
	r.Header.Set("Authorization", "Bearer ")
	_, p := call(t, api.Handler(), r)
	require.Equal(t, "unauthorized", p.Code)
}

func TestPanicIsOurFault(t *testing.T) {
	var log bytes.Buffer
	api := bare(t, &log)
	api.CRL = func(string) []byte { panic("Zrazok") }
	w, p := call(t, api.Handler(), asked("GET", "/crl/a.crl", "", ""))
	require.Equal(t, "internal", p.Code)
	require.Equal(t, 500, w.Code)
	require.Contains(t, log.String(), "panic")
	require.NotContains(t, log.String(), "Zrazok")
}

func TestBusy(t *testing.T) {
	api := bare(t, io.Discard)
	api.Limits.Requests = 1
	entered, leave := make(chan struct{}), make(chan struct{})
	api.CRL = func(string) []byte { close(entered); <-leave; return []byte("list") }
	h := api.Handler()
	done := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, asked("GET", "/crl/a.crl", "", ""))
		done <- w.Code
	}()
	<-entered
	w, p := call(t, h, asked("GET", "/healthz", "", ""))
	require.Equal(t, "busy", p.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	close(leave)
	require.Equal(t, 200, <-done)
	w, _ = call(t, h, asked("GET", "/healthz", "", ""))
	require.Equal(t, 200, w.Code)
}

func TestReady(t *testing.T) {
	api := bare(t, io.Discard)
	var reasons []string
	api.Ready = func(context.Context) []string { return reasons }
	h := api.Handler()
	w, _ := call(t, h, asked("GET", "/readyz", "", ""))
	require.Equal(t, 200, w.Code)
	reasons = []string{"the list ended", "the certificate ended"}
	w, p := call(t, h, asked("GET", "/readyz", "", ""))
	require.Equal(t, 503, w.Code)
	require.Equal(t, reasons, p.Reasons)
}

func TestOpenAPI(t *testing.T) {
	h := bare(t, io.Discard).Handler()
	w, _ := call(t, h, asked("GET", "/openapi.json", "", ""))
	require.Equal(t, 200, w.Code)
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]struct{ Security []any }
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Type any
					Enum []string
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	require.Equal(t, "3.1.0", doc.OpenAPI)
	require.NotEmpty(t, doc.Paths["/v1/sign"]["post"].Security)
	require.NotEmpty(t, doc.Paths["/v1/issue/{type}"]["post"].Security)
	require.Empty(t, doc.Paths["/v1/verify"]["post"].Security)
	for _, path := range []string{"/tsa", "/crl/{name}", "/healthz", "/readyz", "/v1/verify"} {
		require.Contains(t, doc.Paths, path)
	}
	require.Contains(t, doc.Components.Schemas["Signature"].Properties["indication"].Enum, "TOTAL-PASSED")
	require.Contains(t, doc.Components.Schemas, "Problem")
	require.NotContains(t, w.Body.String(), "cdn")
}

func TestSpool(t *testing.T) {
	dir := t.TempDir()
	for _, size := range []int{0, 1, spoolMemory - 1, spoolMemory, spoolMemory + 1, 3*spoolMemory + 7} {
		want := bytes.Repeat([]byte("tamga"), size/5+1)[:size]
		s, err := newSpool(dir, "a", bytes.NewReader(want))
		require.NoError(t, err)
		require.EqualValues(t, size, s.size)
		got, err := io.ReadAll(s.input().Reader())
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got))
		if s.file != nil {
			info, err := s.file.Stat()
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
		s.Close()
		s.Close()
	}
	_, err := newSpool(dir, "a", io.MultiReader(bytes.NewReader(make([]byte, 2*spoolMemory)), broken{}))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
	_, err = newSpool(dir+"/none", "a", bytes.NewReader(make([]byte, 2*spoolMemory)))
	require.ErrorAs(t, err, new(*spoolError))
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBaseName(t *testing.T) {
	for name, want := range map[string]string{
		"contract.pdf": "contract.pdf", "../../etc/passwd": "passwd", `C:\a\b.pdf`: "b.pdf",
		"": "document", "..": "document", "a/": "document", "договір.pdf": "договір.pdf",
		"a\nb": "a\uFFFDb", strings.Repeat("x", 256): "document", "\xff": "\uFFFD",
	} {
		require.Equal(t, want, baseName(name))
	}
}
