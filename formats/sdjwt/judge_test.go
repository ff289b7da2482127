package sdjwt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
)

// TestNpmJudge lets @sd-jwt/sd-jwt-vc, which we did not write, read what we
// write, and the same with one byte changed.
func TestNpmJudge(t *testing.T) {
	script, err := filepath.Abs("../../.ci/interop/sdjwt.mjs")
	require.NoError(t, err)
	_, err = os.ReadFile(script) // so that a changed script is run again
	require.NoError(t, err)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is absent")
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules/@sd-jwt/sd-jwt-vc")); err != nil {
		t.Skip("npm packages are absent: make interop installs them")
	}
	p := world(t)
	dir := t.TempDir()
	roots := filepath.Join(dir, "roots.pem")
	require.NoError(t, os.WriteFile(roots, p.PEM("root"), 0o600))
	judge := func(data []byte) (string, error) {
		file := filepath.Join(dir, "document.sdjwt")
		require.NoError(t, os.WriteFile(file, data, 0o600))
		out, err := exec.Command(node, script, file, roots).CombinedOutput()
		return string(out), err
	}
	prep := identity(p)
	prep.ValidUntil = p.Cert("issuer").NotAfter // the judge has a clock of its own
	for name, alg := range map[string]pki.Algorithm{
		"issuer": pki.ES256, "issuer384": pki.ES384, "issuer521": pki.ES512, "ed": pki.Ed25519,
	} {
		data := issue(t, p, prep, name, alg)
		out, err := judge(data)
		require.NoError(t, err, out)
		t.Log(out)
		require.Contains(t, out, `"given_name": "Олена"`)
		require.Contains(t, out, `"locality": "Kõrvemaa"`)
		if name != "issuer" {
			continue
		}
		for part := 1; part < 20; part++ {
			changed := append([]byte(nil), data...)
			changed[len(data)*part/20] ^= 1
			out, err := judge(changed)
			t.Log(part, out)
			require.Error(t, err, "byte %d changed: %s", len(data)*part/20, out)
		}
	}
}
