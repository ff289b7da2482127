package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/report"
)

// stranger is a signed file whose certificates name a server for all that it
// lacks: the issuer's certificate, the lists, the OCSP answer.
type stranger struct {
	*pkitest.PKI
	t      *testing.T
	dir    string
	server *httptest.Server
	asked  atomic.Int64
}

func newStranger(t *testing.T) *stranger {
	s := &stranger{PKI: pkitest.New(t, "root -> other"), t: t, dir: t.TempDir()}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		switch r.URL.Path {
		case "/root.crl", "/ca.crl":
			_, _ = w.Write(s.CRL(strings.TrimSuffix(r.URL.Path[1:], ".crl")))
		case "/ca.der":
			_, _ = w.Write(s.Cert("ca").Raw)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.server.Close)
	s.Issue("root", "ca", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid = true, true
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, nil
		c.CRLDistributionPoints = []string{s.server.URL + "/root.crl"}
	})
	s.Issue("ca", "alice", func(c *x509.Certificate) {
		c.CRLDistributionPoints = []string{s.server.URL + "/ca.crl"}
		c.IssuingCertificateURL = []string{s.server.URL + "/ca.der"}
		c.OCSPServer = []string{s.server.URL + "/ocsp"}
	})
	s.write("root.pem", s.PEM("root"))
	s.write("note.txt", []byte("content"))
	s.write("note.txt.p7s", s.sign([]byte("content")))
	return s
}

func (s *stranger) write(name string, data []byte) {
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, name), data, 0o600))
}

// sign makes a detached signature that carries the signer's certificate alone.
func (s *stranger) sign(content []byte) []byte {
	in := formats.Input{Name: "note.txt", ReaderAt: bytes.NewReader(content), Size: int64(len(content))}
	var f cades.Preparer
	pending, err := f.Prepare(in, formats.Params{
		Algorithm: pki.ECDSASHA256, Chain: []*x509.Certificate{s.Cert("alice")}, Time: s.Now, Level: formats.LevelB,
	})
	require.NoError(s.t, err)
	value, err := s.Key("alice").Sign(s.t.Context(), pki.UseSign, pki.ECDSASHA256, pending.ToBeSigned)
	require.NoError(s.t, err)
	edit, err := f.Complete(pending, formats.Completion{Value: value})
	require.NoError(s.t, err)
	return edit.Tail
}

// run verifies the file with these flags.
func (s *stranger) run(flags ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := map[string]string{
		"TAMGA_DATA": filepath.Join(s.dir, "data"), "XDG_CACHE_HOME": filepath.Join(s.dir, "cache"),
	}
	args := append([]string{"verify", filepath.Join(s.dir, "note.txt.p7s"), "--trust", filepath.Join(s.dir, "root.pem")}, flags...)
	code = Run(s.t.Context(), Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Args: args,
		Getenv: func(name string) string { return env[name] }, Now: s.Clock(),
	})
	return code, out.String(), errs.String()
}

// Without --online nothing touches the network: the server that every
// certificate names hears nothing.
func TestOfflineIsOffline(t *testing.T) {
	s := newStranger(t)
	code, _, stderr := s.run("-v")
	require.Equal(t, int(ExitCannotTell), code, stderr)
	code, stdout, _ := s.run("--json")
	require.Equal(t, int(ExitCannotTell), code)
	require.NotContains(t, stdout, "fetched")
	require.Zero(t, s.asked.Load())
	require.NoDirExists(t, filepath.Join(s.dir, "cache"))

	code, _, stderr = s.run("--allow-host", "127.0.0.1")
	require.Equal(t, int(ExitFailed), code)
	require.Contains(t, stderr, "add --online")
}

