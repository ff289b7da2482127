package cades

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// SignatureFacts is what signer i of sd says. content opens what
// message-digest is over: nil if it was not supplied. The bytes of a detached
// signature are the caller's to name; see sd.Attached.
func SignatureFacts(sd *cms.SignedData, i int, content func() io.Reader) formats.Signature {
	return newReading(sd, content, 0).signature(i)
}

// DirectFacts is [SignatureFacts] where a signature may be without signed
// attributes, and over the content itself (RFC 5652 §5.4). The content must be
// such that no signed attributes could be presented as it.
func DirectFacts(sd *cms.SignedData, i int, content func() io.Reader) formats.Signature {
	r := newReading(sd, content, 0)
	r.direct = true
	return r.signature(i)
}

// reading is a SignedData while it is reduced to facts. It keeps what its
// signers share, so that a thousand of them cost no more than one.
type reading struct {
	sd       *cms.SignedData
	content  func() io.Reader // nil: not supplied
	depth    int              // time-stamps around it
	direct   bool             // signatures may be over the content itself
	source   string           // for people
	evidence evidence         // in the SignedData itself
	items    *items           // what a hash index may name; made when asked for
	sums     map[pki.Hash]*contentSum
	wholes   int // archive time-stamps over everything that have been read
	recorded int // evidence records that have been read
	covered  int // objects that time-stamps are said to cover
}

func newReading(sd *cms.SignedData, content func() io.Reader, depth int) *reading {
	r := &reading{sd: sd, content: content, depth: depth, source: "the signature", sums: map[pki.Hash]*contentSum{}}
	if depth > 0 {
		r.source = "the time-stamp"
	}
	r.readEvidence()
	return r
}

func (r *reading) signature(i int) formats.Signature {
	s := &r.sd.Signers[i]
	f := signerFacts(s, "content", r.content)
	f.reading, f.own.base = r, &r.evidence
	f.Kind = kind(r.sd, s)
	f.Coverage = formats.Coverage{Whole: true}
	for _, d := range r.sd.Defects {
		f.Defects = append(f.Defects, formats.Defect(d))
	}
	switch {
	case s.Signed == nil && r.direct:
		f.Direct = true
	case s.Signed == nil:
		f.unattributed()
	case s.SignedContentType() != r.sd.ContentType:
		f.fatal("RFC 5652 11.1", "the signed content-type is not that of the content")
	}
	f.compareCertificateIDs(&r.evidence)
	f.readValues()
	f.readStamps()
	f.Evidence.Certificates, f.Evidence.Revocations = f.own.all()
	f.readRecords(i)
	f.bindStamps()
	f.bindRecords()
	f.readCounters()
	return f.Signature
}

// facts adds the reading of attributes to a Signature.
type facts struct {
	formats.Signature
	*reading
	s         *cms.SignerInfo
	own       evidence                   // in the attributes of this signer
	held      map[*byte][]formats.Object // what an attribute value holds, by its first byte
	stamps    []*token
	records   []*embedded
	committed []formats.Object             // what the value commits to
	bound     bool                         // whether committed is known
	named     *[]formats.Object            // what is referred to by digests
	values    int                          // certificates and revocation information in attributes
	attrs     map[itemKey]map[string]*item // for hash indexes
}

// signerFacts reads what stands in a SignerInfo alone.
func signerFacts(s *cms.SignerInfo, name string, content func() io.Reader) *facts {
	f := &facts{s: s, Signature: formats.Signature{
		Algorithm: s.Algorithm, Signed: s.Signed, Value: s.Value,
		Signer: formats.CertificateRef{Issuer: s.Issuer, Serial: s.Serial, KeyID: s.KeyID},
		References: []formats.Reference{{
			Name: name, Hash: s.DigestAlgorithm, Want: s.MessageDigest(), Open: content,
		}},
	}}
	for _, d := range s.Defects {
		f.Defects = append(f.Defects, formats.Defect(d))
	}
	if s.AlgorithmError != nil {
		f.Defects = append(f.Defects, formats.Defect{Clause: "RFC 5652 5.3", Text: s.AlgorithmError.Error()})
	}
	f.readCertificateID(s)
	f.readClaims()
	return f
}

// unattributed refuses a signature over the content itself (RFC 5652 §5.4). Where
// any content will do, the signed attributes of another signature can be
// presented as content that its signer has signed.
func (f *facts) unattributed() {
	f.fatal("EN 319 122-1 6.3", "there are no signed attributes")
}

