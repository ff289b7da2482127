package pades_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
)

// completing names the folder in which another process finds its work.
const completing = "TAMGA_TEST_COMPLETING"

// A signature is prepared here and completed by another process, which has
// nothing but the pending state and the value: not the document, not the
// wishes, not the key.
func TestTwoPhasesInTwoProcesses(t *testing.T) {
	if dir := os.Getenv(completing); dir != "" {
		completeElsewhere(t, dir)
		return
	}
	dir := t.TempDir()
	b := samples(t)["libreoffice-form.pdf"]
	key := signer(t, "alice")
	pr := pades.Preparer{
		Certify: pades.FillForms, Reason: "згода", Lock: &pades.Lock{Action: pades.LockAll},
		Appearance: &pades.Appearance{Language: "uk", QR: "https://example.ee"},
	}
	pending, err := pr.Prepare(input(b), params(t, key))
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	writeJSON(t, filepath.Join(dir, "pending.json"), pending)
	writeJSON(t, filepath.Join(dir, "done.json"), formats.Completion{Value: value})

	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	other.Env = append(os.Environ(), completing+"="+dir)
	text, err := other.CombinedOutput()
	require.NoError(t, err, string(text))
	var edit formats.Edit
	readJSON(t, filepath.Join(dir, "edit.json"), &edit)
	signed := append(bytes.Clone(b), edit.Tail...)
	require.EqualValues(t, len(b), edit.Keep)
	require.NoError(t, holds(parse(t, signed).Signatures[0]))
	qpdfCheck(t, signed)
	requirePdfsig(t, signed, 1)
}

func completeElsewhere(t *testing.T, dir string) {
	var pending formats.Pending
	var done formats.Completion
	readJSON(t, filepath.Join(dir, "pending.json"), &pending)
	readJSON(t, filepath.Join(dir, "done.json"), &done)
	edit, err := pades.Preparer{}.Complete(&pending, done)
	require.NoError(t, err)
	writeJSON(t, filepath.Join(dir, "edit.json"), edit)
}

func writeJSON(t *testing.T, name string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, text, 0o600))
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, v))
}
