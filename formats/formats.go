package formats

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"time"

	"tamga/pki"
)

// ID names a format. It is stable: it stands in reports and on command lines.
type ID string

// The formats.
const (
	CAdES ID = "cades"
	PAdES ID = "pades"
	Mdoc  ID = "mdoc"
	SDJWT ID = "sdjwt"
	// ERS is an evidence record on its own (RFC 4998), over another file.
	ERS ID = "ers"
)

// Level is a baseline level of the AdES formats (EN 319 122-1 §6, EN 319 142-1
// §6). Credentials have none.
type Level string

// The levels, lowest first. Each holds those before it.
const (
	LevelB   Level = "B-B"   // basic
	LevelT   Level = "B-T"   // with a time-stamp over the signature
	LevelLT  Level = "B-LT"  // and all that is needed to judge it
	LevelLTA Level = "B-LTA" // and a time-stamp over all of that
)

// Limits that every parser keeps.
const (
	MaxParsed = 64 << 20 // bytes of one document that a parser may hold at once
	MaxDepth  = 64       // nested structures
)

var (
	// ErrMalformed says that the bytes are not what their format demands.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge says that a limit was reached before the end.
	ErrTooLarge = errors.New("too large or too deep")
	// ErrUnsupported says that the bytes may be well, but are beyond us.
	ErrUnsupported = errors.New("not supported")
	// ErrNoRoom says that what shall be put in is larger than the place kept for
	// it.
	ErrNoRoom = errors.New("not enough room was kept")
	// ErrPassword says that a document is encrypted and that [Input.Password] is
	// missing or another one. It is an [ErrUnsupported], too.
	ErrPassword error = passwordError{}
	// ErrNotRecognised says that no format knows the bytes.
	ErrNotRecognised = errors.New("not recognised")
)

type passwordError struct{}

func (passwordError) Error() string { return "the right password is needed" }
func (passwordError) Unwrap() error { return ErrUnsupported }

// Input is a document: random access, known size, never wholly in memory
// unless small.
type Input struct {
	Name string // for people; never trusted, never opened
	io.ReaderAt
	Size     int64
	Detached []Input // what a detached signature may be over
	// Password opens an encrypted document, as its user's or its owner's; in
	// UTF-8. Documents that need none are read whatever it is.
	Password []byte
	// Memo reads certificates; nil reads each anew.
	Memo *pki.Memo
	// Judged says that nobody will look at Document.Facts, which a format may
	// then leave out.
	Judged bool
}

// Reader returns a new reader over the whole document.
func (in Input) Reader() io.Reader { return io.NewSectionReader(in.ReaderAt, 0, in.Size) }

// Edit is a signed document as a change to its input: the first Keep bytes of
// the input, then Tail. A signature only ever appends, so a change stays small
// for a document of gigabytes.
type Edit struct {
	Keep int64
	Tail []byte
}

// Apply returns the changed document as an Input named name.
func (e Edit) Apply(in Input, name string) Input {
	return Input{
		Name: name, ReaderAt: &patched{in.ReaderAt, e.Keep, e.Tail},
		Size: e.Keep + int64(len(e.Tail)), Detached: in.Detached, Memo: in.Memo, Judged: in.Judged,
		Password: in.Password,
	}
}

// patched reads the first keep bytes of base, then tail.
type patched struct {
	base io.ReaderAt
	keep int64
	tail []byte
}

