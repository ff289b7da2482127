package pades_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/formats/pades"
)

// shownBy is all that a document paints on its pages, forms and annotations
// aside: the page tree with everything that hangs on it.
type shownBy struct {
	t    testing.TB
	f    *pdf.File
	seen map[pdf.Ref]bool
	out  bytes.Buffer
}

func pagesOf(t testing.TB, b []byte) string {
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	s := &shownBy{t: t, f: f, seen: map[pdf.Ref]bool{}}
	root, err := f.Resolve(f.Trailer().Get("Root"))
	require.NoError(t, err)
	s.write(root.Get("Pages"), "Pages")
	return s.out.String()
}

func (s *shownBy) write(v pdf.Value, key string) {
	if ref, ok := v.Ref(); ok {
		fmt.Fprintf(&s.out, "/%s %s\n", key, ref)
		if s.seen[ref] {
			return
		}
		s.seen[ref] = true
		obj, err := s.f.Object(ref)
		require.NoError(s.t, err)
		if obj.Stream {
			data, _, err := s.f.Content(obj)
			require.NoError(s.t, err)
			fmt.Fprintf(&s.out, "%q\n", data)
		}
		v = obj.Value
	}
	switch v.Kind {
	case pdf.Dict:
		entries := slices.Clone(v.Entries())
		slices.SortFunc(entries, func(a, b pdf.Entry) int { return strings.Compare(a.Key, b.Key) })
		for _, e := range entries {
			if e.Key != "Annots" && e.Key != "Parent" && e.Value.Kind != pdf.Null {
				s.write(e.Value, e.Key)
			}
		}
	case pdf.Array:
		for _, item := range v.Items() {
			s.write(item, key)
		}
	case pdf.Reference:
	default: // however it is written
		n, _ := v.Number()
		fmt.Fprintf(&s.out, "/%s %d %v %v %q %q\n", key, v.Kind, v.Bool(), n, v.Name(), v.Bytes())
	}
}

// Whatever an update makes of any two objects of a signed document: if it is
// called harmless, the pages paint what they painted.
func FuzzLater(f *testing.F) {
	var carriers [4][]byte
	for level := range carriers {
		carriers[level] = sign(f, rich(), pades.Preparer{Certify: pades.Permission(level)})
	}
	for level := range byte(4) {
		f.Add(level, uint16(3), []byte(stream(lie)), uint16(40), []byte("null"))
		f.Add(level, uint16(8), []byte("<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /Rect [20 200 120 220] /P 3 0 R "+
			"/DA (/F 10 Tf 0 g) /V (x) >>"), uint16(40), []byte("<< >>"))
		f.Add(level, uint16(7), []byte("<< /Fields [9 0 R 10 0 R 11 0 R 26 0 R] /DA (/F 10 Tf 0 g) /DR << /Font << /F 5 0 R >> >> >>"),
			uint16(25), []byte("<< /FT /Sig /T (x) /Rect [400 20 500 60] >>"))
		f.Add(level, uint16(4), []byte("<< /Type /Font >>"), uint16(2), []byte("<< /Type /Page /Parent 2 0 R >>"))
		f.Add(level, uint16(0), []byte("<< /Type /Catalog /Pages 20 0 R >>"), uint16(1), []byte("<< /Type /Pages /Kids [3 0 R] >>"))
	}
	f.Fuzz(func(t *testing.T, level byte, first uint16, body []byte, second uint16, other []byte) {
		signed := carriers[level%4]
		file, err := pdf.Open(bytes.NewReader(signed), int64(len(signed)))
		require.NoError(t, err)
		u, err := file.Update()
		require.NoError(t, err)
		u.Set(pdf.Ref{Num: uint32(first%60) + 1}, body)
		u.Set(pdf.Ref{Num: uint32(second%60) + 1}, other)
		tail, err := u.Finish()
		require.NoError(t, err)
		b := append(bytes.Clone(signed), tail.Bytes...)
		doc, err := pades.Parser{}.Parse(input(b))
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		for _, sig := range doc.Signatures {
			if victim := sig.Coverage; victim != (formats.Coverage{}) && victim.Harmless {
				require.Equal(t, pagesOf(t, signed), pagesOf(t, b), victim.Note)
			}
		}
	})
}
