package cades

import (
	"bytes"
	"fmt"
	"hash"
	"io"
	"slices"

	"tamga/formats"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

// maxWholes bounds the archive time-stamps that are over everything: each makes
// a verifier read everything anew.
const maxWholes = 32

// bindArchive reads what an archive-time-stamp of the first two kinds is over
// (RFC 5126 §6.4.1, TS 101 733 v1.8.3 §6.4.1), as it came:
//
//	encapContentInfo ‖ content, if it is not in there
//	‖ certificates ‖ crls ‖ version … signature ‖ unsigned attributes
//
// with the attributes that were there when it was made: all but archive
// time-stamps that are not older.
func (f *facts) bindArchive(t *token) {
	if f.wholes++; f.wholes > maxWholes {
		t.unreadable(fmt.Sprintf("more than %d archive time-stamps over everything", maxWholes))
		return
	}
	kept := [][]byte{nil} // the header goes first
	covers := [][]formats.Object{f.commitment(), f.reading.evidence.objects()}
	size := 0
	for _, a := range f.s.UnsignedAttrs {
		if f.later(a, t) {
			continue
		}
		kept, size = append(kept, a.Raw), size+len(a.Raw)
		for _, raw := range a.Values {
			covers = append(covers, f.held[&raw[0]])
		}
	}
	f.cover(t, covers...)
	if !f.sd.Attached && f.content == nil {
		return
	}
	if len(kept) == 1 {
		t.over(func() io.Reader { return f.everything(t, nil) })
		return
	}
	whole := [][]byte{f.s.UnsignedRaw}
	if len(kept) <= len(f.s.UnsignedAttrs) {
		whole = slices.Clone(kept)
		whole[0] = cms.UnsignedHeader(size)
	}
	t.over(func() io.Reader { return f.everything(t, whole, kept) })
}

// later reports whether an attribute holds an archive time-stamp that is not
// older than t. The times are those that the tokens state: a false one makes
// the imprint fail.
func (f *facts) later(a cms.Attribute, t *token) bool {
	switch a.OID {
	case cms.OIDArchiveTimestamp, cms.OIDArchiveTimestampV2, cms.OIDArchiveTimestampV3:
	default:
		return false
	}
	return slices.ContainsFunc(f.stamps, func(other *token) bool {
		within := slices.ContainsFunc(a.Values, func(v []byte) bool { return &v[0] == &other.value[0] })
		return within && (other.sd == nil || !other.Time.Before(t.Time))
	})
}

// everything reads what t is over. Annexes of the standard once left out tag
// and length of the unsigned attributes, against its own text, and version
// 2.2.1 has both tried (annex K, table K.3 note 3): so the reader digests what
// it hands on, and ends with the form that fits.
func (f *facts) everything(t *token, ends ...[][]byte) io.Reader {
	parts := []io.Reader{bytes.NewReader(f.sd.EncapRaw)}
	if !f.sd.Attached {
		parts = append(parts, f.content())
	}
	for _, raw := range [][]byte{f.sd.CertificatesRaw, f.sd.RevocationsRaw, f.s.Head} {
		parts = append(parts, bytes.NewReader(raw))
	}
	return newEndReader(t.info, io.MultiReader(parts...), ends...)
}

// endReader reads head, then the end of which the digest of both is want; the
// first, if none fits. An end is slices one after the other.
type endReader struct {
	head io.Reader // nil: read
	ends []end
	want []byte
	tail [][]byte
}

type end struct {
	octets [][]byte
	digest hash.Hash // of head, so far; nil: not known
}

func newEndReader(info *tsa.Info, head io.Reader, ends ...[][]byte) *endReader {
	r := &endReader{head: head, want: info.Imprint}
	for _, octets := range ends {
		e := end{octets: octets}
		if info.Hash.Known() {
			e.digest = info.Hash.New()
		}
		r.ends = append(r.ends, e)
	}
	return r
}

func (r *endReader) Read(b []byte) (int, error) {
	if r.head == nil {
		for len(r.tail) > 0 && len(r.tail[0]) == 0 {
			r.tail = r.tail[1:]
		}
		if len(r.tail) == 0 {
			return 0, io.EOF
		}
		n := copy(b, r.tail[0])
		r.tail[0] = r.tail[0][n:]
		return n, nil
	}
	n, err := r.head.Read(b)
	for _, e := range r.ends {
		if e.digest != nil {
			e.digest.Write(b[:n])
		}
	}
	if err == io.EOF {
		r.head, r.tail, err = nil, slices.Clone(r.choose()), nil
	}
	return n, err
}

func (r *endReader) choose() [][]byte {
	for _, e := range r.ends {
		if e.digest == nil {
			continue
		}
		for _, octets := range e.octets {
			e.digest.Write(octets)
		}
		if bytes.Equal(e.digest.Sum(nil), r.want) {
			return e.octets
		}
	}
	return r.ends[0].octets
}
