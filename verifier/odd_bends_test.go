package verifier_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Whom one trusts by decision is held to what the certificate is for, too.
func TestTrustedForAnotherPurpose(t *testing.T) {
	server := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	mail := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }
	trusted := func(issuer string, edit func(*x509.Certificate), anchor string) func(*bench) {
		return func(b *bench) {
			b.issueSigner(issuer, "x", edit)
			b.v.Trust = pki.Anchors{{Certificate: b.p.Cert(anchor), Uses: []pki.Use{pki.UseSign}, Source: "me"}}
		}
	}
	bad := report.ChainConstraintsFailure
	judgeBends(t, []bend{
		{"a server", "", trusted("ca", server, "x"), bad},
		{"a server directly below", "", trusted("root", server, "root"), bad},
		{"a server further below", "", trusted("ca", server, "root"), bad},
		{"what is needed", "", func(b *bench) {
			trusted("ca", mail, "x")(b)
			b.rule().Purpose = policy.Purpose{Need: []string{mailPurpose}}
		}, ""},
	})
}

// A policy may take whatever certificate policy there is, as long as there is
// one.
func TestAnyCertificatePolicy(t *testing.T) {
	under := func(rules policy.Policies, own ...string) func(*bench) {
		return func(b *bench) {
			b.p.Issue("root", "vague", func(c *x509.Certificate) {
				c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
				c.NotAfter, c.Policies = day("2036-01-01"), []x509.OID{policyOID(b.t, "2.5.29.32.0")}
			})
			b.issueSigner("vague", "x", func(c *x509.Certificate) {
				for _, p := range own {
					c.Policies = append(c.Policies, policyOID(b.t, p))
				}
			})
			b.rule().Policies = rules
			b.rule().Revocation = false
		}
	}
	mapped := func(rules policy.Policies) func(*bench) {
		return func(b *bench) {
			b.p.Issue("root", "mapper", func(c *x509.Certificate) {
				c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
				c.NotAfter, c.Policies = day("2036-01-01"), []x509.OID{policyOID(b.t, "1.2.3")}
				// 1.2.3 here is what the signer calls 1.2.4.
				c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 33}, Critical: true,
					Value: []byte{0x30, 10, 0x30, 8, 6, 2, 42, 3, 6, 2, 42, 4}}}
			})
			b.issueSigner("mapper", "x", func(c *x509.Certificate) { c.Policies = []x509.OID{policyOID(b.t, "1.2.4")} })
			b.rule().Policies, b.rule().Revocation = rules, false
		}
	}
	mapping := policy.Policies{Accept: []string{"1.2.3"}, Mapping: true}
	one := policy.Policies{Accept: []string{"1.2.3"}, AnyPolicy: true}
	each := one
	each.AcceptAny = true
	bad := report.ChainConstraintsFailure
	judgeBends(t, []bend{
		{"the one", "", under(one, "1.2.3"), ""},
		{"another", "", under(one, "1.2.4"), bad},
		{"another, where any will do", "", under(each, "1.2.4"), ""},
		{"mapped to another", "", mapped(mapping), ""},
		{"mapped to another, where nobody may map", "", mapped(one), bad},
		{"none, where any will do", "", under(each), bad},
	})
}

func policyOID(t testing.TB, dotted string) x509.OID {
	id, err := x509.ParseOID(dotted)
	require.NoError(t, err)
	return id
}

// A certificate that is signed by an algorithm that nobody here knows has no
// path, for that reason and no other.
func TestCertificateOfUnknownAlgorithm(t *testing.T) {
	b := newBench(t)
	// ecdsa-with-SHA256, and one that is not given to any algorithm.
	known, unknown := []byte{6, 8, 42, 134, 72, 206, 61, 4, 3, 2}, []byte{6, 8, 42, 134, 72, 206, 61, 4, 3, 99}
	odd, err := x509.ParseCertificate(bytes.ReplaceAll(b.p.Cert("alice").Raw, known, unknown))
	require.NoError(t, err)
	b.sig.Evidence.Certificates[0] = odd
	b.sig.Signer.Digest = pki.SHA256.Sum(odd.Raw)
	b.expect(report.CannotTell, report.Indeterminate, report.CryptoConstraintsFailure)
}

