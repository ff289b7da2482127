package formats

import "tamga/pki"

// Extender adds to a signed document what will prove its signatures later. It
// only adds: every byte that a signature or a time-stamp covers stays. Where it
// cannot do that, the error wraps [ErrUnsupported] and says why.
type Extender interface {
	ID() ID
	// Stamps are the kinds of time-stamps that the format can add: of the
	// signature, and of the signature with all that proves it. They may be one.
	Stamps() (signature, archive TimestampKind)
	// PrepareStamp lays out a time-stamp, and reads the document once for the
	// digest that it must be over.
	PrepareStamp(in Input, p StampParams) (*PendingStamp, error)
	// CompleteStamp puts the token in its place. The error wraps [ErrNoRoom] if
	// it is larger than the place that was kept.
	CompleteStamp(in Input, p *PendingStamp, token []byte) (Edit, error)
	// Embed adds certificates and revocation information to signatures. What is
	// in the document already is not added again.
	Embed(in Input, list []Embedding) (Edit, error)
}

// StampParams says which time-stamp is to be added.
type StampParams struct {
	Kind      TimestampKind
	Signature int      // index in Document.Signatures; of no meaning for [DocumentTimestamp]
	Hash      pki.Hash // of the message imprint
	Size      int      // bytes that a token may take; zero: twice what is usual
}

// PendingStamp is a time-stamp that lacks only its token. It may be stored and
// completed later, in another process: State is self-contained.
type PendingStamp struct {
	Format  ID
	Kind    TimestampKind
	Hash    pki.Hash
	Imprint []byte // what the token must be over
	State   []byte // the format's own
}

// Embedding is evidence for one signature.
type Embedding struct {
	Signature int // index in Document.Signatures
	Evidence  Evidence
}
