package pdf

import (
	"bytes"
	"errors"
	"fmt"

	"tamga/formats"
)

// cipherKind is what a crypt filter does to a string or a stream.
type cipherKind uint8

const (
	identity cipherKind = iota
	rc4Cipher
	aes128
	aes256
)

// handler is the standard security handler (ISO 32000-2 §7.6.4) of a file that
// has been opened with a password.
//
//	/Encrypt << /Filter /Standard /V 4 /R 4 /Length 128 /P -1 /EncryptMetadata true
//	            /O (32 or 48 bytes) /U (32 or 48 bytes)         /OE /UE /Perms from R 5 on
//	            /CF << /StdCF << /CFM /AESV2 … >> >> /StmF /StdCF /StrF /StdCF /EFF … >>
type handler struct {
	revision, bits int
	permissions    uint32
	o, u, oe, ue   []byte
	perms, id      []byte
	metadata       bool // /EncryptMetadata
	filters        map[string]cipherKind
	strings        cipherKind
	streams        cipherKind
	embedded       cipherKind // of streams that are embedded files
	dict           Ref        // of the encryption dictionary; zero if it is direct
	key            []byte     // of the file; 5 to 32 bytes
	owner          bool       // opened with the owner password
}

// Encryption tells how a file is encrypted, and how it was opened.
type Encryption struct{ h *handler }

// Encryption returns nil for a file that is not encrypted.
func (f *File) Encryption() *Encryption {
	if f.crypt == nil {
		return nil
	}
	return &Encryption{f.crypt}
}

// String is for people: "AES, 256 bits".
func (e *Encryption) String() string {
	name := "no cipher"
	switch max(e.h.streams, e.h.strings) {
	case rc4Cipher:
		name = "RC4"
	case aes128, aes256:
		name = "AES"
	}
	return fmt.Sprintf("%s, %d bits", name, e.h.bits)
}

// Owner reports whether the password was the owner's, to whom nothing is
// forbidden.
func (e *Encryption) Owner() bool { return e.h.owner }

// Bits of /P (§7.6.4.2, table 22), which counts them from 1.
const (
	mayModify   = 1 << 3
	mayAnnotate = 1 << 5
	mayFill     = 1 << 8
)

// MayFill reports whether existing form fields may be filled in, signature
// fields among them.
func (e *Encryption) MayFill() bool {
	p := e.h.permissions
	return e.h.owner || p&mayAnnotate != 0 || e.h.revision >= 3 && p&mayFill != 0
}

// MayAddFields reports whether form fields may be added.
func (e *Encryption) MayAddFields() bool {
	p := e.h.permissions
	return e.h.owner || p&mayModify != 0 && p&mayAnnotate != 0
}

// openEncryption reads /Encrypt, tries the passwords and sets f.crypt. It does
// nothing in a file that is not encrypted.
//
// Every revision must be encrypted alike. An attacker could otherwise append
// an /Encrypt, or write the one that is there anew, and so change what every
// signed byte before it means.
func (f *File) openEncryption(password []byte) error {
	v := f.Trailer().Get("Encrypt")
	same := func(t Value) bool { return t.Get("Encrypt").Equal(v) }
	if err := f.everyRevision(same); err != nil || v.Kind == Null {
		return err
	}
	dict, ref := v, Ref{}
	if v.Kind == Reference {
		ref, _ = v.Ref()
		var err error
		if dict, err = f.encryptDict(ref); err != nil {
			return err
		}
	}
	if dict.Kind != Dict {
		return malformed("a trailer with /Encrypt %.40s", v.Raw)
	}
	h, err := readHandler(dict, firstID(f.Trailer()))
	if err != nil {
		return fmt.Errorf("reading the encryption dictionary: %w", err)
	}
	if h.revision < 5 { // it is a part of the key
		same = func(t Value) bool { return bytes.Equal(firstID(t), h.id) }
		if err := f.everyRevision(same); err != nil {
			return err
		}
	}
	h.dict = ref
	if err := h.authenticate(password); err != nil {
		return err
	}
	f.crypt = h
	return nil
}

// everyRevision fails unless the trailers of all revisions are the same in what
// decides how they are encrypted.
func (f *File) everyRevision(same func(trailer Value) bool) error {
	for _, r := range f.Revisions() {
		if r.End > 0 && !same(f.sections[r.first].trailer) {
			return malformed("revisions that are not encrypted alike, so that one changes what another says")
		}
	}
	return nil
}

// encryptDict returns the dictionary, of which all definitions must say the
// same. It may not be in an object stream, which is itself encrypted (§7.5.7).
func (f *File) encryptDict(ref Ref) (Value, error) {
	var dict Value
	for _, s := range f.sections {
		for _, part := range []*section{s, s.hybrid} {
			if part == nil || !part.has(ref.Num) {
				continue
			}
			p, err := f.entry(part, ref.Num)
			if err != nil {
				return dict, err
			}
			if p.kind != inUse || p.gen != ref.Gen {
				return dict, malformed("an encryption dictionary that is no object of the file")
			}
			obj, err := f.readObject(p.off, &ref)
			if err != nil {
				return dict, fmt.Errorf("reading the encryption dictionary: %w", err)
			}
			if obj.Stream || obj.Value.Kind != Dict || dict.Kind != Null && !dict.Equal(obj.Value) {
				return dict, malformed("an encryption dictionary that is none, or that was changed")
			}
			dict = obj.Value
		}
	}
	return dict, nil
}

// firstID is the part of the file identifier that no update changes (§14.4).
func firstID(trailer Value) []byte {
	if items := trailer.Get("ID").Items(); len(items) == 2 {
		return items[0].Bytes()
	}
	return nil
}

