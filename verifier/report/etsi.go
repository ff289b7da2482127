package report

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// The names that ETSI TS 119 102-2 V1.4.1 gives, and ours where it has none.
const (
	urnMain    = "urn:etsi:019102:mainindication:"
	urnSub     = "urn:etsi:019102:subindication:"
	urnObject  = "urn:etsi:019102:validationObject:"
	urnApplied = "urn:etsi:019102:constraintStatus:applied"
	urnProof   = "urn:etsi:019102:poetype:validation"
	urnProcess = "urn:etsi:019102:validationprocess:LTA"
	urnReason  = "urn:etsi:019102:revocationReason:"

	urnOurs       = "urn:tamga:"
	urnUnsigned   = urnOurs + "subindication:NO_SIGNATURE_FOUND"
	urnOurPolicy  = urnOurs + "policy:"
	urnOurCheck   = urnOurs + "check:"
	urnOurClause  = urnOurs + "parameter:clause"
	urnOurSubject = urnOurs + "parameter:subject"
)

// WriteETSI writes r as a validation report of ETSI TS 119 102-2 V1.4.1, to be
// read by programs. Certificates, time-stamps and revocation information stand
// in it by their digests. What the standard wants and a Report does not know,
// such as the quality of a signature, is left out. Equal reports give equal
// bytes; it is not signed.
func WriteETSI(w io.Writer, r *Report) error {
	e := &etsi{r: r, ids: map[string]string{}}
	out := etsiReport{Namespace: etsiNamespace, DS: xmldsigSpace, XAdES: xadesNamespace}
	for i := range r.Verdict.Signatures {
		id := "signature-" + strconv.Itoa(i+1)
		out.Signatures = append(out.Signatures, e.signatures(&r.Verdict.Signatures[i], id)...)
	}
	if len(out.Signatures) == 0 {
		out.Signatures = []etsiSignature{e.unsigned()}
	}
	if len(e.objects) > 0 {
		out.Objects = &etsiObjects{e.objects}
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a report as XML: %w", err)
	}
	_, err = w.Write(bytes.Join([][]byte{[]byte(xml.Header), text, []byte("\n")}, nil))
	return err
}

// etsi makes one report, and gathers what the signatures refer to.
type etsi struct {
	r       *Report
	objects []etsiObject
	ids     map[string]string // by kind and digest
}

// unsigned is what stands for a document without signatures: the schema wants
// one report. The standard has no indication for it; what knows no more than
// the standard reads that the document did not pass.
func (e *etsi) unsigned() etsiSignature {
	out := etsiSignature{
		Time: e.times(nil, nil), Process: e.process(), Status: etsiStatus{Main: urnMain + "indeterminate"},
	}
	if e.r.Verdict.Status == NotSigned {
		out.Status.Sub = urnUnsigned
	}
	if digest := digestOf(&Digest{"SHA-256", e.r.Document.SHA256}); digest != nil {
		out.Document = &etsiDigested{digest}
	}
	return out
}

// signatures are the reports on a signature and on those that countersign it.
func (e *etsi) signatures(s *Signature, id string) []etsiSignature {
	out := []etsiSignature{e.signature(s, id)}
	for i := range s.Counters {
		counters := e.signatures(&s.Counters[i], id+"-counter-"+strconv.Itoa(i+1))
		counters[0].Other = "counter-signature of " + id
		out = append(out, counters...)
	}
	return out
}

func (e *etsi) signature(s *Signature, id string) etsiSignature {
	certificates := e.chain(s)
	stamps := make([]string, len(s.Timestamps))
	for i := range s.Timestamps {
		stamps[i] = e.stamp(&s.Timestamps[i], id+"-stamp-"+strconv.Itoa(i+1))
	}
	out := etsiSignature{
		Identifier: &etsiIdentifier{
			ID: id, Digest: digestOf(s.Signed), Name: Printable(s.Name),
			Value: base64.StdEncoding.EncodeToString(s.Value),
		},
		Constraints: e.constraints(s), Time: e.times(s, stamps), Attributes: e.attributes(s, stamps),
		Process: e.process(), Status: etsiStatus{Main: mainIndication(s.Indication), Sub: subURN(s.SubIndication)},
	}
	if digest := digestOf(s.Content); digest != nil {
		out.Document = &etsiDigested{digest}
	}
	if len(certificates) > 0 {
		out.Signer = &etsiSigner{etsiReference{certificates[0]}, Printable(s.Chain[0].Subject)}
	}
	out.Status.Data = e.data(s, certificates, stamps)
	return out
}

