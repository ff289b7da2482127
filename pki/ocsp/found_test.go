package ocsp_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	theirs "golang.org/x/crypto/ocsp"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

// finds is the responses and certificates of a folder of documents.
type finds struct {
	seen      map[[32]byte]bool
	responses []find
	certs     []*x509.Certificate
}

type find struct {
	file string
	der  []byte
}

var encapsulated = regexp.MustCompile(`(?s)EncapsulatedOCSPValue[^>]*>([^<]+)<`)

// gather reads every file below dir: DER as it stands, in the compressed
// streams of PDF, and in the base64 of XAdES.
func (f *finds) gather(t *testing.T, dir string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		f.scan(name, data)
		for _, m := range encapsulated.FindAllSubmatch(data, -1) {
			if der, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(m[1]), nil))); err == nil {
				f.scan(name, der)
			}
		}
		for rest := data; strings.HasSuffix(name, ".pdf"); {
			_, after, ok := bytes.Cut(rest, []byte("stream"))
			if !ok {
				break
			}
			rest = after
			if z, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(after, "\r\n"))); err == nil {
				out, _ := io.ReadAll(io.LimitReader(z, 4<<20)) // a broken end leaves what came before
				f.scan(name, out)
			}
		}
		return nil
	}))
}

// scan looks for the beginnings of responses and certificates.
func (f *finds) scan(name string, data []byte) {
	for at := 0; at+8 < len(data); at++ {
		if data[at] != 0x30 || data[at+1] != 0x82 {
			continue
		}
		size := 4 + int(data[at+2])<<8 + int(data[at+3])
		if size < 16 || at+size > len(data) {
			continue
		}
		der := data[at : at+size]
		switch {
		case bytes.HasPrefix(der[4:], []byte{10, 1, 0, 0xa0}), looksBasic(der[4:]):
			if id := sha256.Sum256(der); !f.seen[id] {
				f.seen[id] = true
				f.responses = append(f.responses, find{name, bytes.Clone(der)})
			}
		case bytes.HasPrefix(der[8:], []byte{0xa0, 3, 2, 1, 2}):
			if c, err := x509.ParseCertificate(der); err == nil && !f.seen[sha256.Sum256(der)] {
				f.seen[sha256.Sum256(der)] = true
				f.certs = append(f.certs, c)
			}
		}
	}
}

// looksBasic reports whether ResponseData begins here: a SEQUENCE that begins
// with a responder's identifier and goes on with a time.
func looksBasic(in []byte) bool {
	head := 2
	if len(in) > 1 && in[1] > 0x80 {
		head += int(in[1] & 0x7f)
	}
	if len(in) < head+4 || in[0] != 0x30 || in[head] != 0xa1 && in[head] != 0xa2 || in[head+1] >= 0xfe {
		return false
	}
	size := 2 + int(in[head+1])
	if in[head+1] == 0x81 {
		size = 3 + int(in[head+2])
	}
	return len(in) > head+size+1 && in[head+size] == 0x18 && in[head+size+1] < 32
}

// same compares all answers of r with what package x/crypto/ocsp reads. It
// returns false with its error if that cannot read one of them.
func same(t *testing.T, name string, r *ocsp.Response) (bool, error) {
	der := r.Raw
	if bytes.Equal(r.Raw, r.Basic) {
		der = wrap(t, 0, r.Basic)
	}
	for i, a := range r.Answers {
		if slices.ContainsFunc(r.Answers[:i], func(b ocsp.Answer) bool { return b.Serial.Cmp(a.Serial) == 0 }) {
			continue // theirs takes the first
		}
		want, err := theirs.ParseResponseForCert(der, &x509.Certificate{SerialNumber: a.Serial}, nil)
		if err != nil {
			return false, err
		}
		agreed := a.Status == map[int]ocsp.Status{
			theirs.Good: ocsp.Good, theirs.Revoked: ocsp.Revoked, theirs.Unknown: ocsp.Unknown}[want.Status] &&
			a.Serial.Cmp(want.SerialNumber) == 0 && (a.Hash.Std() == want.IssuerHash || !a.Hash.Known()) && // theirs passes over parameters
			r.ProducedAt.Equal(want.ProducedAt) && a.ThisUpdate.Equal(want.ThisUpdate) &&
			a.NextUpdate.Equal(want.NextUpdate) && a.RevokedAt.Equal(want.RevokedAt) &&
			(int(a.Reason) == want.RevocationReason || want.RevocationReason == 0) &&
			bytes.Equal(r.RawTBS, want.TBSResponseData) &&
			bytes.Equal(r.ResponderName, want.RawResponderName) &&
			bytes.Equal(r.ResponderKeyHash, want.ResponderKeyHash)
		// Theirs has verified the signature, if there was a certificate.
		if len(r.Certificates) > 0 && bytes.Equal(r.Certificates[0].Raw, want.Certificate.Raw) {
			agreed = agreed && r.Verify(want.Certificate, pki.Verify) == nil
		}
		if !agreed {
			t.Logf("%s: %+v and %+v", name, a, want)
			return false, nil
		}
	}
	return true, nil
}

// Package x/crypto/ocsp and ours must say the same of every response in the
// documents of the corpora, and no response of a responder in service may be
// called malformed.
func TestVectorsFoundInCorpora(t *testing.T) {
	f := finds{seen: map[[32]byte]bool{}}
	for _, name := range []string{"dss", "pyhanko", "cryptonite", "uapki", "jkurwa", "diia-package"} {
		f.gather(t, pkitest.Corpus(t, name))
	}
	read := pkitest.Tally{Name: "ocsp-found"}
	seen := map[[32]byte]bool{}
	for _, d := range f.responses {
		r, err := ocsp.Parse(d.der)
		if err != nil {
			t.Log(err)
			read.Case(t, d.file, false, "")
			continue
		}
		if id := sha256.Sum256(r.Basic); seen[id] {
			continue
		} else {
			seen[id] = true
		}
		agreed, err := same(t, d.file, r)
		exception := ""
		if err != nil {
			exception = "the judge does not read it: " + err.Error()
		}
		read.Case(t, d.file, agreed, exception)
	}
	read.Report(t)
	f.judge(t)
}

// judge asks every response about every certificate that it may be about.
// There is no third opinion here but this: the documents are real, so that no
// signature is wrong, and what is refused is refused for a reason that the
// table knows.
func (f *finds) judge(t *testing.T) {
	tally := pkitest.Tally{Name: "ocsp-found-judged"}
	for _, d := range f.responses {
		r, err := ocsp.Parse(d.der)
		if err != nil {
			continue // counted above
		}
		for _, a := range r.Answers {
			for _, cert := range f.certs {
				if cert.SerialNumber.Cmp(a.Serial) != 0 {
					continue
				}
				for _, issuer := range f.certs {
					if !bytes.Equal(issuer.RawSubject, cert.RawIssuer) {
						continue
					}
					if _, err := r.Answer(cert, issuer); err != nil {
						continue
					}
					s, err := r.Judge(ocsp.Question{Certificate: cert, Issuer: issuer, Pool: f.certs, Verify: pki.Verify})
					exception := ""
					switch {
					case errors.Is(err, ocsp.ErrUnauthorised):
						exception = "a responder that its reader must appoint, or that answers for itself: " + err.Error()
					case errors.Is(err, pki.ErrUnknownAlgorithm):
						exception = "no verdict: " + err.Error()
					}
					tally.Case(t, d.file, err == nil && s.Status == a.Status, exception)
				}
			}
		}
	}
	tally.Report(t)
}
