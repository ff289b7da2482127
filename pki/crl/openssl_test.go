package crl_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

func openssl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on PATH")
	}
	return path
}

// answer is what a judge makes of a certificate and lists.
type answer string

const (
	good    answer = "good"
	bad     answer = "revoked"
	unknown answer = "unknown"
)

// theirAnswer is OpenSSL's.
func theirAnswer(t *testing.T, p *pkitest.PKI, cert *x509.Certificate, lists []crl.Checked) answer {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der ...[]byte) string {
		var out []byte
		for _, d := range der {
			out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: d})...)
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, out, 0o600))
		return path
	}
	var raw [][]byte
	for _, l := range lists {
		raw = append(raw, l.List.Raw)
	}
	// The lists of the root are for the signers of lists, which OpenSSL asks about.
	raw = append(raw, p.CRL("root"))
	cmd := exec.Command(openssl(t), "verify", "-attime", fmt.Sprint(p.Now.Unix()), "-crl_check",
		"-extended_crl", "-use_deltas",
		"-CAfile", write("root.pem", "CERTIFICATE", p.Cert("root").Raw),
		"-untrusted", write("cas.pem", "CERTIFICATE", p.Cert("ca").Raw, p.Cert("lists").Raw),
		"-CRLfile", write("lists.pem", "X509 CRL", raw...), write("cert.pem", "CERTIFICATE", cert.Raw))
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return good
	case bytes.Contains(out, []byte("certificate revoked")):
		return bad
	}
	require.Contains(t, string(out), "CRL")
	return unknown
}

// ourAnswer is that of the newest answer, except that revoked is revoked.
func ourAnswer(t *testing.T, cert *x509.Certificate, lists []crl.Checked) answer {
	t.Helper()
	var newest *crl.Answer
	answers := judged(t, cert, lists...)
	for i, a := range answers {
		if a.Revoked && a.Entry.Reason != crl.CertificateHold {
			return bad
		}
		if newest == nil || !a.ThisUpdate.Before(newest.ThisUpdate) {
			newest = &answers[i]
		}
	}
	switch {
	case newest == nil:
		return unknown
	case newest.Revoked:
		return bad
	}
	return good
}

// fresh says where deltas are: OpenSSL looks for none without.
var fresh = extension(46, false, tlv(0x30, point(at(uri("http://pki.test/delta")))))

func TestOpenSSLAgrees(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca]")
	here := at(uri("http://pki.test/here"))
	alice := certificate(p, "ca", "alice", points(point(here)))
	sent := certificate(p, "ca", "sent", points(point(tlv(0xa2, directory(p.Cert("lists").RawSubject)))))
	plain := certificate(p, "ca", "plain")
	list := func(name string, number int64, entries []x509.RevocationListEntry, extra ...pkix.Extension) crl.Checked {
		return checked(t, p, name, func(l *x509.RevocationList) {
			l.Number, l.RevokedCertificateEntries = big.NewInt(number), entries
			l.ExtraExtensions = append(l.ExtraExtensions, extra...)
			l.ThisUpdate = l.ThisUpdate.AddDate(0, 0, int(number)-10)
		})
	}
	on := func(cert *x509.Certificate, reason crl.Reason, extra ...pkix.Extension) []x509.RevocationListEntry {
		e := revoked(p, cert, reason)
		e.ExtraExtensions = extra
		return []x509.RevocationListEntry{e}
	}
	from := of(p.Cert("ca"))
	for name, c := range map[string]struct {
		cert  *x509.Certificate
		lists []crl.Checked
		want  answer
	}{
		"complete":           {plain, []crl.Checked{list("ca", 1, nil)}, good},
		"complete, on it":    {plain, []crl.Checked{list("ca", 1, on(plain, crl.Superseded))}, bad},
		"another issuer":     {plain, []crl.Checked{list("lists", 1, nil)}, unknown},
		"its point":          {alice, []crl.Checked{list("ca", 1, nil, scope(here))}, good},
		"another point":      {alice, []crl.Checked{list("ca", 1, nil, scope(at(uri("http://pki.test/there"))))}, unknown},
		"no point, a point":  {plain, []crl.Checked{list("ca", 1, nil, scope(here))}, unknown},
		"users":              {alice, []crl.Checked{list("ca", 1, nil, scope(tlv(0x81, yes)))}, good},
		"CAs":                {alice, []crl.Checked{list("ca", 1, nil, scope(tlv(0x82, yes)))}, unknown},
		"attributes":         {alice, []crl.Checked{list("ca", 1, nil, scope(tlv(0x85, yes)))}, unknown},
		"some reasons":       {alice, []crl.Checked{list("ca", 1, nil, scope(here, someReasons(compromised)))}, unknown},
		"some, on it":        {alice, []crl.Checked{list("ca", 1, on(alice, 1), scope(here, someReasons(compromised)))}, bad},
		"delta alone":        {alice, []crl.Checked{list("ca", 2, nil, delta(1))}, unknown},
		"delta adds":         {alice, []crl.Checked{list("ca", 1, nil, fresh), list("ca", 2, on(alice, 1), delta(1))}, bad},
		"delta is silent":    {alice, []crl.Checked{list("ca", 1, nil, fresh), list("ca", 2, nil, delta(1))}, good},
		"delta releases":     {alice, []crl.Checked{list("ca", 1, on(alice, 6), fresh), list("ca", 2, on(alice, 8), delta(1))}, good},
		"held":               {alice, []crl.Checked{list("ca", 1, on(alice, 6), fresh)}, bad},
		"indirect":           {sent, []crl.Checked{list("lists", 1, nil, scope(indirect))}, good},
		"indirect, on it":    {sent, []crl.Checked{list("lists", 1, on(sent, 1, from...), scope(indirect))}, bad},
		"indirect, a twin":   {sent, []crl.Checked{list("lists", 1, on(sent, 1), scope(indirect))}, good},
		"direct for another": {sent, []crl.Checked{list("lists", 1, nil)}, unknown},
	} {
		require.Equal(t, c.want, ourAnswer(t, c.cert, c.lists), name)
		require.Equal(t, c.want, theirAnswer(t, p, c.cert, c.lists), name)
	}
}

