package signer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha3"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/signer"
	"tamga/signer/profile"
)

const person = `{"family_name":"Приклад","given_name":"Зразок","birth_date":"1990-02-28",
 "place_of_birth":{"locality":"Вигадане"},"nationality":["UT"],
 "resident_city":"Sample","resident_country":"UT","sex":9}`

func pidRequest(t *testing.T) signer.IssueRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return signer.IssueRequest{Type: "pid", Claims: []byte(person), HolderKey: &key.PublicKey}
}

func credential(t *testing.T, doc []byte) (formats.Signature, *formats.Credential) {
	t.Helper()
	sig := parse(t, doc, 1)[0]
	require.NotNil(t, sig.Credential)
	return sig, sig.Credential
}

func TestIssueBothFormats(t *testing.T) {
	p := pkitest.New(t, drawing)
	p.Now = p.Now.Add(37*time.Minute + 11*time.Second)
	s := newService(t, p, nil, "file", "sdjwt", "mdoc")
	issued, err := s.Issue(t.Context(), pidRequest(t))
	require.NoError(t, err)
	require.Len(t, issued, 2)
	hour := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for i, id := range []formats.ID{formats.Mdoc, formats.SDJWT} {
		require.Equal(t, id, issued[i].Format)
		require.Equal(t, "pid", issued[i].Type)
		require.Equal(t, hour, issued[i].ValidFrom)
		require.Equal(t, hour.Add(24*time.Hour), issued[i].ValidUntil)

		_, c := credential(t, issued[i].Document)
		require.Equal(t, hour, c.ValidFrom.UTC())
		require.Equal(t, hour.Add(24*time.Hour), c.ValidUntil.UTC())
		require.True(t, c.HolderKey)
		require.Equal(t, []string{"eu.europa.ec.eudi.pid.1", "urn:eudi:pid:1"}[i], c.Type)
		if !c.Signed.IsZero() {
			require.Equal(t, hour, c.Signed.UTC())
		}
	}
}

func TestIssueOneFormat(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "sdjwt")
	r := pidRequest(t)
	_, err := s.Issue(t.Context(), r)
	require.ErrorIs(t, err, pki.ErrKeyNotFound, "no key for mdoc")
	r.Formats = []formats.ID{formats.SDJWT}
	issued, err := s.Issue(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, issued, 1)
}

// Two copies for one wallet must have nothing in common by which two verifiers
// could tell that they belong to one person (ISSU_35), and no time that says
// so (ISSU_36).
func TestCopiesCannotBeLinked(t *testing.T) {
	p := pkitest.New(t, drawing)
	p.Now = p.Now.Add(time.Minute)
	s := newService(t, p, nil, "sdjwt", "mdoc")
	r := pidRequest(t)
	first, err := s.Issue(t.Context(), r)
	require.NoError(t, err)
	p.Now = p.Now.Add(58 * time.Minute)
	second, err := s.Issue(t.Context(), r)
	require.NoError(t, err)
	for i := range first {
		require.Equal(t, first[i].ValidFrom, second[i].ValidFrom)
		require.Equal(t, first[i].ValidUntil, second[i].ValidUntil)
		a, _ := credential(t, first[i].Document)
		b, _ := credential(t, second[i].Document)
		require.NotEqual(t, a.Value, b.Value)
		wants := map[string]bool{}
		for _, ref := range a.References {
			wants[string(ref.Want)] = true
		}
		require.NotEmpty(t, wants)
		for _, ref := range b.References {
			require.False(t, wants[string(ref.Want)], "a digest stands in both copies")
		}
	}
}

// dry is a source that has run out.
type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// What is given from outside decides every byte: clock, randomness, keys.
func TestIssueIsDeterministic(t *testing.T) {
	p := pkitest.New(t, drawing)
	r := pidRequest(t)
	issue := func(seed string) []signer.Issued {
		stream := sha3.NewSHAKE256()
		_, err := stream.Write([]byte(seed))
		require.NoError(t, err)
		s := newService(t, p, func(c *signer.Config) { c.Random = stream }, "sdjwt", "mdoc")
		issued, err := s.Issue(t.Context(), r)
		require.NoError(t, err)
		return issued
	}
	require.Equal(t, issue("a"), issue("a"))
	require.NotEqual(t, issue("a"), issue("b"))
}

