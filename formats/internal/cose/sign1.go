package cose

import (
	"crypto/x509"
	"fmt"

	"tamga/formats"
	"tamga/pki"
)

const tagSign1 = 18

// Sign1 is a COSE_Sign1 message as it was received. Nothing in it has been
// checked; a fatal defect leaves nothing that could be verified.
type Sign1 struct {
	Tagged    bool   // tag 18 stands before it
	Protected []byte // the serialised protected header, as received
	Payload   []byte // nil: detached
	Signature []byte
	// Algorithm is what the protected header says, UnknownAlgorithm if it says
	// nothing or nothing that we know; AlgorithmName repeats it for people.
	Algorithm     pki.Algorithm
	AlgorithmName string
	// Certificates is x5chain of either header, leaf first. A fatal defect
	// stands beside one whose leaf cannot be read.
	Certificates []*x509.Certificate
	Defects      []formats.Defect
}

// ParseSign1 reads
//
//	COSE_Sign1 = [                  RFC 9052 §4.2
//	  protected:   bstr .cbor map / bstr .size 0,
//	  unprotected: map,
//	  payload:     bstr / nil,
//	  signature:   bstr
//	]
//
// with or without its tag 18. The error wraps [formats.ErrMalformed] or
// [formats.ErrTooLarge].
func ParseSign1(raw []byte) (*Sign1, error) {
	m := &Sign1{}
	if major, _ := MajorOf(raw); major == MajorTag {
		n, content, err := Tagged(raw)
		if err != nil {
			return nil, fmt.Errorf("reading COSE_Sign1: %w", err)
		}
		if n != tagSign1 {
			return nil, fmt.Errorf("reading COSE_Sign1: %w: it has tag %d", formats.ErrMalformed, n)
		}
		m.Tagged, raw = true, content
	}
	parts, err := Array(raw)
	if err != nil {
		return nil, fmt.Errorf("reading COSE_Sign1: %w", err)
	}
	if len(parts) != 4 {
		return nil, fmt.Errorf("reading COSE_Sign1: %w: %d parts instead of 4", formats.ErrMalformed, len(parts))
	}
	if m.Protected, err = Bytes(parts[0]); err != nil {
		return nil, fmt.Errorf("reading the protected header of COSE_Sign1: %w", err)
	}
	if major, ok := MajorOf(parts[2]); !ok || major != MajorSimple || parts[2][0] != null {
		if m.Payload, err = Bytes(parts[2]); err != nil {
			return nil, fmt.Errorf("reading the payload of COSE_Sign1: %w", err)
		}
	}
	if m.Signature, err = Bytes(parts[3]); err != nil {
		return nil, fmt.Errorf("reading the signature of COSE_Sign1: %w", err)
	}
	return m, m.readHeaders(parts[1])
}

const null = 0xf6

// readHeaders reads both headers. A label in both is what RFC 9052 §3 lets us
// refuse: whoever shows the message could have added the second.
func (m *Sign1) readHeaders(raw Raw) error {
	protected := Map{}
	if len(m.Protected) > 0 {
		var err error
		if protected, err = ReadMap(m.Protected); err != nil {
			return fmt.Errorf("reading the protected header of COSE_Sign1: %w", err)
		}
	}
	unprotected, err := ReadMap(raw)
	if err != nil {
		return fmt.Errorf("reading the unprotected header of COSE_Sign1: %w", err)
	}
	for label := range unprotected {
		if _, both := protected[label]; both {
			m.fatal("RFC 9052 3", "a label stands in the protected and in the unprotected header")
			break
		}
	}
	m.algorithm(protected, unprotected)
	m.critical(protected, unprotected)
	chain, ok := protected[labelX5Chain]
	if !ok {
		chain, ok = unprotected[labelX5Chain]
	}
	if ok {
		return m.chain(chain)
	}
	return nil
}

func (m *Sign1) fatal(clause, format string, args ...any) {
	m.Defects = append(m.Defects, formats.Defect{Clause: clause, Text: fmt.Sprintf(format, args...), Fatal: true})
}

func (m *Sign1) note(clause, format string, args ...any) {
	m.Defects = append(m.Defects, formats.Defect{Clause: clause, Text: fmt.Sprintf(format, args...)})
}

// ToBeSigned returns what the value signs: Sig_structure over the protected
// header and payload as they were received. A protected header without members
// counts as empty, however it was written (RFC 9052 §4.4).
func (m *Sign1) ToBeSigned() []byte {
	protected := m.Protected
	if h, err := ReadMap(protected); err == nil && len(h) == 0 {
		protected = nil
	}
	return AppendSigStructure(nil, protected, m.Payload)
}
