package tsa_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

// stamps is an extended key usage with these purposes.
func stamps(critical bool, purposes ...string) pkix.Extension {
	var ids [][]byte
	for _, p := range purposes {
		ids = append(ids, oid(p))
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: tlv(0x30, ids...)}
}

// A certificate with a second purpose lets a key that stamps be used for what
// somebody else chooses the bytes of (RFC 3161 §2.3).
func TestAuthorityHasOnePurpose(t *testing.T) {
	const timeStamping, ocspSigning = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"
	p := pkitest.New(t, "root")
	for name, c := range map[string]struct {
		usage pkix.Extension
		good  bool
	}{
		"one":          {stamps(true, timeStamping), true},
		"not critical": {stamps(false, timeStamping), false},
		"another":      {stamps(true, ocspSigning), false},
		"two":          {stamps(true, timeStamping, ocspSigning), false},
		"and unknown":  {stamps(true, timeStamping, "1.2.3"), false},
	} {
		p.Issue("root", name, func(c0 *x509.Certificate) {
			c0.ExtKeyUsage, c0.ExtraExtensions = nil, []pkix.Extension{c.usage}
		})
		a, err := tsa.NewAuthority(tsa.AuthorityConfig{
			Key: p.Key(name, pki.UseTimestamp), Policy: policy, Now: p.Clock()})
		if c.good {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "the one critical purpose id-kp-timeStamping", name)
		require.Nil(t, a, name)
	}
}

func TestAuthorityConfig(t *testing.T) {
	p := pkitest.New(t, drawing)
	good := tsa.AuthorityConfig{Key: p.Key("stamper"), Policy: policy, Now: p.Clock()}
	for says, edit := range map[string]func(*tsa.AuthorityConfig){
		"key or clock is missing": func(c *tsa.AuthorityConfig) { c.Key = nil },
		"or clock is missing":     func(c *tsa.AuthorityConfig) { c.Now = nil },
		"policy":                  func(c *tsa.AuthorityConfig) { c.Policy = "one" },
		"algorithm not supported": func(c *tsa.AuthorityConfig) { c.Key = oddKey(t) },
	} {
		bad := good
		edit(&bad)
		a, err := tsa.NewAuthority(bad)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "setting up a time-stamp authority")
		require.Nil(t, a)
	}
}

// oddKey is on a curve that nothing here signs with.
func oddKey(t *testing.T) *pki.Key {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), ExtraExtensions: []pkix.Extension{stamps(true, "1.3.6.1.5.5.7.3.8")},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	out, err := pki.NewKey(pki.KeyConfig{Name: "odd", Uses: []pki.Use{pki.UseTimestamp}}, key, []*x509.Certificate{cert})
	require.NoError(t, err)
	return out
}

// What an authority will not stamp it says in the words of RFC 3161 §2.4.2, and
// it does not stamp it.
func TestAuthorityAnswers(t *testing.T) {
	p := pkitest.New(t, drawing)
	a := authority(t, p, "stamper", p.Clock())
	nonce := func(bits uint) bend {
		der, err := asn1.Marshal(new(big.Int).Lsh(big.NewInt(1), bits-1))
		require.NoError(t, err)
		return bend{part: "nonce", der: der}
	}
	for name, c := range map[string]struct {
		request []byte
		want    tsa.Failure
		says    string
	}{
		"no request": {[]byte{5, 0}, tsa.BadDataFormat, "the request cannot be read"},
		"SHA-1":      {imprinted(imprintOf(pki.SHA1, imprint[:20])), tsa.BadAlgorithm, "digest"},
		"SHA-224":    {imprinted(imprintOf(pki.SHA224, imprint[:28])), tsa.BadAlgorithm, "digest"},
		"no digest":  {imprinted(tlv(0x30, tlv(0x30, oid("1.2.3")), tlv(4, imprint))), tsa.BadAlgorithm, "digest"},
		"policy":     {requestParts.with(bend{part: "policy", der: oid("1.2.3")}), tsa.UnacceptedPolicy, "policy"},
		"extensions": {requestParts.with(bend{part: "extensions", der: tlv(0xa0)}), tsa.UnacceptedExtension, "extensions"},
		"long nonce": {requestParts.with(nonce(513)), tsa.BadRequest, "the nonce is too long"},
	} {
		answer, err := a.Respond(t.Context(), c.request)
		require.NoError(t, err, name)
		_, err = asked(t, &tsa.Client{}, answer)
		var refusal *tsa.Refusal
		require.ErrorAs(t, err, &refusal, name)
		require.EqualValues(t, 2, refusal.Status, name)
		require.Equal(t, c.want, refusal.Failure, name)
		require.Contains(t, refusal.Text, c.says, name)
	}
	for name, bends := range map[string][]bend{
		"long nonce": {nonce(512)}, "policy": {{part: "policy", der: oid(policy)}}, "neither": nil,
	} {
		answer, err := a.Respond(t.Context(), requestParts.with(bends...))
		require.NoError(t, err, name)
		_, err = asked(t, &tsa.Client{}, answer)
		require.NotErrorAs(t, err, new(*tsa.Refusal), name)
	}
}

