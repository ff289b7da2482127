package pdf

// maxKept is how many bytes of objects are kept for the next who asks.
const maxKept = 4 << 20

// keptObjects are those that were read last: a document of many revisions has
// the same fields and signatures in each, which would be read as often as there
// are revisions.
type keptObjects struct {
	byOffset map[int64]keptObject
	order    []int64 // oldest first
	size     int64
}

type keptObject struct {
	Object
	reach int64 // nothing beyond was looked at
}

// kept reads an object, or returns it as it was read before. A view of an older
// revision must not see what lies behind its end, so it takes only what was read
// without looking there.
func (f *File) kept(off int64, ref Ref) (Object, error) {
	if known, ok := f.known(off, ref); ok {
		return known, f.budget.read()
	}
	obj, reach, err := f.readWithin(off, &ref)
	if err != nil {
		return obj, err
	}
	k := f.objects
	if _, again := k.byOffset[off]; !again && reach-off <= maxKept {
		k.byOffset[off] = keptObject{obj, reach}
		k.order = append(k.order, off)
		for k.size += reach - off; k.size > maxKept; k.order = k.order[1:] {
			oldest := k.order[0]
			k.size -= k.byOffset[oldest].reach - oldest
			delete(k.byOffset, oldest)
		}
	}
	return obj, nil
}

func (f *File) known(off int64, ref Ref) (Object, bool) {
	known, ok := f.objects.byOffset[off]
	return known.Object, ok && known.Ref == ref && known.reach <= f.size
}

// passing reads an object that few will ask for again: it is not kept.
func (f *File) passing(ref Ref, p place) (Object, error) {
	if p.kind != inUse {
		return f.compressed(ref, p)
	}
	if known, ok := f.known(p.off, ref); ok {
		return known, f.budget.read()
	}
	return f.readObject(p.off, &ref)
}