// --online asks nobody who was not allowed, and says who that would have been.
func TestOnlineDeniesByDefault(t *testing.T) {
	s := newStranger(t)
	host := strings.TrimPrefix(s.server.URL, "http://")
	code, _, stderr := s.run("--online")
	require.Equal(t, int(ExitCannotTell), code)
	require.Contains(t, stderr, "not asked, because not allowed: "+host)
	require.Contains(t, stderr, "--allow-host "+host)
	require.Zero(t, s.asked.Load())

	// The server is on this machine, which a document must not make us ask.
	code, stdout, _ := s.run("--online", "--allow-host", host, "-v")
	require.Equal(t, int(ExitCannotTell), code)
	require.Contains(t, stdout, "the address is not on the public network")
	require.Zero(t, s.asked.Load())

	code, _, stderr = s.run("--online", "--allow-host", "*")
	require.Equal(t, int(ExitFailed), code)
	require.Contains(t, stderr, "is no host")
}

// With the host allowed, what was missing is found, and the report says what was
// fetched and when.
func TestOnline(t *testing.T) {
	s := newStranger(t)
	flags := []string{"--online", "--allow-private", "--allow-host", strings.TrimPrefix(s.server.URL, "http://")}
	code, stdout, stderr := s.run(append(flags, "--json")...)
	require.Equal(t, int(ExitOK), code, stdout+stderr)
	var r report.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	kinds := map[string]int{}
	for _, f := range r.Context.Fetched {
		require.True(t, strings.HasPrefix(f.URL, s.server.URL))
		require.Equal(t, s.Now, f.Time)
		if f.Error == "" {
			kinds[f.Kind]++
		}
	}
	require.Equal(t, map[string]int{"certificate": 1, "crl": 2}, kinds)
	asked := s.asked.Load()

	code, stdout, _ = s.run(append(flags, "-v")...)
	require.Equal(t, int(ExitOK), code)
	require.Contains(t, stdout, "  fetched 2026-06-01T12:00:00Z certificate "+s.server.URL+"/ca.der: ")
	require.Contains(t, stdout, "bytes, kept")
	require.Contains(t, stdout, "answered 404")
	require.Less(t, s.asked.Load()-asked, asked, "the rest is kept")
}

// What somebody saved speaks as well as what is fetched.
func TestEvidenceFolder(t *testing.T) {
	s := newStranger(t)
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "saved"), 0o700))
	for _, name := range []string{"root", "ca"} {
		s.write("saved/"+name+".crl", s.CRL(name))
	}
	code, _, _ := s.run("--evidence", filepath.Join(s.dir, "saved"))
	require.Equal(t, int(ExitCannotTell), code, "its issuer is not known")
	s.write("saved/ca.der", s.Cert("ca").Raw)
	s.write("saved/README", []byte("hello"))
	code, stdout, stderr := s.run("--evidence", filepath.Join(s.dir, "saved"))
	require.Equal(t, int(ExitOK), code, stdout)
	require.Contains(t, stderr, "evidence left out: ")
	require.Zero(t, s.asked.Load())
	code, _, stderr = s.run("--evidence", filepath.Join(s.dir, "none"))
	require.Equal(t, int(ExitFailed), code)
	require.Contains(t, stderr, "loading evidence")
}

func TestParseTime(t *testing.T) {
	at, err := parseTime("2026-11-23", endOfDay)
	require.NoError(t, err)
	require.Equal(t, "2026-11-23 23:59:59", at.Format("2006-01-02 15:04:05"))
	at, err = parseTime("2026-11-23", startOfDay)
	require.NoError(t, err)
	require.Equal(t, "2026-11-23 00:00:00", at.Format("2006-01-02 15:04:05"))
	at, err = parseTime("2026-11-23T12:00:00+02:00", endOfDay)
	require.NoError(t, err)
	require.Equal(t, 10, at.UTC().Hour())
	for _, bad := range []string{"", "today", "2026-02-30", "23.11.2026", "2026-11-23T12:00"} {
		_, err = parseTime(bad, endOfDay)
		require.Error(t, err, bad)
	}
}
