package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/pades"
)

func TestClaimsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range claims {
		require.False(t, seen[c.name], c.name)
		require.Positive(t, c.goal, c.name)
		require.NotEmpty(t, c.reason, c.name)
		require.NotNil(t, c.measure, c.name)
		seen[c.name] = true
	}
}

// A ratio that says nothing would call everything ok.
func TestRatioTellsTwiceTheWork(t *testing.T) {
	data := make([]byte, 1<<20)
	in := input(data)
	hash := hashOf(in)
	figure, err := ratio(t.Context(), 15, hash, func() error {
		if err := hash(); err != nil {
			return err
		}
		return hash()
	})
	require.NoError(t, err)
	require.InDelta(t, 2, figure, 0.6)

	_, err = ratio(t.Context(), 3, hash, func() error { return io.ErrUnexpectedEOF })
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestNothingMeasuredIsAnError(t *testing.T) {
	err := run(t.Context(), []string{"no such claim"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "nothing was measured")
}

// The line is what others read; whether the figure is good is for make bench.
func TestLine(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), []string{"pades-vs-pdfsign-50k"}, &out, io.Discard)
	if err != nil {
		require.ErrorContains(t, err, "fall short")
	}
	require.Regexp(t, `(?m)^pades-vs-pdfsign-50k +\d+\.\d\d +\d\.\d\d (ok|short)$`, out.String())
	t.Log(out.String())
}

// What is measured must be a PDF, for others too, before and after.
func TestPDF(t *testing.T) {
	h, err := newHouse(t.TempDir())
	require.NoError(t, err)
	for name, make := range map[string]shape{"a.pdf": pdfOf(letters, 100), "b.pdf": pdfOf(emptiness, 0)} {
		in, err := h.open(name, 100_000, make)
		require.NoError(t, err)
		require.Greater(t, in.Size, int64(100_000))
		edit, err := h.sign(t.Context(), pades.Preparer{}, in)
		require.NoError(t, err)
		require.NoError(t, h.check(t.Context(), edit.Apply(in, name)))
		if _, err := exec.LookPath("qpdf"); err == nil {
			text, err := exec.Command("qpdf", "--check", filepath.Join(h.dir, name)).CombinedOutput()
			require.NoError(t, err, string(text))
		}
		require.NoError(t, h.drop(name))
	}
}
