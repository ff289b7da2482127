package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/text/unicode/norm"
)

var errNoMatch = errors.New("another password")

// padding fills a password up to 32 bytes (§7.6.4.3.2, algorithm 2 a).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08" +
	"\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// maxPassword is how much of a password counts from revision 5 on
// (§7.6.4.3.3, algorithm 2.A a).
const maxPassword = 127

// candidates are the ways in which a password in UTF-8 may have been turned
// into bytes: as the standard has it, and as it is, which some producers do.
func candidates(password []byte, revision int) [][]byte {
	out := make([][]byte, 0, 2)
	if revision >= 5 {
		out = append(out, prepare(string(password)))
	} else if b, ok := toDocEncoding(string(password)); ok {
		out = append(out, b)
	}
	if len(out) == 0 || !bytes.Equal(out[0], password) {
		out = append(out, password)
	}
	return out
}

// prepare maps and normalises as SASLprep does (RFC 4013 §2.1, §2.2). What it
// prohibits is not looked for: that binds whoever sets a password, and here it
// is only tried.
func prepare(password string) []byte {
	mapped := make([]rune, 0, len(password))
	for _, r := range password {
		switch {
		case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
			mapped = append(mapped, ' ') // RFC 3454 C.1.2
		case r == 0xAD, r == 0x34F, r == 0x1806, r >= 0x180B && r <= 0x180D, r >= 0x200B && r <= 0x200D,
			r == 0x2060, r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF: // B.1: nothing
		default:
			mapped = append(mapped, r)
		}
	}
	return norm.NFKC.Bytes([]byte(string(mapped)))
}

// toDocEncoding is the inverse of docEncoding.
func toDocEncoding(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r < 0x18 || r > ' ' && r < 0x7F || r == ' ' {
			out = append(out, byte(r))
			continue
		}
		found := false
		for c := 0x18; c <= 0xFF && !found; c++ {
			if docEncoding(byte(c)) == r && r != 0xFFFD {
				out, found = append(out, byte(c)), true
			}
		}
		if !found {
			return nil, false
		}
	}
	return out, true
}

// unlock sets the key if the password is the owner's or the user's.
func (h *handler) unlock(password []byte) error {
	if h.revision >= 5 {
		return h.unlockAES(password[:min(len(password), maxPassword)])
	}
	for _, owner := range []bool{true, false} {
		user := pad(password)
		if owner {
			user = h.userFromOwner(password)
		}
		if key := h.oldKey(user); bytes.HasPrefix(h.u, h.oldUser(key)) {
			h.key, h.owner = key, owner
			return nil
		}
	}
	return errNoMatch
}

func pad(password []byte) []byte {
	return append(password[:min(len(password), 32):min(len(password), 32)], padding...)[:32]
}

// oldKey is algorithm 2 (§7.6.4.3.2).
func (h *handler) oldKey(padded []byte) []byte {
	d := md5.New()
	d.Write(padded)
	d.Write(h.o)
	d.Write(binary.LittleEndian.AppendUint32(nil, h.permissions))
	d.Write(h.id)
	if h.revision >= 4 && !h.metadata {
		d.Write([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	}
	n := h.keyLength()
	key := d.Sum(nil)
	if h.revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:n])
			copy(key, sum[:])
		}
	}
	return key[:n]
}

// keyLength is 5 bytes in revision 2, whatever /Length says (§7.6.4.3.2 i).
func (h *handler) keyLength() int {
	if h.revision == 2 {
		return 5
	}
	return h.bits / 8
}

// oldUser is what /U begins with for the right key: algorithms 4 and 5.
func (h *handler) oldUser(key []byte) []byte {
	if h.revision == 2 {
		return arc4(key, []byte(padding))
	}
	sum := md5.Sum(append([]byte(padding), h.id...))
	return arc4Rounds(key, sum[:], func(i int) int { return i })
}

// userFromOwner is the padded user password that the owner password opens:
// algorithm 7. The standard has all 16 bytes go into each of the 50 rounds; for
// shorter keys all programs take only as many as the key has, which is what
// files are made with.
func (h *handler) userFromOwner(password []byte) []byte {
	sum := md5.Sum(pad(password))
	if h.revision == 2 {
		return arc4(sum[:5], h.o)
	}
	n := h.keyLength()
	for range 50 {
		sum = md5.Sum(sum[:n])
	}
	return arc4Rounds(sum[:n], h.o, func(i int) int { return 19 - i })
}

// arc4Rounds applies RC4 twenty times, with the key XORed with the number of
// the round.
func arc4Rounds(key, data []byte, number func(int) int) []byte {
	round := make([]byte, len(key))
	for i := range 20 {
		for j, k := range key {
			round[j] = k ^ byte(number(i))
		}
		data = arc4(round, data)
	}
	return data
}

func arc4(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("RC4 refuses a key of %d bytes", len(key))) // 5 to 16, checked when they were read
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// unlockAES is algorithm 2.A (§7.6.4.3.3) with the check of /Perms.
//
//	/U, /O:  32 bytes of hash, 8 of validation salt, 8 of key salt
func (h *handler) unlockAES(password []byte) error {
	for _, who := range []struct {
		check, sealed, user []byte
		owner               bool
	}{{h.o, h.oe, h.u, true}, {h.u, h.ue, nil, false}} {
		if !bytes.Equal(h.hash(password, who.check[32:40], who.user), who.check[:32]) {
			continue
		}
		key := make([]byte, 32)
		block := newAES(h.hash(password, who.check[40:48], who.user))
		cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, who.sealed)
		h.key, h.owner = key, who.owner
		return h.checkPerms()
	}
	return errNoMatch
}

// hash is SHA-256 in revision 5 (Adobe's extension level 3) and algorithm 2.B
// in revision 6. The rounds of 2.B end when a byte of the hash is at most the
// number of rounds less 32: after 288 at the latest, whatever the input.
func (h *handler) hash(password, salt, user []byte) []byte {
	sum := sha256.Sum256(bytes.Join([][]byte{password, salt, user}, nil))
	k := sum[:]
	if h.revision == 5 {
		return k
	}
	for round := 1; round <= 288; round++ {
		e := bytes.Repeat(bytes.Join([][]byte{password, k, user}, nil), 64)
		cipher.NewCBCEncrypter(newAES(k[:16]), k[16:32]).CryptBlocks(e, e)
		rest := 0 // of the first 16 bytes, a number, by 3; 256 leaves 1
		for _, c := range e[:16] {
			rest += int(c)
		}
		switch rest % 3 {
		case 0:
			s := sha256.Sum256(e)
			k = s[:]
		case 1:
			s := sha512.Sum384(e)
			k = s[:]
		default:
			s := sha512.Sum512(e)
			k = s[:]
		}
		if round >= 64 && int(e[len(e)-1]) <= round-32 {
			break
		}
	}
	return k[:32]
}

// checkPerms compares /P, which anybody can change, with its sealed copy:
// algorithm 13 (§7.6.4.4.12).
func (h *handler) checkPerms() error {
	var b [16]byte
	newAES(h.key).Decrypt(b[:], h.perms)
	flag := byte('F')
	if h.metadata {
		flag = 'T'
	}
	if string(b[9:12]) != "adb" || binary.LittleEndian.Uint32(b[:4]) != h.permissions || b[8] != flag {
		return malformed("permissions (/P or /EncryptMetadata) that were changed after encryption")
	}
	return nil
}

func newAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("AES refuses a key of %d bytes", len(key))) // 16 or 32, by construction
	}
	return block
}
