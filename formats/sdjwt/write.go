package sdjwt

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sync"

	"tamga/formats/internal/jose"
)

// saltSize is 128 bits, as RFC 9901 §9.3 recommends: who knows a digest must
// not find the claim by trying.
const saltSize = 16

// digestText is the length of a SHA-256 digest in base64url.
const digestText = 43

// writer lays claims out. Everything grows at the end of few buffers: text is
// the header, the payload and, above its end, the disclosure being written,
// which leaves it as soon as it is hashed.
type writer struct {
	drawn, random []byte // drawn at once, taken piece by piece

	text        []byte
	disclosures []byte // "~" before each
	digests     [][digestText]byte
	decoys      int
	hash        [sha256.Size]byte
}

// newWriter draws what the claims need of randomness.
func newWriter(claims []Claim, decoys int, random io.Reader) (*writer, error) {
	disclosed, objects := count(claims)
	w := writers.Get().(*writer)
	w.decoys = decoys
	n := saltSize*disclosed + sha256.Size*decoys*objects
	w.drawn = slices.Grow(w.drawn[:0], n)[:n]
	w.random = w.drawn
	if _, err := io.ReadFull(random, w.drawn); err != nil {
		w.release()
		return nil, fmt.Errorf("drawing salts: %w", err)
	}
	w.disclosures = make([]byte, 0, 128*disclosed+1) // leaves with the Pending
	return w, nil
}

// writers are writers of documents that are done, for their buffers.
var writers = sync.Pool{New: func() any { return new(writer) }}

// release wipes w and gives it back: an issuer has to forget salts and claims
// as soon as he can (ARF 3.0 ISSU_35b).
func (w *writer) release() {
	clear(w.drawn)
	clear(w.text[:cap(w.text)])
	clear(w.digests[:cap(w.digests)])
	*w = writer{drawn: w.drawn[:0], text: w.text[:0], digests: w.digests[:0]}
	if cap(w.text) <= maxPooled {
		writers.Put(w)
	}
}

// maxPooled keeps the buffer of one large portrait from staying for good.
const maxPooled = 64 << 10

// count returns how much of v is disclosed, and in how many objects.
func count(v any) (disclosed, objects int) {
	add := func(v any, disclose bool) {
		d, o := count(v)
		if disclose {
			d++
		}
		disclosed, objects = disclosed+d, objects+o
	}
	switch v := v.(type) {
	case []Claim:
		objects++
		for i := range v {
			add(v[i].Value, v[i].Disclose)
		}
	case []Item:
		for i := range v {
			add(v[i].Value, v[i].Disclose)
		}
	}
	return disclosed, objects
}

func (w *writer) draw(n int) []byte {
	out := w.random[:n:n]
	w.random = w.random[n:]
	return out
}

// members appends the members of an object, between its braces (RFC 9901
// §4.2.4.1):
//
//	"name": value, …, "_sd": ["digest", …]
//
// The digests stand in their own order, so that it tells nothing of that of
// the claims.
func (w *writer) members(claims []Claim, first bool) error {
	start := len(w.digests)
	for i := range claims {
		c := &claims[i]
		if c.Disclose {
			if err := w.disclose(c.Name, c.Value); err != nil {
				return fmt.Errorf("claim %q: %w", c.Name, err)
			}
			continue
		}
		if !first {
			w.text = append(w.text, ',')
		}
		first = false
		if err := w.member(c); err != nil {
			return fmt.Errorf("claim %q: %w", c.Name, err)
		}
	}
	if len(w.digests) > start {
		w.addDecoys()
		w.list(w.digests[start:], first)
		w.digests = w.digests[:start]
	}
	return nil
}

func (w *writer) member(c *Claim) (err error) {
	if w.text, err = appendText(w.text, c.Name); err != nil {
		return err
	}
	w.text = append(w.text, ':')
	return w.value(c.Value)
}

func (w *writer) value(v any) (err error) {
	switch v := v.(type) {
	case []Claim:
		w.text = append(w.text, '{')
		if err := w.members(v, true); err != nil {
			return err
		}
		w.text = append(w.text, '}')
		return nil
	case []Item:
		return w.items(v)
	}
	w.text, err = appendValue(w.text, v, 0)
	return err
}

// items appends an array. A hidden element leaves its digest in its place
// (RFC 9901 §4.2.4.2):
//
//	[value, {"...": "digest"}, …]
func (w *writer) items(items []Item) error {
	w.text = append(w.text, '[')
	for i := range items {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		if !items[i].Disclose {
			if err := w.value(items[i].Value); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
			continue
		}
		if err := w.disclose("", items[i].Value); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
		last := len(w.digests) - 1
		w.text = append(w.text, `{"...":"`...)
		w.text = append(w.text, w.digests[last][:]...)
		w.text = append(w.text, `"}`...)
		w.digests = w.digests[:last]
	}
	w.text = append(w.text, ']')
	return nil
}

// disclose writes the disclosure of a claim, or of an element, which has no
// name, and adds its digest (RFC 9901 §4.2.1, §4.2.2, §4.2.3). What is hidden in
// it is disclosed first.
//
//	BASE64URL(["salt", "name", value]) or BASE64URL(["salt", value])
func (w *writer) disclose(name string, v any) (err error) {
	start := len(w.text)
	w.text = append(w.text, `["`...)
	w.text = jose.AppendBase64(w.text, w.draw(saltSize))
	w.text = append(w.text, `",`...)
	if name != "" {
		if w.text, err = appendText(w.text, name); err != nil {
			return err
		}
		w.text = append(w.text, ',')
	}
	if err := w.value(v); err != nil {
		return err
	}
	w.text = append(w.text, ']')
	w.disclosures = append(w.disclosures, '~')
	from := len(w.disclosures)
	w.disclosures = jose.AppendBase64(w.disclosures, w.text[start:])
	w.text = w.text[:start]
	w.hash = sha256.Sum256(w.disclosures[from:])
	w.addDigest()
	return nil
}

// addDecoys adds digests of nothing (RFC 9901 §4.2.5), so that their number
// does not tell how many claims there are.
func (w *writer) addDecoys() {
	for range w.decoys {
		w.hash = sha256.Sum256(w.draw(sha256.Size))
		w.addDigest()
	}
}

func (w *writer) addDigest() {
	var d [digestText]byte
	jose.AppendBase64(d[:0], w.hash[:])
	w.digests = append(w.digests, d)
}

func (w *writer) list(digests [][digestText]byte, first bool) {
	slices.SortFunc(digests, func(a, b [digestText]byte) int { return bytes.Compare(a[:], b[:]) })
	if !first {
		w.text = append(w.text, ',')
	}
	w.text = append(w.text, `"_sd":[`...)
	for i := range digests {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.text = append(w.text, '"')
		w.text = append(w.text, digests[i][:]...)
		w.text = append(w.text, '"')
	}
	w.text = append(w.text, ']')
}