// Signers may have a key identifier that the signature does not name them by.
func TestSignerWithKeyIdentifier(t *testing.T) {
	b := newBench(t)
	b.issueSigner("ca", "x", func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} })
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, b.p.Cert("x").SerialNumber.Text(16), s.Chain[0].Serial)
}

// An expired certificate that needed no revocation information was not revoked
// by its end (EN 319 102-1 §5.2.6.4).
func TestExpiredShortLived(t *testing.T) {
	b := newBench(t)
	b.issueSigner("ca", "brief", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = b.p.Now.AddDate(0, 0, -2), b.p.Now.AddDate(0, 0, -2).Add(time.Hour)
	})
	b.sig.Claims.Time = b.p.Cert("brief").NotBefore
	b.v.Revocation = fixed{list: b.lists(b.p.Now, "root")}
	b.expect(report.CannotTell, report.Indeterminate, report.OutOfBoundsNotRevoked)
}

// endless is content without an end, in the middle of which somebody gives up.
type endless struct {
	stop  func()
	reads int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.reads++; e.reads > 3 {
		e.stop()
	}
	if e.reads > 1000 {
		return 0, io.EOF
	}
	return len(p), nil
}

// Who asks to stop is heard between two reads of the content, and between two
// checks of what came along.
func TestStopping(t *testing.T) {
	b := newBench(t)
	b.doc.Signatures = []formats.Signature{b.sig}
	content := &endless{}
	b.doc.Signatures[0].References = []formats.Reference{{Hash: pki.SHA256, Want: make([]byte, 32), Open: func() io.Reader { return content }}}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	ctx, stop := context.WithCancel(t.Context())
	content.stop = stop
	_, err := b.v.Verify(ctx, b.input())
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, content.reads, 10)

	b = newBench(t)
	ctx, stop = context.WithCancel(t.Context())
	b.v.Trust = stopping{b.v.Trust, stop}
	b.doc.Signatures = []formats.Signature{b.sig}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	_, err = b.v.Verify(ctx, b.input())
	require.ErrorIs(t, err, context.Canceled)
}

// stopping is a trust store during whose answer somebody gives up.
type stopping struct {
	pki.TrustStore
	stop func()
}

func (s stopping) Anchors(ctx context.Context, use pki.Use) ([]pki.Anchor, error) {
	s.stop()
	return s.TrustStore.Anchors(context.WithoutCancel(ctx), use)
}

// once is an input that can be recognised, and then is gone.
type once struct{ reads, good int }

var errGone = errors.New("the disk is gone")

func (o *once) ReadAt(p []byte, off int64) (int, error) {
	if o.reads++; o.reads > o.good {
		return 0, errGone
	}
	return copy(p, "fake"), nil
}

// The digest of a document is told up to a size, and none that could not be made.
func TestDigestOfTheDocument(t *testing.T) {
	b := newBench(t)
	b.doc.Signatures = []formats.Signature{b.sig}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	for size, told := range map[int64]bool{4: true, 1 << 20: true, 1<<20 + 1: false} {
		data := make([]byte, size)
		copy(data, "fake")
		r, err := b.v.Verify(t.Context(), formats.Input{Name: "x", ReaderAt: bytes.NewReader(data), Size: size})
		require.NoError(t, err)
		want := ""
		if told {
			want = hex.EncodeToString(pki.SHA256.Sum(data))
		}
		require.Equal(t, want, r.Document.SHA256, size)
	}
	in := b.input()
	probe := &once{good: 1000}
	in.ReaderAt = probe
	_, err := b.v.Verify(t.Context(), in)
	require.NoError(t, err)
	in.ReaderAt = &once{good: probe.reads - 1}
	r, err := b.v.Verify(t.Context(), in)
	require.ErrorIs(t, err, errGone)
	require.Nil(t, r)
}
