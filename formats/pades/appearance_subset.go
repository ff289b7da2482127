package pades

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// trueType is a TrueType file (ISO/IEC 14496-22) taken apart. It is the font
// that is compiled in, never one of a stranger's.
type trueType struct {
	tables map[string][]byte
	long   bool // offsets in loca of four bytes
}

var errFont = errors.New("the font is broken")

// subset returns a TrueType file with some glyphs alone, in the order given,
// and what they are made of after them. Its tables are those that ISO 32000-2
// §9.9.1 wants of a CIDFontType2; there is no cmap, because the glyph numbers
// are the codes.
func subset(file []byte, glyphs []int) (out []byte, all []int, err error) {
	t, err := splitTrueType(file)
	if err != nil {
		return nil, nil, err
	}
	all = slices.Clone(glyphs)
	var glyf, loca, hmtx []byte
	for i := 0; i < len(all); i++ { // all grows by parts of composed glyphs
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		outline, err := t.outline(all[i])
		if err != nil {
			return nil, nil, err
		}
		outline = bytes.Clone(outline)
		if all, err = renumber(outline, all); err != nil {
			return nil, nil, err
		}
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		metric, err := t.metric(all[i])
		if err != nil {
			return nil, nil, err
		}
		hmtx = append(hmtx, metric...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea := bytes.Clone(t.tables["head"]), bytes.Clone(t.tables["hhea"])
	maxp := bytes.Clone(t.tables["maxp"])
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment, set at the end
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(all)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(all)))
	parts := map[string][]byte{
		"glyf": glyf, "loca": loca, "hmtx": hmtx, "head": head, "hhea": hhea, "maxp": maxp,
	}
	for _, tag := range []string{"cvt ", "fpgm", "prep"} {
		if table := t.tables[tag]; table != nil {
			parts[tag] = table
		}
	}
	return joinTrueType(parts), all, nil
}

// splitTrueType reads the table directory.
func splitTrueType(file []byte) (*trueType, error) {
	t := &trueType{tables: map[string][]byte{}}
	if len(file) < 12 {
		return nil, errFont
	}
	n := int(binary.BigEndian.Uint16(file[4:]))
	for i := range n {
		if len(file) < 28+16*i {
			return nil, errFont
		}
		entry := file[12+16*i:]
		off, size := int(binary.BigEndian.Uint32(entry[8:])), int(binary.BigEndian.Uint32(entry[12:]))
		if off > len(file) || size > len(file)-off {
			return nil, errFont
		}
		t.tables[string(entry[:4])] = file[off : off+size]
	}
	for tag, size := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "loca": 4, "glyf": 1, "hmtx": 4} {
		if len(t.tables[tag]) < size {
			return nil, fmt.Errorf("table %q: %w", tag, errFont)
		}
	}
	t.long = binary.BigEndian.Uint16(t.tables["head"][50:]) == 1
	return t, nil
}

// outline returns the entry of a glyph in glyf.
func (t *trueType) outline(i int) ([]byte, error) {
	loca := t.tables["loca"]
	var from, to int
	if t.long && len(loca) >= 4*i+8 {
		from, to = int(binary.BigEndian.Uint32(loca[4*i:])), int(binary.BigEndian.Uint32(loca[4*i+4:]))
	} else if !t.long && len(loca) >= 2*i+4 {
		from, to = 2*int(binary.BigEndian.Uint16(loca[2*i:])), 2*int(binary.BigEndian.Uint16(loca[2*i+2:]))
	} else {
		return nil, errFont
	}
	if glyf := t.tables["glyf"]; from <= to && to <= len(glyf) {
		return glyf[from:to], nil
	}
	return nil, errFont
}

// metric returns advance and left side bearing; the last advance holds for all
// glyphs that have none of their own.
func (t *trueType) metric(i int) ([]byte, error) {
	hmtx, own := t.tables["hmtx"], int(binary.BigEndian.Uint16(t.tables["hhea"][34:]))
	if i < own && len(hmtx) >= 4*i+4 {
		return hmtx[4*i : 4*i+4], nil
	}
	if at := 4*own + 2*(i-own); own > 0 && i >= own && len(hmtx) >= at+2 {
		return slices.Concat(hmtx[4*own-4:4*own-2], hmtx[at:at+2]), nil
	}
	return nil, errFont
}

// renumber puts the numbers of the subset into a composed glyph, and adds the
// parts that are not yet in it:
//
//	int16 -1, 4 × int16 box, { uint16 flags, uint16 glyph, arguments, scale }…
func renumber(outline []byte, all []int) ([]int, error) {
	const wordArguments, scaled, more, scaledXY, matrix = 0x01, 0x08, 0x20, 0x40, 0x80
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return all, nil
	}
	for at := 10; ; {
		if len(outline) < at+4 {
			return nil, errFont
		}
		flags, part := binary.BigEndian.Uint16(outline[at:]), int(binary.BigEndian.Uint16(outline[at+2:]))
		i := slices.Index(all, part)
		if i < 0 {
			i = len(all)
			all = append(all, part)
		}
		binary.BigEndian.PutUint16(outline[at+2:], uint16(i))
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&scaled != 0:
			at += 2
		case flags&scaledXY != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return all, nil
		}
	}
}

// joinTrueType writes a file from its tables.
func joinTrueType(parts map[string][]byte) []byte {
	var tags []string
	for tag := range parts {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	log := bits.Len(uint(len(tags))) - 1
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(tags), 16 << log, log, 16 * (len(tags) - 1<<log)} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	off, head := 12+16*len(tags), 0
	var body []byte
	for _, tag := range tags {
		if tag == "head" {
			head = off + len(body)
		}
		out = append(out, tag...)
		for _, n := range []uint32{sum32(parts[tag]), uint32(off + len(body)), uint32(len(parts[tag]))} {
			out = binary.BigEndian.AppendUint32(out, n)
		}
		body = append(body, parts[tag]...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum32(out))
	return out
}

// sum32 is the check sum of a table, which is filled up with zeros.
func sum32(b []byte) uint32 {
	var sum uint32
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
