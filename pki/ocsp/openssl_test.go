package ocsp_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

// tool is openssl with a folder of files.
type tool struct {
	t   *testing.T
	dir string
}

func newTool(t *testing.T) *tool {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not on PATH")
	}
	return &tool{t, t.TempDir()}
}

func (o *tool) write(name string, data []byte) {
	require.NoError(o.t, os.WriteFile(filepath.Join(o.dir, name), data, 0o600))
}

func (o *tool) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	require.NoError(o.t, err)
	return data
}

func (o *tool) ocsp(args ...string) (string, error) {
	cmd := exec.Command("openssl", append([]string{"ocsp"}, args...)...)
	cmd.Dir = o.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// openssl makes the same requests, byte by byte, and reads those with a nonce.
func TestRequestsAgainstOpenSSL(t *testing.T) {
	o := newTool(t)
	for _, kind := range []string{"p256", "rsa2048", "ed25519"} {
		p := pkitest.New(t, "ca["+kind+"] -> alice")
		ca, alice := p.Cert("ca"), p.Cert("alice")
		o.write("ca.pem", p.PEM("ca"))
		o.write("alice.pem", p.PEM("alice"))
		for h, option := range map[pki.Hash]string{
			pki.SHA1: "-sha1", pki.SHA256: "-sha256", pki.SHA384: "-sha384", pki.SHA512: "-sha512",
		} {
			out, err := o.ocsp("-issuer", "ca.pem", option, "-cert", "alice.pem", "-no_nonce", "-reqout", "theirs.der")
			require.NoError(t, err, out)
			ours, err := ocsp.NewRequest(alice, ca, h, nil)
			require.NoError(t, err)
			require.Equal(t, o.read("theirs.der"), ours, "%s %s", kind, h)

			nonce := h.Sum([]byte(kind))
			ours, err = ocsp.NewRequest(alice, ca, h, nonce)
			require.NoError(t, err)
			o.write("ours.der", ours)
			text, err := o.ocsp("-reqin", "ours.der", "-req_text")
			require.NoError(t, err, text)
			text = strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(text, "\\\n", "")), ""))
			for _, want := range [][]byte{
				h.Sum(ca.RawSubject), h.Sum(keyBits(t, ca)), alice.SerialNumber.Bytes(),
				append([]byte{4, byte(len(nonce))}, nonce...),
			} {
				require.Contains(t, text, strings.ToUpper(hex.EncodeToString(want)))
			}
		}
	}
}

// index is the database of an openssl CA: alice is good, bob superseded, carol
// revoked for no reason; dave is not in it.
func index(p *pkitest.PKI) []byte {
	var b bytes.Buffer
	for _, name := range []string{"alice", "bob", "carol"} {
		state := map[string]string{"alice": "V\t401231235959Z\t", "bob": "R\t401231235959Z\t260531120000Z,superseded",
			"carol": "R\t401231235959Z\t260401000000Z"}[name]
		fmt.Fprintf(&b, "%s\t%X\tunknown\t/CN=%s\n", state, p.Cert(name).SerialNumber, name)
	}
	return b.Bytes()
}

// answering is how openssl is told to answer: named or by key, with its
// certificate or without, under the algorithms that the kind of key allows.
func answering(kind, by string, i int) []string {
	args := []string{"-index", "index.txt", "-CA", "ca.pem", "-rsigner", by + ".pem", "-rkey", by + ".key",
		"-reqin", "q.der", "-respout", "r.der", "-ndays", "7"}
	if i&4 != 0 {
		args = append(args, "-resp_key_id")
	}
	if i&8 != 0 {
		args = append(args, "-resp_no_certs")
	}
	switch kind { // the digest of the others is the tool's to choose
	case "pss":
		args = append(args, "-rmd", "sha256", "-rsigopt", "rsa_padding_mode:pss", "-rsigopt", "rsa_pss_saltlen:digest")
	case "rsa2048":
		args = append(args, "-rmd", []string{"sha1", "sha256", "sha512"}[i%3])
	}
	return args
}

