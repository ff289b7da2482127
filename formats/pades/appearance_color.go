package pades

import (
	"encoding/binary"
	"fmt"
	"math"

	"tamga/formats/internal/pdf"
)

// gammaCurve is near that of sRGB, and takes four bytes where the true curve
// takes two kilobytes.
const gammaCurve = 2.2

// whiteD50 is the white of the profile connection space (ISO 15076-1 §7.2.16).
var whiteD50 = [3]float64{0.9642, 1, 0.8249}

// primaries are those of sRGB, adapted to D50.
var primaries = [3][3]float64{
	{0.4360747, 0.2225045, 0.0139322}, {0.3850649, 0.7168786, 0.0971045}, {0.1430804, 0.0606169, 0.7141733},
}

// colorSpace writes a colour space that means the same on every device, as
// PDF/A asks for (ISO 19005-1 §6.2.3), and returns its value. A file of ours
// that a document may or may not have an output intent for must bring its own.
// CalGray would do without a profile, but readers show its white as cream.
func colorSpace(u *pdf.Update, gray bool) string {
	components, alternate := 3, "DeviceRGB"
	if gray {
		components, alternate = 1, "DeviceGray"
	}
	ref := u.New()
	setStream(u, ref, fmt.Sprintf("/N %d\n/Alternate /%s", components, alternate), profile(gray))
	return fmt.Sprintf("[/ICCBased %s]", ref)
}

// profile makes a display profile of version 2.1 (ISO 15076-1, ICC.1:2001-04
// §6): a header, a table of tags, and their data, which several may share.
func profile(gray bool) []byte {
	space, curves := "RGB ", []string{"rTRC", "gTRC", "bTRC"}
	if gray {
		space, curves = "GRAY", []string{"kTRC"}
	}
	var table, data []byte
	tags := 0
	add := func(body []byte, names ...string) {
		for _, name := range names {
			table = append(table, name...)
			table = binary.BigEndian.AppendUint32(table, uint32(len(data))) // moved below
			table = binary.BigEndian.AppendUint32(table, uint32(len(body)))
			tags++
		}
		data = append(data, body...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	add(description("sRGB colours, gamma 2.2"), "desc")
	add(append([]byte("text\x00\x00\x00\x00"), "no copyright\x00"...), "cprt")
	add(xyz(whiteD50), "wtpt")
	if !gray {
		for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
			add(xyz(primaries[i]), name)
		}
	}
	add(append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), gamma()...), curves...)
	start := 128 + 4 + len(table)
	for at := 4; at < len(table); at += 12 {
		off := binary.BigEndian.Uint32(table[at:])
		binary.BigEndian.PutUint32(table[at:], off+uint32(start))
	}
	out := make([]byte, 128, start+len(data))
	binary.BigEndian.PutUint32(out, uint32(start+len(data)))
	copy(out[8:], "\x02\x10\x00\x00mntr"+space+"XYZ ")
	copy(out[24:], []byte{0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}) // made on 2026-01-01
	copy(out[36:], "acsp")
	copy(out[68:], xyz(whiteD50)[8:])
	out = binary.BigEndian.AppendUint32(out, uint32(tags))
	return append(append(out, table...), data...)
}

// gamma is an exponent as u8Fixed8Number.
func gamma() []byte { return binary.BigEndian.AppendUint16(nil, uint16(math.Round(gammaCurve*256))) }

// xyz is an XYZType: numbers as s15Fixed16Number.
func xyz(v [3]float64) []byte {
	out := []byte("XYZ \x00\x00\x00\x00")
	for _, n := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(math.Round(n*65536)))
	}
	return out
}

// description is a textDescriptionType: the text in ASCII, none in Unicode, and
// 67 bytes for a Macintosh.
func description(text string) []byte {
	out := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(text)+1))
	out = append(append(out, text...), 0)
	return append(out, make([]byte, 4+4+2+1+67)...)
}
