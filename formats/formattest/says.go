package formattest

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
)

// refusals are the errors that a parser may return for what a stranger wrote.
var refusals = []error{formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported}

// accepted returns what each signature of data says that holds, with the
// certificate that it holds under. A refused document says nothing.
func accepted(t *testing.T, p formats.Parser, s Sample, data []byte) map[string]*x509.Certificate {
	doc, err := p.Parse(s.input(data))
	out := map[string]*x509.Certificate{}
	if err != nil || len(fatal(doc.Defects)) > 0 {
		return out
	}
	for i := range doc.Signatures {
		if sig := &doc.Signatures[i]; holds(sig, nil) == nil {
			out[claims(sig)] = signerOf(sig)
		}
	}
	return out
}

// requireNothingNew demands that bent data is refused, or that every signature
// in it that still holds says what one of the original's said, under the same
// certificate.
func requireNothingNew(
	t *testing.T, p formats.Parser, s Sample, data []byte, original map[string]*x509.Certificate, how string,
) {
	t.Helper()
	doc, err := p.Parse(s.input(data))
	if err != nil {
		for _, want := range refusals {
			if errors.Is(err, want) {
				return
			}
		}
		require.Fail(t, "a refusal must say whether it is malformed, too large or not supported", "%s: %v", how, err)
	}
	if len(fatal(doc.Defects)) > 0 {
		return
	}
	for i := range doc.Signatures {
		sig := &doc.Signatures[i]
		if holds(sig, signers(original)) != nil {
			continue
		}
		if !saidBefore(sig, original) {
			require.Fail(t, "a changed document holds, and says something else", "%s:\n%s", how, claims(sig))
		}
	}
}

// saidBefore reports whether one of the original's signatures said all that sig
// says. An identity document may say less, because its holder may hide claims;
// a signature on a file may not.
func saidBefore(sig *formats.Signature, original map[string]*x509.Certificate) bool {
	said := claims(sig)
	if sig.Credential == nil {
		_, known := original[said]
		return known
	}
	for whole := range original {
		lines := strings.Split(whole, "\n")
		if !slices.ContainsFunc(strings.Split(said, "\n"), func(l string) bool { return !slices.Contains(lines, l) }) {
			return true
		}
	}
	return false
}

func signers(original map[string]*x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{}
	for _, c := range original {
		out = append(out, c)
	}
	return out
}

// holds returns nil if everything that a verifier checks of a signature by
// itself is right. Where known is not nil, the signer must be one of them,
// because a changed certificate does not pass path validation.
func holds(sig *formats.Signature, known []*x509.Certificate) error {
	if len(fatal(sig.Defects)) > 0 {
		return fmt.Errorf("fatal defect: %s", fatal(sig.Defects)[0].Text)
	}
	for _, r := range sig.References {
		got, err := content(r)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, r.Want) {
			return fmt.Errorf("reference %s does not fit", r.Name)
		}
	}
	if c := sig.Coverage; (!c.Whole || c.After > 0) && !c.Harmless {
		return errors.New("not the whole document is covered")
	}
	signer := signerOf(sig)
	if signer == nil {
		return errors.New("the signer's certificate is not there")
	}
	if known != nil {
		found := false
		for _, c := range known {
			found = found || c.Equal(signer)
		}
		if !found {
			return errors.New("the signer's certificate has changed")
		}
	}
	return pki.Verify(signer.PublicKey, sig.Algorithm, sig.Signed, sig.Value)
}

func content(r formats.Reference) ([]byte, error) {
	if r.Open == nil || !r.Hash.Known() {
		return nil, fmt.Errorf("reference %s cannot be checked", r.Name)
	}
	h := r.Hash.New()
	if _, err := io.Copy(h, r.Open()); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

func signerOf(sig *formats.Signature) *x509.Certificate {
	ref := sig.Signer
	list := sig.Evidence.Certificates
	if ref.Certificate != nil {
		list = []*x509.Certificate{ref.Certificate}
	}
	for _, c := range list {
		switch {
		case ref.Issuer != nil && !bytes.Equal(ref.Issuer, c.RawIssuer),
			ref.Serial != nil && ref.Serial.Cmp(c.SerialNumber) != 0,
			len(ref.KeyID) > 0 && !bytes.Equal(ref.KeyID, c.SubjectKeyId),
			ref.Attribute && (!ref.Hash.Known() || !bytes.Equal(ref.Digest, ref.Hash.Sum(c.Raw))):
			continue
		}
		return c
	}
	return nil
}

func fatal(list []formats.Defect) (out []formats.Defect) {
	for _, d := range list {
		if d.Fatal {
			out = append(out, d)
		}
	}
	return out
}

// says is everything that a document says, as text.
func says(doc *formats.Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %+v\n", doc.Format, doc.Title, doc.Defects)
	for i := range doc.Signatures {
		sig := &doc.Signatures[i]
		fmt.Fprintf(&b, "%q %q %x %+v %+v\n%s", sig.Name, sig.Kind, sig.Value, sig.Defects, sig.Coverage, claims(sig))
	}
	return b.String()
}

// claims is what people would be told that a signature vouches for: its
// content, and what an identity document states. The signature's own name and
// the claims that only the signer's unsigned words make are left out.
func claims(sig *formats.Signature) string {
	var b strings.Builder
	fmt.Fprintf(&b, "signed %x\n", sha256.Sum256(sig.Signed))
	for _, r := range sig.References {
		got, err := content(r)
		fmt.Fprintf(&b, "content %s %x %v\n", r.Hash, got, err)
	}
	if c := sig.Credential; c != nil {
		fmt.Fprintf(&b, "credential %q %q %v %v %v %t %q %d\n", c.Type, c.Issuer,
			c.ValidFrom.UTC(), c.ValidUntil.UTC(), c.Signed.UTC(), c.HolderKey, c.StatusURI, c.StatusIdx)
		for _, e := range c.Elements {
			fmt.Fprintf(&b, "element %q %q %q\n", e.Namespace, e.Name, e.Value)
		}
	}
	return b.String()
}
