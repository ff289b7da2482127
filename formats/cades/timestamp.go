package cades

import (
	"bytes"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

// ParseTimestamp reduces an RFC 3161 token to facts. Its own signature has two
// references: message-digest ↔ TSTInfo, and the message imprint ↔ what covered
// opens (nil if that was not supplied). Evidence is what is in the token. The
// error wraps [formats.ErrMalformed].
func ParseTimestamp(kind formats.TimestampKind, raw []byte, covered func() io.Reader) (formats.Timestamp, error) {
	return ParseTimestampWith(nil, kind, raw, covered)
}

// ParseTimestampWith is [ParseTimestamp] with a memory for the certificates,
// which may be nil.
func ParseTimestampWith(memo *pki.Memo, kind formats.TimestampKind, raw []byte, covered func() io.Reader) (formats.Timestamp, error) {
	t, err := parseToken(memo, kind, raw, 1)
	if err != nil {
		return formats.Timestamp{}, err
	}
	t.over(covered)
	return t.Timestamp, nil
}

// imprint is where the message imprint stands among the references of a token.
const imprint = 1

// token is a time-stamp while it is reduced to facts.
type token struct {
	formats.Timestamp
	of    stampAttribute
	value []byte          // the attribute value it was read from
	sd    *cms.SignedData // nil if it cannot be read
	info  *tsa.Info
}

// parseToken reads a token inside of depth-1 others.
func parseToken(memo *pki.Memo, kind formats.TimestampKind, raw []byte, depth int) (*token, error) {
	sd, info, err := tsa.ParseTokenWith(memo, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", formats.ErrMalformed, err)
	}
	content := func() io.Reader { return bytes.NewReader(sd.Content) }
	sig := newReading(sd, content, depth).signature(0)
	sig.Name = string(kind) + " time-stamp"
	sig.References[0].Name = "TSTInfo"
	sig.References = append(sig.References, formats.Reference{
		Name: "message imprint", Hash: info.Hash, Want: info.Imprint,
	})
	return &token{sd: sd, info: info, Timestamp: formats.Timestamp{
		Kind: kind, Time: info.Time, Accuracy: info.Accuracy, Policy: info.Policy,
		Serial: info.Serial, Signature: sig, Raw: raw,
	}}, nil
}