// readHandler checks an encryption dictionary (tables 20 and 21). All its
// values must be direct: nothing else can be read yet.
func readHandler(dict Value, id []byte) (*handler, error) {
	if name := dict.Get("Filter").Name(); name != "Standard" {
		return nil, fmt.Errorf("security handler %.40q, where only passwords (Standard) are known: %w",
			name, formats.ErrUnsupported)
	}
	v, _ := dict.Get("V").Int()
	r, _ := dict.Get("R").Int()
	p, okP := dict.Get("P").Int()
	if !okP || p < -1<<31 || p >= 1<<32 {
		return nil, malformed("/P %.40s", dict.Get("P").Raw)
	}
	h := &handler{
		revision: int(r), permissions: uint32(p), id: id, metadata: true,
		o: dict.Get("O").Bytes(), u: dict.Get("U").Bytes(), oe: dict.Get("OE").Bytes(),
		ue: dict.Get("UE").Bytes(), perms: dict.Get("Perms").Bytes(),
	}
	if e := dict.Get("EncryptMetadata"); e.Kind == Bool && v >= 4 {
		h.metadata = e.Bool()
	}
	switch {
	case v == 1 && (r == 2 || r == 3), v == 2 && (r == 2 || r == 3):
		return h, h.oldCipher(dict, v)
	case v == 4 && r == 4:
		h.bits = 128
	case v == 5 && (r == 5 || r == 6):
		h.bits = 256
	default:
		return nil, fmt.Errorf("encryption of version %d, revision %d: %w", v, r, formats.ErrUnsupported)
	}
	if err := h.checkLengths(); err != nil {
		return nil, err
	}
	return h, h.cryptFilters(dict)
}

// oldCipher is RC4 for everything, with a key of 40 bits or of /Length.
func (h *handler) oldCipher(dict Value, v int64) error {
	h.bits, h.strings, h.streams, h.embedded = 40, rc4Cipher, rc4Cipher, rc4Cipher
	if n := dict.Get("Length"); v == 2 && n.Kind != Null {
		bits, ok := n.Int()
		if !ok || bits < 40 || bits > 128 || bits%8 != 0 {
			return malformed("/Length %.40s", n.Raw)
		}
		h.bits = int(bits)
	}
	return h.checkLengths()
}

func (h *handler) checkLengths() error {
	if h.revision < 5 {
		if len(h.o) != 32 || len(h.u) != 32 || len(h.id) == 0 {
			return malformed("/O and /U of %d and %d bytes, where each has 32, or a trailer without /ID",
				len(h.o), len(h.u))
		}
		return nil
	}
	// Some producers fill /O and /U up with zeros.
	if len(h.o) < 48 || len(h.u) < 48 || len(h.o) > 127 || len(h.u) > 127 {
		return malformed("/O and /U of %d and %d bytes, where each has 48", len(h.o), len(h.u))
	}
	if len(h.oe) != 32 || len(h.ue) != 32 || len(h.perms) != 16 {
		return malformed("/OE, /UE or /Perms of another length than 32, 32 and 16 bytes")
	}
	h.o, h.u = h.o[:48], h.u[:48]
	return nil
}

// cryptFilters reads /CF, /StmF, /StrF and /EFF (§7.6.6, tables 20 and 25).
func (h *handler) cryptFilters(dict Value) error {
	h.filters = map[string]cipherKind{}
	for _, e := range dict.Get("CF").Entries() {
		kind, err := cipherOf(e.Value.Get("CFM").Name(), h.revision)
		if err != nil {
			return err
		}
		h.filters[e.Key] = kind
	}
	h.filters["Identity"] = identity // which cannot be defined anew
	for _, use := range []struct {
		key       string
		otherwise string
		to        *cipherKind
	}{
		{"StmF", "Identity", &h.streams},
		{"StrF", "Identity", &h.strings},
		{"EFF", dict.Get("StmF").Name(), &h.embedded},
	} {
		name := use.otherwise
		if v := dict.Get(use.key); v.Kind != Null {
			name = v.Name()
		}
		if name == "" {
			name = "Identity"
		}
		kind, ok := h.filters[name]
		if !ok {
			return malformed("/%s names no crypt filter", use.key)
		}
		*use.to = kind
	}
	return nil
}

// cipherOf is /CFM. A cipher of another version would need a key of another
// length.
func cipherOf(method string, revision int) (cipherKind, error) {
	switch {
	case method == "" || method == "None":
		return identity, errOwnCipher
	case method == "V2" && revision == 4:
		return rc4Cipher, nil
	case method == "AESV2" && revision == 4:
		return aes128, nil
	case method == "AESV3" && revision >= 5:
		return aes256, nil
	}
	return identity, fmt.Errorf("a crypt filter with /CFM %.40q in revision %d: %w",
		method, revision, formats.ErrUnsupported)
}

var errOwnCipher = fmt.Errorf("a crypt filter of another program (/CFM /None): %w", formats.ErrUnsupported)

// authenticate finds the key of the file: with the password as owner's or as
// user's, and with none, for documents that only forbid and do not hide.
func (h *handler) authenticate(password []byte) error {
	tries := [][]byte{nil}
	if len(password) > 0 {
		tries = append(candidates(password, h.revision), nil)
	}
	for _, p := range tries {
		err := h.unlock(p)
		if !errors.Is(err, errNoMatch) {
			return err
		}
	}
	if len(password) == 0 {
		return fmt.Errorf("an encrypted PDF does not open without a password, and none was given: %w",
			formats.ErrPassword)
	}
	return fmt.Errorf("the password given is neither the user nor the owner password of this encrypted PDF: %w",
		formats.ErrPassword)
}