// openssl answers our requests, and every answer is understood: under keys of
// several kinds, by the CA and by its delegate, named and by key, with and
// without nonce. With a byte changed none of them says anything else.
func TestResponsesOfOpenSSL(t *testing.T) {
	o := newTool(t)
	want := map[string]ocsp.Answer{
		"alice": {Status: ocsp.Good},
		"bob": {Status: ocsp.Revoked, Reason: ocsp.Superseded,
			RevokedAt: time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)},
		"carol": {Status: ocsp.Revoked, RevokedAt: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		"dave":  {Status: ocsp.Unknown},
	}
	names := []string{"alice", "bob", "carol", "dave"}
	for k, kind := range []string{"p256", "p384", "p521", "rsa2048", "pss", "ed25519"} {
		key := strings.ReplaceAll(kind, "pss", "rsa3072")
		p := pkitest.New(t, "ca["+key+"] -> alice, bob, carol, dave; "+
			"ca -> d[ocsp, "+key+", from=2020-01-01, until=2041-01-01]")
		o.write("index.txt", index(p))
		for _, name := range []string{"ca", "d"} {
			o.write(name+".pem", p.PEM(name))
			o.write(name+".key", p.KeyPEM(name))
		}
		for i := range 16 {
			by, name := []string{"ca", "d"}[i&1], names[(i>>1+k)%4]
			hash := []pki.Hash{pki.SHA1, pki.SHA256, pki.SHA512}[(i>>1+i+k)%3]
			var nonce []byte
			if i&2 != 0 {
				nonce = hash.Sum([]byte{byte(i)})
			}
			request, err := ocsp.NewRequest(p.Cert(name), p.Cert("ca"), hash, nonce)
			require.NoError(t, err)
			o.write("q.der", request)
			out, err := o.ocsp(answering(kind, by, i)...)
			require.NoError(t, err, "%s %d: %s", kind, i, out)
			der := o.read("r.der")
			s, err := judge(der, p.Cert(name), p.Cert("ca"), p.Cert("d"))
			require.NoError(t, err, "%s %d %s", kind, i, name)
			got := ocsp.Answer{Status: s.Status, Reason: s.Reason, RevokedAt: s.RevokedAt}
			require.Equal(t, want[name], got, "%s %d %s", kind, i, name)
			require.Equal(t, hash, s.Hash)
			require.Equal(t, by == "d", s.Authority == ocsp.Delegate)
			require.Equal(t, 7*24*time.Hour, s.NextUpdate.Sub(s.ThisUpdate).Round(time.Minute))
			r, err := ocsp.Parse(der)
			require.NoError(t, err)
			require.Empty(t, r.Defects)
			require.NoError(t, r.AnswersRequest(nonce))
			changeSome(der, 41+i, func(changed []byte) {
				c, err := judge(changed, p.Cert(name), p.Cert("ca"), p.Cert("d"))
				if err == nil {
					require.Equal(t, s.Answer, c.Answer)
				}
			})
		}
	}
}

// changeSome changes each step-th byte.
func changeSome(der []byte, step int, visit func(changed []byte)) {
	for at := step / 2; at < len(der); at += step {
		changed := bytes.Clone(der)
		changed[at] ^= 1 << (at % 8)
		visit(changed)
	}
}

// forgery is a response of ours, right or wrong, for openssl to judge.
type forgery struct {
	recipe
	name string
	der  []byte
}

