package verifier_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"tamga/formats"
	"tamga/pki"
)

// breakdown is ports that all work until a call, which fails.
type breakdown struct {
	trust      pki.TrustStore
	revocation pki.RevocationSource
	calls, at  int
}

var errBreakdown = errors.New("the port broke down")

func (d *breakdown) count() error {
	if d.calls++; d.calls == d.at {
		return errBreakdown
	}
	return nil
}

func (d *breakdown) Anchors(ctx context.Context, use pki.Use) ([]pki.Anchor, error) {
	if err := d.count(); err != nil {
		return nil, err
	}
	return d.trust.Anchors(ctx, use)
}

func (d *breakdown) Revocation(ctx context.Context, c, issuer *x509.Certificate) ([]pki.Revocation, error) {
	if err := d.count(); err != nil {
		return nil, err
	}
	return d.revocation.Revocation(ctx, c, issuer)
}

// Whenever a port breaks down there is no verdict, least of all one that rests
// on what was not heard: what it would have said may be "revoked", and whoever
// can keep a verifier from hearing it could else make it say "valid".
func TestPortsThatBreakDownAtAnyCall(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *bench{
		"good":    func(t *testing.T) *bench { return newBench(t) },
		"revoked": func(t *testing.T) *bench { return newBench(t, "alice.revoked = 2026-05-01") },
		"archive": func(t *testing.T) *bench { return newArchive(t).bench },
		"archive in doubt": func(t *testing.T) *bench {
			a := newArchive(t)
			a.drop()
			return a.bench
		},
		"delegate": func(t *testing.T) *bench {
			b := newBench(t)
			b.issueResponder(func(*x509.Certificate) {})
			b.only(b.answer("alice", "answers", plain), b.answer("answers", "ca", func(r *ocsp.Response) {}))
			return b
		},
		"another key's list": func(t *testing.T) *bench {
			b := newBench(t, "root -> ca2[cn=ca] -> dummy")
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca2"))
			b.only(b.listBy("ca2"))
			return b
		},
		"counter-signature": func(t *testing.T) *bench {
			b := newBench(t)
			b.sig.Counter = []formats.Signature{b.signed("bob", "bob's", b.sig.Value)}
			return b
		},
		"stamp of the document": func(t *testing.T) *bench {
			b := newBench(t)
			b.sig.Coverage = formats.Coverage{After: 1000, Harmless: true}
			stamp := b.signed("tsa", "stamp", content)
			stamp.Stamp = &formats.Timestamp{Time: day("2026-04-01")}
			b.doc.Signatures = []formats.Signature{stamp}
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := make(t)
			signatures := append([]formats.Signature{b.sig}, b.doc.Signatures...)
			ports := &breakdown{trust: b.v.Trust, revocation: b.v.Revocation}
			for ports.at = 1; ; ports.at++ {
				require.Less(t, ports.at, 1000)
				ports.calls = 0
				b.v.Trust, b.v.Revocation = ports, ports
				b.doc.Signatures = signatures
				b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
				r, err := b.v.Verify(t.Context(), b.input())
				if ports.calls < ports.at {
					require.NoError(t, err)
					require.Greater(t, ports.at, 2, "the ports are asked")
					return
				}
				require.ErrorIs(t, err, errBreakdown, "call %d", ports.at)
				require.Nil(t, r, "call %d", ports.at)
			}
		})
	}
}
