package verifier_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/catalog"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

const realDrawing = `
	root -> ca -> alice, bob, seal[rsa2048], clock[timestamp, until=2039-01-01], issuer[mdoc], vci[sdjwt]
	root[until=2040-01-01]; ca[until=2040-01-01]
	alice[from=2026-01-01, until=2027-01-01]
`

// house makes and judges real documents of every format.
type house struct {
	t testing.TB
	p *pkitest.PKI
	v *verifier.Verifier
}

func newHouse(t testing.TB, change ...string) *house {
	p := pkitest.New(t, realDrawing+"\n"+strings.Join(change, "\n"))
	return &house{t, p, &verifier.Verifier{
		Formats: catalog.Parsers(), Trust: p.Anchors(), Revocation: p.Revocation(),
		Policy: policy.Default(), Now: p.Clock(), Tool: "test",
	}}
}

// order is what is to be made.
type order struct {
	with    formats.Preparer
	by      string
	use     pki.Use
	raw     bool // JOSE and COSE algorithms
	in      []byte
	level   formats.Level
	claimed time.Time
	stamp   string // who stamps, at the house's Now
}

func (h *house) make(o order) []byte {
	cert := h.p.Cert(o.by)
	alg, err := pki.DefaultAlgorithm(cert.PublicKey)
	if o.raw {
		alg, err = pki.DefaultRawAlgorithm(cert.PublicKey)
	}
	require.NoError(h.t, err)
	if o.claimed.IsZero() {
		o.claimed = h.p.Now.Add(-time.Hour)
	}
	if o.level == "" && !o.raw {
		o.level = formats.LevelB
	}
	in := input("in", o.in)
	pending, err := o.with.Prepare(in, formats.Params{
		Algorithm: alg, Chain: h.p.Chain(o.by), Time: o.claimed, Level: o.level,
	})
	require.NoError(h.t, err)
	value, err := h.p.Key(o.by, o.use).Sign(h.t.Context(), o.use, alg, pending.ToBeSigned)
	require.NoError(h.t, err)
	done := formats.Completion{Value: value}
	if o.stamp != "" {
		done.Timestamp = h.token(o.stamp, o.with.StampInput(pending, value))
	}
	edit, err := o.with.Complete(pending, done)
	require.NoError(h.t, err)
	return append(bytes.Clone(o.in[:edit.Keep]), edit.Tail...)
}

func (h *house) token(by string, over []byte) []byte {
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: h.p.Key(by, pki.UseTimestamp), Policy: "1.3.6.1.4.1.99999.1", Now: h.p.Clock(),
	})
	require.NoError(h.t, err)
	token, err := authority.Timestamp(h.t.Context(), pki.SHA256, pki.SHA256.Sum(over))
	require.NoError(h.t, err)
	return token
}

