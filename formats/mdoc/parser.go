package mdoc

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// maxSize of a document: a hundred times a portrait.
const maxSize = 16 << 20

// Parser reads IssuerSigned and DeviceResponse.
type Parser struct{}

// ID returns [formats.Mdoc].
func (Parser) ID() formats.ID { return formats.Mdoc }

// Sniff reports whether head opens an IssuerSigned or a DeviceResponse, in
// CBOR or in base64url.
func (Parser) Sniff(head []byte) bool {
	if opens(head) {
		return true
	}
	text := bytes.TrimLeft(head, blanks)
	text = text[:min(len(text), sniffed)]
	out := make([]byte, sniffed)
	n, err := base64.RawURLEncoding.Decode(out, text[:len(text)&^3])
	return err == nil && opens(out[:n])
}

const (
	sniffed = 128 // characters of base64url, more than the opening keys need
	blanks  = " \t\r\n"
)

// opens looks at the first keys of a map: those of IssuerSigned, or "documents"
// after at most "version" and "status". A DeviceRequest has a version as well.
func opens(head []byte) bool {
	if len(head) > 0 && head[0] == indefiniteMap {
		head = head[1:]
	} else if m, _, rest, ok := cose.ReadHead(head); ok && m == cose.MajorMap {
		head = rest
	} else {
		return false
	}
	for range 3 {
		key, rest, ok := cutText(head)
		if !ok {
			return false
		}
		head = rest
		switch key {
		case "nameSpaces", "issuerAuth", "documents", "documentErrors":
			return true
		case "version":
			_, head, ok = cutText(head)
		case "status":
			var m cose.Major
			m, _, head, ok = cose.ReadHead(head)
			ok = ok && m == cose.MajorUint
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	return false
}

const indefiniteMap = 0xbf

func cutText(b []byte) (s string, rest []byte, ok bool) {
	m, n, rest, ok := cose.ReadHead(b)
	if !ok || m != cose.MajorText || n > uint64(len(rest)) {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}

// Parse returns a signature for every document: one of an IssuerSigned, any
// number of a DeviceResponse. The error wraps [formats.ErrMalformed] or
// [formats.ErrTooLarge].
func (Parser) Parse(in formats.Input) (*formats.Document, error) {
	data, err := load(in)
	if err != nil {
		return nil, fmt.Errorf("reading an mdoc: %w", err)
	}
	top, err := cose.ReadMap(data)
	if err != nil {
		return nil, fmt.Errorf("reading an mdoc: %w", err)
	}
	out := &formats.Document{Format: formats.Mdoc}
	_, single := top["issuerAuth"]
	_, version := top["version"]
	switch {
	case single && !version:
		err = readSingle(out, data)
	case version && !single:
		err = readResponse(out, top)
	default:
		err = fmt.Errorf("%w: neither an IssuerSigned nor a DeviceResponse", formats.ErrMalformed)
	}
	if err != nil {
		return nil, fmt.Errorf("reading an mdoc: %w", err)
	}
	return out, nil
}

func readSingle(out *formats.Document, raw cose.Raw) error {
	doc, err := readIssued(raw)
	if err != nil {
		return err
	}
	out.Title = "ISO mdoc " + people(doc.mso.docType)
	out.Signatures = append(out.Signatures, doc.signature())
	out.Facts = doc.facts("")
	return nil
}

// load returns the CBOR of in, out of its base64url if it is in one.
func load(in formats.Input) ([]byte, error) {
	if in.Size > maxSize {
		return nil, fmt.Errorf("%w: %d bytes, of at most %d", formats.ErrTooLarge, in.Size, maxSize)
	}
	if in.Size <= 0 {
		return nil, fmt.Errorf("%w: it is empty", formats.ErrMalformed)
	}
	data := make([]byte, in.Size)
	if _, err := io.ReadFull(in.Reader(), data); err != nil {
		return nil, err
	}
	text := bytes.Trim(data, blanks)
	if len(text) == 0 || text[0] >= 0x80 {
		return data, nil
	}
	if bytes.ContainsAny(text, "\r\n") { // which package base64 skips
		return nil, fmt.Errorf("%w: more than one line of base64url", formats.ErrMalformed)
	}
	text = bytes.TrimRight(text, "=")
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	n, err := base64.RawURLEncoding.Strict().Decode(out, text)
	if err != nil {
		return nil, fmt.Errorf("%w: neither CBOR nor base64url", formats.ErrMalformed)
	}
	return out[:n], nil
}
