package request

import (
	"encoding/hex"
	"path/filepath"
	"strings"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
)

// CMS is what can be wished of a signature in a CMS only, as words.
type CMS struct {
	Attached    bool     // the file goes into the CMS
	Parallel    bool     // the file is a CMS: sign what it is over, beside the others
	Counter     int      // the file is a CMS: sign its signature of this number, from 1
	Commitments []string // "approval", "origin"…, or dotted object identifiers
	Roles       []string // claimed
	PolicyID    string   // dotted object identifier of the signature policy
	PolicySum   string   // of its document: "sha256:" and hexadecimal digits
	PolicyURI   string
	// ContentStamp has the content time-stamped before it is signed, which is the
	// signer's matter: see signer.SignRequest.
	ContentStamp bool
}

// empty reports whether nothing is wished.
func (c CMS) empty() bool {
	return !c.implied() && !c.ContentStamp && c.PolicyID+c.PolicySum+c.PolicyURI == "" && len(c.Commitments)+len(c.Roles) == 0
}

// implied reports whether the wish makes sense with a CMS alone, so that the
// format need not be named.
func (c CMS) implied() bool { return c.Attached || c.Joined() }

// Joined reports whether the file is a CMS, to which the signature is added.
func (c CMS) Joined() bool { return c.Parallel || c.Counter != 0 }

// preparer returns who makes such a signature.
func (c CMS) preparer() (cades.Preparer, error) {
	out := cades.Preparer{Attached: c.Attached, Parallel: c.Parallel, Counter: c.Counter}
	switch {
	case c.Counter < 0:
		return out, &Error{"no such signature to countersign", "count the signatures from 1, as `tamga verify` shows them"}
	case c.Parallel && c.Counter > 0, c.Attached && c.Joined():
		return out, &Error{"attached, parallel and counter exclude one another",
			"a signature goes into a new CMS with its file, beside the signatures in a CMS, or over one of them"}
	case c.ContentStamp && c.Counter > 0:
		return out, &Error{"a counter-signature has no content to time-stamp", "leave out the content time-stamp"}
	}
	for _, word := range c.Commitments {
		known, err := commitment(word)
		if err != nil {
			return out, err
		}
		out.Commitments = append(out.Commitments, known)
	}
	for _, role := range c.Roles {
		if role == "" {
			return out, &Error{"an empty role", "leave it out"}
		}
		out.Roles = append(out.Roles, role)
	}
	var err error
	out.Policy, err = c.policy()
	return out, err
}

func commitment(word string) (formats.Commitment, error) {
	var words []string
	for _, c := range formats.Commitments() {
		if strings.EqualFold(word, c.Word()) {
			return c, nil
		}
		words = append(words, c.Word())
	}
	if _, err := pki.ParseOID(word); err == nil {
		return formats.Commitment(word), nil
	}
	return "", &Error{"unknown commitment",
		"the commitments are " + strings.Join(words, ", ") + ", and any object identifier, such as 1.2.3"}
}

func (c CMS) policy() (out cades.Policy, err error) {
	if c.PolicyID+c.PolicySum+c.PolicyURI == "" {
		return out, nil
	}
	if _, err := pki.ParseOID(c.PolicyID); err != nil {
		return out, &Error{"a signature policy needs its object identifier", "such as 1.2.3"}
	}
	wrong := &Error{"a signature policy needs the digest of its document",
		"give sha256: and 64 hexadecimal digits, as `sha256sum` prints them"}
	name, digits, _ := strings.Cut(c.PolicySum, ":")
	for _, h := range []pki.Hash{pki.SHA256, pki.SHA384, pki.SHA512} {
		if strings.EqualFold(strings.ReplaceAll(h.String(), "-", ""), strings.ReplaceAll(name, "-", "")) {
			out.Hash = h
		}
	}
	if out.Digest, err = hex.DecodeString(digits); err != nil || !out.Hash.Known() || len(out.Digest) != out.Hash.Size() {
		return out, wrong
	}
	out.ID, out.URI = c.PolicyID, c.PolicyURI
	return out, nil
}

// SignedName returns the name of the result of signing a file called name as
// wished: that of [SignedName], but report.docx.p7m with the file inside, and
// report.docx.signed.p7s for what was report.docx.p7s.
func (s Signature) SignedName(name string, id formats.ID) string {
	switch {
	case id != formats.CAdES:
	case s.CMS.Attached:
		return name + ".p7m" // RFC 8551 §3.2.1
	case s.CMS.Joined():
		ext := filepath.Ext(name)
		return strings.TrimSuffix(name, ext) + ".signed" + ext
	}
	return SignedName(name, id)
}

// MediaType returns the registered type of the result.
func (s Signature) MediaType(id formats.ID) string {
	switch {
	case id != formats.CAdES:
	case s.CMS.Attached:
		return "application/pkcs7-mime" // RFC 8551 §3.2.1
	case s.CMS.Joined():
		return "application/cms" // RFC 7193, whether its content is inside or not
	}
	return MediaType(id)
}
