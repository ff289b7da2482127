package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Schema is the version of the JSON that a Report marshals to. It changes when
// a member changes its meaning or goes; new members may come without notice.
const Schema = "tamga-report/1"

// Report is what was found about one document. Its JSON is the answer of HTTP,
// the output of `tamga verify --json`, and the golden file of the tests. The
// same document, evidence, policy and time give the same bytes in Verdict,
// wherever it was judged.
type Report struct {
	Schema   string   `json:"schema"`
	Document Document `json:"document"`
	Verdict  Verdict  `json:"verdict"`
	Context  Context  `json:"context"`
}

// Document tells which file was judged, and what it was taken for.
type Document struct {
	Name     string   `json:"name"`
	Size     int64    `json:"size"`
	SHA256   string   `json:"sha256,omitempty"` // of the file as judged, hexadecimal
	Format   string   `json:"format"`
	Title    string   `json:"title"`
	Detached []string `json:"detached,omitempty"` // files judged with it
	Notes    []Note   `json:"notes,omitempty"`    // departures from the format
}

// Context tells how it was judged.
type Context struct {
	Time   time.Time `json:"time"` // the moment for which the verdict holds
	Policy string    `json:"policy"`
	// PolicySHA256 is the digest of the policy's text, hexadecimal.
	PolicySHA256 string `json:"policy_sha256,omitempty"`
	Tool         string `json:"tool"`
	// Fetched is what the network was asked for, in the order of asking; empty
	// unless that was wanted.
	Fetched []Fetched `json:"fetched,omitempty"`
}

// Fetched is one thing that was asked for over the network.
type Fetched struct {
	URL    string    `json:"url"`
	Kind   string    `json:"kind"` // "crl", "ocsp" or "certificate"
	Time   time.Time `json:"time"` // when it came, or did not
	Size   int64     `json:"size,omitempty"`
	SHA256 string    `json:"sha256,omitempty"`
	Cached bool      `json:"cached,omitempty"` // it came at an earlier time, and was kept
	Error  string    `json:"error,omitempty"`  // why nothing came
}

// Verdict is the answer for the whole document: the worst of its signatures.
type Verdict struct {
	Status     Status      `json:"status"`
	Signatures []Signature `json:"signatures"`
	// Signers is how many different certificates made the signatures that
	// passed: what a demand for so many signatures is to be held against.
	Signers int `json:"signers"`
}

// sentence is the code of the one sentence that goes with the status. Where
// something that people see was added after every signature, it is not said that
// nothing was.
func (v *Verdict) sentence() string {
	seen := v.Status == Valid && len(v.Signatures) > 0
	for _, s := range v.Signatures {
		seen = seen && slices.ContainsFunc(s.Answers, func(a Answer) bool { return a.Code == "unchanged.seen" })
	}
	if seen {
		return "verdict.valid-seen"
	}
	return "verdict." + string(v.Status)
}

// MarshalJSON writes an empty list, not null, for a document without
// signatures.
func (v Verdict) MarshalJSON() ([]byte, error) {
	type plain Verdict
	if v.Signatures == nil {
		v.Signatures = []Signature{}
	}
	return json.Marshal(plain(v))
}

// Status is the verdict in a word for people. The zero value is none.
type Status string

// The verdicts. A document without a signature is never valid.
const (
	Valid      Status = "valid"
	NotValid   Status = "not-valid"
	CannotTell Status = "cannot-tell"
	NotSigned  Status = "not-signed"
)

// Indication is the main status of EN 319 102-1 §5.1.3. The zero value is
// never good news.
type Indication uint8

// The indications.
const (
	Unchecked Indication = iota
	TotalPassed
	TotalFailed
	Indeterminate
)

// String returns the standard's word.
func (i Indication) String() string {
	switch i {
	case TotalPassed:
		return "TOTAL-PASSED"
	case TotalFailed:
		return "TOTAL-FAILED"
	case Indeterminate:
		return "INDETERMINATE"
	}
	return "UNCHECKED"
}

// MarshalText writes the standard's word.
func (i Indication) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the standard's word.
func (i *Indication) UnmarshalText(text []byte) error {
	for _, known := range []Indication{Unchecked, TotalPassed, TotalFailed, Indeterminate} {
		if string(text) == known.String() {
			*i = known
			return nil
		}
	}
	return fmt.Errorf("reading an indication: %q is none", text)
}