// forgeries are responses about alice by all kinds of signers, in all kinds of
// ways.
func forgeries(t *testing.T, p *pkitest.PKI) []forgery {
	var out []forgery
	for _, by := range []string{"ca", "good", "noEKU", "stranger", "namesake", "below", "alice", "ended"} {
		for i := range 26 {
			a := about(p, "ca", "alice")
			m := recipe{p: p, by: by, byKey: i&1 != 0}
			name := fmt.Sprintf("%s %d", by, i)
			if i&2 != 0 {
				m.certs = []*x509.Certificate{p.Cert(by)}
			}
			switch (i / 2) % 3 {
			case 1:
				a.revoked, a.reason = p.Now.AddDate(0, 0, -1), 1
			case 2:
				a.unknown = true
			}
			second := a
			switch i / 4 {
			case 0, 1:
			case 2:
				name, a.issuer = name+" other issuer", p.Cert("other")
			case 3:
				name, a.serial = name+" other serial", p.Cert("bob").SerialNumber
			case 4:
				name, m.edit = name+" changed", func(tbs []byte) []byte {
					tbs = bytes.Clone(tbs)
					tbs[len(tbs)-3] ^= 1 // nextUpdate
					return tbs
				}
			case 5:
				name, second.serial = name+" among others", p.Cert("bob").SerialNumber
				m.answers = []single{second}
			case 6:
				name, second.unknown = name+" twice", !a.unknown
				m.answers = []single{second}
			}
			m.answers = append(m.answers, a)
			out = append(out, forgery{m, name, m.der(t)})
		}
	}
	return out
}

// Where openssl and we read the same response, we never accept what it refuses,
// nor say anything else; and what it accepts and we refuse is what we refuse on
// purpose.
func TestForgeriesAgainstOpenSSL(t *testing.T) {
	o := newTool(t)
	p := pkitest.New(t, "ca -> alice, bob, good[ocsp]; other -> stranger[ocsp]; ca -> sub -> below[ocsp]")
	delegate(p, "ca", "noEKU", func(c *x509.Certificate) { c.ExtKeyUsage = nil })
	delegate(p, "ca", "ended", func(c *x509.Certificate) { c.NotAfter = p.Now.AddDate(0, 0, -1) })
	p.Issue("", "namesake", func(c *x509.Certificate) { // the CA's name, and another key
		c.Subject, c.IsCA, c.BasicConstraintsValid = p.Cert("ca").Subject, true, true
	})
	o.write("ca.pem", p.PEM("ca"))
	o.write("roots.pem", p.PEM("ca", "other"))
	o.write("alice.pem", p.PEM("alice"))
	o.write("pool.pem", p.PEM("good", "noEKU", "ended", "stranger", "below", "sub", "alice", "namesake"))
	var pool []*x509.Certificate
	for _, name := range []string{"good", "noEKU", "ended", "stranger", "below", "sub", "alice", "namesake"} {
		pool = append(pool, p.Cert(name))
	}
	both, neither, onlyTheirs := 0, 0, 0
	for _, f := range forgeries(t, p) {
		o.write("r.der", f.der)
		out, err := o.ocsp("-respin", "r.der", "-issuer", "ca.pem", "-cert", "alice.pem", "-CAfile", "roots.pem",
			"-verify_other", "pool.pem", "-no_nonce", "-attime", fmt.Sprint(p.Now.Unix()))
		theirs := ""
		if err == nil && strings.Contains(out, "Response verify OK") {
			_, after, _ := strings.Cut(out, "alice.pem: ")
			for _, word := range []string{"good", "revoked", "unknown"} {
				// Behind a warning, if the times are not of today.
				if strings.HasPrefix(after, word+"\n") || strings.Contains(after, "\n"+word+"\n") {
					theirs = word
				}
			}
		}
		s, err := judge(f.der, p.Cert("alice"), p.Cert("ca"), pool...)
		switch {
		case err == nil:
			require.Equal(t, theirs, s.Status.String(), "%s: %s", f.name, out)
			both++
		case theirs == "":
			neither++
		default:
			onlyTheirs++
			require.True(t, strings.HasSuffix(f.name, " twice"), "%s: openssl says %s, we say %v", f.name, theirs, err)
		}
	}
	t.Logf("both accept %d, neither %d, only openssl %d", both, neither, onlyTheirs)
	require.Equal(t, []int{24, 180, 4}, []int{both, neither, onlyTheirs})
}
