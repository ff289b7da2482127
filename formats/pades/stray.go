package pades

import (
	"bytes"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// maxStrays ends the search: a file that holds so many has been made to waste
// time.
const maxStrays = 1000

// mayBegin reports whether what follows a name, as far as it has been read,
// ends the name.
func mayBegin(rest []byte) bool {
	return len(rest) == 0 || bytes.IndexByte([]byte("[ \r\n\t\f\x00%"), rest[0]) >= 0
}

// extent is where a signature dictionary stands in the file.
type extent struct{ from, to int64 }

func extentOf(dict pdf.Value) extent { return extent{dict.Off, dict.Off + int64(len(dict.Raw))} }

// strays looks through the whole file for a /ByteRange that belongs to no
// signature field: a signature that was cut off from its field, so that the
// document passes for unsigned, or one that only another reader would find. It
// reads the file once, in pieces, and holds one.
func (d *document) strays(owned []extent) ([]formats.Defect, error) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	count, first := 0, int64(0)
	for from := int64(0); from < d.in.Size && count < maxStrays; from += int64(len(buf) - len(rangeKey) + 1) {
		n, err := d.in.ReadAt(buf[:min(int64(len(buf)), d.in.Size-from)], from)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("reading at offset %d: %w", from, err)
		}
		for at := 0; count < maxStrays; {
			i := indexRange(buf[at:n])
			if i < 0 {
				break
			}
			hit := from + int64(at+i)
			at += i + len(rangeKey)
			if mayBegin(buf[at:n]) && !within(owned, hit) && d.isRange(from+int64(at)) {
				if count == 0 {
					first = hit
				}
				count++
			}
		}
	}
	if count == 0 {
		return nil, nil
	}
	return []formats.Defect{{Clause: "ISO 32000-2 12.7.5.5", Text: fmt.Sprintf(
		"%d /ByteRange (the first at offset %d) belong to no signature field", count, first)}}, nil
}

func within(owned []extent, at int64) bool {
	for _, e := range owned {
		if at >= e.from && at < e.to {
			return true
		}
	}
	return false
}

// isRange reports whether an array follows, and not only the same letters in a
// longer name or a text.
func (d *document) isRange(off int64) bool {
	var b [32]byte
	n, _ := d.in.ReadAt(b[:min(int64(len(b)), d.in.Size-off)], off)
	rest := bytes.TrimLeft(b[:n], " \r\n\t\f\x00")
	return len(rest) > 0 && rest[0] == '['
}