func (f *facts) fatal(clause, text string) {
	f.Defects = append(f.Defects, formats.Defect{Clause: clause, Text: text, Fatal: true})
}

func (f *facts) defect(clause, text string) {
	f.Defects = append(f.Defects, formats.Defect{Clause: clause, Text: text})
}

// readCertificateID reads the signing-certificate attribute (EN 319 122-1
// §5.2.2), the one statement about the certificate that is signed.
func (f *facts) readCertificateID(s *cms.SignerInfo) {
	id, err := s.SigningCertificate()
	if err != nil {
		f.fatal("RFC 5035 3", "the signing-certificate attribute cannot be read")
		return
	}
	if id == nil {
		return
	}
	f.Signer.Attribute, f.Signer.Hash, f.Signer.Digest = true, id.Hash, id.Digest
	if id.Serial == nil {
		return
	}
	// The attribute may name the certificate a second time: both must agree.
	if s.Serial != nil && (id.Serial.Cmp(s.Serial) != 0 || id.Issuer != nil && !bytes.Equal(id.Issuer, s.Issuer)) {
		f.fatal("RFC 5035 5", "signing-certificate and the signer identifier name different certificates")
	}
	if s.Serial == nil && id.Issuer != nil {
		f.Signer.Issuer, f.Signer.Serial = id.Issuer, id.Serial
	}
}

// compareCertificateIDs looks at signers with both versions of the attribute:
// if they mean different certificates, one program looks at the first and the
// next at the second, and a signature has two signers.
func (f *facts) compareCertificateIDs(known *evidence) {
	v1, v2, err := f.s.BothSigningCertificates()
	if err != nil {
		f.fatal("RFC 5035 3", "a signing-certificate attribute cannot be read")
	}
	if err != nil || v1 == nil {
		return
	}
	one, found := known.find(v1.Hash, v1.Digest)
	two, foundToo := known.find(v2.Hash, v2.Digest)
	if found != foundToo || one != two {
		f.fatal("RFC 5035 5", "signing-certificate and signing-certificate-v2 mean different certificates")
	}
}

// signingTime reads the claimed time (RFC 5652 §11.3).
func signingTime(s *cms.SignerInfo) time.Time {
	in := cryptobyte.String(s.SignedValue(cms.OIDSigningTime))
	var t time.Time
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		if !in.ReadASN1UTCTime(&t) {
			return time.Time{}
		}
		return t.UTC()
	}
	if !in.ReadASN1GeneralizedTime(&t) {
		return time.Time{}
	}
	return t.UTC()
}

// kind tells people what the signature is: CAdES is what says which
// certificate it is by.
func kind(sd *cms.SignedData, s *cms.SignerInfo) string {
	name := "CMS (PKCS #7)"
	if id, err := s.SigningCertificate(); err == nil && id != nil {
		name = "CAdES"
	}
	if sd.ContentType == cms.OIDTSTInfo {
		return "time-stamp token (RFC 3161)"
	}
	if sd.Attached {
		return name + " attached"
	}
	return name + " detached"
}

// maxCounters bounds what a stranger can make a verifier do.
const maxCounters = 32

// readCounters reads counter-signatures (EN 319 122-1 §5.2.7): signatures whose
// content is this signature's value.
func (f *facts) readCounters() {
	s := f.s
	for i, raw := range s.UnsignedValues(cms.OIDCounterSignature) {
		if i == maxCounters {
			f.fatal("EN 319 122-1 5.2.7", fmt.Sprintf("more than %d counter-signatures", maxCounters))
			return
		}
		counter, err := cms.ParseCounterSignature(raw)
		if err != nil {
			f.defect("RFC 5652 11.4", err.Error())
			continue
		}
		over := func() io.Reader { return bytes.NewReader(s.Value) }
		c := signerFacts(&counter, "the countersigned value", over)
		if counter.Signed == nil {
			c.unattributed()
		}
		c.reading, c.own.base = f.reading, &f.reading.evidence
		c.Kind, c.Name = "counter-signature", fmt.Sprintf("counter-signature %d", i+1)
		c.Coverage = formats.Coverage{Whole: true}
		c.compareCertificateIDs(&f.reading.evidence)
		c.readValues()
		c.readSignatureStamps()
		c.Evidence.Certificates, c.Evidence.Revocations = c.own.all()
		c.bindStamps()
		f.Counter = append(f.Counter, c.Signature)
	}
}
