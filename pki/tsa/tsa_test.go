package tsa_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

const (
	policy  = "1.3.6.1.4.1.13762.3"
	drawing = "root -> ca -> stamper[timestamp], rsa[timestamp, rsa2048], alice"
)

func authority(t testing.TB, p *pkitest.PKI, who string, now func() time.Time) *tsa.Authority {
	t.Helper()
	a, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: p.Key(who), Policy: policy, Accuracy: 1500 * time.Millisecond, Now: now})
	require.NoError(t, err)
	return a
}

func TestTokenSaysWhatWasAsked(t *testing.T) {
	p := pkitest.New(t, drawing)
	imprint := pki.SHA512.Sum([]byte("content"))
	token, err := authority(t, p, "stamper", p.Clock()).Timestamp(t.Context(), pki.SHA512, imprint)
	require.NoError(t, err)
	sd, info, err := tsa.ParseToken(token)
	require.NoError(t, err)
	require.Equal(t, 3, sd.Version, "RFC 5652 5.1")
	require.Empty(t, sd.Signers[0].Defects)
	require.Equal(t, pki.SHA512, info.Hash)
	require.Equal(t, imprint, info.Imprint)
	require.Equal(t, p.Now, info.Time)
	require.Equal(t, 1500*time.Millisecond, info.Accuracy)
	require.Equal(t, policy, info.Policy)
	require.Positive(t, info.Serial.Sign())
	require.Nil(t, info.Nonce)
}

func TestAuthorityRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	_, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("alice", pki.UseTimestamp), Policy: policy, Now: p.Clock()})
	require.ErrorContains(t, err, "id-kp-timeStamping")
	_, err = tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("stamper", pki.UseSign), Policy: policy, Now: p.Clock()})
	require.ErrorIs(t, err, pki.ErrKeyUse)

	a := authority(t, p, "stamper", p.Clock())
	_, err = a.Timestamp(t.Context(), pki.SHA1, make([]byte, 20))
	var refusal *tsa.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, tsa.BadAlgorithm, refusal.Failure)
	_, err = a.Timestamp(t.Context(), pki.SHA256, make([]byte, 20))
	require.ErrorAs(t, err, &refusal)
}

// A clock that goes back would let the authority say "before" of what came
// after.
func TestAuthorityStopsWhenTheClockGoesBack(t *testing.T) {
	p := pkitest.New(t, drawing)
	now := p.Now
	a := authority(t, p, "stamper", func() time.Time { return now })
	stamp := func() (time.Time, error) {
		token, err := a.Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(nil))
		if err != nil {
			return time.Time{}, err
		}
		_, info, err := tsa.ParseToken(token)
		require.NoError(t, err)
		return info.Time, nil
	}
	first, err := stamp()
	require.NoError(t, err)
	now = now.Add(-time.Second)
	same, err := stamp()
	require.NoError(t, err)
	require.Equal(t, first, same, "a small step back repeats the last time")
	now = now.Add(-time.Hour)
	_, err = stamp()
	require.ErrorIs(t, err, tsa.ErrClock)
	now = p.Now.AddDate(10, 0, 0)
	_, err = stamp()
	require.ErrorContains(t, err, "not valid at")
}

func TestClientBelievesOnlyItsOwnAnswer(t *testing.T) {
	p := pkitest.New(t, drawing)
	a := authority(t, p, "stamper", p.Clock())
	imprint := pki.SHA256.Sum([]byte("content"))
	var recorded []byte
	client := &tsa.Client{Policy: policy, Post: func(ctx context.Context, request []byte) ([]byte, error) {
		var err error
		recorded, err = a.Respond(ctx, request)
		return recorded, err
	}}
	token, err := client.Timestamp(t.Context(), pki.SHA256, imprint)
	require.NoError(t, err)
	require.NotEmpty(t, token)

	replay := recorded
	client.Post = func(context.Context, []byte) ([]byte, error) { return replay, nil }
	_, err = client.Timestamp(t.Context(), pki.SHA256, imprint)
	require.ErrorContains(t, err, "another request")
	_, err = client.Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum([]byte("other")))
	require.ErrorContains(t, err, "over something else")

	client.Post = func(ctx context.Context, request []byte) ([]byte, error) {
		answer, err := a.Respond(ctx, request)
		answer[len(answer)-1] ^= 1
		return answer, err
	}
	_, err = client.Timestamp(t.Context(), pki.SHA256, imprint)
	require.Error(t, err)
	client.Policy = "1.2.3"
	client.Post = a.Respond
	_, err = client.Timestamp(t.Context(), pki.SHA256, imprint)
	var refusal *tsa.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, tsa.UnacceptedPolicy, refusal.Failure)
	client.Post = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("no route") }
	_, err = client.Timestamp(t.Context(), pki.SHA256, imprint)
	require.ErrorContains(t, err, "no route")
}

