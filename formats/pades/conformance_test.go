package pades_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/formattest"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/tsa"
)

func stamper(t testing.TB) pki.Timestamper {
	a, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: signer(t, "tsa"), Policy: "1.3.6.1.4.1.99999.1", Accuracy: time.Second,
		Now: func() time.Time { return claimedTime.Add(time.Minute) },
	})
	require.NoError(t, err)
	return a
}

// stamped signs b at level B-T.
func stamped(t testing.TB, b []byte, pr pades.Preparer) []byte {
	t.Helper()
	key := signer(t, "alice")
	p := params(t, key)
	p.Level = formats.LevelT
	pending, err := pr.Prepare(input(b), p)
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	token, err := stamper(t).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(pr.StampInput(pending, value)))
	require.NoError(t, err)
	edit, err := pr.Complete(pending, formats.Completion{Value: value, Timestamp: token})
	require.NoError(t, err)
	return append(bytes.Clone(b), edit.Tail...)
}

func TestLevelT(t *testing.T) {
	for name, b := range samples(t) {
		signed := stamped(t, b, pades.Preparer{})
		sig := parse(t, signed).Signatures[0]
		require.NoError(t, holds(sig), name)
		require.Len(t, sig.Evidence.Timestamps, 1)
		require.NoError(t, holds(sig.Evidence.Timestamps[0].Signature), name)
		require.True(t, claimedTime.Add(time.Minute).Equal(sig.Evidence.Timestamps[0].Time))
		qpdfCheck(t, signed)
		requirePdfsig(t, signed, 1)
	}
	// What the time-stamp may take is decided before the key is asked.
	key := signer(t, "alice")
	p := params(t, key)
	p.Level = formats.LevelT
	pending, err := pades.Preparer{StampReserve: 100}.Prepare(input(page()), p)
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	token, err := stamper(t).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(value))
	require.NoError(t, err)
	_, err = pades.Preparer{}.Complete(pending, formats.Completion{Value: value, Timestamp: token})
	require.ErrorIs(t, err, formats.ErrTooLarge)
	_, err = pades.Preparer{}.Complete(pending, formats.Completion{Value: value})
	require.Error(t, err, "no time-stamp at level B-T")
}

// TestConformance: the suite of all formats.
func TestConformance(t *testing.T) {
	real := samples(t)
	var good []formattest.Sample
	for _, name := range []string{"cairo.pdf", "qpdf-form-objstm.pdf", "qpdf-linearized.pdf"} {
		good = append(good, formattest.Sample{Name: name, Bytes: sign(t, real[name], pades.Preparer{})})
	}
	good = append(good,
		formattest.Sample{Name: "stamped", Bytes: stamped(t, page(), pades.Preparer{Reason: "x"})},
		formattest.Sample{Name: "twice", Bytes: sign(t, sign(t, page(), pades.Preparer{}), pades.Preparer{})},
		formattest.Sample{Name: "unsigned", Bytes: page(), Broken: true})
	var writers []formattest.Writer
	for _, w := range []struct {
		name, key string
		level     formats.Level
		b         []byte
	}{
		{"classic", "alice", formats.LevelB, real["chromium.pdf"]},
		{"streams", "bob", formats.LevelB, real["qpdf-objstm.pdf"]},
		{"form", "carol", formats.LevelB, real["libreoffice-form.pdf"]},
		{"stamped", "alice", formats.LevelT, real["qpdf-linearized-objstm.pdf"]},
		{"again", "bob", formats.LevelT, sign(t, real["libreoffice.pdf"], pades.Preparer{})},
	} {
		p := params(t, signer(t, w.key))
		p.Level = w.level
		fw := formattest.Writer{
			Name: w.name, Input: input(w.b), Params: p, Key: signer(t, w.key), Use: pki.UseSign,
			New: func(io.Reader) formats.Preparer { return pades.Preparer{Reason: "r", Location: "Tartu"} },
		}
		if w.level == formats.LevelT {
			fw.Timestamper = stamper(t)
		}
		writers = append(writers, fw)
	}
	formattest.Test(t, formattest.Format{
		Parser: pades.Parser{}, Samples: good, Writers: writers, Mutations: 1500,
	})
}

func TestSniff(t *testing.T) {
	for head, want := range map[string]bool{
		"%PDF-1.7\n": true, "junk\n%PDF-2.0": true, "": false, "%PDF": false, "PK\x03\x04": false,
		strings.Repeat(" ", 1015) + "%PDF-1.4": true, strings.Repeat(" ", 1025) + "%PDF-1.4": false,
	} {
		require.Equal(t, want, pades.Parser{}.Sniff([]byte(head)), "%.20q", head)
	}
}

func TestFacts(t *testing.T) {
	doc := parse(t, samples(t)["libreoffice-form.pdf"])
	require.Empty(t, doc.Signatures)
	require.Empty(t, doc.Defects)
	require.Equal(t, "PDF 1.6 with 0 signatures", doc.Title)
	facts := map[string]string{}
	for _, f := range doc.Facts {
		facts[f.Name] = f.Value
	}
	require.Equal(t, "2", facts["pages"])
	require.Equal(t, "1", facts["revisions"])
	require.Equal(t, "no", facts["encrypted"])
	require.Contains(t, facts["producer"], "LibreOffice")
	require.Equal(t, "0 signed, 0 empty", facts["signature fields"])
	require.NotEqual(t, "0", facts["form fields"])
}

func FuzzParse(f *testing.F) {
	f.Add(page())
	f.Add(sign(f, page(), pades.Preparer{}))
	f.Add(sign(f, sign(f, page(), pades.Preparer{}), pades.Preparer{}))
	f.Add(emptyField("/Lock << /Action /All >>"))
	evidence := [][]byte{authority()(f).Cert("root").Raw, authority()(f).CRL("ca"), authority()(f).OCSP("alice")}
	f.Add(archived(f, withStore(sign(f, page(), pades.Preparer{}), fullStore, evidence...), 40, "7 0 R"))
	f.Fuzz(func(t *testing.T, b []byte) {
		doc, err := pades.Parser{}.Parse(input(b))
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		for _, sig := range doc.Signatures {
			if sig.Stamp != nil {
				requireCovered(t, b, sig)
			}
			if fatal(sig.Defects) == "" {
				require.NotEmpty(t, sig.References)
				signed := covered(t, sig)
				require.Less(t, signed, int64(len(b)), "the gap is never signed")
				if sig.Coverage.Whole {
					require.Zero(t, sig.Coverage.After)
				} else {
					require.LessOrEqual(t, signed+sig.Coverage.After, int64(len(b))-2)
				}
			}
		}
	})
}
