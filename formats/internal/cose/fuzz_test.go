package cose_test

import (
	"bytes"
	"errors"
	"testing"

	gocose "github.com/veraison/go-cose"

	"tamga/formats"
	"tamga/formats/internal/cose"
	"tamga/pki/pkitest"
)

// FuzzSign1: what we read without a fatal defect, and go-cose reads too, says
// the same to both; and no refusal is without its reason.
func FuzzSign1(f *testing.F) {
	p := pkitest.New(f, drawing)
	good := append(cose.AppendUnsigned(nil, cose.Unsigned{
		Algorithm: kinds[0].alg, Chain: [][]byte{p.Cert("ds").Raw}, Payload: []byte("said"), Value: 64,
	}), make([]byte, 64)...)
	f.Add(good)
	f.Add(append([]byte{0xd2}, good...))
	f.Add([]byte("\x84\x44\xa1\x01\x38\x24\xa0\xf6\x41v"))
	f.Add([]byte("\x84\x47\xa2\x01\x26\x02\x81\x18\x63\xa1\x04\x41k\x41p\x41v"))
	f.Add([]byte("\x9f\x5f\x43\xa1\x01\x26\xff\xbf\xff\xf6\x40\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := cose.ParseSign1(raw)
		if err != nil {
			if !errors.Is(err, formats.ErrMalformed) && !errors.Is(err, formats.ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		fatal := false
		for _, d := range m.Defects {
			fatal = fatal || d.Fatal
		}
		if m.ToBeSigned() == nil || !fatal && !m.Algorithm.Known() {
			t.Fatal("without an algorithm there is nothing to verify")
		}
		theirs, ok := readByGoCose(raw, m.Tagged)
		if fatal || !ok {
			return
		}
		alg, err := theirs.Headers.Protected.Algorithm()
		if err != nil || !bytes.Equal(theirs.Payload, m.Payload) || !bytes.Equal(theirs.Signature, m.Signature) ||
			alg == gocose.AlgorithmReserved {
			t.Fatalf("go-cose reads something else: %v", err)
		}
	})
}

func readByGoCose(raw []byte, tagged bool) (*gocose.Sign1Message, bool) {
	var m gocose.Sign1Message
	if tagged {
		return &m, m.UnmarshalCBOR(raw) == nil
	}
	return &m, (*gocose.UntaggedSign1Message)(&m).UnmarshalCBOR(raw) == nil
}
