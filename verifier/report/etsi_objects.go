package report

import (
	"slices"
	"strconv"
)

// object adds what the validation used, once, and returns its id; "" if it has
// no digest to be known by.
func (e *etsi) object(kind, sha256 string, poe *etsiPOE) (id string, isNew bool) {
	if id, ok := e.ids[kind+sha256]; ok {
		return id, false
	}
	digest := digestOf(&Digest{"SHA-256", sha256})
	if digest == nil {
		return "", false
	}
	id = kind + "-" + strconv.Itoa(len(e.objects)+1)
	e.ids[kind+sha256] = id
	e.objects = append(e.objects, etsiObject{ID: id, Type: urnObject + kind, Digest: digest, POE: poe})
	return id, true
}

// chain adds the certificates of the path; none if one of them has no digest,
// for a chain with a gap is none.
func (e *etsi) chain(s *Signature) []string {
	var out []string
	for _, c := range s.Chain {
		id, _ := e.object("certificate", c.SHA256, nil)
		if id == "" {
			return nil
		}
		out = append(out, id)
	}
	return out
}

// stamp adds a time-stamp with the report on it.
func (e *etsi) stamp(s *Signature, name string) string {
	id, isNew := e.object("timestamp", s.SHA256, nil)
	if id == "" { // its judgement counts, even if its token is not known by digest
		id, isNew = "timestamp-"+strconv.Itoa(len(e.objects)+1), true
		e.objects = append(e.objects, etsiObject{ID: id, Type: urnObject + "timestamp", Direct: Printable(s.Name)})
	}
	if !isNew {
		return id
	}
	place := len(e.objects) - 1
	judgment := e.signature(s, name)
	e.objects[place].Judgment = &judgment
	if s.Indication == TotalPassed && s.ClaimedTime != nil {
		e.objects[place].Proves = &etsiProves{dateTime(*s.ClaimedTime)}
	}
	return id
}

var evidenceObjects = map[EvidenceKind]string{
	CRL: "CRL", OCSP: "OCSPResponse", IssuerCertificate: "certificate", EvidenceRecord: "evidencerecord",
}

// data is what the status of s rests on: its path, what is known of revocation,
// and what proves the time.
func (e *etsi) data(s *Signature, chain, stamps []string) *etsiData {
	out := &etsiData{}
	if len(chain) > 0 {
		path := &etsiChain{Signer: etsiReference{chain[0]}}
		last := len(chain)
		if s.Chain[last-1].Anchor != "" {
			last--
			out.Anchor = &etsiReference{chain[last]}
			path.Anchor = out.Anchor
		}
		for i := 1; i < last; i++ {
			path.Intermediate = append(path.Intermediate, etsiReference{chain[i]})
		}
		out.Chain = path
	}
	for _, id := range stamps {
		out.relate(id)
	}
	for i := range s.Evidence {
		e.evidence(out, &s.Evidence[i])
	}
	if out.Chain == nil && out.Related == nil && out.Revocation == nil {
		return nil
	}
	return out
}

func (d *etsiData) relate(id string) {
	if id != "" && !slices.Contains(d.Related, etsiReference{id}) {
		d.Related = append(d.Related, etsiReference{id})
	}
}

// evidence adds a piece of evidence and, if it is the first to say so, that a
// certificate was revoked.
func (e *etsi) evidence(d *etsiData, piece *Evidence) {
	kind, ok := evidenceObjects[piece.Kind]
	if !ok {
		kind = "other"
	}
	var poe *etsiPOE
	if piece.Proven != nil {
		poe = &etsiPOE{Time: dateTime(*piece.Proven), Type: urnProof}
	}
	id, _ := e.object(kind, piece.SHA256, poe)
	d.relate(id)
	about, known := e.ids["certificate"+piece.Certificate]
	if piece.Revoked == nil || !known || d.Revocation != nil {
		return
	}
	d.Revocation = &etsiRevocation{Certificate: etsiReference{about}, Time: dateTime(*piece.Revoked)}
	if slices.Contains(revocationReasons, piece.Reason) {
		d.Revocation.Reason = urnReason + piece.Reason
	}
	if id != "" {
		d.Revocation.Object = &etsiReference{id}
	}
}

// revocationReasons are those of RFC 5280 §5.3.1.
var revocationReasons = []string{
	"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
	"certificateHold", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
}
