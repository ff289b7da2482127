package jose

import (
	"bytes"
	"fmt"
	"slices"

	"tamga/formats"
)

// Limits on a general JSON serialisation: each signature repeats the payload in
// what is signed.
const (
	maxSignatures = 16
	maxSigned     = 32 << 20 // bytes, over all signatures
)

// JWS is a JSON web signature as it was received, unchecked.
type JWS struct {
	Serialization Serialization
	Payload       []byte // decoded
	Signatures    []Signature
	// Unknown are the members of the JSON serialisations that nobody defines,
	// which are to be ignored (RFC 7515 §7.2.1).
	Unknown []string
}

// Signature is one signature of a JWS.
type Signature struct {
	Header *Header
	Signed []byte // ASCII(protected . payload), RFC 7515 §5.2
	Value  []byte
	Text   string // the value in base64url, as it was received
}

// Serialization tells how a JWS was written.
type Serialization uint8

// The serialisations of RFC 7515 §7.
const (
	Compact Serialization = iota + 1
	Flattened
	General
)

// String returns the name that RFC 7515 gives it.
func (s Serialization) String() string {
	return [...]string{"unknown", "compact", "flattened JSON", "general JSON"}[min(s, General)]
}

// Parse reads a JWS in whichever serialisation it is.
func (b *Budget) Parse(text []byte) (*JWS, error) {
	if rest := bytes.TrimLeft(text, " \t\r\n"); len(rest) > 0 && rest[0] == '{' {
		v, err := b.ParseJSON(text)
		if err != nil {
			return nil, err
		}
		return b.ParseObject(v)
	}
	return b.ParseCompact(text)
}

// ParseCompact reads the compact serialisation (RFC 7515 §7.1):
//
//	BASE64URL(header) . BASE64URL(payload) . BASE64URL(signature)
func (b *Budget) ParseCompact(text []byte) (*JWS, error) {
	if bytes.Count(text, []byte{'.'}) != 2 {
		return nil, malformed("not three parts between two dots")
	}
	i, j := bytes.IndexByte(text, '.'), bytes.LastIndexByte(text, '.')
	payload, err := Decode(text[i+1 : j])
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	s, err := b.signature(text[:j], text[:i], string(text[j+1:]), nil)
	if err != nil {
		return nil, err
	}
	return &JWS{Serialization: Compact, Payload: payload, Signatures: []Signature{*s}}, nil
}

// ParseObject reads the JSON serialisations (RFC 7515 §7.2):
//
//	{"payload": "…", "protected": "…", "header": {…}, "signature": "…"}
//	{"payload": "…", "signatures": [{"protected": "…", "header": {…}, "signature": "…"}, …]}
func (b *Budget) ParseObject(v *Value) (*JWS, error) {
	text, ok := v.Get("payload").AsString()
	if !ok {
		return nil, malformed("payload is no string")
	}
	payload, err := Decode(text)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	j := &JWS{Serialization: Flattened, Payload: payload}
	list := []Value{*v}
	known := []string{"payload", "protected", "header", "signature"}
	if all := v.Get("signatures"); all != nil {
		// RFC 7515 §7.2.2: a flattened one has no such member, nor this one
		// the others. Two readers would find different signatures.
		for _, name := range known[1:] {
			if v.Get(name) != nil {
				return nil, malformed("both signatures and %s", name)
			}
		}
		if all.Kind != '[' || len(all.Items) == 0 {
			return nil, malformed("signatures is no list of them")
		}
		if n := len(all.Items); n > maxSignatures || n*len(text) > maxSigned {
			return nil, fmt.Errorf("reading a JWS: %d signatures over %d characters: %w",
				n, len(text), formats.ErrTooLarge)
		}
		j.Serialization, list, known = General, all.Items, []string{"payload", "signatures"}
	}
	for i := range list {
		s, err := b.entry(&list[i], text)
		if err != nil {
			return nil, err
		}
		j.Signatures = append(j.Signatures, *s)
	}
	for i := range v.Members {
		if name := v.Members[i].Name; !slices.Contains(known, name) {
			j.Unknown = append(j.Unknown, name)
		}
	}
	return j, nil
}

// entry reads one signature of a JSON serialisation. It must have a protected
// header: what is unprotected names no algorithm here.
func (b *Budget) entry(v *Value, payload string) (*Signature, error) {
	protected, ok := v.Get("protected").AsString()
	if !ok {
		return nil, malformed("protected is no string")
	}
	value, ok := v.Get("signature").AsString()
	if !ok {
		return nil, malformed("signature is no string")
	}
	unprotected := v.Get("header")
	if unprotected != nil && unprotected.Kind != '{' {
		return nil, malformed("header is no object")
	}
	signed := slices.Concat([]byte(protected), []byte{'.'}, []byte(payload))
	return b.signature(signed, signed[:len(protected)], value, unprotected)
}

func (b *Budget) signature(signed, protected []byte, text string, unprotected *Value) (*Signature, error) {
	header, err := Decode(protected)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	s := &Signature{Signed: slices.Clone(signed), Text: text}
	if s.Value, err = Decode(text); err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	s.Header, err = b.parseHeader(header, unprotected)
	return s, err
}
