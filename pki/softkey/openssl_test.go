package softkey_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tamga/pki/softkey"

	"github.com/stretchr/testify/require"
)

func openssl(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on PATH")
	}
	return exec.Command(path, args...).CombinedOutput()
}

// What we write, OpenSSL opens with the passphrase and with no other.
func TestOpenSSLReadsOurs(t *testing.T) {
	for _, kind := range []string{"p256", "rsa2048", "ed25519"} {
		path, signer := write(t, kind)
		out, err := openssl(t, "pkey", "-in", path, "-passin", "pass:"+string(secret), "-pubout")
		require.NoError(t, err, "%s: %s", kind, out)
		block, _ := pem.Decode(out)
		require.NotNil(t, block)
		der, err := x509.MarshalPKIXPublicKey(signer.Public())
		require.NoError(t, err)
		require.True(t, bytes.Equal(der, block.Bytes), kind)

		out, err = openssl(t, "pkcs8", "-in", path, "-passin", "pass:wrong")
		require.Error(t, err, "%s", out)
	}
}

// And we open what OpenSSL writes, in every encryption that we claim to read.
func TestWeReadOpenSSLs(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.pem")
	out, err := openssl(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", plain)
	require.NoError(t, err, "%s", out)
	data, err := os.ReadFile(plain)
	require.NoError(t, err)
	want, err := softkey.ParsePlain(data)
	require.NoError(t, err)

	for _, how := range []string{
		"-scrypt", "-scrypt -scrypt_N 4096 -scrypt_r 8 -scrypt_p 2",
		"-v2 aes256", "-v2 aes256 -v2prf hmacWithSHA512", "-v2 aes128 -v2prf hmacWithSHA384",
		"-v2 aes192 -v2prf hmacWithSHA256", "-v2 aes256 -v2prf hmacWithSHA1", "-v2 aes256 -iter 100000",
	} {
		path := filepath.Join(dir, "encrypted.pem")
		args := append([]string{"pkcs8", "-topk8", "-in", plain, "-out", path, "-passout", "pass:" + string(secret)},
			strings.Fields(how)...)
		out, err := openssl(t, args...)
		require.NoError(t, err, "%s: %s", how, out)
		require.NoError(t, os.Chmod(path, 0o600))
		got, err := open(path)
		require.NoError(t, err, how)
		require.Equal(t, want.Public(), got.Public(), how)
		_, err = softkey.Opener{Passphrase: passphrase("wrong")}.OpenKey(context.Background(), path)
		require.ErrorIs(t, err, softkey.ErrPassphrase, how)
	}
}

// The encryptions of the past, and keys too weak to sign with, are named and
// refused.
func TestOldFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	plain, path := filepath.Join(dir, "plain.pem"), filepath.Join(dir, "old.pem")
	refused := func(args ...string) {
		t.Helper()
		out, err := openssl(t, append(args, "-in", plain, "-out", path, "-passout", "pass:x")...)
		require.NoError(t, err, "%s", out)
		require.NoError(t, os.Chmod(path, 0o600))
		_, err = open(path)
		require.ErrorIs(t, err, softkey.ErrUnsupported)
	}
	out, err := openssl(t, "genrsa", "-traditional", "-out", plain, "2048")
	require.NoError(t, err, "%s", out)
	refused("rsa", "-traditional", "-aes128")
	refused("pkcs8", "-topk8", "-v2", "des3")
	refused("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES")
}