func openssl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	out, err := exec.Command("openssl", args...).CombinedOutput()
	return string(out), err
}

func TestOpenSSLAsksAndBelieves(t *testing.T) {
	p := pkitest.New(t, drawing)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(path("data"), []byte("what is stamped"), 0o600))
	require.NoError(t, os.WriteFile(path("other"), []byte("what is not"), 0o600))
	require.NoError(t, os.WriteFile(path("root"), p.PEM("root"), 0o600))
	for _, who := range []string{"stamper", "rsa"} {
		for _, options := range [][]string{{"-sha256", "-cert"}, {"-sha512", "-cert", "-no_nonce"}, {"-sha384", "-cert", "-tspolicy", policy}} {
			out, err := openssl(t, append([]string{"ts", "-query", "-data", path("data"), "-out", path("query")}, options...)...)
			require.NoError(t, err, out)
			query, err := os.ReadFile(path("query"))
			require.NoError(t, err)
			answer, err := authority(t, p, who, p.Clock()).Respond(t.Context(), query)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path("reply"), answer, 0o600))
			verify := []string{"ts", "-verify", "-in", path("reply"), "-CAfile", path("root"), "-attime", "1780315200"}
			out, err = openssl(t, append(verify, "-queryfile", path("query"))...)
			require.NoError(t, err, out)
			out, err = openssl(t, append(verify, "-data", path("other"))...)
			require.Error(t, err, out)
			out, err = openssl(t, "ts", "-reply", "-in", path("reply"), "-text")
			require.NoError(t, err, out)
			require.Contains(t, out, "0x01 seconds, 0x01F4 millis")
		}
	}
	// Refusals are told in words that openssl reads, too.
	out, err := openssl(t, "ts", "-query", "-data", path("data"), "-sha1", "-out", path("query"))
	require.NoError(t, err, out)
	query, err := os.ReadFile(path("query"))
	require.NoError(t, err)
	answer, err := authority(t, p, "stamper", p.Clock()).Respond(t.Context(), query)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path("reply"), answer, 0o600))
	out, _ = openssl(t, "ts", "-reply", "-in", path("reply"), "-text")
	require.Contains(t, out, "unrecognized or unsupported algorithm identifier")
}

func FuzzRespond(f *testing.F) {
	p := pkitest.New(f, drawing)
	a := authority(f, p, "stamper", p.Clock())
	query, err := (&tsa.Request{Hash: pki.SHA256, Imprint: make([]byte, 32), CertReq: true, Policy: policy}).Encode()
	require.NoError(f, err)
	f.Add(query)
	f.Fuzz(func(t *testing.T, request []byte) {
		answer, err := a.Respond(context.Background(), request)
		if err != nil || len(answer) == 0 {
			t.Fatalf("no answer: %v", err)
		}
	})
}

func FuzzParseInfo(f *testing.F) {
	p := pkitest.New(f, drawing)
	token, err := authority(f, p, "stamper", p.Clock()).Timestamp(context.Background(), pki.SHA256, make([]byte, 32))
	require.NoError(f, err)
	sd, _, err := tsa.ParseToken(token)
	require.NoError(f, err)
	f.Add(sd.Content)
	f.Fuzz(func(t *testing.T, der []byte) {
		info, err := tsa.ParseInfo(der)
		if err == nil && (info.Time.IsZero() || info.Serial == nil || info.Hash.Known() && len(info.Imprint) != info.Hash.Size()) {
			t.Fatalf("accepted %x", der)
		}
	})
}

func BenchmarkTimestamp(b *testing.B) {
	p := pkitest.New(b, drawing)
	a := authority(b, p, "stamper", p.Clock())
	imprint := make([]byte, 32)
	for b.Loop() {
		if _, err := a.Timestamp(b.Context(), pki.SHA256, imprint); err != nil {
			b.Fatal(err)
		}
	}
}
