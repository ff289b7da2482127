package cms

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// WithoutUnsigned returns raw without those unsigned attributes of signer i for
// whose position, from 0, drop is true: the CMS as it was before they came,
// which is what an evidence record in one of them is over (RFC 4998 appendix
// A). All other bytes stay as they came, and DER stays DER: the lengths around
// the gap are written anew, in the fewest octets where they stood in the fewest,
// else in as many as before; signers that stood in the order of a SET OF (X.690
// §11.6) stand in it again, for the one that shrank may have moved. Where no
// attribute is left, the field goes with the last one (RFC 5652 §5.3: SIZE
// 1..MAX).
//
// The error wraps [ErrMalformed] or [ErrTooLarge].
func WithoutUnsigned(raw []byte, i int, drop func(position int) bool) ([]byte, error) {
	info, rest, err := next(raw, 0)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("removing from a CMS: %w", errors.Join(err, ErrMalformed))
	}
	outer := info.children(0)
	id := outer.want(tagOID, "contentType")
	wrapper := outer.want(tag0, "content")
	inner := wrapper.children(outer.depth)
	data := inner.want(tagSequence, "SignedData")
	if err := firstError(outer.end("ContentInfo"), inner.end("content")); err != nil {
		return nil, fmt.Errorf("removing from a CMS: %w", err)
	}
	var infos element
	r := data.children(inner.depth)
	for r.more() {
		infos = r.any()
	}
	if r.err != nil || infos.tag != tagSet {
		return nil, fmt.Errorf("removing from a CMS: signerInfos: %w", errors.Join(r.err, ErrMalformed))
	}
	signers, err := infos.thinned(i, drop, r.depth)
	if err != nil {
		return nil, fmt.Errorf("removing from a CMS: %w", err)
	}
	head := data.body[:len(data.body)-len(infos.raw)]
	body := row(head).then(infos.reframed(row(signers...)))
	return info.reframed(row(id.raw).then(wrapper.reframed(data.reframed(body)))).join(), nil
}

// thinned are the signerInfos, of which the one at i has lost attributes.
func (e element) thinned(i int, drop func(int) bool, depth int) (out [][]byte, err error) {
	r := e.children(depth)
	for r.more() {
		signer := r.any()
		if len(out) == i && r.err == nil {
			body, err := signer.without(drop, r.depth)
			if err != nil {
				return nil, fmt.Errorf("signer %d: %w", i+1, err)
			}
			out = append(out, signer.reframed(body).join())
			continue
		}
		out = append(out, signer.raw)
	}
	if r.err != nil {
		return nil, r.err
	}
	if i < 0 || i >= len(out) {
		return nil, fmt.Errorf("%w: there is no signer %d", ErrMalformed, i+1)
	}
	was := e.children(depth)
	sorted := true
	for last := []byte(nil); was.more(); {
		raw := was.any().raw
		sorted, last = sorted && bytes.Compare(last, raw) <= 0, raw
	}
	if sorted {
		slices.SortFunc(out, bytes.Compare)
	}
	return out, nil
}

// without is the contents of a SignerInfo without some unsigned attributes.
func (e element) without(drop func(int) bool, depth int) (out octets, err error) {
	r := e.children(depth)
	var last element
	for r.more() {
		last = r.any()
	}
	if r.err != nil || last.tag != tag1 {
		return out, errors.Join(r.err, fmt.Errorf("%w: there are no unsigned attributes", ErrMalformed))
	}
	var kept octets
	attrs := last.children(r.depth)
	for n := 0; attrs.more(); n++ {
		if a := attrs.any(); !drop(n) {
			kept = kept.then(row(a.raw))
		}
	}
	if attrs.err != nil {
		return out, attrs.err
	}
	out = row(e.body[:len(e.body)-len(last.raw)])
	if kept.size == 0 {
		return out, nil
	}
	return out.then(last.reframed(kept)), nil
}

// reframed is e with other contents: DER stays DER, and what was wider than
// that keeps its width.
func (e element) reframed(body octets) octets {
	if !e.indefinite && len(e.raw)-len(e.body) == len(header(e.tag, len(e.body))) {
		return row(header(e.tag, body.size)).then(body)
	}
	return e.framed(body)
}
