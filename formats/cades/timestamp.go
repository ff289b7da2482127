package cades

import (
	"bytes"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki/tsa"
)

// ParseTimestamp reduces an RFC 3161 token to facts. Its own signature has two
// references: message-digest ↔ TSTInfo, and the message imprint ↔ what covered
// opens (nil if that was not supplied). The error wraps [formats.ErrMalformed].
func ParseTimestamp(kind formats.TimestampKind, token []byte, covered func() io.Reader) (formats.Timestamp, error) {
	sd, info, err := tsa.ParseToken(token)
	if err != nil {
		return formats.Timestamp{}, fmt.Errorf("%w: %w", formats.ErrMalformed, err)
	}
	sig := SignatureFacts(sd, 0, func() io.Reader { return bytes.NewReader(sd.Content) })
	sig.Name = string(kind) + " time-stamp"
	sig.References[0].Name = "TSTInfo"
	sig.References = append(sig.References, formats.Reference{
		Name: "message imprint", Hash: info.Hash, Want: info.Imprint, Open: covered,
	})
	return formats.Timestamp{
		Kind: kind, Time: info.Time, Accuracy: info.Accuracy, Policy: info.Policy,
		Serial: info.Serial, Signature: sig, Raw: token,
	}, nil
}