// constraints are the checks. Each was applied: one that was not leaves no
// line in a report.
func (e *etsi) constraints(s *Signature) *etsiConstraints {
	name := Printable(e.r.Context.Policy)
	out := &etsiConstraints{Policy: etsiPolicy{Name: name}}
	if hash := digestOf(&Digest{"SHA-256", e.r.Context.PolicySHA256}); hash != nil {
		out.Policy.Identifier.ID = &etsiPolicyID{urnOurPolicy + urnPart(name), hash}
	} else {
		out.Policy.Identifier.Implied = &struct{}{}
	}
	for _, c := range s.Checks {
		line := etsiConstraint{
			ID: urnOurCheck + urnPart(Printable(c.ID)), Applied: urnApplied, Detail: Printable(c.Detail),
			Status: etsiStatus{Main: urnMain + "passed"},
		}
		if !c.Passed {
			line.Status = etsiStatus{Main: urnMain + "indeterminate", Sub: subURN(c.Sub)}
			if parent(c.Sub) == TotalFailed {
				line.Status.Main = urnMain + "failed"
			}
		}
		if c.Clause != "" {
			line.Parameters = append(line.Parameters, etsiParameter{urnOurClause, Printable(c.Clause)})
		}
		if c.Subject != "" {
			line.Parameters = append(line.Parameters, etsiParameter{urnOurSubject, Printable(c.Subject)})
		}
		out.List = append(out.List, line)
	}
	return out
}

// times are the time of the verdict, and the earliest time at which s is proven
// to have existed: the same, where nothing proves an earlier one.
func (e *etsi) times(s *Signature, stamps []string) *etsiTime {
	now := dateTime(e.r.Context.Time)
	out := &etsiTime{now, etsiPOE{Time: now, Type: urnProof}}
	if s == nil || s.BestTime == nil {
		return out
	}
	out.Best.Time = dateTime(*s.BestTime)
	for i, id := range stamps {
		stamp := &s.Timestamps[i]
		if stamp.Indication == TotalPassed && stamp.ClaimedTime != nil && stamp.ClaimedTime.Equal(*s.BestTime) {
			out.Best.Object = &etsiReference{id}
			break
		}
	}
	return out
}

func (e *etsi) attributes(s *Signature, stamps []string) *etsiAttributes {
	out := &etsiAttributes{}
	some := s.ClaimedTime != nil && s.Stamp == ""
	if some {
		out.SigningTime = &etsiSigningTime{true, dateTime(*s.ClaimedTime)}
	}
	for i, id := range stamps {
		stamp := &s.Timestamps[i]
		if stamp.ClaimedTime == nil {
			continue
		}
		list := map[StampKind]*[]etsiStamp{
			SignatureStamp: &out.Signature, ContentStamp: &out.Content, EvidenceStamp: &out.References,
			ArchiveStamp: &out.Archive, DocumentStamp: &out.Document,
		}[stamp.Stamp]
		if list == nil {
			continue
		}
		*list = append(*list, etsiStamp{stamp.Stamp == ContentStamp, etsiReference{id}, dateTime(*stamp.ClaimedTime)})
		some = true
	}
	if !some {
		return nil
	}
	return out
}

// process is the validation for signatures with archival data: a verdict of
// ours always asks for it (EN 319 102-1 §5.6).
func (e *etsi) process() *etsiProcess {
	return &etsiProcess{urnProcess, Printable(e.r.Context.Tool)}
}

func mainIndication(i Indication) string {
	switch i {
	case TotalPassed:
		return urnMain + "total-passed"
	case TotalFailed:
		return urnMain + "total-failed"
	}
	return urnMain + "indeterminate"
}

func subURN(sub SubIndication) string {
	switch {
	case sub == "":
		return ""
	case slices.Contains(SubIndications(), sub):
		return urnSub + string(sub)
	}
	return urnOurs + "subindication:" + urnPart(Printable(string(sub)))
}

// dateTime is a moment as xs:dateTime, in UTC. A year that it cannot say is
// said as the nearest that it can.
func dateTime(at time.Time) string {
	at = at.UTC()
	if at.Year() < 1 {
		at = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if at.Year() > 9999 {
		at = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return at.Format("2006-01-02T15:04:05Z")
}

// digestURIs are the names of RFC 9231 and XML Signature.
var digestURIs = map[string]string{
	"MD5":      "http://www.w3.org/2001/04/xmldsig-more#md5",
	"SHA-1":    "http://www.w3.org/2000/09/xmldsig#sha1",
	"SHA-224":  "http://www.w3.org/2001/04/xmldsig-more#sha224",
	"SHA-256":  "http://www.w3.org/2001/04/xmlenc#sha256",
	"SHA-384":  "http://www.w3.org/2001/04/xmldsig-more#sha384",
	"SHA-512":  "http://www.w3.org/2001/04/xmlenc#sha512",
	"SHA3-224": "http://www.w3.org/2007/05/xmldsig-more#sha3-224",
	"SHA3-256": "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
	"SHA3-384": "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
	"SHA3-512": "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
}

// digestOf is a digest as XML says it; nil if there is none, or its algorithm
// has no name there.
func digestOf(d *Digest) *etsiDigest {
	if d == nil || d.Value == "" {
		return nil
	}
	value, err := hex.DecodeString(d.Value)
	uri := digestURIs[d.Algorithm]
	if err != nil || uri == "" {
		return nil
	}
	return &etsiDigest{etsiMethod{uri}, base64.StdEncoding.EncodeToString(value)}
}