func input(name string, data []byte) formats.Input {
	return formats.Input{Name: name, ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

func (h *house) verify(doc []byte, detached ...[]byte) *report.Report {
	in := input("doc", doc)
	for _, d := range detached {
		in.Detached = append(in.Detached, input("content", d))
	}
	r, err := h.v.Verify(context.Background(), in)
	require.NoError(h.t, err)
	checkInvariants(h.t, r)
	return r
}

func (h *house) expect(r *report.Report, status report.Status, sub report.SubIndication) report.Signature {
	require.Len(h.t, r.Verdict.Signatures, 1)
	s := r.Verdict.Signatures[0]
	require.Equal(h.t, [...]any{status, sub}, [...]any{r.Verdict.Status, s.SubIndication}, "%+v %v", failedChecks(s), s.Notes)
	return s
}

// page is a PDF of one empty page.
func page() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", xref)
	return b.Bytes()
}

// files are the ways to sign a file; credentials those to issue a document.
func (h *house) orders() map[string]order {
	text := []byte("I owe you one horse.")
	return map[string]order{
		"CAdES detached":     {with: cades.Preparer{}, by: "alice", use: pki.UseSign, in: text},
		"CAdES attached":     {with: cades.Preparer{Attached: true}, by: "alice", use: pki.UseSign, in: text},
		"CAdES attached RSA": {with: cades.Preparer{Attached: true}, by: "seal", use: pki.UseSign, in: text},
		"PAdES":              {with: pades.Preparer{}, by: "alice", use: pki.UseSign, in: page()},
		"mdoc": {with: mdoc.Preparer{
			DocType: "org.iso.18013.5.1.mDL", HolderKey: h.p.Cert("bob").PublicKey,
			Namespaces: []mdoc.Namespace{{Name: "org.iso.18013.5.1", Elements: []mdoc.Element{
				{ID: "family_name", Value: "Коваль"}, {ID: "birth_date", Value: mdoc.FullDate("1990-01-01")},
			}}},
			ValidFrom: h.p.Now.Add(-time.Minute), ValidUntil: h.p.Now.AddDate(0, 3, 0), Random: &zeroes{},
		}, by: "issuer", use: pki.UseMdoc, raw: true},
		"SD-JWT": {with: sdjwt.Preparer{
			Type: "urn:eudi:pid:1", HolderKey: h.p.Cert("bob").PublicKey,
			Claims:    []sdjwt.Claim{{Name: "family_name", Value: "Коваль", Disclose: true}, {Name: "age", Value: 36}},
			ValidFrom: h.p.Now.Add(-time.Minute), ValidUntil: h.p.Now.AddDate(0, 3, 0), Random: &zeroes{},
		}, by: "vci", use: pki.UseSDJWT, raw: true},
	}
}

// zeroes is no randomness: the same each time, but no two reads alike.
type zeroes struct{ n byte }

func (z *zeroes) Read(b []byte) (int, error) {
	for i := range b {
		z.n++
		b[i] = z.n * 7
	}
	return len(b), nil
}

var _ io.Reader = &zeroes{}

// content is what a detached signature is judged with.
func (o order) content() [][]byte {
	if p, ok := o.with.(cades.Preparer); ok && !p.Attached {
		return [][]byte{o.in}
	}
	return nil
}

func TestRealDocuments(t *testing.T) {
	h := newHouse(t)
	for name, o := range h.orders() {
		t.Run(name, func(t *testing.T) {
			s := h.expect(h.verify(h.make(o), o.content()...), report.Valid, "")
			require.Equal(t, o.raw, len(s.Claims) > 0, "identity documents state something")
		})
	}
}

// Whichever byte of a document is changed, it is never valid — or, where the
// byte is beyond the signature's reach, says exactly what it said.
func TestEveryByteCounts(t *testing.T) {
	h := newHouse(t)
	for name, o := range h.orders() {
		t.Run(name, func(t *testing.T) {
			doc := h.make(o)
			want := told(h.verify(doc, o.content()...))
			step := max(1, len(doc)/400)
			for i := 0; i < len(doc); i += step {
				doc[i] ^= 1
				in := input("doc", doc)
				for _, d := range o.content() {
					in.Detached = append(in.Detached, input("content", d))
				}
				if r, err := h.v.Verify(context.Background(), in); err == nil {
					checkInvariants(t, r)
					if r.Verdict.Status == report.Valid {
						require.Equal(t, want, told(r), "byte %d", i)
					}
				}
				doc[i] ^= 1
			}
		})
	}
}

// told is what people are told of a document.
func told(r *report.Report) string {
	var b strings.Builder
	for _, s := range r.Verdict.Signatures {
		for _, a := range s.Answers {
			fmt.Fprintln(&b, a.Mark, a.Text)
		}
		fmt.Fprintln(&b, s.Claims, s.Chain)
	}
	return b.String()
}

func TestRealTrust(t *testing.T) {
	h := newHouse(t)
	docs := map[string][]byte{}
	for name, o := range h.orders() {
		docs[name] = h.make(o)
	}
	for name, doc := range docs {
		o := h.orders()[name]
		h.v.Trust = nil
		s := h.expect(h.verify(doc, o.content()...), report.CannotTell, report.NoCertificateChainFound)
		require.Equal(t, report.Yes, s.Answers[0].Mark, "it is unchanged, whoever signed it")
		// An anchor for one use is none for another.
		h.v.Trust = h.p.Anchors(pki.UseTimestamp, pki.UseOCSP)
		h.expect(h.verify(doc, o.content()...), report.CannotTell, report.NoCertificateChainFound)
		h.v.Trust = h.p.Anchors(o.use)
		h.expect(h.verify(doc, o.content()...), report.Valid, "")
		h.v.Revocation = nil
		h.expect(h.verify(doc, o.content()...), report.CannotTell, report.TryLater)
		h.v.Revocation = h.p.Revocation()
	}
}

func TestRealDetached(t *testing.T) {
	h := newHouse(t)
	doc := h.make(h.orders()["CAdES detached"])
	h.expect(h.verify(doc), report.CannotTell, report.SignedDataNotFound)
	h.expect(h.verify(doc, []byte("I owe you two horses.")), report.NotValid, report.HashFailure)
}

// A signature that holds its own content is laid beside another document under
// a fitting name: contract.pdf and contract.pdf.p7s. Both are good for
// themselves, but the one does not speak for the other.
func TestAttachedBesideAnotherDocument(t *testing.T) {
	h := newHouse(t)
	o := h.orders()["CAdES attached"]
	doc := h.make(o)
	s := h.expect(h.verify(doc, o.in), report.Valid, "")
	require.Equal(t, "unchanged.detached", s.Answers[0].Code)
	s = h.expect(h.verify(doc, []byte("I owe you two horses.")), report.NotValid, report.HashFailure)
	require.Equal(t, "unchanged.other", s.Answers[0].Code)

	// What no signature is over is not said to have been judged.
	r := h.verify(h.make(h.orders()["PAdES"]), []byte("something else"))
	require.Empty(t, r.Document.Detached)
}

// Level B-T: what happens after the proven time does no harm, what happened
// before it does.
func TestRealTime(t *testing.T) {
	for _, name := range []string{"CAdES attached", "PAdES"} {
		t.Run(name, func(t *testing.T) {
			stamped := func(h *house) order {
				o := h.orders()[name]
				o.level, o.stamp = formats.LevelT, "clock"
				return o
			}
			h := newHouse(t)
			doc := h.make(stamped(h))
			s := h.expect(h.verify(doc), report.Valid, "")
			require.Equal(t, h.p.Now, *s.BestTime)
			require.Equal(t, "when.proven", s.Answers[3].Code)

			// Revoked a week after, seen a month after.
			h = newHouse(t, "alice.revoked = 2026-06-08")
			doc = h.make(stamped(h))
			h.p.Now = h.p.Now.AddDate(0, 1, 0)
			s = h.expect(h.verify(doc), report.Valid, "")
			require.Equal(t, "force.then", s.Answers[4].Code)

			// Revoked the week before; it says that it signed earlier still.
			h = newHouse(t, "alice.revoked = 2026-05-25")
			o := stamped(h)
			o.claimed = day("2026-05-01")
			h.expect(h.verify(h.make(o)), report.CannotTell, report.RevokedNoPOE)
			o.claimed = day("2026-05-26")
			h.expect(h.verify(h.make(o)), report.NotValid, report.Revoked)

			// Stamped before the certificate was issued.
			h = newHouse(t, "alice.from = 2026-06-02")
			doc = h.make(stamped(h))
			h.p.Now = h.p.Now.AddDate(0, 0, 3)
			h.expect(h.verify(doc), report.NotValid, report.NotYetValid)
		})
	}
}

func TestRealValidity(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"mdoc", "SD-JWT"} {
		doc := h.make(h.orders()[name])
		now := h.p.Now
		h.p.Now = now.AddDate(0, 4, 0)
		h.expect(h.verify(doc), report.NotValid, report.Expired)
		h.p.Now = now.Add(-10 * time.Minute)
		h.expect(h.verify(doc), report.NotValid, report.NotYetValid)
		h.p.Now = now
	}
}