// explained tells why we are stricter than OpenSSL, "" if there is no reason.
func explained(cert *x509.Certificate, lists []crl.Checked, ours, theirs answer) string {
	var base, delta *crl.Entry
	for _, l := range lists {
		for e := range l.List.Entries() {
			if l.List.Base == nil {
				base = &e
			} else {
				delta = &e
			}
		}
	}
	switch {
	case ours == good:
		return ""
	case ours == bad && theirs == good && base != nil && base.Reason != crl.CertificateHold &&
		delta != nil && delta.Reason == crl.RemoveFromCRL:
		return "removed by a delta, but it was not only held: see TestRemovedAfterTheftStaysRevoked"
	case ours == bad && theirs == good && delta != nil && delta.Reason != crl.RemoveFromCRL:
		return "on a delta after a gap: see TestDeltaWithoutItsBase"
	case ours == unknown && strings.HasPrefix(cert.Subject.CommonName, "sent") && lists[0].Signer.Subject.CommonName == "ca":
		return "the certificate sends to another issuer: see certificatePoints"
	case ours == unknown && cert.Subject.CommonName == "sent":
		return "a point of the list that is not a name of cRLIssuer (RFC 5280 §6.3.3 (b)(2)(i))"
	}
	return ""
}

// Certificates with lists at random: where we say "good", OpenSSL does too, and
// where we differ there is a reason.
func TestOpenSSLAgreesAtRandom(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca]")
	r := rand.New(rand.NewPCG(5, 2))
	places := [][]byte{at(uri("http://pki.test/here")), at(uri("http://pki.test/there"))}
	sent := tlv(0xa2, directory(p.Cert("lists").RawSubject))
	certs := []*x509.Certificate{
		certificate(p, "ca", "no point"),
		certificate(p, "ca", "here", points(point(places[0]))),
		certificate(p, "ca", "here and there", points(point(places[0]), point(places[1]))),
		certificate(p, "ca", "sent", points(point(sent))),
		certificate(p, "ca", "sent there", points(point(places[1], sent))),
		certificate(p, "ca", "either", points(point(places[0]), point(places[1], sent))),
		certificate(p, "ca", "some reasons", points(point(places[0], tlv(0x81, compromised)))),
	}
	parts := func() (out [][]byte) {
		if r.IntN(2) == 0 {
			out = append(out, places[r.IntN(2)])
		}
		if r.IntN(4) == 0 {
			out = append(out, tlv(0x81, yes))
		}
		if r.IntN(4) == 0 {
			out = append(out, someReasons([][]byte{compromised, otherwise}[r.IntN(2)]))
		}
		if r.IntN(2) == 0 {
			out = append(out, indirect)
		}
		return out
	}
	reasons := []crl.Reason{crl.Unspecified, crl.KeyCompromise, crl.CertificateHold, crl.Superseded, crl.RemoveFromCRL}
	counts := map[string]int{}
	for range 150 {
		cert, idp := certs[r.IntN(len(certs))], parts()
		issuer := []string{"ca", "ca", "lists"}[r.IntN(3)]
		var lists []crl.Checked
		for i := range 1 + r.IntN(2) {
			lists = append(lists, checked(t, p, issuer, func(l *x509.RevocationList) {
				l.Number = big.NewInt(int64(i + 1))
				l.ThisUpdate = l.ThisUpdate.AddDate(0, 0, i-5)
				l.ExtraExtensions = []pkix.Extension{fresh}
				if i == 1 {
					l.ExtraExtensions = []pkix.Extension{delta(byte(1 + r.IntN(8)/7))}
				}
				if len(idp) > 0 {
					l.ExtraExtensions = append(l.ExtraExtensions, scope(idp...))
				}
				if r.IntN(3) == 0 {
					e := revoked(p, cert, reasons[r.IntN(4+i)])
					if isIndirect := len(idp) > 0 && bytes.Equal(idp[len(idp)-1], indirect); isIndirect && r.IntN(2) == 0 {
						e.ExtraExtensions = of(p.Cert("ca"))
					}
					l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, e)
				}
			}))
		}
		ours, theirs := ourAnswer(t, cert, lists), theirAnswer(t, p, cert, lists)
		counts[string(ours+" / "+theirs)]++
		if ours != theirs {
			require.NotEmpty(t, explained(cert, lists, ours, theirs), "%s: we say %s, OpenSSL %s, of %x",
				cert.Subject.CommonName, ours, theirs, idp)
		}
	}
	t.Log(counts)
	for _, a := range []answer{good, bad, unknown} {
		require.GreaterOrEqual(t, counts[string(a+" / "+a)], 10)
	}
}