func (p *patched) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("reading at a negative offset")
	}
	n := 0
	if off < p.keep {
		head := b[:min(int64(len(b)), p.keep-off)]
		m, err := p.base.ReadAt(head, off)
		if m < len(head) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF // the input shrank
			}
			return m, err
		}
		n, off = m, p.keep
	}
	if rel := off - p.keep; rel < int64(len(p.tail)) {
		n += copy(b[n:], p.tail[rel:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// Params is everything a signature says, and no key.
type Params struct {
	Algorithm pki.Algorithm
	Chain     []*x509.Certificate // leaf first
	Time      time.Time           // the claimed time of signing
	Level     Level               // AdES formats only
	// StampSize is the size of the largest time-stamp token that the authority
	// has sent so far; zero: not known. Formats that keep its place free keep at
	// least that much.
	StampSize int
}

// Pending is a signature that lacks only its value. It holds no key and may be
// stored and completed later, in another process: State is self-contained.
type Pending struct {
	Format     ID
	Algorithm  pki.Algorithm
	ToBeSigned []byte // the message for [pki.Key.Sign]
	Level      Level
	State      []byte // the format's own
}

// Completion is what a Pending lacked.
type Completion struct {
	Value     []byte // the signature value, as [pki.Key.Sign] returned it
	Timestamp []byte // DER TimeStampToken over the value, at level B-T
}

// Parser finds the signatures in a document. It judges nothing.
type Parser interface {
	ID() ID
	// Sniff reports whether head, the first bytes of a document, could open a
	// document of this format.
	Sniff(head []byte) bool
	// Parse returns what the document says. It never panics, whatever the
	// bytes. The error wraps [ErrMalformed], [ErrTooLarge] or
	// [ErrUnsupported]; a document without signatures is no error.
	Parse(in Input) (*Document, error)
}

// Preparer writes signatures in two steps, so that no format ever holds a key.
// A format's own wishes (a PDF field, a list of claims) are the fields of the
// value that implements it.
type Preparer interface {
	ID() ID
	// Prepare lays out the signature and returns the bytes a key must sign.
	Prepare(in Input, p Params) (*Pending, error)
	// StampInput returns the bytes that a signature time-stamp must cover once
	// the value is known; nil if the format carries none.
	StampInput(p *Pending, value []byte) []byte
	// Complete puts the value in its place.
	Complete(p *Pending, c Completion) (Edit, error)
}

// ContentStamper is a Preparer whose signatures can hold time-stamps over the
// content, made before it is signed: proof that the content is older than the
// signature (EN 319 122-1 §5.2.8).
type ContentStamper interface {
	Preparer
	// ContentImprint is the digest that such a token must be over.
	ContentImprint(in Input, h pki.Hash) ([]byte, error)
	// WithContentStamp returns a Preparer that also puts in this token.
	WithContentStamp(token []byte) Preparer
}

// Document is what a file says. Nothing in it has been checked.
type Document struct {
	Format     ID
	Title      string // what it is, for people: "PDF 1.7 with 1 signature"
	Signatures []Signature
	Detached   []string // names of the detached inputs that its references are over
	Facts      []Fact   // what it holds, for people who inspect it
	Defects    []Defect // departures from the specification
}

// Fact is one line of what a document holds, unjudged.
type Fact struct{ Name, Value string }

// Defect is a departure from a specification. Fatal ones leave nothing that
// could be verified.
type Defect struct {
	Clause string // "RFC 5652 5.3"
	Text   string
	Fatal  bool
}

// Signature is what a document says of one signature.
type Signature struct {
	Name       string // the field or position, for people
	Kind       string // "PAdES (ETSI.CAdES.detached)"
	Algorithm  pki.Algorithm
	Signed     []byte // the exact bytes that Value signs
	Value      []byte
	References []Reference
	// Direct is set where Value signs the content of the first reference itself,
	// and there are no bytes with the digest in them: Signed and Want are nil.
	Direct     bool
	Signer     CertificateRef
	Claims     Claims
	Evidence   Evidence
	Coverage   Coverage
	Credential *Credential // identity documents only
	Counter    []Signature
	Defects    []Defect
	// Stamp is set where this is no signature of a person but a time-stamp of
	// the document as it stood (PDF /DocTimeStamp): what its token says.
	Stamp *Timestamp
}

// Reference binds a part of the document to the signature by its digest.
type Reference struct {
	Name string
	Hash pki.Hash
	Want []byte
	// Open returns a new reader of the actual content. Nil: the part was not
	// supplied, as with a detached signature that came alone.
	Open func() io.Reader
	// Whole is the input that Open reads, or the Part of it, where it is one: many
	// signatures over one large file are then digested in one pass. Nil: not said.
	Whole *Input
	Part  Part
}

// Part is an input up to End without the octets from GapFrom to GapTo. The zero
// value is all of the input.
type Part struct{ GapFrom, GapTo, End int64 }

// CertificateRef says which certificate belongs to the signature. All parts
// that are set must agree; Certificate, where a format carries the one
// certificate in a place of its own (x5c, x5chain), must be the one.
type CertificateRef struct {
	Certificate *x509.Certificate
	Issuer      []byte // DER of the issuer's name, with Serial
	Serial      *big.Int
	KeyID       []byte // subjectKeyIdentifier
	// Key is the key of a signature for which no certificate speaks: a holder's,
	// which the issuer has named (cnf, deviceKey). It vouches for nobody.
	Key crypto.PublicKey
	// Hash and Digest are the signing-certificate attribute (RFC 5035 §3): the
	// one part that is signed. Attribute is false where the format has no
	// such attribute, or the signature lacks it.
	Hash      pki.Hash
	Digest    []byte
	Attribute bool
}

// Claims is what the signer says of the signature. Only the signer vouches for
// it: a claimed time is not a proven time.
type Claims struct {
	Time     time.Time // zero: none
	Policy   string    // signature policy identifier
	Reason   string
	Location string
	Name     string
	// PolicyURI is where the signer says that the policy can be had.
	PolicyURI   string
	Commitments []Commitment // what the signer commits to by signing
	Roles       []string     // in which the signer claims to act: nobody has confirmed them
}

// Evidence is what came with a signature to help judge it.
type Evidence struct {
	Certificates []*x509.Certificate
	Revocations  []pki.Revocation
	Timestamps   []Timestamp
	Records      []Record
}

// Record is an evidence record (RFC 4998): archive time-stamps of which each
// but the first is over the one before it, and the first is over the data. Only
// if all hold, each as of the time of the next, is anything proven.
type Record struct {
	Name   string
	Stamps []Timestamp // oldest first; none where the record could not be read
	// Covers are the objects that the data holds: if the record is good, they
	// existed at the time of its first time-stamp.
	Covers  []Object
	Defects []Defect
	// Rest is set where the signature is the first time-stamp of the record
	// itself, and Stamps are the others: then it is worth nothing without them.
	Rest bool
}

// TimestampKind tells what a time-stamp covers.
type TimestampKind string

// The kinds of time-stamps.
const (
	SignatureTimestamp TimestampKind = "signature" // the signature value
	DocumentTimestamp  TimestampKind = "document"  // a document as it stood
	ContentTimestamp   TimestampKind = "content"   // the content before signing
	// EvidenceTimestamp covers validation material: that of CAdES-X, over the
	// references to certificates and revocation information, with the signature
	// (type 1) or without it (type 2).
	EvidenceTimestamp TimestampKind = "validation-data"
	ArchiveTimestamp  TimestampKind = "archive" // the signature with all that came with it
	// RecordTimestamp is one archive time-stamp of an evidence record.
	RecordTimestamp TimestampKind = "evidence-record"
)

// Object names a piece of evidence by the SHA-256 of its bytes: the DER of a
// certificate, of a revocation value or of a time-stamp token as in
// [Timestamp.Raw], or a signature value.
type Object [sha256.Size]byte

// ObjectOf names the piece of evidence that raw is.
func ObjectOf(raw []byte) Object { return sha256.Sum256(raw) }

// Timestamp is an RFC 3161 token. Its own signature is a Signature like any
// other, whose references are the token's TSTInfo and the stamped bytes.
type Timestamp struct {
	Kind      TimestampKind
	Time      time.Time
	Accuracy  time.Duration // zero: not said
	Policy    string
	Serial    *big.Int
	Signature Signature
	Raw       []byte // the DER of the token
	// Covers are the objects that the stamped bytes hold, or hold digests of:
	// if the token is good, they existed at Time (EN 319 102-1 §5.6.2.3). The
	// format lists only what the references of Signature commit to.
	Covers []Object
}

// Coverage tells how much of the document a signature covers.
type Coverage struct {
	Whole bool  // everything but the signature itself, to the last byte
	After int64 // bytes added to the document after it was signed
	// Harmless is whether the format can show that what came after changes
	// nothing that the signature covers.
	Harmless bool
	// Seen is what people see that was added and is allowed, such as a visible
	// signature of somebody else or a form that was filled; "" if nothing.
	Seen string
	Note string // for people, where not whole
}

// Credential is what an identity document says of itself.
type Credential struct {
	Type       string // docType or vct
	Issuer     string
	ValidFrom  time.Time // zero: not said
	ValidUntil time.Time
	Signed     time.Time
	Elements   []Element
	HolderKey  bool   // bound to a key of its holder
	Presented  bool   // the holder's proof is there
	StatusURI  string // status list to be asked, "" if none
	StatusIdx  int64
}

// Element is one disclosed claim of an identity document.
type Element struct {
	Namespace string
	Name      string
	Value     string // rendered for people; "(12345 bytes)" for images
}
