package config

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/crl"
	"tamga/pki/ocsp"
)

// Limits on evidence that an operator offers.
const (
	maxEvidenceFiles = 20_000
	maxEvidenceBytes = 1 << 30 // of all files
	maxEvidenceDepth = 32      // folders in folders
)

// Evidence is certificates, revocation lists and OCSP responses that somebody
// offers: none of it is believed for being there. It is a [pki.RevocationSource]
// and a [pki.IssuerSource], and safe for concurrent use.
type Evidence struct {
	bySubject map[string][]*x509.Certificate
	byIssuer  map[string][]pki.Revocation // lists, by the name of who made them
	indirect  []pki.Revocation            // lists that may speak of others' certificates
	bySerial  map[string][]pki.Revocation // OCSP responses
	seen      map[[sha256.Size]byte]bool  // by the digest of what it was
	files     int
	bytes     int64
	// Skipped are files that hold nothing of use, each with the reason.
	Skipped []string
}

// LoadEvidence reads files, and folders with all that is below them. What a file
// is, its bytes tell: DER or PEM, a certificate, a list, an OCSP response, or a
// bundle of certificates (PKCS #7). Symbolic links to folders are not followed.
// Files of other kinds are skipped and named in Skipped; one that was named
// itself must be of use.
func LoadEvidence(paths []string) (*Evidence, error) {
	e := &Evidence{
		bySubject: map[string][]*x509.Certificate{}, byIssuer: map[string][]pki.Revocation{},
		bySerial: map[string][]pki.Revocation{}, seen: map[[sha256.Size]byte]bool{},
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("loading evidence: %w", err)
		}
		before := len(e.Skipped)
		if info.IsDir() {
			err = e.folder(path)
		} else if err = e.file(path, info); err == nil && len(e.Skipped) > before {
			err = errors.New(e.Skipped[before])
		}
		if err != nil {
			return nil, fmt.Errorf("loading evidence: %w", err)
		}
	}
	return e, nil
}

func (e *Evidence) folder(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.Count(rel, string(filepath.Separator)) >= maxEvidenceDepth {
				return fmt.Errorf("%s: more than %d folders deep", path, maxEvidenceDepth)
			}
			return nil
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			return nil // a link to nothing, or to a folder
		}
		if err != nil {
			return err
		}
		return e.file(path, info)
	})
}

func (e *Evidence) file(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	e.files++
	e.bytes += info.Size()
	if e.files > maxEvidenceFiles || e.bytes > maxEvidenceBytes {
		return fmt.Errorf("more than %d files or %d MiB", maxEvidenceFiles, maxEvidenceBytes>>20)
	}
	if info.Size() > 2*crl.MaxSize { // the largest list, as PEM
		e.Skipped = append(e.Skipped, fmt.Sprintf("%s: larger than %d MiB", path, 2*crl.MaxSize>>20))
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !e.add(text, "evidence "+filepath.Base(path)) {
		e.Skipped = append(e.Skipped, path+": no certificate, revocation list or OCSP response")
	}
	return nil
}

// add takes what is in a file, and reports whether that was anything.
func (e *Evidence) add(text []byte, source string) bool {
	if len(text) > 0 && text[0] == 0x30 && e.addDER(text, source) {
		return true
	}
	found := false
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return found
		}
		found = e.addDER(block.Bytes, source) || found
		text = rest
	}
}

func (e *Evidence) addDER(der []byte, source string) bool {
	sum := sha256.Sum256(der)
	if e.seen[sum] {
		return true
	}
	if !e.addCertificate(der) && !e.addList(der, source) &&
		!e.addResponse(der, source) && !e.addBundle(der, source) {
		return false
	}
	e.seen[sum] = true
	return true
}

func (e *Evidence) addCertificate(der []byte) bool {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return false
	}
	name := nameKey(c.RawSubject)
	e.bySubject[name] = append(e.bySubject[name], c)
	return true
}

func (e *Evidence) addList(der []byte, source string) bool {
	l, err := crl.Parse(der)
	if err != nil {
		return false
	}
	r := pki.Revocation{Kind: pki.CRL, Raw: der, Source: source}
	name := nameKey(l.RawIssuer)
	e.byIssuer[name] = append(e.byIssuer[name], r)
	if l.Scope.Indirect {
		e.indirect = append(e.indirect, r)
	}
	return true
}

func (e *Evidence) addResponse(der []byte, source string) bool {
	r, err := ocsp.Parse(der)
	if err != nil {
		return false
	}
	said := map[string]bool{}
	for _, a := range r.Answers {
		if serial := a.Serial.String(); !said[serial] {
			said[serial] = true
			e.bySerial[serial] = append(e.bySerial[serial], pki.Revocation{Kind: pki.OCSP, Raw: der, Source: source})
		}
	}
	return true
}

// addBundle takes what others put into a SignedData without signers (RFC 5652
// §5.1, "certs-only"): certificates, lists and responses.
func (e *Evidence) addBundle(der []byte, source string) bool {
	sd, err := cms.Parse(der)
	if err != nil || len(sd.Signers) > 0 {
		return false
	}
	found := false
	for _, c := range sd.Certificates {
		found = e.addCertificate(c.Raw) || found
	}
	for _, r := range sd.Revocations {
		found = r.CRL != nil && e.addList(r.CRL, source) || found
		found = r.OCSP != nil && e.addResponse(r.OCSP, source) || found
	}
	return found
}

// Revocation returns what may speak of cert: OCSP responses with its serial
// number, the lists of its issuer, and those of others that may be about it.
func (e *Evidence) Revocation(_ context.Context, cert, _ *x509.Certificate) ([]pki.Revocation, error) {
	var out []pki.Revocation
	if cert.SerialNumber != nil {
		out = append(out, e.bySerial[cert.SerialNumber.String()]...)
	}
	lists := e.byIssuer[nameKey(cert.RawIssuer)]
	out = append(out, lists...)
	for _, r := range e.indirect {
		own := false
		for _, l := range lists {
			own = own || bytes.Equal(l.Raw, r.Raw)
		}
		if !own {
			out = append(out, r)
		}
	}
	return out, nil
}

// Issuers returns the certificates that carry the name of cert's issuer.
func (e *Evidence) Issuers(_ context.Context, cert *x509.Certificate) ([]*x509.Certificate, error) {
	return slices.Clone(e.bySubject[nameKey(cert.RawIssuer)]), nil
}

// nameKey is the same for names that RFC 5280 §7.1 calls the same, however they
// are written: a list must not be missed for a letter's case.
func nameKey(der []byte) string {
	name, err := pki.ParseName(der)
	if err != nil {
		return "bytes " + string(der)
	}
	return "name " + name.Key()
}