// Salts from a source that fails would be zeros, and every digest a dictionary.
func TestIssueNeedsRandomness(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, id := range []formats.ID{formats.Mdoc, formats.SDJWT} {
		s := newService(t, p, func(c *signer.Config) { c.Random = dry{} }, "sdjwt", "mdoc")
		r := pidRequest(t)
		r.Formats = []formats.ID{id}
		_, err := s.Issue(t.Context(), r)
		require.ErrorContains(t, err, "no entropy", id)
	}
}

func TestIssueRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "sdjwt", "mdoc")
	type wish = signer.IssueRequest
	for name, c := range map[string]struct {
		edit func(*wish)
		want string
		is   error
	}{
		"an unknown type":      {func(r *wish) { r.Type = "secret" }, "document type not issued", signer.ErrUnknownType},
		"an unknown format":    {func(r *wish) { r.Formats = []formats.ID{"cades"} }, "cades", signer.ErrUnknownType},
		"a format twice":       {func(r *wish) { r.Formats = []formats.ID{"mdoc", "mdoc"} }, "twice", signer.ErrUnknownType},
		"nobody to bind it to": {func(r *wish) { r.HolderKey = nil }, "no key of its holder", nil},
		"no claims":            {func(r *wish) { r.Claims = nil }, "must be a JSON object", signer.ErrClaims},
		"wrong claims": {func(r *wish) { r.Claims = []byte(`{"birth_date":"secret"}`) },
			"birth_date is no date", signer.ErrClaims},
	} {
		t.Run(name, func(t *testing.T) {
			r := pidRequest(t)
			c.edit(&r)
			issued, err := s.Issue(t.Context(), r)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret")
			require.Nil(t, issued)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			var claims *profile.ClaimsError
			require.Equal(t, c.is == signer.ErrClaims, errors.As(err, &claims))
		})
	}
	none := newService(t, p, func(c *signer.Config) { c.Types = nil }, "sdjwt", "mdoc")
	_, err := none.Issue(t.Context(), pidRequest(t))
	require.ErrorIs(t, err, signer.ErrUnknownType)
}

// A document that is valid longer than the certificate behind it stops
// verifying in its holder's hand.
func TestIssueDoesNotOutliveItsCertificate(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "brief", "mdoc")
	issued, err := s.Issue(t.Context(), pidRequest(t))
	require.ErrorContains(t, err, `key "brief" ends on 2026-06-02T11:00:00Z, before the document would`)
	require.Nil(t, issued)

	// Ended by what it attests, it fits again.
	r := pidRequest(t)
	r.Claims = []byte(person[:len(person)-1] + `,"expiry_date":"2026-06-01"}`)
	issued, err = s.Issue(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC), issued[0].ValidUntil)
}

// In the hour in which a certificate is made, the full hour is before it
// begins, and ISO 18013-5 9.3.1 refuses what was signed before that.
func TestIssueWithANewCertificate(t *testing.T) {
	p := pkitest.New(t, "iaca -> mdoc[mdoc,from=2026-06-01T11:20:00Z]")
	p.Now = time.Date(2026, 6, 1, 11, 40, 0, 0, time.UTC)
	s := newService(t, p, nil, "mdoc")
	r := pidRequest(t)
	r.Formats = []formats.ID{formats.Mdoc}
	issued, err := s.Issue(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 6, 1, 11, 20, 0, 0, time.UTC), issued[0].ValidFrom)
}

// What the verifier refuses is not handed out.
func TestIssueIsChecked(t *testing.T) {
	p := pkitest.New(t, drawing)
	var seen []string
	s := newService(t, p, func(c *signer.Config) {
		c.Check = func(_ context.Context, in formats.Input) error {
			seen = append(seen, in.Name)
			if in.Name == "pid.sdjwt" {
				return errors.New("not valid")
			}
			return nil
		}
	}, "sdjwt", "mdoc")
	issued, err := s.Issue(t.Context(), pidRequest(t))
	require.ErrorContains(t, err, "issuing pid as sdjwt: checking the finished document: not valid")
	require.Nil(t, issued)
	require.Equal(t, []string{"pid.mdoc", "pid.sdjwt"}, seen)
}
