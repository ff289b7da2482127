package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"os"
	"testing"
	"time"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/signer"
	"tamga/signer/profile"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// drawing is the PKI of the benchmarks: P-256 throughout, as wallets have it.
const drawing = "root -> ca -> file, sdjwt[sdjwt], tsa[timestamp]; iaca -> mdoc[mdoc]"

// house is all that the claims work with.
type house struct {
	dir      string
	pki      *pkitest.PKI
	file     *pki.Key // signs files
	mdoc     *pki.Key
	sdjwt    *pki.Key
	tsa      *tsa.Authority
	verifier *verifier.Verifier
	signer   *signer.Service
	pid      *profile.Type
	holder   *ecdsa.PrivateKey
	status   []byte // the OCSP response about file's certificate
	files    map[string]*os.File
}

// harness lets the test PKI be drawn outside of a test. What would end a test
// ends the command.
type harness struct{ testing.TB }

func (harness) Helper() {}

func (harness) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func newHouse(dir string) (*house, error) {
	p := pkitest.New(harness{}, drawing)
	h := &house{
		dir: dir, pki: p, files: map[string]*os.File{},
		file: p.Key("file"), mdoc: p.Key("mdoc"), sdjwt: p.Key("sdjwt"), status: p.OCSP("file"),
	}
	// The lists are made once: to make one is to sign, which a verifier never does.
	revocation, err := crl.NewSet(p.CRL("root"), p.CRL("ca"), p.CRL("iaca"))
	if err != nil {
		return nil, err
	}
	h.verifier = &verifier.Verifier{
		Formats: catalog.Parsers(), Trust: p.Anchors(), Revocation: revocation,
		Policy: policy.Default(), Now: p.Clock(), Tool: "bench",
	}
	if h.tsa, err = newAuthority(p); err != nil {
		return nil, err
	}
	types, err := profile.EU()
	if err != nil {
		return nil, err
	}
	h.pid, _ = types.ByName("pid")
	h.signer, err = signer.New(signer.Config{
		Keys:        []*pki.Key{h.file, h.mdoc, h.sdjwt},
		Timestamper: h.tsa, Check: h.check, Types: types,
		Issuer: profile.Issuer{Authority: "Testimaa Amet", Country: "UT"}, Now: p.Clock(),
	})
	if err != nil {
		return nil, err
	}
	h.holder, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return h, err
}

// check is what the signer asks before it lets go of a document. A verdict
// other than valid would make a figure of something that failed fast.
func (h *house) check(ctx context.Context, in formats.Input) error {
	r, err := h.verifier.Verify(ctx, in)
	if err != nil {
		return err
	}
	if r.Verdict.Status != report.Valid {
		var text bytes.Buffer
		_ = report.WriteText(&text, r, report.TextOptions{Lang: "en", Verbose: true})
		return fmt.Errorf("the verdict is %s:\n%s", r.Verdict.Status, text.String())
	}
	return nil
}

// params is what a signature on a file says.
func (h *house) params(level formats.Level) formats.Params {
	return formats.Params{
		Algorithm: pki.ECDSASHA256, Chain: h.file.Chain(), Time: h.pki.Now.Truncate(time.Second), Level: level,
	}
}

// sign is a signature at level B-B by the format alone, without the signer's
// second reading.
func (h *house) sign(ctx context.Context, f formats.Preparer, in formats.Input) (formats.Edit, error) {
	pending, err := f.Prepare(in, h.params(formats.LevelB))
	if err != nil {
		return formats.Edit{}, err
	}
	value, err := h.file.Sign(ctx, pki.UseSign, pki.ECDSASHA256, pending.ToBeSigned)
	if err != nil {
		return formats.Edit{}, err
	}
	return f.Complete(pending, formats.Completion{Value: value})
}
