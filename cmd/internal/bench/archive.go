package main

import (
	"context"
	"crypto"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/crl"
	"tamga/pki/ocsp"
	"tamga/verifier"
	"tamga/verifier/report"
)

// checks are the signature checks that a verdict cannot do without.
type checks []func() error

// record asks [pki.Verify], and keeps the question.
func (list *checks) record(key crypto.PublicKey, alg pki.Algorithm, message, value []byte) error {
	ask := func() error { return pki.Verify(key, alg, message, value) }
	*list = append(*list, ask)
	return ask()
}

func (list checks) run() error {
	for _, ask := range list {
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}

// withStatus is a small attached signature that brings along the status of its
// certificate, and the checks that judging it takes: value, two certificates,
// the response about the signer, the list about the issuer.
func (h *house) withStatus(ctx context.Context, text string) ([]byte, checks, error) {
	edit, err := h.sign(ctx, cades.Preparer{Attached: true}, input([]byte(text)))
	if err != nil {
		return nil, nil, err
	}
	status, err := ocsp.Parse(h.status)
	if err != nil {
		return nil, nil, err
	}
	doc, err := cms.AddUnsigned(edit.Tail, 0, revocationValues(status.Basic))
	if err != nil {
		return nil, nil, err
	}
	sd, err := cms.Parse(doc)
	if err != nil {
		return nil, nil, err
	}
	list, err := crl.Parse(h.pki.CRL("root"))
	if err != nil {
		return nil, nil, err
	}
	var out checks
	signer, file, ca, root := sd.Signers[0], h.pki.Cert("file"), h.pki.Cert("ca"), h.pki.Cert("root")
	for _, err := range []error{
		out.record(file.PublicKey, signer.Algorithm, signer.Signed, signer.Value),
		pki.VerifyCertificate(file, ca.PublicKey, out.record),
		pki.VerifyCertificate(ca, root.PublicKey, out.record),
		status.Verify(ca, out.record),
		list.Verify(root, out.record),
	} {
		if err != nil {
			return nil, nil, err
		}
	}
	return doc, out, nil
}

// revocationValues is the attribute of EN 319 122-1 §A.1.6.2 with one response:
//
//	RevocationValues ::= SEQUENCE { ocspVals [1] SEQUENCE OF BasicOCSPResponse }
func revocationValues(basic []byte) []byte {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, tag cbasn1.Tag, inner func(*cryptobyte.Builder)) { b.AddASN1(tag, inner) }
	sequence(&b, cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(pki.MustOID("1.2.840.113549.1.9.16.2.24"))
		sequence(b, cbasn1.SET, func(b *cryptobyte.Builder) {
			sequence(b, cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				sequence(b, cbasn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
					sequence(b, cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(basic) })
				})
			})
		})
	})
	return b.BytesOrPanic()
}

// cmsVerifyPath is a verdict from nothing but the bytes, the anchor and a list,
// against the checks alone.
func cmsVerifyPath(ctx context.Context, h *house) (float64, error) {
	doc, checks, err := h.withStatus(ctx, "a short text")
	if err != nil {
		return 0, err
	}
	alone := *h
	if alone.verifier, err = h.withRootList(); err != nil {
		return 0, err
	}
	return ratio(ctx, 31, checks.run, func() error { return alone.check(ctx, input(doc)) })
}

// withRootList is the verifier with the one list that the documents of this
// file lack: more would be more to check.
func (h *house) withRootList() (*verifier.Verifier, error) {
	list, err := crl.NewSet(h.pki.CRL("root"))
	judge := *h.verifier
	judge.Revocation = list
	return &judge, err
}

// archived is how many documents the auditor of the claim has.
const archived = 10_000

// archive is the judging of many documents of one signer by all processors at
// once, against as many checks of one value each: what their evidence has in
// common is looked at once.
func archive(ctx context.Context, h *house) (float64, error) {
	docs := make([][]byte, archived)
	var value func() error
	for i := range docs {
		doc, checks, err := h.withStatus(ctx, fmt.Sprint("document ", i))
		if err != nil {
			return 0, err
		}
		docs[i], value = doc, checks[0]
	}
	judge, err := h.withRootList()
	if err != nil {
		return 0, err
	}
	return ratio(ctx, 5, func() error { return everywhere(func(int) error { return value() }) }, func() error {
		judge.Memo = verifier.NewMemo(1 << 10)
		return everywhere(func(i int) error {
			r, err := judge.Verify(ctx, input(docs[i]))
			if err == nil && r.Verdict.Status != report.Valid {
				err = fmt.Errorf("document %d: %s", i, r.Verdict.Status)
			}
			return err
		})
	})
}

// everywhere does work for each document on all processors.
func everywhere(work func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, runtime.NumCPU())
	for range runtime.NumCPU() {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < archived; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
