package pdf

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
)

// keyFor is algorithm 1 (§7.6.3.2): each object has a key of its own, but for
// AES-256.
func (h *handler) keyFor(kind cipherKind, ref Ref) []byte {
	if kind == aes256 {
		return h.key
	}
	b := append(bytes.Clone(h.key), byte(ref.Num), byte(ref.Num>>8), byte(ref.Num>>16),
		byte(ref.Gen), byte(ref.Gen>>8))
	if kind == aes128 {
		b = append(b, "sAlT"...)
	}
	sum := md5.Sum(b)
	return sum[:min(len(h.key)+5, 16)]
}

// decrypt returns the plain bytes of a string or stream of object ref. AES is
// 16 bytes of initialisation vector and whole blocks, the last one padded (RFC
// 8018 §6.1.1); what is not is damaged, and never half read.
func (h *handler) decrypt(kind cipherKind, ref Ref, data []byte) ([]byte, error) {
	switch {
	case kind == identity || len(data) == 0: // producers write what is empty as it is,
		return data, nil
	case kind == rc4Cipher:
		return arc4(h.keyFor(kind, ref), data), nil
	case len(data) == 16: // or as a vector and nothing
		return nil, nil
	case len(data)%16 != 0:
		return nil, malformed("encrypted data of %d bytes in object %d", len(data), ref.Num)
	}
	out := make([]byte, len(data)-16)
	cipher.NewCBCDecrypter(newAES(h.keyFor(kind, ref)), data[:16]).CryptBlocks(out, data[16:])
	n := int(out[len(out)-1])
	if n < 1 || n > 16 || !bytes.Equal(out[len(out)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, malformed("encrypted data in object %d that does not end as it should", ref.Num)
	}
	return out[:len(out)-n], nil
}

// encrypt is the inverse of decrypt. The initialisation vector is a keyed
// digest of the plain bytes and their place: nobody without the key can foretell
// it, and the same update comes out twice the same. One place holds one text in
// a file, so that a vector never serves two.
func (h *handler) encrypt(kind cipherKind, ref Ref, at int, data []byte) []byte {
	switch kind {
	case identity:
		return data
	case rc4Cipher:
		return arc4(h.keyFor(kind, ref), data)
	}
	mac := hmac.New(sha256.New, h.key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(ref.Num)<<16|uint64(ref.Gen)))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at)))
	mac.Write(data)
	n := 16 - len(data)%16
	out := append(mac.Sum(nil)[:16], data...)
	out = append(out, bytes.Repeat([]byte{byte(n)}, n)...)
	cipher.NewCBCEncrypter(newAES(h.keyFor(kind, ref)), out[:16]).CryptBlocks(out[16:], out[16:])
	return out
}

// exempt reports whether nothing in an object is encrypted: the encryption
// dictionary, and cross-reference streams (§7.6.2).
func (h *handler) exempt(ref Ref, v Value, stream bool) bool {
	return ref == h.dict && ref != Ref{} || stream && v.Get("Type").Name() == "XRef"
}

// isSignature reports whether the /Contents of a dictionary are a signature,
// which is never encrypted (§7.6.2): its bytes are the gap of /ByteRange.
func isSignature(v Value) bool {
	kind := v.Get("Type").Name()
	return kind == "Sig" || kind == "DocTimeStamp" || v.Get("ByteRange").Kind == Array
}

// encryptedStrings calls each with every encrypted string in v, which it may change.
func encryptedStrings(v *Value, each func(*Value) error) error {
	if v.Kind == String {
		return each(v)
	}
	for i := range v.items {
		if err := encryptedStrings(&v.items[i], each); err != nil {
			return err
		}
	}
	signature := v.Kind == Dict && isSignature(*v)
	for i := range v.dict {
		if signature && v.dict[i].Key == "Contents" {
			continue
		}
		if err := encryptedStrings(&v.dict[i].Value, each); err != nil {
			return err
		}
	}
	return nil
}

// openStrings decrypts the strings of an object that stands in the file itself.
func (h *handler) openStrings(obj *Object) error {
	if h.strings == identity || h.exempt(obj.Ref, obj.Value, obj.Stream) {
		return nil
	}
	return encryptedStrings(&obj.Value, func(v *Value) error {
		b, err := h.decrypt(h.strings, obj.Ref, v.Bytes())
		if err == nil {
			text := string(b)
			v.plain = &text
		}
		return err
	})
}

// streamCipher tells how the data of a stream are encrypted (§7.6.6): as its
// own /Crypt filter says, or else as all streams are.
func (h *handler) streamCipher(obj Object, filters []filter) (cipherKind, error) {
	kind := obj.Value.Get("Type").Name()
	switch {
	case h.exempt(obj.Ref, obj.Value, true):
		return identity, nil
	case len(filters) > 0 && filters[0].name == "Crypt":
		name := filters[0].param.Get("Name").Name()
		if name == "" {
			name = "Identity"
		}
		own, ok := h.filters[name]
		if !ok {
			return identity, malformed("stream %d with crypt filter %.40q, which is not defined", obj.Ref.Num, name)
		}
		return own, nil
	case kind == "Metadata" && !h.metadata:
		return identity, nil
	case kind == "EmbeddedFile":
		return h.embedded, nil
	}
	return h.streams, nil
}

// openStream decrypts the data of a stream.
func (h *handler) openStream(obj Object, filters []filter, data []byte) ([]byte, error) {
	kind, err := h.streamCipher(obj, filters)
	if err != nil {
		return nil, err
	}
	return h.decrypt(kind, obj.Ref, data)
}
