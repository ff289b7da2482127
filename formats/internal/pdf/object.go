package pdf

import (
	"fmt"

	"tamga/formats"
)

// lookup returns the newest entry of an object.
func (f *File) lookup(num uint32) (place, error) {
	for _, s := range f.sections {
		if err := f.budget.search(1); err != nil {
			return place{}, err
		}
		if p, err := f.find(s, num); err != nil || p.kind != unknown {
			return p, err
		}
	}
	return place{}, nil
}

// Object reads an indirect object. One that is free, or of another generation,
// or nowhere, is null (§7.3.10).
func (f *File) Object(ref Ref) (Object, error) {
	missing := Object{Ref: ref, Off: -1}
	p, err := f.lookup(ref.Num)
	if err != nil {
		return missing, err
	}
	switch {
	case p.kind == inUse && p.gen == ref.Gen:
		return f.kept(p.off, ref)
	case p.kind == inStream && ref.Gen == 0:
		return f.compressed(ref, p)
	}
	return missing, nil
}

// Resolve follows a reference to the value behind it; of a stream, to its
// dictionary. A value that is no reference is returned as it is.
func (f *File) Resolve(v Value) (Value, error) {
	for range maxHops {
		ref, ok := v.Ref()
		if !ok {
			return v, nil
		}
		obj, err := f.Object(ref)
		if err != nil {
			return Value{}, err
		}
		v = obj.Value
	}
	return Value{}, malformed("references that lead nowhere but to each other")
}

// Get resolves the value of a dictionary's key.
func (f *File) Get(dict Value, key string) (Value, error) {
	v, err := f.Resolve(dict.Get(key))
	if err != nil {
		return v, fmt.Errorf("reading /%s: %w", key, err)
	}
	return v, nil
}

// readObject reads "n g obj … endobj" at off (§7.3.10). If want is given, the
// numbers must be those: a cross-reference that points elsewhere is broken.
func (f *File) readObject(off int64, want *Ref) (Object, error) {
	obj, _, err := f.readWithin(off, want)
	return obj, err
}

// readWithin is readObject, and tells beyond which offset nothing was looked at.
func (f *File) readWithin(off int64, want *Ref) (obj Object, reach int64, err error) {
	if err := f.budget.read(); err != nil {
		return Object{}, 0, err
	}
	if off < 0 || off >= f.size {
		return Object{}, 0, malformed("an object at offset %d of %d", off, f.size)
	}
	l := f.lexer(off)
	l.blanks()
	obj.Off = off
	num, okNum := l.unsigned()
	l.space()
	gen, okGen := l.unsigned()
	l.space()
	if !okNum || !okGen || num > maxNumber || gen > 65535 || !l.keywordPrefix("obj") {
		return obj, 0, l.fail("no object")
	}
	obj.Ref = Ref{uint32(num), uint16(gen)}
	if want != nil && obj.Ref != *want {
		return obj, 0, l.fail("object %d %d where the cross-reference promises %s", num, gen, want)
	}
	l.space()
	if l.keyword("endobj") { // an empty object is null
		return obj, l.base + int64(len(l.buf)), nil
	}
	if obj.Value, err = l.value(); err != nil {
		return obj, 0, fmt.Errorf("reading object %d: %w", num, err)
	}
	l.space()
	if !l.keywordPrefix("endobj") {
		if err := l.streamStart(&obj); err != nil {
			return obj, 0, err
		}
	}
	if f.crypt != nil {
		if err := f.crypt.openStrings(&obj); err != nil {
			return obj, 0, fmt.Errorf("decrypting object %d: %w", num, err)
		}
	}
	return obj, l.base + int64(len(l.buf)), nil
}

// streamStart reads "stream" and its end of line (§7.3.8.1).
func (l *lexer) streamStart(obj *Object) error {
	if obj.Value.Kind != Dict || !l.keywordPrefix("stream") {
		return l.fail("object %d without endobj", obj.Ref.Num)
	}
	if l.at(0) == '\r' {
		l.pos++
	}
	if l.at(0) != '\n' {
		return l.fail("a stream without an end of line after its keyword")
	}
	obj.Stream, obj.data = true, l.base+int64(l.pos)+1
	return nil
}

// keywordPrefix consumes word even if the next token follows at once, as in
// "obj<<" or, by some producers, "endobj5 0 obj".
func (l *lexer) keywordPrefix(word string) bool {
	for i := range len(word) {
		if l.at(i) != int(word[i]) {
			return false
		}
	}
	l.pos += len(word)
	return true
}

