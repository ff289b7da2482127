package cose

import "tamga/pki"

// Unsigned is a COSE_Sign1 that lacks its value.
type Unsigned struct {
	Algorithm pki.Algorithm // one with a COSE number
	Chain     [][]byte      // DER, leaf first, for x5chain; empty: none
	Payload   []byte
	Value     int // length of the value to come
}

// AppendProtected appends the protected header, not yet in its byte string:
//
//	{1: alg}
func AppendProtected(b []byte, alg pki.Algorithm) []byte {
	return AppendInt(AppendInt(AppendHead(b, MajorMap, 1), labelAlg), alg.COSE())
}

// AppendSigStructure appends what a key must sign:
//
//	Sig_structure = [                        RFC 9052 §4.4
//	  context:        "Signature1",
//	  body_protected: bstr,
//	  external_aad:   bstr,                  empty in all formats of ours
//	  payload:        bstr
//	]
func AppendSigStructure(b, protected, payload []byte) []byte {
	b = AppendText(AppendHead(b, MajorArray, 4), "Signature1")
	b = AppendBytes(b, protected)
	b = AppendBytes(b, nil)
	return AppendBytes(b, payload)
}

// AppendUnsigned appends an untagged COSE_Sign1 up to, and without, the bytes
// of the value:
//
//	[<< {1: alg} >>, {33: x5chain}, payload, bstr head of the value …
//
// The chain is not signed: ISO/IEC 18013-5 9.1.2.4 wants it unprotected.
func AppendUnsigned(b []byte, m Unsigned) []byte {
	var room [16]byte
	b = AppendHead(b, MajorArray, 4)
	b = AppendBytes(b, AppendProtected(room[:0], m.Algorithm))
	if len(m.Chain) == 0 {
		b = AppendHead(b, MajorMap, 0)
	} else {
		b = appendChain(AppendInt(AppendHead(b, MajorMap, 1), labelX5Chain), m.Chain)
	}
	b = AppendBytes(b, m.Payload)
	return AppendHead(b, MajorBytes, uint64(m.Value))
}

func appendChain(b []byte, chain [][]byte) []byte {
	if len(chain) > 1 {
		b = AppendHead(b, MajorArray, uint64(len(chain)))
	}
	for _, der := range chain {
		b = AppendBytes(b, der)
	}
	return b
}