// Signature is what was found about one signature or time-stamp.
type Signature struct {
	Name          string        `json:"name"`
	Kind          string        `json:"kind"`
	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"sub_indication,omitempty"`
	Answers       []Answer      `json:"answers,omitempty"` // five, in the order of Questions; none for time-stamps
	Algorithm     string        `json:"algorithm,omitempty"`
	Chain         []Certificate `json:"chain,omitempty"` // leaf first; validated only if the last names its anchor
	ClaimedTime   *time.Time    `json:"claimed_time,omitempty"`
	BestTime      *time.Time    `json:"best_signature_time,omitempty"` // proven, EN 319 102-1 §5.5
	Checks        []Check       `json:"checks"`
	Timestamps    []Signature   `json:"timestamps,omitempty"`
	Counters      []Signature   `json:"counter_signatures,omitempty"`
	Claims        []Claim       `json:"claims,omitempty"` // what an identity document states
	Notes         []Note        `json:"notes,omitempty"`
	Evidence      []Evidence    `json:"evidence,omitempty"` // what the verdict rests on beyond the signature
	Stamp         StampKind     `json:"stamp,omitempty"`    // of a time-stamp: what it covers
	SHA256        string        `json:"sha256,omitempty"`   // of a time-stamp: of the token, hexadecimal
	Signed        *Digest       `json:"signed,omitempty"`   // of the bytes that the value signs
	Content       *Digest       `json:"content,omitempty"`  // of what was signed, as the signature states it
	Value         []byte        `json:"value,omitempty"`    // the signature value, base64
}

// StampKind tells what a time-stamp covers.
type StampKind string

// The kinds of time-stamps.
const (
	SignatureStamp StampKind = "signature"       // the signature value
	DocumentStamp  StampKind = "document"        // a document as it stood
	ContentStamp   StampKind = "content"         // the content before signing
	EvidenceStamp  StampKind = "validation-data" // references to certificates and revocation information
	ArchiveStamp   StampKind = "archive"         // the signature with all that came with it
	RecordStamp    StampKind = "evidence-record" // data, or the time-stamp before it, in an evidence record
)

// Changed reports whether the document is known not to be what was signed.
func (s *Signature) Changed() bool {
	for _, a := range s.Answers {
		if a.Question == Unchanged {
			return a.Mark == No
		}
	}
	return false
}

// MarshalJSON writes an empty list, not null, where nothing was asked.
func (s Signature) MarshalJSON() ([]byte, error) {
	type plain Signature
	if s.Checks == nil {
		s.Checks = []Check{}
	}
	return json.Marshal(plain(s))
}

// Certificate is a certificate of the path that was validated.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"` // hexadecimal
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	SHA256    string    `json:"sha256"`
	Anchor    string    `json:"anchor,omitempty"` // who vouches, on the trust anchor only
}

// Claim is one disclosed element of an identity document whose digest fits.
type Claim struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Value     string `json:"value"`
}

// Check is one question that was asked, and its answer.
type Check struct {
	ID      string        `json:"id"`      // stable: "crypto.value"
	Clause  string        `json:"clause"`  // "EN 319 102-1 5.2.7"
	Subject string        `json:"subject"` // what was asked about, "" for the signature itself
	Passed  bool          `json:"passed"`
	Sub     SubIndication `json:"sub_indication,omitempty"` // what a "no" means
	Detail  string        `json:"detail,omitempty"`         // English, for experts
}

// Question is one of the five that people ask of every document.
type Question string

// The questions, in the order of the answers.
const (
	Unchanged    Question = "unchanged"
	Who          Question = "who"
	WhoVouches   Question = "who-vouches"
	When         Question = "when"
	StillInForce Question = "still-in-force"
)

// Mark is an answer in a word. The zero value is no answer.
type Mark string

// The marks.
const (
	Yes     Mark = "yes"
	No      Mark = "no"
	Unknown Mark = "unknown"
)

// Questions lists the five, in the order of the answers.
func Questions() []Question { return []Question{Unchanged, Who, WhoVouches, When, StillInForce} }

// Answer answers one question in plain words. Code and Args carry it in every
// language; Text is the English.
type Answer struct {
	Question Question `json:"question"`
	Mark     Mark     `json:"mark"`
	Code     string   `json:"code"`
	Args     []string `json:"args,omitempty"`
	Text     string   `json:"text"`
}

// SubIndication is the reason of EN 319 102-1 §5.1.3, table 4 to 6.
type SubIndication string

// The sub-indications.
const (
	FormatFailure                  SubIndication = "FORMAT_FAILURE"
	HashFailure                    SubIndication = "HASH_FAILURE"
	SigCryptoFailure               SubIndication = "SIG_CRYPTO_FAILURE"
	Revoked                        SubIndication = "REVOKED"
	Expired                        SubIndication = "EXPIRED"
	NotYetValid                    SubIndication = "NOT_YET_VALID"
	SigConstraintsFailure          SubIndication = "SIG_CONSTRAINTS_FAILURE"
	ChainConstraintsFailure        SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	CertificateChainGeneralFailure SubIndication = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	CryptoConstraintsFailure       SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	PolicyProcessingError          SubIndication = "POLICY_PROCESSING_ERROR"
	SignaturePolicyNotAvailable    SubIndication = "SIGNATURE_POLICY_NOT_AVAILABLE"
	TimestampOrderFailure          SubIndication = "TIMESTAMP_ORDER_FAILURE"
	NoSigningCertificateFound      SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	NoCertificateChainFound        SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	NoCertificateChainFoundNoPOE   SubIndication = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
	RevokedNoPOE                   SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE                 SubIndication = "REVOKED_CA_NO_POE"
	OutOfBoundsNotRevoked          SubIndication = "OUT_OF_BOUNDS_NOT_REVOKED"
	OutOfBoundsNoPOE               SubIndication = "OUT_OF_BOUNDS_NO_POE"
	CryptoConstraintsFailureNoPOE  SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	NoPOE                          SubIndication = "NO_POE"
	TryLater                       SubIndication = "TRY_LATER"
	SignedDataNotFound             SubIndication = "SIGNED_DATA_NOT_FOUND"
	RevocationOutOfBoundsNoPOE     SubIndication = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
	Custom                         SubIndication = "CUSTOM"
)