// StreamExtent returns where the bytes of a stream begin and end. It fails
// unless "endstream" follows them (§7.3.8.1).
func (f *File) StreamExtent(obj Object) (from, to int64, err error) {
	v, err := f.Resolve(obj.Value.Get("Length"))
	if err != nil {
		return 0, 0, fmt.Errorf("reading the length of stream %d: %w", obj.Ref.Num, err)
	}
	n, ok := v.Int()
	if !ok || n < 0 || n > f.size-obj.data {
		return 0, 0, malformed("stream %d with a length of %.40s", obj.Ref.Num, v.Raw)
	}
	l := f.lexer(obj.data + n)
	l.blanks()
	if !l.keywordPrefix("endstream") {
		return 0, 0, l.fail("stream %d without endstream after its length", obj.Ref.Num)
	}
	return obj.data, obj.data + n, nil
}

// objectStream is a decoded object stream (§7.5.7): pairs of number and
// offset, then the objects.
type objectStream struct {
	data []byte
	nums []uint32
	offs []int
}

func (f *File) compressed(ref Ref, p place) (Object, error) {
	obj := Object{Ref: ref, Off: -1}
	s, err := f.objectStream(p.stream)
	if err != nil {
		return obj, fmt.Errorf("reading object stream %d: %w", p.stream, err)
	}
	if p.index >= len(s.nums) || s.nums[p.index] != ref.Num {
		return obj, malformed("object %d is not where the cross-reference promises in object stream %d",
			ref.Num, p.stream)
	}
	if err := f.budget.read(); err != nil {
		return obj, err
	}
	l := &lexer{buf: s.data, pos: s.offs[p.index], budget: f.budget}
	obj.Value, err = l.value()
	if spent := f.budget.window(int64(l.pos - s.offs[p.index])); spent != nil {
		return obj, spent // objects of a stream may overlap, too
	}
	if err != nil {
		return obj, fmt.Errorf("reading object %d: %w", ref.Num, err)
	}
	return obj, nil
}

// objectStream decodes an object stream, once. It must be an object of its own
// in the file, so no stream can hold itself.
func (f *File) objectStream(num uint32) (*objectStream, error) {
	p, err := f.lookup(num)
	if err != nil {
		return nil, err
	}
	if p.kind != inUse {
		return nil, malformed("an object stream that is no object of the file")
	}
	if s, ok := f.streams[p.off]; ok {
		return s, nil
	}
	obj, err := f.readObject(p.off, &Ref{num, p.gen})
	if err != nil {
		return nil, err
	}
	if !obj.Stream || obj.Value.Get("Type").Name() != "ObjStm" {
		return nil, malformed("no object stream")
	}
	if _, err := f.plainValue(obj.Value.Get("Length")); err != nil {
		return nil, err
	}
	data, _, err := f.decodeStream(obj, f.plainValue)
	if err != nil {
		return nil, err
	}
	s, err := f.splitObjectStream(obj.Value, data)
	if err == nil {
		f.streams[p.off] = s
	}
	return s, err
}

// plainValue resolves a reference to an object that is not in an object
// stream: two streams could hold each other's length or filter.
func (f *File) plainValue(v Value) (Value, error) {
	ref, ok := v.Ref()
	if !ok {
		return v, nil
	}
	p, err := f.lookup(ref.Num)
	if err != nil {
		return v, err
	}
	if p.kind != inUse || p.gen != ref.Gen {
		return v, malformed("a part of a structural stream that is not an object of the file")
	}
	obj, err := f.readObject(p.off, &ref)
	if err == nil && obj.Value.Kind == Reference {
		err = malformed("a reference to a reference in a structural stream")
	}
	return obj.Value, err
}

func (f *File) splitObjectStream(dict Value, data []byte) (*objectStream, error) {
	var number [2]int64
	for i, key := range []string{"N", "First"} {
		v, err := f.plainValue(dict.Get(key))
		if err != nil {
			return nil, err
		}
		var ok bool
		if number[i], ok = v.Int(); !ok || number[i] < 0 || number[i] > int64(len(data)) {
			return nil, malformed("an object stream with /%s %.20s", key, v.Raw)
		}
	}
	n, first, b := number[0], number[1], f.budget
	if b.nodes += int(n); b.nodes > maxNodes {
		return nil, fmt.Errorf("an object stream of %d objects: %w", n, formats.ErrTooLarge)
	}
	s := &objectStream{data: data, nums: make([]uint32, n), offs: make([]int, n)}
	l := &lexer{buf: data[:first], budget: b}
	for i := range n {
		l.space()
		num, okNum := l.unsigned()
		l.space()
		off, okOff := l.unsigned()
		if !okNum || !okOff || num > maxNumber || off > int64(len(data))-first {
			return nil, l.fail("a bad header")
		}
		s.nums[i], s.offs[i] = uint32(num), int(first+off)
	}
	return s, nil
}