func imprinted(der []byte) []byte { return requestParts.with(bend{part: "imprint", der: der}) }

// broken signs nothing.
type broken struct{ crypto.PublicKey }

var errToken = errors.New("the token was pulled out")

func (b broken) Public() crypto.PublicKey { return b.PublicKey }

func (b broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errToken }

// The operator learns the reason, and whoever asked that it is not his fault.
func TestAuthorityThatCannotStamp(t *testing.T) {
	p := pkitest.New(t, drawing)
	cert := p.Cert("stamper")
	key, err := pki.NewKey(pki.KeyConfig{Name: "broken", Uses: []pki.Use{pki.UseTimestamp}},
		broken{cert.PublicKey}, p.Chain("stamper"))
	require.NoError(t, err)
	now := p.Now
	clock := func() time.Time { return now }
	backwards := authority(t, p, "stamper", func() time.Time { now = now.Add(-time.Hour); return now })
	_, err = backwards.Timestamp(t.Context(), pki.SHA256, imprint)
	require.NoError(t, err)
	out, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: key, Policy: policy, Now: clock})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		a    *tsa.Authority
		want tsa.Failure
		err  error
	}{
		"clock": {backwards, tsa.TimeNotAvailable, tsa.ErrClock},
		"key":   {out, tsa.SystemFailure, errToken},
	} {
		answer, err := c.a.Respond(t.Context(), requestParts.with())
		require.ErrorIs(t, err, c.err, name)
		_, err = asked(t, &tsa.Client{}, answer)
		var refusal *tsa.Refusal
		require.ErrorAs(t, err, &refusal, name)
		require.Equal(t, c.want, refusal.Failure, name)
	}
}

// A certificate stamps from its first second to its last, and no other.
func TestAuthorityStampsWhileValid(t *testing.T) {
	p := pkitest.New(t, drawing)
	cert := p.Cert("stamper")
	for _, c := range []struct {
		now  time.Time
		good bool
	}{
		{cert.NotBefore.Add(-time.Second), false},
		{cert.NotBefore, true},
		{cert.NotAfter, true},
		{cert.NotAfter.Add(time.Second), false},
	} {
		a := authority(t, p, "stamper", func() time.Time { return c.now })
		_, err := a.Timestamp(t.Context(), pki.SHA256, imprint)
		if c.good {
			require.NoError(t, err, c.now)
			continue
		}
		require.ErrorContains(t, err, "not valid at", c.now)
	}
}

// The TSTInfo that an authority writes is the DER that RFC 3161 draws: nothing
// is said that has its default, or is nought.
func TestTokenEncoding(t *testing.T) {
	p := pkitest.New(t, drawing)
	for accuracy, want := range map[time.Duration][]byte{
		0:                       nil,
		time.Second:             tlv(0x30, []byte{2, 1, 1}),
		time.Millisecond:        tlv(0x30, []byte{2, 1, 0}, []byte{0x80, 1, 1}),
		1500 * time.Millisecond: tlv(0x30, []byte{2, 1, 1}, []byte{0x80, 2, 1, 0xf4}),
	} {
		a, err := tsa.NewAuthority(tsa.AuthorityConfig{
			Key: p.Key("stamper"), Policy: policy, Accuracy: accuracy, Now: p.Clock()})
		require.NoError(t, err)
		token, err := a.Timestamp(t.Context(), pki.SHA256, imprint)
		require.NoError(t, err)
		sd, info, err := tsa.ParseToken(token)
		require.NoError(t, err)
		serial, err := asn1.Marshal(info.Serial)
		require.NoError(t, err)
		require.Equal(t, tokenParts.with(bend{part: "serial", der: serial}, bend{part: "accuracy", der: want}), sd.Content)
	}
}
