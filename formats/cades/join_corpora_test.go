package cades_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// standing is what holds and what does not, of each signature and of what
// proves it.
func standing(t testing.TB, sig formats.Signature) (out []string) {
	out = append(out, fmt.Sprintf("%x %s", sig.Signed, misfit(t, sig)))
	for _, ts := range sig.Evidence.Timestamps {
		out = append(out, string(ts.Kind)+" "+misfit(t, ts.Signature))
	}
	for _, c := range sig.Counter {
		out = append(out, standing(t, c)...)
	}
	return out
}

// A signature is added to every CMS of other makers, in parallel and over each
// of theirs: whatever held of theirs before, signatures and time-stamps, holds
// afterwards; or we refuse for a reason.
func TestVectorsAdditions(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := p.Key("p256")
	tally := pkitest.Tally{Name: "cades-additions"}
	add := func(name string, raw []byte, doc *formats.Document, pr cades.Preparer) {
		id := fmt.Sprintf("%s, counter %d", name, pr.Counter)
		base := input(name, raw)
		pending, err := pr.Prepare(base, formats.Params{
			Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
		if err != nil {
			reason := ""
			for _, known := range []error{cades.ErrForbidden, cades.ErrWish, formats.ErrUnsupported} {
				if errors.Is(err, known) {
					reason = err.Error()
				}
			}
			tally.Case(t, id+": "+err.Error(), false, reason)
			return
		}
		value, err := key.Sign(t.Context(), pki.UseSign, pki.ECDSASHA256, pending.ToBeSigned)
		require.NoError(t, err)
		edit, err := pr.Complete(pending, formats.Completion{Value: value})
		require.NoError(t, err, id)
		after, err := cades.Parser{}.Parse(edit.Apply(base, name))
		require.NoError(t, err, id)
		ours := after.Signatures[len(after.Signatures)-1]
		agreed := true
		for i, sig := range doc.Signatures {
			old, now := standing(t, sig), standing(t, after.Signatures[i])
			agreed = agreed && len(now) >= len(old)
			for j := range old {
				agreed = agreed && old[j] == now[j]
			}
		}
		if pr.Counter > 0 {
			counters := after.Signatures[pr.Counter-1].Counter
			ours = counters[len(counters)-1]
		}
		tally.Case(t, id, agreed && intact(t, ours), "")
	}
	for _, folder := range []string{"dss/dss-cades", "dss/dss-asic-cades", "uapki", "cryptonite", "jkurwa"} {
		require.NoError(t, filepath.WalkDir(pkitest.Corpus(t, folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			if len(raw) > 8<<20 || !(cades.Parser{}).Sniff(raw) {
				return nil
			}
			doc, err := cades.Parser{}.Parse(input(path, raw))
			if err != nil {
				return nil
			}
			add(d.Name(), raw, doc, cades.Preparer{Parallel: true})
			for i := range doc.Signatures {
				add(d.Name(), raw, doc, cades.Preparer{Counter: i + 1})
			}
			return nil
		}))
	}
	tally.Report(t)
}
