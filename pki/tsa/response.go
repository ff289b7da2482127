package tsa

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Failure is a bit of PKIFailureInfo (RFC 3161 §2.4.2).
type Failure int

// Why an authority refuses.
const (
	BadAlgorithm        Failure = 0
	BadRequest          Failure = 2
	BadDataFormat       Failure = 5
	TimeNotAvailable    Failure = 14
	UnacceptedPolicy    Failure = 15
	UnacceptedExtension Failure = 16
	SystemFailure       Failure = 25
)

var failures = map[Failure]string{
	BadAlgorithm: "badAlg", BadRequest: "badRequest", BadDataFormat: "badDataFormat",
	TimeNotAvailable: "timeNotAvailable", UnacceptedPolicy: "unacceptedPolicy",
	UnacceptedExtension: "unacceptedExtension", SystemFailure: "systemFailure",
}

// Refusal is an answer without a token.
type Refusal struct {
	Status  int64
	Failure Failure // -1: not said
	Text    string
}

// Error tells the standard's word and the authority's own.
func (r *Refusal) Error() string {
	name := failures[r.Failure]
	if name == "" {
		name = "no reason"
	}
	return fmt.Sprintf("the time-stamp authority refused (%s): %.200q", name, r.Text)
}

// encodeResponse writes TimeStampResp { PKIStatusInfo, token OPTIONAL }. A nil
// refusal grants the token.
func encodeResponse(token []byte, refusal *Refusal) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if refusal == nil {
				b.AddASN1Int64(0)
				return
			}
			b.AddASN1Int64(2) // rejection
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(refusal.Text)) })
			})
			// A BIT STRING of DER has no zero bits at its end (X.690 §11.2.2).
			bits := make([]byte, int(refusal.Failure)/8+1)
			bits[refusal.Failure/8] = 0x80 >> (refusal.Failure % 8)
			b.AddASN1(cbasn1.BIT_STRING, func(b *cryptobyte.Builder) {
				b.AddUint8(uint8(7 - refusal.Failure%8))
				b.AddBytes(bits)
			})
		})
		b.AddBytes(token)
	})
	return b.BytesOrPanic()
}

// parseResponse returns the token of an answer, or a *[Refusal].
func parseResponse(der []byte) ([]byte, error) {
	if len(der) > maxMessage {
		return nil, fmt.Errorf("%w: response of %d bytes", ErrMalformed, len(der))
	}
	in := cryptobyte.String(der)
	var seq, info cryptobyte.String
	refusal := &Refusal{Failure: -1}
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1Integer(&refusal.Status) {
		return nil, fmt.Errorf("%w: no TimeStampResp", ErrMalformed)
	}
	if refusal.Status != 0 && refusal.Status != 1 { // granted, grantedWithMods
		return nil, refusal.read(info)
	}
	var token cryptobyte.String
	if !seq.ReadASN1Element(&token, cbasn1.SEQUENCE) || !seq.Empty() {
		return nil, fmt.Errorf("%w: granted without a token", ErrMalformed)
	}
	return token, nil
}

// read takes over what PKIStatusInfo says after its status, and returns r.
//
//	statusString SEQUENCE OF UTF8String OPTIONAL, failInfo BIT STRING OPTIONAL
func (r *Refusal) read(info cryptobyte.String) error {
	var texts, text cryptobyte.String
	var bits asn1.BitString
	// What of them cannot be read is not said: a refusal it is all the same.
	info.ReadOptionalASN1(&texts, nil, cbasn1.SEQUENCE)
	if texts.ReadASN1(&text, cbasn1.UTF8String) {
		r.Text = string(text)
	}
	info.ReadASN1BitString(&bits)
	for f := range Failure(bits.BitLength) {
		if bits.At(int(f)) == 1 {
			r.Failure = f
			break
		}
	}
	return r
}
